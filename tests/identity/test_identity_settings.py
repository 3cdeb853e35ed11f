"""Settings under which nobody could be believed are refused at once, in words that hold no secret; so does no repr."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from diptych.identity import (
    Anyone,
    ApiKeys,
    ApiKeyTable,
    Authenticator,
    BearerJwt,
    FirstOf,
    FromDependency,
    hash_api_key,
    new_api_key,
)
from diptych.identity.compact import read_compact
from diptych.semantics.principal import Principal
from tests.identity.issuer import SECRET, bearing, believer, ec, key_set, okp, rsa, token

PUBLIC = key_set(rsa())["keys"][0]
PEM = rsa().as_pem(private=False).decode()
WEAK = generate_private_key(65537, 1024).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
URL = "https://issuer.example.com/keys"

REFUSED = [
    pytest.param({"issuer": ""}, "issuer= is empty", id="no-issuer"),
    pytest.param({"audience": ""}, "audience= is empty", id="empty-audience"),
    pytest.param({"audience": []}, "audience= is empty", id="no-audience"),
    pytest.param({"audience": ["shop", ""]}, "audience= is empty", id="an-empty-audience-among-others"),
    pytest.param({"leeway": -1}, "leeway= is from 0 to 300", id="negative-leeway"),
    pytest.param({"leeway": 301}, "leeway= is from 0 to 300", id="long-leeway"),
    pytest.param({"leeway": float("nan")}, "leeway= is from 0 to 300", id="no-leeway-at-all"),
    pytest.param({"timeout": 0}, "more than 0 seconds", id="no-time"),
    pytest.param({"key": None}, "either jwks=", id="neither-keys-nor-key"),
    pytest.param({"jwks": URL, "key": PUBLIC}, "either jwks=", id="keys-and-key"),
    pytest.param({"algorithms": []}, "algorithms= names what", id="no-algorithm"),
    pytest.param({"algorithms": "RS256"}, r'is a list, such as \["RS256"\]', id="algorithms-as-text"),
    pytest.param({"algorithms": ["none"]}, "Possible are RS256", id="none"),
    pytest.param({"algorithms": ["RS256", "None"]}, "Possible are RS256", id="none-among-others"),
    pytest.param({"algorithms": ["rs256"]}, "Possible are RS256", id="lower-case"),
    pytest.param({"jwks": URL, "algorithms": ["HS256"]}, "would be the secret", id="hmac-with-a-public-set"),
    pytest.param({"jwks": URL, "algorithms": ["RS256", "HS512"]}, "would be the secret", id="hmac-among-others"),
    pytest.param({"algorithms": ["RS256", "HS256"]}, "of several kinds", id="two-kinds-for-one-key"),
    pytest.param({"algorithms": ["HS256"]}, 'its "kty" must be "oct"', id="a-public-jwk-for-hmac"),
    pytest.param({"key": PEM, "algorithms": ["HS256"]}, "never a public key", id="a-public-pem-for-hmac"),
    pytest.param({"key": f"\n{PEM}", "algorithms": ["HS256"]}, "never a public key", id="a-public-pem-in-disguise"),
    pytest.param({"key": b"short", "algorithms": ["HS256"]}, "of 32 bytes or more", id="a-short-secret"),
    pytest.param({"key": b"s" * 31, "algorithms": ["HS256"]}, "secret of 31 bytes, and HS256 needs 32", id="a-secret-just-too-short"),
    pytest.param({"key": b"s" * 63, "algorithms": ["HS256", "HS512"]}, "needs 64", id="a-secret-too-short-for-one"),
    pytest.param({"key": b"", "algorithms": ["HS256"]}, "random secret", id="an-empty-secret"),
    pytest.param({"key": "no key"}, "a public key of 2048 bits or more in PEM", id="no-pem"),
    pytest.param({"key": PEM, "algorithms": ["ES256"]}, "no EC key", id="rsa-for-ec"),
    pytest.param({"key": {"kty": "RSA"}}, "2048 to 16384 bits, and this one 0", id="a-jwk-without-a-modulus"),
    pytest.param({"key": {**PUBLIC, "e": "!"}}, "malformed", id="a-malformed-jwk"),
    pytest.param({"key": WEAK}, "2048 bits or more", id="a-weak-key"),
    pytest.param({"key": rsa().as_pem(private=True), "algorithms": ["HS256"]}, "random secret", id="a-private-pem-for-hmac"),
    pytest.param({"key": rsa().as_pem(private=True)}, "private key", id="a-private-pem"),
    pytest.param({"key": rsa().as_dict(private=True)}, "private key", id="a-private-jwk"),
    pytest.param({"key": {**PUBLIC, "use": "enc"}}, "cannot verify RS256", id="a-key-for-encryption"),
    pytest.param({"key": key_set(ec("e"))["keys"][0], "algorithms": ["ES384"]}, "cannot verify ES384", id="another-curve"),
    pytest.param({"key": key_set(okp("x", "X25519"))["keys"][0], "algorithms": ["Ed25519"]}, "cannot verify", id="no-signing-curve"),
    pytest.param({"jwks": "http://issuer.example.com/keys"}, "write https", id="http"),
    pytest.param({"jwks": "http://127.0.0.1.example.com/keys"}, "write https", id="http-to-what-looks-like-this-machine"),
    pytest.param({"jwks": "HTTP://issuer.example.com/keys"}, "write https", id="http-in-capitals"),
    pytest.param({"jwks": "ftp://issuer.example.com/keys"}, "https URL or the path", id="ftp"),
    pytest.param({"jwks": "file:///etc/keys.json"}, "https URL or the path", id="a-file-as-url"),
    pytest.param({"jwks": "https:///keys"}, "https URL or the path", id="no-host"),
    pytest.param({"jwks": "https://issuer.example.com:port/keys"}, "cannot be read", id="no-port"),
    pytest.param({"jwks": "https://ann:hunter2@issuer.example.com/"}, "names no user", id="a-password-in-the-url"),
    pytest.param({"jwks": "https://issuer.example.com/?key=hunter2"}, "names no user, query", id="a-query"),
    pytest.param({"jwks": "missing.json"}, "no file missing.json", id="no-file"),
    pytest.param({"jwks": Path(__file__)}, "no JWK Set", id="no-json"),
    pytest.param({"realm": 'a"b'}, "realm=", id="a-quote-in-the-realm"),
    pytest.param({"realm": "a\r\nX: y"}, "realm=", id="a-line-break-in-the-realm"),
    pytest.param({"realm": ""}, "realm=", id="no-realm"),
]


@pytest.mark.parametrize(("changed", "told"), REFUSED)
def test_settings_that_are_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told) as refusal:
        believer(**changed)
    for secret in ("hunter2", "MII", PUBLIC["n"][:20], "sssss"):
        assert secret not in str(refusal.value)


@pytest.mark.parametrize(
    "jwks", [URL, "https://issuer.example.com:8443/keys", "http://localhost:1/keys", "http://127.0.0.2/keys", "http://[::1]:1/keys"]
)
def test_urls_that_are_taken(jwks: str) -> None:
    believer(jwks=jwks)


@pytest.mark.parametrize("key", [PEM, PEM.encode(), PUBLIC], ids=["text", "bytes", "jwk"])
async def test_forms_of_one_key(key: Any) -> None:
    """A key without a name takes tokens of every name; one with a name those of its own."""
    jwt = believer(key=key)
    assert isinstance(await jwt.identify(bearing(token())), Principal)
    assert isinstance(await jwt.identify(bearing(token(header={"kid": "x"}))), Principal) is not isinstance(key, dict)


async def test_a_secret_as_text() -> None:
    jwt = believer(key=SECRET.raw_value.decode("latin-1"), algorithms=["HS256"])
    assert isinstance(await jwt.identify(bearing(token(SECRET, "HS256"))), Principal)


def whoever() -> None: ...


MADE = new_api_key()


def everything(tmp_path: Path) -> list[Authenticator | ApiKeyTable]:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [{"hash": MADE.hash, "subject": "ann"}]}))
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(key_set(rsa())))
    jwt = believer()
    table = ApiKeyTable("postgresql://app:hunter2@db.example.com/shop")
    return [
        Anyone(),
        jwt,
        believer(jwks=URL),
        believer(jwks=keys),
        believer(key=SECRET.raw_value, algorithms=["HS256"]),
        ApiKeys({MADE.hash: Principal("ann")}),
        ApiKeys(file),
        table,
        ApiKeys(table, header="X-API-Key"),
        FromDependency(whoever),
        FirstOf(jwt, ApiKeys(table)),
    ]


def test_no_secret_in_a_repr(tmp_path: Path) -> None:
    text = token()
    shown = [
        *map(repr, everything(tmp_path)),
        repr(bearing(text)),
        repr(MADE),
        repr(read_compact(text)),
        repr(Principal("a", claims={"x": text})),
    ]
    assert all(
        each.isprintable() and " object at 0x" not in each for each in shown if not each.startswith("<diptych.identity.compact.Token")
    )
    for secret in ("hunter2", MADE.key, *text.split("."), SECRET.raw_value.decode("latin-1"), PUBLIC["n"], str(tmp_path)):
        assert [each for each in shown if secret in each] == []
    # A hash in a settings file is no secret, and has no business in a log either.
    assert [each for each in shown if MADE.hash in each and "NewApiKey" not in each] == []


def test_the_log_is_named() -> None:
    from diptych.identity.challenge import LOG

    assert LOG is logging.getLogger("diptych.identity")


def test_without_the_extra_it_says_what_to_install() -> None:
    """Everything else is there without it."""
    program = (
        "import sys\n"
        "for name in ('joserfc', 'httpx'): sys.modules[name] = None\n"
        "import importlib.util\n"
        "importlib.util.find_spec = lambda name: None\n"
        "import diptych.identity\n"
        "diptych.identity.ApiKeys({'0' * 64: diptych.semantics.principal.Principal('ann')})\n"
        "try: diptych.identity.BearerJwt(issuer='i', audience='a', algorithms=['RS256'], jwks='https://i.example.com/')\n"
        "except ImportError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "BearerJwt needs joserfc and httpx: pip install 'diptych[jwt]'."


def test_the_command_makes_a_key() -> None:
    done = subprocess.run([sys.executable, "-m", "diptych.identity"], capture_output=True, text=True, check=True)
    key, hash = (line.split()[1] for line in done.stdout.splitlines())
    assert hash_api_key(key) == hash


def test_authenticators_are_of_the_protocol(tmp_path: Path) -> None:
    for each in everything(tmp_path):
        if not isinstance(each, ApiKeyTable):
            assert isinstance(each.challenge, str | None)


def test_a_challenge_has_a_parameter() -> None:
    """Source: RFC 6750 section 3."""
    assert believer(realm="shop").challenge == 'Bearer realm="shop"'
    assert BearerJwt.__doc__
