"""Requests to REST, read as the door reads them: what would be refused there before it is a command is not understood here."""

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from diptych.explain.errors import NotUnderstood
from diptych.explain.messages import Message
from diptych.http.asgi import Headers, segments
from diptych.resource.shape import ResourceShape
from diptych.rest.admission import LIST_OFFERED, NDJSON_MEDIA, OFFERED, Admitted, admit
from diptych.rest.door import COLLECTION_METHODS, ITEM_METHODS
from diptych.rest.parameters import read_listing
from diptych.rest.preferences import read_preference, wants_count
from diptych.rest.refusal import Refused
from diptych.rest.requests import create_command, fetch_command, item_command
from diptych.rest.spelling import Request
from diptych.rest.view import WHOLE_ROW, View, read_item_view
from diptych.semantics.command import Command
from diptych.semantics.limits import Limits
from diptych.semantics.outcome import Invalid

_READING: Final = frozenset({"GET", "HEAD"})
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks, what its answer shows, and what of it is about the answer alone."""

    resource: ResourceShape
    command: Command
    view: View = WHOLE_ROW
    preference: str | None = None
    streamed: bool = False


class Requests:
    """Reads requests to the resources under one path."""

    def __init__(self, resources: Sequence[ResourceShape], base: str, limits: Limits) -> None:
        self._collections: Mapping[str, ResourceShape] = {shape.names.path: shape for shape in resources}
        self._base = base
        self._limits = limits

    def read(self, message: Message) -> Asked:
        """Raises NotUnderstood for what the door refuses by itself, in the door's own words."""
        resource, key = self._target(message.path)
        methods = COLLECTION_METHODS if key is None else ITEM_METHODS
        if message.method not in methods:
            raise NotUnderstood(f"{message.path} takes {', '.join(methods)}; {message.method} is none of them.")
        if message.method == "OPTIONS":
            raise NotUnderstood("OPTIONS asks what a path takes; no row is read or written, and GraphQL has nothing like it.")
        headers = _headers(message)
        reading = message.method in _READING
        admitted = self._admit(message, headers, LIST_OFFERED if reading and key is None else OFFERED)
        try:
            query = message.query.encode("ascii")
        except UnicodeEncodeError:
            raise NotUnderstood("The query string must be percent-encoded.") from None
        preference = read_preference(headers)
        if key is None and reading:
            streamed = admitted.accepted == NDJSON_MEDIA
            listing = read_listing(query, resource, counted=not streamed and wants_count(headers), streamed=streamed)
            if isinstance(listing, Invalid):
                raise _refused(listing)
            return Asked(resource, listing.page, listing.view, preference, streamed)
        if key is not None and reading:
            view = read_item_view(query, resource)
            if isinstance(view, Invalid):
                raise _refused(view)
            return Asked(resource, fetch_command(key, admitted, resource), view, preference)
        made = create_command(admitted, query) if key is None else item_command(message.method, key, admitted, query, resource)
        if isinstance(made, Invalid):
            raise _refused(made)
        return Asked(resource, made, preference=preference)

    def _target(self, path: str) -> tuple[ResourceShape, str | None]:
        parts = segments({"path": path, "raw_path": path.encode("utf-8", "surrogatepass")}) or ()
        base = tuple(part for part in self._base.split("/") if part)
        below = parts[len(base) :]
        if parts[: len(base)] == base and len(below) in (1, 2) and below[0] in self._collections and below[-1]:
            return self._collections[below[0]], below[1] if len(below) == 2 else None
        served = ", ".join(f"{self._base}/{name}" for name in self._collections)
        raise NotUnderstood(f"Nothing is served at {path}; there are {served}, and rows beneath them.")

    def _admit(self, message: Message, headers: Headers, offered: Sequence[str]) -> Admitted:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": message.content}

        admitted = _at_once(admit(message.method, headers, receive, self._limits, offered))
        if isinstance(admitted, Refused):
            problem = admitted.problem
            raise NotUnderstood(f"The server would answer {problem.status} {problem.code}: {problem.detail}")
        return admitted


def as_message(request: Request) -> Message:
    """A request that was spelled, as one that came."""
    return Message(request.method, request.target, request.headers, request.content)


def _headers(message: Message) -> Headers:
    try:
        return Headers({"headers": [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in message.headers]})
    except UnicodeEncodeError:
        raise NotUnderstood("The values of header fields must be Latin-1 text.") from None


def _refused(invalid: Invalid) -> NotUnderstood:
    wrong = "; ".join(f"{one.pointer or 'the query'}: {one.message}" for one in invalid.violations)
    return NotUnderstood(f"The server would answer 400 invalid: {wrong}")


def _at_once(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """The result of a coroutine that never waits: all that it reads is there already."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: _T = done.value
        return result
    coroutine.close()
    raise AssertionError("a request that is there whole was waited for")
