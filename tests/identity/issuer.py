"""An issuer for tests: real keys, tokens as wrong as they are wanted, and requests that carry them."""

import base64
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from diptych.identity import BearerJwt, Credentials

ISSUER: Final = "https://issuer.example.com"
AUDIENCE: Final = "shop"
NOW: Final = 1_800_000_000.0


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def rsa(kid: str = "one", bits: int = 2048) -> RSAKey:
    """A key of this name, made once in a process: making one takes a tenth of a second."""
    return _rsa(kid, bits)


@cache
def _rsa(kid: str, bits: int) -> RSAKey:
    return RSAKey.generate_key(bits, {"kid": kid})


@cache
def ec(kid: str, curve: Any = "P-256") -> ECKey:
    return ECKey.generate_key(curve, {"kid": kid})


@cache
def okp(kid: str, curve: Any = "Ed25519") -> OKPKey:
    return OKPKey.generate_key(curve, {"kid": kid})


SECRET: Final = OctKey.import_key(bytes(range(64)))


def encode(part: bytes | Mapping[str, Any]) -> str:
    octets = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def sign(header: bytes | Mapping[str, Any], payload: bytes | Mapping[str, Any], key: Key, algorithm: str) -> str:
    """Any header over any payload, signed by whatever key with whatever algorithm."""
    signed = f"{encode(header)}.{encode(payload)}"
    return f"{signed}.{encode(JWSRegistry.algorithms[algorithm].sign(signed.encode(), key))}"


def claims(**changed: Any) -> dict[str, Any]:
    """Claims that are all right; `...` takes one out."""
    right = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "exp": NOW + 60, "nbf": NOW - 60, "iat": NOW - 60, "roles": ["reader"]}
    return {name: value for name, value in {**right, **changed}.items() if value is not ...}


def token(key: Key | None = None, algorithm: str = "RS256", header: Mapping[str, Any] | None = None, **changed: Any) -> str:
    """A token that is believed, but for what is changed."""
    key = key or rsa()
    right = {"alg": algorithm, **({"kid": key.kid} if key.kid else {})}
    members = {name: value for name, value in {**right, **(header or {})}.items() if value is not ...}
    return sign(members, claims(**changed), key, algorithm)


def key_set(*keys: Key, **parameters: Any) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False, **parameters) for key in keys]}


def request(*fields: tuple[str, str], client: str | None = "192.0.2.1") -> Credentials:
    """A request with these header fields."""
    lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in fields]
    scope = {"type": "http", "method": "GET", "path": "/api/users", "headers": lines, "query_string": b""}
    return Credentials.of({**scope, "client": (client, 1)} if client else scope)


def bearing(text: str) -> Credentials:
    return request(("Authorization", f"Bearer {text}"))


def believer(time: Time | None = None, **changed: Any) -> BearerJwt:
    """One who believes the issuer's tokens by its public key, unless something is changed."""
    time = time or Time()
    public = key_set(rsa())["keys"][0]
    right: dict[str, Any] = {"issuer": ISSUER, "audience": AUDIENCE, "algorithms": ["RS256"], "leeway": 0}
    given = {**right, **({} if "jwks" in changed else {"key": public}), **changed}
    return BearerJwt(**given, clock=time, monotonic=time)


def tampered(text: str, part: int, octets: bytes | Mapping[str, Any]) -> str:
    parts: Sequence[str] = text.split(".")
    return ".".join(encode(octets) if index == part else each for index, each in enumerate(parts))
