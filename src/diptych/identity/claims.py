"""What a token says, once its signature is known to be good: whether it is meant for here and now, and of whom it speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from diptych.identity.challenge import Disbelieved
from diptych.semantics.principal import Principal

Claims: TypeAlias = Mapping[str, Any]

_LONGEST_SUBJECT: Final = 1024


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a token must say. `leeway` is how many seconds the issuer's clock and ours may be apart."""

    issuer: str
    audiences: frozenset[str]
    leeway: float
    subject_claim: str
    roles_claim: str


def check_claims(claims: Claims, expected: Expectations, now: float) -> None:
    """Raises Disbelieved unless the token is of the issuer, for this audience, and valid `now`, in seconds since 1970.

    Source: RFC 7519 section 4.1.
    """
    if claims.get("iss") != expected.issuer:
        raise Disbelieved("it is of another issuer")
    if not _audiences(claims) & expected.audiences:
        raise Disbelieved("it is for another audience")
    if "exp" not in claims:
        raise Disbelieved("it never expires")
    # Leeway goes to the side of the clock: a claim may be an integer beyond all floats, which compares but does not add.
    if not now - expected.leeway < _time(claims, "exp"):
        raise Disbelieved("it is expired")
    if "nbf" in claims and not now + expected.leeway >= _time(claims, "nbf"):
        raise Disbelieved("it is not valid yet")
    if "iat" in claims and not now + expected.leeway >= _time(claims, "iat"):
        raise Disbelieved("it was issued in the future")


def principal_of(claims: Claims, expected: Expectations) -> Principal:
    """Whom a checked token speaks of; raises Disbelieved where it names nobody, or roles that are no list of text."""
    subject = _claim(claims, expected.subject_claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
        raise Disbelieved("its subject is no printable text of 1 to 1024 characters")
    match _claim(claims, expected.roles_claim):
        case None:
            roles: list[str] = []
        case str(text):
            # As `scope` is written. Source: RFC 6749 section 3.3.
            roles = text.split()
        case list(each) if all(isinstance(role, str) for role in each):
            roles = each
        case _:
            raise Disbelieved("its roles are neither a list of text nor text with spaces between")
    return Principal(subject, frozenset(roles), MappingProxyType(dict(claims)))


def _audiences(claims: Claims) -> frozenset[str]:
    """Source: RFC 7519 section 4.1.3."""
    match claims.get("aud"):
        case str(audience):
            return frozenset({audience})
        case list(audiences) if all(isinstance(each, str) for each in audiences):
            return frozenset(audiences)
        case _:
            return frozenset()


def _time(claims: Claims, name: str) -> float:
    """A NumericDate. Source: RFC 7519 section 2."""
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Disbelieved(f"its {name} is no number")
    return value


def _claim(claims: Claims, name: str) -> Any:
    """A claim by its name, or by a dotted path; the whole name first, for issuers that give claims a URL for a name."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value
