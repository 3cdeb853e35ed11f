"""Keys that an issuer publishes: by URL and by file, rotated, revoked, away, and nonsense."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from diptych.identity import BearerJwt
from diptych.identity.key_set import read_key_set
from diptych.identity.key_set_url import COOL_DOWN, KEPT_WHILE_AWAY, LIFETIME, PAUSE_WITHOUT_KEYS
from diptych.semantics.outcome import Unauthenticated, Unavailable
from diptych.semantics.principal import Principal
from tests.identity.issuer import NOW, SECRET, Time, bearing, believer, ec, key_set, okp, rsa, token
from tests.identity.key_server import KeyServer

REFUSED: Final = Unauthenticated('Bearer realm="api", error="invalid_token"')
ANN: Final = Principal("ann", frozenset({"reader"}))
# They outlive every time that a test sets.
ONE: Final = token(rsa("one"), exp=NOW + 10 * KEPT_WHILE_AWAY)
TWO: Final = token(rsa("two"), exp=NOW + 10 * KEPT_WHILE_AWAY)


def by_url(server: KeyServer, time: Time, **changed: Any) -> BearerJwt:
    return believer(time, jwks=server.url, **changed)


async def who(jwt: BearerJwt, text: str) -> Any:
    return await jwt.identify(bearing(text))


async def test_keys_are_fetched_once(key_server: KeyServer, time: Time) -> None:
    key_server.publish(key_set(rsa("one"), ec("e")))
    jwt = by_url(key_server, time, algorithms=["RS256", "ES256"])
    for text in (ONE, token(ec("e"), "ES256"), token(), ONE):
        assert await who(jwt, text) == ANN
    assert key_server.fetched == 1


async def test_opening_fetches(key_server: KeyServer, time: Time) -> None:
    key_server.publish(key_set(rsa("one")))
    jwt = by_url(key_server, time)
    await jwt.open()
    assert await who(jwt, ONE) == ANN
    assert key_server.fetched == 1
    await jwt.close()


async def test_callers_share_one_fetch(key_server: KeyServer, time: Time) -> None:
    key_server.publish(key_set(rsa("one")))
    assert await asyncio.gather(*(who(jwt, ONE) for jwt in [by_url(key_server, time)] for _ in range(20))) == [ANN] * 20
    assert key_server.fetched == 1


async def test_a_caller_who_gives_up_takes_nothing_from_the_others(key_server: KeyServer, time: Time) -> None:
    key_server.publish(key_set(rsa("one")))
    key_server.is_slow = True
    jwt = by_url(key_server, time)
    first, second = (asyncio.create_task(who(jwt, ONE)) for _ in range(2))
    await asyncio.to_thread(key_server.arrived.wait, 10)
    first.cancel()
    key_server.release.set()
    assert await second == ANN
    assert key_server.fetched == 1


async def test_an_unknown_key_is_asked_for_once_in_a_while(key_server: KeyServer, time: Time) -> None:
    """However many names of keys somebody makes up, the issuer hears of it once per cool-down."""
    key_server.publish(key_set(rsa("one")))
    jwt = by_url(key_server, time)
    assert await who(jwt, ONE) == ANN
    for number in range(10):
        assert await who(jwt, token(header={"kid": f"made-up-{number}"})) == REFUSED
    assert key_server.fetched == 1
    time.now += COOL_DOWN
    for number in range(10):
        assert await who(jwt, token(header={"kid": f"made-up-{number}"})) == REFUSED
    assert key_server.fetched == 2


async def test_a_new_key_is_found(key_server: KeyServer, time: Time) -> None:
    key_server.publish(key_set(rsa("one")))
    jwt = by_url(key_server, time)
    assert await who(jwt, ONE) == ANN
    key_server.publish(key_set(rsa("one"), rsa("two")))
    time.now += COOL_DOWN - 1
    assert await who(jwt, TWO) == REFUSED
    time.now += 1
    assert await who(jwt, TWO) == ANN
    assert await who(jwt, ONE) == ANN
    assert key_server.fetched == 2


async def test_a_key_that_was_taken_out_is_not_believed(key_server: KeyServer, time: Time) -> None:
    """Also for tokens that have been believed before, and no later than the keys' lifetime."""
    key_server.publish(key_set(rsa("one")))
    jwt = by_url(key_server, time)
    assert await who(jwt, ONE) == ANN
    key_server.publish(key_set(rsa("two")))
    time.now += LIFETIME - 1
    assert await who(jwt, ONE) == ANN
    assert key_server.fetched == 1
    time.now += 1
    assert await who(jwt, ONE) == REFUSED
    assert await who(jwt, TWO) == ANN


