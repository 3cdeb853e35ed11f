"""Whether a process is alive, and whether requests should be sent to it: `/healthz` and `/readyz`.

They need no authentication, are in no OpenAPI document, and cost next to nothing: whoever asks at the same time shares one
statement.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from starlette.routing import Route

from diptych.http.answer import NO_STORE, Answer, problem_answer, send_answer
from diptych.http.asgi import Receive, Scope, Send, root_path
from diptych.semantics.problems import problem

if TYPE_CHECKING:
    from fastapi import FastAPI

    from diptych.app.bridge import Bridge

ALIVE: Final = "/healthz"
READY: Final = "/readyz"
METRICS: Final = "/metrics"

_TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")
_ALIVE: Final = Answer(200, (_TEXT, NO_STORE), b"alive\n")
_READY: Final = Answer(200, (_TEXT, NO_STORE), b"ready\n")
_RETRY: Final = (b"retry-after", b"1")

_STOPPING: Final = "This process is stopping; requests under way are answered."
_NOT_READY: Final = "The database does not answer, or its tables do not fit; the server's log says more."


class Probe:
    """A plain ASGI callable for those who look after a process. `answer` is given the prefix that the application stands under."""

    def __init__(self, answer: Callable[[str], Awaitable[Answer]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix = root_path(scope)
        if scope["method"] not in ("GET", "HEAD"):
            refusal = problem("method_not_allowed", "This can only be read.")
            return await send_answer(send, problem_answer(refusal, prefix, [(b"allow", b"GET, HEAD")]))
        return await send_answer(send, await self._answer(prefix), head=scope["method"] == "HEAD")


def add_health(app: FastAPI, bridge: Bridge) -> None:
    """Add both to an application."""

    async def alive(prefix: str) -> Answer:
        # Nothing else is asked: a process that is restarted because its database is away comes back no healthier.
        return _ALIVE

    async def ready(prefix: str) -> Answer:
        if bridge.is_stopping:
            return problem_answer(problem("unavailable", _STOPPING), prefix, [_RETRY])
        if not await bridge.ready():
            return problem_answer(problem("unavailable", _NOT_READY), prefix, [_RETRY])
        return _READY

    _serve(app, ALIVE, Probe(alive))
    _serve(app, READY, Probe(ready))


def add_metrics(app: FastAPI) -> None:
    """Add the page that a Prometheus server reads; whoever reaches the application can read it."""
    # Only here, since it is an extra.
    from diptych.observe.exposition import CONTENT_TYPE, exposition

    fields = ((b"content-type", CONTENT_TYPE.encode()), NO_STORE)

    async def metrics(prefix: str) -> Answer:
        return Answer(200, fields, exposition())

    _serve(app, METRICS, Probe(metrics))


def _serve(app: FastAPI, path: str, probe: Probe) -> None:
    app.router.routes.append(Route(path, probe, include_in_schema=False))
