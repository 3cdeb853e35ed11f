"""Challenges, and the one way in which a credential is refused: the caller learns that it is, the log learns why."""

import logging
import re
from typing import Final

from diptych.semantics.outcome import Unauthenticated

LOG: Final = logging.getLogger("diptych.identity")

# What can stand in a quoted-string without a backslash. Source: RFC 9110 section 5.6.4.
_PLAIN: Final = re.compile(r"[ !#-\[\]-~]+")


class Disbelieved(Exception):
    """A credential is not believed. The reason is for the log, and holds nothing that the request sent."""


def bearer_challenge(realm: str) -> str:
    """The challenge for bearer credentials, which always has a parameter. Source: RFC 6750 section 3."""
    return f'Bearer realm="{plain_realm(realm)}"'


def plain_realm(realm: str) -> str:
    """The realm, checked; raises ValueError for one that would need quoting."""
    if _PLAIN.fullmatch(realm) is None:
        raise ValueError('realm= is a short name in ASCII without quotes and backslashes, such as "api".')
    return realm


def refused(kind: str, challenge: str, reason: str, client: str | None) -> Unauthenticated:
    """Refuse a credential that was presented. Source: RFC 6750 section 3.1."""
    LOG.info("Refused %s from %s: %s.", kind, client or "an unknown address", reason)
    return Unauthenticated(f'{challenge}, error="invalid_token"')
