"""How a server stops: not ready at once, then no more connections, then every request under way is answered, then the store closes."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, NoReturn

from uvicorn.supervisors.multiprocess import Multiprocess

from diptych.app.bridge import Bridge
from diptych.http.asgi import Application, Message, Receive, Scope, Send

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

_CLOSE: Final = (b"connection", b"close")


class GracefulStop:
    """An application that stops in good order under uvicorn.

    The first SIGTERM or SIGINT makes `/readyz` say no and ends each connection with its next answer; `drain_seconds` later the
    server takes no more connections. A second signal ends the process at once, but for a worker: signals come to it from its parent
    and from the terminal as well, so the parent counts them.
    """

    def __init__(self, app: Application, bridge: Bridge, *, drain_seconds: float, is_worker: bool) -> None:
        self._app = app
        self._bridge = bridge
        self._drain_seconds = drain_seconds
        self._stopping = False
        self._is_worker = is_worker

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "lifespan":
            return self._live(scope, receive, send)
        if self._stopping and scope["type"] == "http" and scope.get("http_version") == "1.1":
            return self._app(scope, receive, _last_answer(send))
        return self._app(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._listening(asyncio.get_running_loop()):
            await self._app(scope, receive, send)

    @contextmanager
    def _listening(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Hear of signals before the server does, which has set its own handlers by the time that an application starts."""
        before: dict[signal.Signals, Any] = {number: signal.getsignal(number) for number in SIGNALS}

        def stop(number: int, frame: FrameType | None) -> None:
            if self._stopping:
                if not self._is_worker:
                    os._exit(128 + number)
                return
            self._stopping = self._bridge.is_stopping = True
            server = before[signal.Signals(number)]
            # A handler may not call into the loop, but through this.
            loop.call_soon_threadsafe(lambda: loop.call_later(self._drain_seconds, server, number, None))

        for number in SIGNALS:
            signal.signal(number, stop)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Workers(Multiprocess):
    """Worker processes that all stop in good order; on a second signal they are ended at once."""

    # How often they were told to stop; a parent that is busy may hear of both at once.
    _told = 0

    def handle_int(self) -> None:
        self._told += 1
        super().handle_int()

    def handle_term(self) -> None:
        self._told += 1
        super().handle_term()

    def join_all(self) -> None:
        # From here on a signal ends them; one that came before is counted or still queued.
        for number in SIGNALS:
            signal.signal(number, self._end)
        if self._told > 1 or self.signal_queue:
            self._end(0, None)
        super().join_all()

    def _end(self, number: int, frame: FrameType | None) -> None:
        for worker in self.processes:
            worker.process.kill()


def leave_quietly() -> None:
    """Let SIGTERM end this process with status 0: a server that has stopped as it was asked to has done nothing wrong."""

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)


def _last_answer(send: Send) -> Callable[[Message], Awaitable[None]]:
    """The connection ends with this answer, and its client is told so (RFC 9112 section 9.6)."""

    def closing(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], _CLOSE]
        return send(message)

    return closing
