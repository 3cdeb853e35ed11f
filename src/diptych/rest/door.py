"""Door one: a plain ASGI callable that finds the resource, translates the request, and writes the answer."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Final

from diptych.http.answer import Answer, problem_answer, send_answer
from diptych.http.asgi import Headers, Receive, Scope, Send, segments
from diptych.http.content import ClientGone
from diptych.http.doorkeeper import ADMISSIONS, STAMPS, Doorkeeper, TurnedAway, anybody
from diptych.http.in_time import TooSlow
from diptych.http.late import too_slow
from diptych.http.unforeseen import unforeseen
from diptych.resource.policy import Action
from diptych.resource.shape import ResourceShape
from diptych.rest.admission import JSON_MEDIA, LIST_OFFERED, OFFERED, PATCH_MEDIA, admit
from diptych.rest.place import Place, encoded_path, prefix_of
from diptych.rest.preferences import read_preference
from diptych.rest.reads import Reads
from diptych.rest.refusal import Refused, method_not_allowed, no_such_path
from diptych.rest.requests import create_command, item_command
from diptych.rest.responses import respond
from diptych.rest.streaming import Stream, send_stream
from diptych.semantics.command import Command
from diptych.semantics.deadline import DEADLINE
from diptych.semantics.frozen import frozen
from diptych.semantics.limits import USUAL_LIMITS, Limits
from diptych.semantics.outcome import Invalid, Page
from diptych.semantics.principal import Caller
from diptych.service.acting import Acting, Rules
from diptych.service.execute import Service

COLLECTION_METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS")
ITEM_METHODS: Final = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")

_READING: Final = frozenset({"GET", "HEAD"})
_ACTIONS: Final[Mapping[str, Action]] = {
    "GET": "read",
    "HEAD": "read",
    "POST": "create",
    "PUT": "replace",
    "PATCH": "patch",
    "DELETE": "delete",
}

# Source: RFC 9110 section 9.3.7, RFC 5789 section 3.1.
_COLLECTION_OPTIONS: Final = Answer(204, ((b"allow", ", ".join(COLLECTION_METHODS).encode()), (b"accept-post", JSON_MEDIA.encode())))
_ITEM_OPTIONS: Final = Answer(204, ((b"allow", ", ".join(ITEM_METHODS).encode()), (b"accept-patch", ", ".join(PATCH_MEDIA).encode())))


@frozen
class _Target:
    """What a path names: a collection, or, where `key` is the text of the last segment, one row of it."""

    shape: ResourceShape
    collection: str
    key: str | None


class RestDoor:
    """Serves the resources at `base`: `/api/users` and `/api/users/{key}`; every other path there is a 404 problem.

    `limits` bound a request. The doorkeeper says on whose behalf each is made; without one, on nobody's.
    Nothing that an ASGI server can send makes it raise before it has answered.
    """

    def __init__(
        self,
        service: Service,
        resources: Sequence[ResourceShape],
        *,
        base: str = "/api",
        limits: Limits = USUAL_LIMITS,
        act: Callable[[Caller], Acting] | None = None,
        doorkeeper: Doorkeeper | None = None,
    ) -> None:
        self._act = partial(Acting, service, Rules(resources)) if act is None else act
        self._doorkeeper = doorkeeper
        self._reads = Reads(resources)
        self._limits = limits
        self._base = tuple(part for part in base.split("/") if part)
        under = "".join(f"/{part}" for part in self._base)
        self._collections = {shape.names.path: (shape, encoded_path(f"{under}/{shape.names.path}")) for shape in resources}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        prefix = prefix_of(scope)
        deadline = DEADLINE.set(monotonic() + self._limits.request_seconds)
        try:
            answer = await self._answer(scope, receive, prefix)
        except ClientGone:
            return
        except TooSlow:
            answer = too_slow(self._limits, prefix)
        except Exception as error:  # the one place where anything may be caught: whatever it was, the client gets a problem
            answer = problem_answer(unforeseen(error, door="rest"), prefix)
        finally:
            # A stream that begins now takes as long as its client does.
            DEADLINE.reset(deadline)
        if STAMPS in scope:
            answer = answer.stamped(scope[STAMPS])
        head = scope["method"] == "HEAD"
        if isinstance(answer, Stream):
            await send_stream(receive, send, answer, head=head)
        else:
            await send_answer(send, answer, head=head)

    async def _answer(self, scope: Scope, receive: Receive, prefix: str) -> Answer | Stream:
        """Route, then method, then whatever the request itself can be refused for; only then the service."""
        target = self._target(scope)
        if target is None:
            return no_such_path().answer(prefix)
        method: str = scope["method"]
        methods = COLLECTION_METHODS if target.key is None else ITEM_METHODS
        if method not in methods:
            return method_not_allowed(methods).answer(prefix)
        if method == "OPTIONS":
            return _COLLECTION_OPTIONS if target.key is None else _ITEM_OPTIONS
        headers = Headers(scope)
        caller = anybody("rest") if self._doorkeeper is None else self._doorkeeper(scope, headers, "rest")
        if not isinstance(caller, ADMISSIONS):
            caller = await caller
        if isinstance(caller, TurnedAway):
            return problem_answer(caller.problem, prefix, caller.fields)
        acting = self._act(caller)
        shape, place, query = acting.view(target.shape), Place(prefix, target.collection), scope["query_string"]
        if (denied := acting.denied(target.shape, _ACTIONS[method])) is not None:
            return respond(denied, shape, place)
        reading = method in _READING
        offered = LIST_OFFERED if reading and target.key is None else OFFERED
        admitted = await admit(method, headers, receive, self._limits, offered)
        if isinstance(admitted, Refused):
            return admitted.answer(prefix)
        if target.key is None:
            if reading:
                return await self._reads.collection(acting, target.shape, place, admitted, headers, query)
            command: Command | Invalid = create_command(admitted, query)
        else:
            if reading and query:
                return await self._reads.item(acting, target.shape, place, admitted, target.key, query)
            command = item_command(method, target.key, admitted, query, shape)
        if isinstance(command, Invalid):
            return respond(command, shape, place)
        outcome = await acting.execute(target.shape, command)
        assert not isinstance(outcome, Page), "only a list is answered with a page"
        return respond(outcome, shape, place, read_preference(headers))

    def _target(self, scope: Scope) -> _Target | None:
        parts = segments(scope)
        at = len(self._base)
        if parts is None or parts[:at] != self._base or not at < len(parts) <= at + 2:
            return None
        found = self._collections.get(parts[at])
        if found is None:
            return None
        key = parts[at + 1] if len(parts) > at + 1 else None
        # A slash at the end makes an empty segment, and that is no key.
        return None if key == "" else _Target(*found, key)