async def test_a_key_is_refused_as_soon_as_its_absence_is_known(key_server: KeyServer, time: Time) -> None:
    key_server.publish(key_set(rsa("one")))
    jwt = by_url(key_server, time)
    assert await who(jwt, ONE) == ANN
    key_server.publish(key_set(rsa("two")))
    time.now += COOL_DOWN
    assert await who(jwt, TWO) == ANN
    assert await who(jwt, ONE) == REFUSED


async def test_another_key_of_the_same_name(key_server: KeyServer, time: Time) -> None:
    key_server.publish(key_set(rsa("one")))
    jwt = by_url(key_server, time)
    assert await who(jwt, ONE) == ANN
    key_server.publish(key_set(rsa("one", 2056)))
    time.now += LIFETIME
    assert await who(jwt, ONE) == REFUSED
    assert await who(jwt, token(rsa("one", 2056), exp=NOW + 2 * LIFETIME)) == ANN


async def test_all_keys_are_taken_out(key_server: KeyServer, time: Time) -> None:
    key_server.publish(key_set(rsa("one")))
    jwt = by_url(key_server, time)
    assert await who(jwt, ONE) == ANN
    key_server.publish({"keys": []})
    time.now += LIFETIME
    assert await who(jwt, ONE) == REFUSED


async def test_away_at_the_start(key_server: KeyServer, time: Time, said: pytest.LogCaptureFixture) -> None:
    """A good token is not called a wrong one; the URL is tried again after a short pause."""
    jwt = by_url(key_server, time)
    await jwt.open()
    assert "503" in said.text
    for _ in range(5):
        assert await who(jwt, ONE) == Unavailable(retry_after=5)
    assert key_server.fetched == 1
    key_server.publish(key_set(rsa("one")))
    time.now += PAUSE_WITHOUT_KEYS
    assert await who(jwt, ONE) == ANN


async def test_nobody_listens(key_server: KeyServer, time: Time) -> None:
    jwt = by_url(key_server, time)
    key_server.close()
    await jwt.open()
    assert await who(jwt, ONE) == Unavailable(retry_after=5)
    assert isinstance(await jwt.identify(bearing("")), Unauthenticated)


def gone(server: KeyServer) -> None:
    server.content = None


def garbage(server: KeyServer) -> None:
    server.content = b"<html>Sign in</html>"


def no_set(server: KeyServer) -> None:
    server.content = b'{"keys": "one"}'


def twice(server: KeyServer) -> None:
    server.content = b'{"keys": [], "keys": []}'


def too_many(server: KeyServer) -> None:
    server.content = json.dumps({"keys": [{"kty": "x"}] * 201}).encode()


def huge(server: KeyServer) -> None:
    server.content = json.dumps({"keys": [], "note": "x" * 600_000}).encode()


def moved(server: KeyServer) -> None:
    server.status, server.fields = 302, {"Location": "/other"}


def compressed(server: KeyServer) -> None:
    server.fields = {"Content-Encoding": "gzip"}


def slow(server: KeyServer) -> None:
    server.is_slow = True


def dripping(server: KeyServer) -> None:
    server.drips = True


