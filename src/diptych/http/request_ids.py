"""The id of a request: the client's own where it is harmless, else one of ours. Log, answer and error tell the same one."""

import re
from contextvars import ContextVar
from typing import Final
from uuid import uuid4

from diptych.http.asgi import Scope
from diptych.http.doorkeeper import REQUEST_ID

FIELD: Final = b"x-request-id"

# No blanks, quotes, brackets or control characters: an id goes into logs and header fields as it came.
_HARMLESS: Final = re.compile(rb"[A-Za-z0-9._~:/+=@-]{1,128}")

_current: ContextVar[Scope | None] = ContextVar("diptych_request", default=None)


def enter(scope: Scope) -> None:
    """Say which request the code that runs from here on belongs to; one that ASGI servers run in a task of its own."""
    _current.set(scope)


def current_request() -> Scope | None:
    """The request that the code running now belongs to, None outside of any."""
    return _current.get()


def request_id(scope: Scope) -> str:
    """The id of a request, found or made when it is first asked for."""
    known: str | None = scope.get(REQUEST_ID)
    if known is None:
        known = scope[REQUEST_ID] = _sent(scope) or str(uuid4())
    return known


def current_request_id() -> str | None:
    """The id of the request that the code running now belongs to, None outside of any."""
    scope = _current.get()
    return None if scope is None else request_id(scope)


def _sent(scope: Scope) -> str | None:
    """What the client calls its request; None where it says nothing, something that no log should hold, or two things."""
    sent = [value for name, value in scope["headers"] if name == FIELD]
    return sent[0].decode("ascii") if len(sent) == 1 and _HARMLESS.fullmatch(sent[0]) else None
