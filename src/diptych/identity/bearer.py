"""A bearer token in the Authorization field. Source: RFC 6750 section 2.1."""

import re
from typing import Final

from diptych.identity.authenticator import Credentials
from diptych.identity.challenge import Disbelieved

# Bytes; what a proxy takes for all header fields together is rarely more.
MOST_TOKEN: Final = 16 * 1024

# Source: RFC 6750 section 2.1; the scheme's case does not matter (RFC 9110 section 11.1).
_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9\-._~+/]+=*) *", re.IGNORECASE)


def bearer_token(request: Credentials) -> str | None:
    """The token of a request; None if there is no Authorization field at all.

    Raises Disbelieved for a field that holds no bearer token, for several fields, and for more than 16 KiB.
    """
    lines = request.headers.lines(b"authorization")
    if not lines:
        return None
    if len(lines) > 1:
        # Two readers could choose two different ones.
        raise Disbelieved("there are several Authorization fields")
    if len(lines[0]) > MOST_TOKEN:
        raise Disbelieved("the Authorization field is too long")
    found = _BEARER.fullmatch(lines[0])
    if found is None:
        raise Disbelieved("the Authorization field holds no bearer token")
    return found[1]


def bearer_token_if_any(request: Credentials) -> str | None:
    """The token of a request; None also where the field cannot be read."""
    try:
        return bearer_token(request)
    except Disbelieved:
        return None