TROUBLES: Final = [gone, garbage, no_set, twice, too_many, huge, moved, compressed, slow, dripping]


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_trouble_later(trouble: Callable[[KeyServer], None], key_server: KeyServer, time: Time, said: Any) -> None:
    """What was known before holds; the URL is tried again once per cool-down, and only its finder waits for it."""
    key_server.publish(key_set(rsa("one")))
    jwt = by_url(key_server, time, timeout=1)
    assert await who(jwt, ONE) == ANN
    trouble(key_server)
    time.now += LIFETIME
    assert await who(jwt, ONE) == ANN
    assert [record.levelname for record in said.records].count("WARNING") == 1
    for _ in range(5):
        assert await who(jwt, ONE) == ANN
    assert key_server.fetched == 2
    time.now += COOL_DOWN
    async with asyncio.timeout(0.2):
        # The next try runs beside those who ask.
        assert await who(jwt, ONE) == ANN
    await jwt.close()


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_trouble_from_the_start(trouble: Callable[[KeyServer], None], key_server: KeyServer, time: Time) -> None:
    key_server.publish(key_set(rsa("one")))
    trouble(key_server)
    jwt = by_url(key_server, time, timeout=0.3)
    assert await who(jwt, ONE) == Unavailable(retry_after=5)


async def test_back_again(key_server: KeyServer, time: Time) -> None:
    key_server.publish(key_set(rsa("one")))
    jwt = by_url(key_server, time)
    assert await who(jwt, ONE) == ANN
    key_server.content = None
    time.now += LIFETIME
    assert await who(jwt, ONE) == ANN
    key_server.publish(key_set(rsa("two")))
    time.now += COOL_DOWN
    # A key that is missed is waited for, although the URL was away.
    assert await who(jwt, TWO) == ANN
    assert await who(jwt, ONE) == REFUSED


async def test_keys_do_not_outlive_their_issuer(key_server: KeyServer, time: Time) -> None:
    key_server.publish(key_set(rsa("one")))
    jwt = by_url(key_server, time)
    assert await who(jwt, ONE) == ANN
    key_server.content = None
    time.now += KEPT_WHILE_AWAY
    assert await who(jwt, ONE) == Unavailable(retry_after=5)


async def test_keys_in_several_event_loops(key_server: KeyServer, time: Time) -> None:
    """Nobody waits for a fetch of another loop, which has its own."""
    key_server.publish(key_set(rsa("one")))
    key_server.is_slow = True
    jwt = by_url(key_server, time)
    elsewhere = asyncio.create_task(asyncio.to_thread(asyncio.run, who(jwt, ONE)))
    await asyncio.to_thread(key_server.arrived.wait, 10)
    key_server.is_slow = False
    time.now += PAUSE_WITHOUT_KEYS
    assert await who(jwt, ONE) == ANN
    key_server.release.set()
    assert await elsewhere == ANN


# What a key says of itself


@pytest.mark.parametrize(
    ("parameters", "is_believed"),
    [
        pytest.param({}, True, id="nothing"),
        pytest.param({"use": "sig", "alg": "RS256", "key_ops": ["verify"]}, True, id="for-this"),
        pytest.param({"use": "enc"}, False, id="for-encryption"),
        pytest.param({"alg": "PS256"}, False, id="for-another-algorithm"),
        pytest.param({"alg": "RSA-OAEP"}, False, id="for-an-algorithm-of-encryption"),
        pytest.param({"key_ops": ["encrypt"]}, False, id="for-another-operation"),
        pytest.param({"key_ops": []}, False, id="for-no-operation"),
        pytest.param({"kid": "other"}, False, id="of-another-name"),
        pytest.param({"kid": 1}, False, id="of-a-name-that-is-none"),
        pytest.param({"use": ["sig"]}, False, id="malformed"),
    ],
)
async def test_what_a_key_is_for(parameters: dict[str, Any], is_believed: bool, key_server: KeyServer, time: Time) -> None:
    key_server.publish(key_set(rsa("one"), **parameters))
    assert (await who(by_url(key_server, time), ONE) == ANN) is is_believed


async def test_keys_that_are_of_no_use_say_nothing_against_the_others(key_server: KeyServer, time: Time) -> None:
    public = key_set(rsa("one"))["keys"][0]
    useless = [
        1,
        {},
        {"kty": "AKP", "kid": "one", "pub": "AA"},
        {"kty": "RSA", "kid": "one"},
        {"kty": "RSA", "kid": "one", "n": "!", "e": "AQAB"},
        {**public, "e": "AA"},
        {**public, "n": "A" * 400_000},
        {"kty": "EC", "kid": "one", "crv": "P-1", "x": "AA", "y": "AA"},
        {"kty": "OKP", "kid": "one", "crv": "X25519", "x": "AA"},
    ]
    key_server.publish({"keys": [*useless, public]})
    assert await who(by_url(key_server, time), ONE) == ANN


