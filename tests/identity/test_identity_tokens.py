"""Tokens of every kind, right and wrong: who is believed, and that nobody learns why not but from the log."""

import base64
import json
from typing import Any

import pytest
from joserfc.jwk import Key, OctKey

from diptych.identity import BearerJwt, Credentials
from diptych.identity.claims import Expectations, principal_of
from diptych.semantics.outcome import Unauthenticated
from diptych.semantics.principal import ANONYMOUS, Principal
from tests.identity.issuer import (
    AUDIENCE,
    ISSUER,
    NOW,
    SECRET,
    Time,
    bearing,
    believer,
    claims,
    ec,
    encode,
    key_set,
    okp,
    request,
    rsa,
    sign,
    tampered,
    token,
)

REFUSED = Unauthenticated('Bearer realm="api", error="invalid_token"')


def header(**members: Any) -> str:
    """A token that is right but for its header."""
    return token(header=members)


def raw(payload: bytes) -> str:
    return sign({"alg": "RS256", "kid": "one"}, payload, rsa(), "RS256")


PEM = rsa().as_pem(private=False)
# The secret of the oldest attack: the public key, which everybody has.
PUBLIC_AS_SECRET = OctKey(PEM, PEM)
GOOD = token()

BELIEVED = [
    pytest.param(GOOD, id="all-right"),
    pytest.param(token(aud=["other", AUDIENCE]), id="one-of-several-audiences"),
    pytest.param(token(nbf=..., iat=...), id="only-what-must-be-there"),
    pytest.param(token(exp=NOW + 0.5), id="half-a-second-left"),
    pytest.param(token(nbf=NOW), id="valid-from-now"),
    pytest.param(token(iat=NOW), id="issued-now"),
    pytest.param(token(exp=10**399), id="an-integer-beyond-all-floats"),
    pytest.param(header(kid=...), id="no-kid-and-one-key"),
    pytest.param(header(typ="JWT"), id="typ-jwt"),
    pytest.param(header(jku="https://evil.example.com/keys", x5u="https://evil.example.com/cert"), id="jku-and-x5u-are-passed-by"),
    pytest.param(header(jwk=key_set(rsa("evil"))["keys"][0]), id="jwk-is-passed-by"),
]

