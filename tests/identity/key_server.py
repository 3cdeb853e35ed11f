"""A server of keys on this machine, which can be away, slow, or talk nonsense."""

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class KeyServer:
    """Answers `GET /jwks` with `content`, and counts how often. `release` ends a wait that `is_slow` has begun."""

    def __init__(self) -> None:
        self.content: bytes | None = None
        self.status = 200
        self.fields: dict[str, str] = {}
        self.is_slow = False
        self.drips = False
        self.fetched = 0
        self.arrived = threading.Event()
        self.release = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/jwks"

    def publish(self, keys: Mapping[str, Any]) -> None:
        self.content, self.status = json.dumps(keys).encode(), 200

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        keys = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                keys.fetched += 1
                keys.arrived.set()
                if keys.is_slow:
                    keys.release.wait(10)
                content = keys.content or b""
                self.send_response(keys.status if keys.content is not None else 503)
                for name, value in keys.fields.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                try:
                    if keys.drips:
                        # A byte now and then keeps every time-out of a single read from passing.
                        for octet in content:
                            self.wfile.write(bytes([octet]))
                            if keys.release.wait(0.05):
                                break
                    else:
                        self.wfile.write(content)
                except ConnectionError:
                    pass

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler
