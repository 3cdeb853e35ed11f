"""The application that is all ours: FastAPI around both doors, which stand in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from diptych.http.asgi import Receive, Scope, Send

if TYPE_CHECKING:
    from diptych.app.bridge import Bridge


class BridgeApplication(FastAPI):
    """A FastAPI application whose doors stand in front of it, as long as nobody has put middleware between."""

    def __init__(self, bridge: Bridge, **settings: Any) -> None:
        super().__init__(**settings)
        self._fronts = tuple((path, path + "/", door) for path, door in bridge.doors())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A user's middleware must never be passed by, so the short cut is for applications without any.
        if scope["type"] == "http" and not self.user_middleware and not scope.get("root_path"):
            path: str = scope["path"]
            for exact, beneath, door in self._fronts:
                if path == exact or path.startswith(beneath):
                    if self.root_path:
                        scope["root_path"] = self.root_path
                    return await door(scope, receive, send)
        return await super().__call__(scope, receive, send)