WRONG = {
    "expired": token(exp=NOW),
    "expired-long-ago": token(exp=0),
    "exp-missing": token(exp=...),
    "exp-is-text": token(exp=str(NOW + 60)),
    "exp-is-true": token(exp=True),
    "exp-is-null": token(exp=None),
    "exp-is-not-a-number": raw(json.dumps(claims()).replace(str(NOW + 60), "NaN").encode()),
    "exp-is-infinite": raw(json.dumps(claims()).replace(str(NOW + 60), "1e999").encode()),
    "not-yet-valid": token(nbf=NOW + 1),
    "nbf-is-text": token(nbf="yesterday"),
    "issued-in-the-future": token(iat=NOW + 1),
    "nbf-is-true": token(nbf=True),
    "iat-is-null": token(iat=None),
    "another-audience": token(aud="warehouse"),
    "audience-missing": token(aud=...),
    "audience-empty": token(aud=[]),
    "audience-a-longer-one": token(aud=AUDIENCE + "2"),
    "audience-with-a-number": token(aud=[AUDIENCE, 1]),
    "audience-a-member-name": token(aud={AUDIENCE: 1}),
    "another-issuer": token(iss=ISSUER + "/"),
    "issuer-missing": token(iss=...),
    "issuer-a-list": token(iss=[ISSUER]),
    "subject-missing": token(sub=...),
    "subject-empty": token(sub=""),
    "subject-a-number": token(sub=7),
    "subject-with-a-line-break": token(sub="ann\nRefused nobody"),
    "subject-too-long": token(sub="a" * 1025),
    "roles-a-number": token(roles=1),
    "roles-with-a-number": token(roles=["reader", 1]),
    "roles-an-object": token(roles={"admin": True}),
    "another-key-of-the-same-name": token(rsa("one", 2056)),
    "unknown-kid": token(rsa("two")),
    "kid-a-number": header(kid=1),
    "kid-null": header(kid=None),
    "kid-a-path": header(kid="../../dev/null"),
    "another-algorithm-of-the-key": token(rsa(), "RS512"),
    "pss-for-pkcs": token(rsa(), "PS256"),
    "alg-missing": sign({"kid": "one"}, claims(), rsa(), "RS256"),
    "alg-null": header(alg=None),
    "alg-a-list": header(alg=["RS256"]),
    "alg-in-lower-case": header(alg="rs256"),
    "alg-of-nobody": header(alg="XX256"),
    **{f"alg-{alg or 'empty'}": header(alg=alg) for alg in ("none", "None", "NONE", "nOnE", "none ", "")},
    **{
        f"alg-{alg}-unsigned": ".".join([encode({"alg": alg, "kid": "one"}), encode(claims()), ""])
        for alg in ("none", "None", "NONE", "nOnE", "RS256")
    },
    "hs256-with-the-public-key": sign({"alg": "HS256", "kid": "one"}, claims(), PUBLIC_AS_SECRET, "HS256"),
    "hs256-called-rs256": sign({"alg": "RS256", "kid": "one"}, claims(), PUBLIC_AS_SECRET, "HS256"),
    "crit-unknown": header(crit=["exp"], exp=NOW),
    "crit-empty": header(crit=[]),
    "crit-b64": header(crit=["b64"], b64=False),
    "b64-without-crit": header(b64=False),
    "typ-a-number": header(typ=1),
    "signature-missing": GOOD.rpartition(".")[0] + ".",
    "signature-of-zeros": tampered(GOOD, 2, bytes(256)),
    "signature-short": tampered(GOOD, 2, b"0"),
    "signature-long": tampered(GOOD, 2, bytes(9000)),
    "payload-changed": tampered(GOOD, 1, claims(sub="root")),
    "header-changed": tampered(GOOD, 0, {"alg": "RS256", "kid": "one", "typ": "JWT"}),
    "two-parts": GOOD.rpartition(".")[0],
    "four-parts": GOOD + ".e30",
    "encrypted": ".".join([encode({"alg": "RSA-OAEP", "enc": "A256GCM"}), "e30", "e30", "e30", "e30"]),
    "nested": raw(GOOD.encode()),
    "nested-as-it-says": sign({"alg": "RS256", "kid": "one", "cty": "JWT"}, GOOD.encode(), rsa(), "RS256"),
    "no-dots": "opaque",
    "only-dots": "..",
    "padded": GOOD + "==",
    "plus-and-slash": GOOD.replace("_", "/").replace("-", "+") + "+",
    "another-spelling-of-the-signature": GOOD[:-1] + chr(ord(GOOD[-1]) + 1),
    "half-an-octet": GOOD + "AAAAA"[: (1 - len(GOOD.rpartition(".")[2])) % 4],
    "header-no-json": tampered(GOOD, 0, b"{"),
    "header-a-list": tampered(GOOD, 0, b"[]"),
    "header-not-utf-8": tampered(GOOD, 0, b'{"alg": "\xff"}'),
    "header-two-algs": sign(b'{"alg": "none", "alg": "RS256", "kid": "one"}', claims(), rsa(), "RS256"),
    "header-deep": tampered(GOOD, 0, b'{"alg":' + b"[" * 1000),
    "payload-a-text": raw(b'"ann"'),
    "payload-two-subjects": raw(json.dumps(claims()).replace('"sub"', '"sub": "root", "sub"').encode()),
    "payload-deep": raw(b"[" * 2000),
    "payload-bom": raw(b"\xef\xbb\xbf" + json.dumps(claims()).encode()),
    "too-long": token(note="x" * 16384),
}


@pytest.mark.parametrize("text", BELIEVED)
async def test_a_good_token_is_believed(text: str) -> None:
    principal = await believer().identify(bearing(text))
    assert principal == Principal("ann", frozenset({"reader"}))
    assert isinstance(principal, Principal)
    assert principal.claims["iss"] == ISSUER


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in WRONG.items()])
async def test_a_wrong_token_is_refused(text: str, said: pytest.LogCaptureFixture) -> None:
    """With the same words for all; the log has one line, of which nothing comes from the token."""
    jwt = believer()
    assert await jwt.identify(bearing(text)) == REFUSED
    # And again: a refusal is not remembered as anything else.
    assert await jwt.identify(bearing(text)) == REFUSED
    assert len(said.records) == 2
    line = said.records[0].getMessage()
    assert line.startswith("Refused a bearer token from 192.0.2.1: ")
    assert said.records[0].levelname == "INFO"
    assert said.records[0].exc_info is None
    for part in (text, *text.split(".")):
        assert len(part) < 8 or part not in line


