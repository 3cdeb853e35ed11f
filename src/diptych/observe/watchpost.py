"""A door as it is watched: a request gets its id, its answer carries it, and one that becomes no command is told of as well."""

from collections.abc import Awaitable
from time import perf_counter

from diptych.http.asgi import Application, Message, Receive, Scope, Send
from diptych.http.request_ids import FIELD, enter, request_id
from diptych.observe import lines
from diptych.observe.watching import COMMANDED, REFUSED, Watching
from diptych.semantics.principal import DoorName


class Watchpost:
    """Stands before a door. While nothing is watched it only says which request is running, and no id is made."""

    def __init__(self, door: Application, name: DoorName, watching: Watching) -> None:
        self._door = door
        self._name = name
        self._watching = watching

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        enter(scope)
        return self._watched(scope, receive, send) if self._watching.is_on() else self._door(scope, receive, send)

    async def _watched(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, known, status = perf_counter(), request_id(scope), 0
        field = (FIELD, known.encode())

        def stamped(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], field]
            return send(message)

        try:
            await self._door(scope, receive, stamped)
        finally:
            seconds = perf_counter() - began
            if self._watching.metrics is not None and status:
                self._watching.metrics.answer(self._name, status)
            if COMMANDED not in scope:
                if (refused := scope.get(REFUSED)) is not None:
                    self._watching.ended(refused(seconds))
                elif status >= 400 and lines.is_on():
                    lines.write_turned_away(known, self._name, scope["method"], status, seconds)
