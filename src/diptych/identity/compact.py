"""A token in its compact form, taken apart before anything in it is believed. Source: RFC 7515 sections 3.1, 5.2."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from diptych.identity.challenge import Disbelieved
from diptych.semantics.json_text import read_json

# Three parts: five would be a JWE, and nothing is signed in two. The signature is never empty.
_COMPACT: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A signed token. `algorithm` and `kid` are what it claims; `payload` may be believed once `signature` fits `signed`."""

    algorithm: str
    kid: str | None
    type: str | None
    payload: bytes
    signed: bytes
    signature: bytes


def read_compact(text: str) -> Token:
    """Take a token apart; raises Disbelieved.

    Of the header only `alg`, `kid` and `typ` are looked at: keys that it brings or points to (`jwk`, `jku`, `x5c`, `x5u`) are
    nobody's but the sender's. Source: RFC 8725 section 3.10.
    """
    found = _COMPACT.fullmatch(text)
    if found is None:
        raise Disbelieved("it is no signed token in compact form")
    header = read_object(_decode(found[1]), "header")
    # Extensions that must be understood are not; `b64` is one, and means nothing when it is not said to be critical.
    if "crit" in header or "b64" in header:
        raise Disbelieved("its header asks for an extension (RFC 7515 section 4.1.11)")
    algorithm = _text(header, "alg")
    if algorithm is None:
        raise Disbelieved("its header names no algorithm")
    signed = f"{found[1]}.{found[2]}".encode()
    return Token(algorithm, _text(header, "kid"), _text(header, "typ"), _decode(found[2]), signed, _decode(found[3]))


def read_object(text: bytes, place: str) -> Mapping[str, Any]:
    """The members of a JSON object, of which no two have one name; raises Disbelieved. Source: RFC 7519 section 4."""
    members = read_json(text)
    if not isinstance(members, dict):
        raise Disbelieved(f"its {place} is no JSON object, or one that can be read in two ways")
    return members


def _text(header: Mapping[str, Any], name: str) -> str | None:
    """A member of the header that is text where it is there at all; None where it is not."""
    value = header.get(name, "")
    if not isinstance(value, str):
        raise Disbelieved(f"its {name} is no text")
    return value if name in header else None


def _decode(part: str) -> bytes:
    """The octets of a part, which have one spelling only. Source: RFC 4648 section 3.5."""
    if len(part) % 4 == 1:
        raise Disbelieved("a part of it is not base64url")
    octets = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(octets).rstrip(b"=").decode() != part:
        raise Disbelieved("a part of it is not base64url in its one spelling")
    return octets