NOT_A_TOKEN = [
    pytest.param([("Authorization", "")], id="empty"),
    pytest.param([("Authorization", "Bearer")], id="scheme-alone"),
    pytest.param([("Authorization", "Bearer ")], id="scheme-and-a-space"),
    pytest.param([("Authorization", f"Basic {base64.b64encode(b'ann:secret').decode()}")], id="another-scheme"),
    pytest.param([("Authorization", f"Bearer{GOOD}")], id="no-space"),
    pytest.param([("Authorization", f"Bearer\t{GOOD}")], id="a-tab"),
    pytest.param([("Authorization", GOOD)], id="no-scheme"),
    pytest.param([("Authorization", f"Bearer {GOOD} {GOOD}")], id="two-in-one"),
    pytest.param([("Authorization", f"Bearer {GOOD}, Bearer {GOOD}")], id="a-list"),
    pytest.param([("Authorization", f"Bearer {GOOD}")] * 2, id="two-fields"),
    pytest.param([("Authorization", "Basic eA=="), ("Authorization", f"Bearer {GOOD}")], id="two-fields-of-two-kinds"),
    pytest.param([("Authorization", f"Bearer {GOOD[:-2]}é")], id="not-ascii"),
    pytest.param([("Authorization", "Bearer \x00")], id="control"),
    pytest.param([("Authorization", "Bearer " + "x" * 1_000_000)], id="a-megabyte"),
]


@pytest.mark.parametrize("fields", NOT_A_TOKEN)
async def test_what_is_no_token_is_refused(fields: list[tuple[str, str]], said: pytest.LogCaptureFixture) -> None:
    assert await believer().identify(request(*fields)) == REFUSED
    assert all(GOOD not in record.getMessage() for record in said.records)


@pytest.mark.parametrize("fields", [[], [("X-API-Key", "dk_1")], [("Cookie", f"token={GOOD}")], [("Proxy-Authorization", "Bearer x")]])
async def test_who_says_nothing_is_anonymous(fields: list[tuple[str, str]]) -> None:
    assert await believer().identify(request(*fields)) == ANONYMOUS


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
async def test_the_scheme_has_no_case(scheme: str) -> None:
    assert await believer().identify(request(("Authorization", f"{scheme} {GOOD}"))) == Principal("ann", frozenset({"reader"}))


@pytest.mark.parametrize(("most", "over"), [(16 * 1024, False), (16 * 1024 + 1, True)], ids=["at-the-bound", "past-the-bound"])
async def test_the_longest_token(most: int, over: bool) -> None:
    """The bound is met octet by octet: trailing spaces are no part of a token but of the field."""
    field = f"Bearer {token(note='x' * 11_000)}"
    assert (await believer().identify(request(("Authorization", field.ljust(most)))) == REFUSED) is over


@pytest.mark.parametrize(
    ("changed", "is_believed"),
    [
        pytest.param({"exp": NOW - 29.9}, True, id="expired-just-inside"),
        pytest.param({"exp": NOW - 30}, False, id="expired-just-outside"),
        pytest.param({"nbf": NOW + 30}, True, id="early-just-inside"),
        pytest.param({"nbf": NOW + 30.1}, False, id="early-just-outside"),
        pytest.param({"iat": NOW + 30}, True, id="issued-just-inside"),
        pytest.param({"iat": NOW + 30.1}, False, id="issued-just-outside"),
    ],
)
async def test_leeway(changed: dict[str, Any], is_believed: bool) -> None:
    assert isinstance(await believer(leeway=30).identify(bearing(token(**changed))), Principal) is is_believed


async def test_a_token_that_was_believed_expires_on_time(time: Time) -> None:
    """Having been checked once does not make it live longer."""
    jwt = believer(time, leeway=5)
    assert isinstance(await jwt.identify(bearing(GOOD)), Principal)
    time.now = NOW + 64.9
    assert isinstance(await jwt.identify(bearing(GOOD)), Principal)
    time.now = NOW + 65
    assert await jwt.identify(bearing(GOOD)) == REFUSED


