"""When a bridge is opened and closed: with the application that it is in, or at the first request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from diptych.http.answer import problem_answer, send_answer
from diptych.http.asgi import Application, Receive, Scope, Send, root_path
from diptych.semantics.problems import problem
from diptych.store.errors import DatabaseAway

if TYPE_CHECKING:
    from diptych.app.bridge import Bridge


class Opened:
    """A door behind which the bridge is open, also where the server runs no lifespan or the database comes late."""

    def __init__(self, bridge: Bridge, door: Application) -> None:
        self._bridge = bridge
        self._door = door

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Not a coroutine itself: each one that lies between a request and what it waits for costs on every step.
        return self._door(scope, receive, send) if self._bridge.is_open else self._open_first(scope, receive, send)

    async def _open_first(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._bridge.open()
        except DatabaseAway:
            refusal = problem("unavailable", "The database is away; nothing was written. Try again soon.")
            answer = problem_answer(refusal, root_path(scope), [(b"retry-after", b"1")])
            await send_answer(send, answer, head=scope["method"] == "HEAD")
        else:
            await self._door(scope, receive, send)


def open_with(app: FastAPI, bridge: Bridge) -> None:
    """Open the bridge when the application starts and close it when it stops, inside the lifespan that it already has."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[Any]:
        async with inner(application) as state:
            await bridge.open()
            bridge.is_stopping = False
            try:
                yield state
            finally:
                bridge.is_stopping = True
                await bridge.close()

    app.router.lifespan_context = lifespan
