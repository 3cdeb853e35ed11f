"""A server that says what it was told to say, whatever it is asked."""

import json
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any


def answer(status: int, body: Any = None, *, kind: str = "application/json", fields: Mapping[str, str] | None = None) -> bytes:
    """An answer as bytes; `body` is JSON, or bytes as they are."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    told = {"content-length": str(len(content)), "connection": "close", "content-type": kind, **(fields or {})}
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in told.items() if value)]
    return "\r\n".join([*lines, "", ""]).encode() + content


def refusal(code: str, status: int, fields: Mapping[str, str] | None = None, **facts: Any) -> bytes:
    body = {"type": f"/problems/{code}", "title": "No", "status": status, "detail": "No.", "code": code, **facts}
    return answer(status, body, kind="application/problem+json", fields=fields)


class Canned:
    """Answers each request with the next of its answers, and keeps what it was asked."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with connection:
                    self.asked.append(_request(connection))
                    connection.sendall(self.answers.pop(0) if self.answers else answer(418, {}))


def _request(connection: socket.socket) -> bytes:
    came = b""
    while b"\r\n\r\n" not in came and (piece := connection.recv(1 << 16)):
        came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.lower().splitlines() if line.startswith(b"content-length")), 0)
    while len(body) < length and (piece := connection.recv(1 << 16)):
        body += piece
        came += piece
    return came
