"""Header fields that every answer to a request carries, whoever writes it."""

from collections.abc import Awaitable

from diptych.http.asgi import Application, Message, Receive, Scope, Send
from diptych.http.doorkeeper import STAMPS


class Stamped:
    """A door whose answers carry what was put into `scope[STAMPS]`, a list of header fields, while they were made."""

    def __init__(self, door: Application) -> None:
        self._door = door

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        stamps: list[tuple[bytes, bytes]] = scope.setdefault(STAMPS, [])

        def stamped(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start" and stamps:
                message["headers"] = [*message["headers"], *stamps]
            return send(message)

        return self._door(scope, receive, stamped)