async def test_without_a_name_only_the_one_key_that_fits(key_server: KeyServer, time: Time) -> None:
    unnamed = token(rsa("one"), header={"kid": ...})
    key_server.publish(key_set(rsa("one"), ec("e"), okp("o")))
    assert await who(by_url(key_server, time), unnamed) == ANN
    key_server.publish(key_set(rsa("one"), rsa("two")))
    assert await who(by_url(key_server, time), unnamed) == REFUSED
    # A key that is for something else does not fit.
    key_server.publish({"keys": [*key_set(rsa("one"))["keys"], *key_set(rsa("two"), key_ops=["encrypt"])["keys"]]})
    assert await who(by_url(key_server, time), unnamed) == ANN


async def test_two_keys_of_one_name(key_server: KeyServer, time: Time) -> None:
    """Of different kinds, or while one replaces the other. Source: RFC 7517 section 4.5."""
    key_server.publish(key_set(rsa("one", 2056), ec("one"), rsa("one")))
    jwt = by_url(key_server, time, algorithms=["RS256", "ES256"])
    for text in (ONE, token(ec("one"), "ES256"), token(rsa("one", 2056))):
        assert await who(jwt, text) == ANN


def test_a_weak_key_is_passed_by(said: pytest.LogCaptureFixture) -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from joserfc.jwk import RSAKey

    with pytest.warns(UserWarning, match="2048"):
        weak = RSAKey.import_key(generate_private_key(65537, 2040), {"kid": "weak"})
    assert len(read_key_set(json.dumps(key_set(weak, rsa("one"))).encode())) == 1
    assert "2040" in said.text


def test_a_secret_in_a_public_set_is_passed_by() -> None:
    assert len(read_key_set(json.dumps({"keys": [SECRET.as_dict(private=True)]}).encode())) == 0


# A file


def write(path: Path, content: Any) -> None:
    """As a careful operator would: beside it, then in its place."""
    beside = path.with_suffix(".new")
    beside.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    os.replace(beside, path)


async def test_a_file_is_read_again_when_it_changes(tmp_path: Path, time: Time) -> None:
    path = tmp_path / "keys.json"
    write(path, key_set(rsa("one")))
    jwt = believer(time, jwks=path)
    assert await who(jwt, ONE) == ANN
    assert await who(jwt, TWO) == REFUSED
    write(path, key_set(rsa("two")))
    assert await who(jwt, ONE) == REFUSED
    assert await who(jwt, TWO) == ANN


@pytest.mark.parametrize("content", [b"", b"{", b'{"keys": 1}', b"[" * 5_000_000], ids=["empty", "half", "no-set", "huge"])
async def test_a_file_that_was_spoiled(content: bytes, tmp_path: Path, time: Time, said: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "keys.json"
    write(path, key_set(rsa("one")))
    jwt = believer(time, jwks=str(path))
    write(path, content)
    for _ in range(3):
        assert await who(jwt, ONE) == ANN
    # Told once for each change, not for each request.
    assert [record.levelname for record in said.records] == ["ERROR"]


async def test_a_file_that_is_gone(tmp_path: Path, time: Time, said: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "keys.json"
    write(path, key_set(rsa("one")))
    jwt = believer(time, jwks=path)
    path.unlink()
    assert await who(jwt, ONE) == ANN
    assert "No such file" in said.text
    write(path, key_set(rsa("two")))
    assert await who(jwt, ONE) == REFUSED


async def test_a_file_is_found_from_another_folder(tmp_path: Path, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "keys.json", key_set(rsa("one")))
    monkeypatch.chdir(tmp_path)
    jwt = believer(time, jwks="keys.json")
    monkeypatch.chdir("/")
    write(tmp_path / "keys.json", key_set(rsa("two")))
    assert await who(jwt, TWO) == ANN