ALGORITHMS = [
    *[(rsa(), name) for name in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")],
    (ec("e"), "ES256"),
    (ec("e3", "P-384"), "ES384"),
    (ec("e5", "P-521"), "ES512"),
    (ec("ek", "secp256k1"), "ES256K"),
    (okp("o"), "Ed25519"),
    (okp("o"), "EdDSA"),
    (okp("o4", "Ed448"), "Ed448"),
    (SECRET, "HS256"),
    (SECRET, "HS512"),
]


@pytest.mark.parametrize(("key", "algorithm"), ALGORITHMS, ids=[name for _, name in ALGORITHMS])
async def test_each_algorithm(key: Key, algorithm: str) -> None:
    """A good signature is believed, and nothing else in its place, of whatever length."""
    jwt = believer(key=key.as_dict(private=isinstance(key, OctKey)), algorithms=[algorithm])
    good = token(key, algorithm)
    assert isinstance(await jwt.identify(bearing(good)), Principal)
    for wrong in (b"\0", bytes(32), bytes(64), bytes(132), b"\xff" * 64, b"\xff" * 256, b"\x30" * 71):
        assert await jwt.identify(bearing(tampered(good, 2, wrong))) == REFUSED


@pytest.mark.parametrize(
    ("key", "pinned", "used"),
    [
        pytest.param(rsa(), ["RS256"], "PS256", id="another-padding"),
        pytest.param(okp("o"), ["Ed25519"], "EdDSA", id="the-old-name"),
        pytest.param(SECRET, ["HS512"], "HS256", id="a-shorter-hash"),
    ],
)
async def test_only_pinned_algorithms(key: Key, pinned: list[str], used: str) -> None:
    jwt = believer(key=key.as_dict(private=isinstance(key, OctKey)), algorithms=pinned)
    assert await jwt.identify(bearing(token(key, used))) == REFUSED


@pytest.mark.parametrize(
    ("wanted", "came", "is_believed"),
    [
        ("at+jwt", "at+jwt", True),
        ("at+jwt", "application/AT+JWT", True),
        ("application/at+jwt", "at+jwt", True),
        ("at+jwt", "JWT", False),
        ("at+jwt", ..., False),
    ],
)
async def test_the_type_that_a_token_must_have(wanted: str, came: Any, is_believed: bool) -> None:
    identity = await believer(token_type=wanted).identify(bearing(token(header={"typ": came})))
    assert isinstance(identity, Principal) is is_believed


@pytest.mark.parametrize(
    ("path", "told", "roles"),
    [
        pytest.param("roles", {"roles": ["a", "b"]}, {"a", "b"}, id="a-list"),
        pytest.param("scope", {"scope": "a  b"}, {"a", "b"}, id="text-with-spaces"),
        pytest.param("scope", {"scope": ""}, set(), id="empty-text"),
        pytest.param("realm_access.roles", {"realm_access": {"roles": ["a"]}}, {"a"}, id="a-path"),
        pytest.param("realm_access.roles", {"realm_access": []}, set(), id="a-path-into-a-list"),
        pytest.param("https://x.example.com/roles", {"https://x.example.com/roles": ["a"]}, {"a"}, id="a-name-with-dots"),
        pytest.param("a.b", {"a.b": ["whole"], "a": {"b": ["path"]}}, {"whole"}, id="the-whole-name-first"),
        pytest.param("roles", {}, set(), id="absent"),
        pytest.param("roles", {"roles": None}, set(), id="null"),
    ],
)
def test_roles(path: str, told: dict[str, Any], roles: set[str]) -> None:
    expected = Expectations(ISSUER, frozenset({AUDIENCE}), 0, "sub", path)
    assert principal_of({"sub": "ann", **told}, expected).roles == roles


def test_the_subject_by_another_claim() -> None:
    expected = Expectations(ISSUER, frozenset({AUDIENCE}), 0, "user.id", "roles")
    assert principal_of({"sub": "ann", "user": {"id": "42"}}, expected).subject == "42"


async def test_one_of_several_audiences_of_ours() -> None:
    jwt = believer(audience=["shop", "warehouse"])
    assert isinstance(await jwt.identify(bearing(token(aud="warehouse"))), Principal)


async def test_claims_of_a_principal_cannot_be_changed() -> None:
    principal = await believer().identify(bearing(GOOD))
    assert isinstance(principal, Principal)
    members: Any = principal.claims
    with pytest.raises(TypeError):
        members["sub"] = "root"


async def test_a_signature_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from joserfc.jws import JWSRegistry

    jwt: BearerJwt = believer()
    assert isinstance(await jwt.identify(bearing(GOOD)), Principal)
    monkeypatch.setitem(JWSRegistry.algorithms, "RS256", None)
    assert isinstance(await jwt.identify(bearing(GOOD)), Principal)


def test_whose_kind_a_credential_is() -> None:
    jwt = believer()

    def recognises(credentials: Credentials) -> bool:
        return jwt.recognises(credentials)

    assert recognises(bearing(GOOD))
    assert recognises(bearing("a.b"))
    assert not recognises(bearing("dk_opaque"))
    assert not recognises(request())
    assert not recognises(request(("Authorization", f"Bearer {GOOD}"), ("Authorization", f"Bearer {GOOD}")))
