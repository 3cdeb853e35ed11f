"""A small TCP proxy between a client and a server, which can lose what it carries."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress


class Proxy:
    """Carries bytes both ways. What it is told to lose, it loses once for each time it was told.

    `lose_answers`: the request is delivered, and answered, and then the connection breaks. `lose_requests`: the connection breaks
    with the request undelivered. `cut_answers`: the connection breaks after so many bytes of the answer. `meanwhile` is called after
    each loss, before the client can know of it.
    """

    def __init__(self, port: int) -> None:
        self._upstream = ("127.0.0.1", port)
        self.lose_answers = 0
        self.lose_requests = 0
        self.cut_answers: list[int] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.delivered = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        for each in (self._listening, *self._open):
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._upstream)
                self._open += [near, far]
                threading.Thread(target=self._carry_requests, args=(near, far), daemon=True).start()
                threading.Thread(target=self._carry_answers, args=(far, near), daemon=True).start()

    def _carry_requests(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while piece := near.recv(1 << 16):
                if self.lose_requests:
                    self.lose_requests -= 1
                    self._break(near, far)
                    return
                far.sendall(piece)
        self._break(near, far, quietly=True)

    def _carry_answers(self, far: socket.socket, near: socket.socket) -> None:
        left = None
        with suppress(OSError):
            while piece := far.recv(1 << 16):
                self.delivered += 1
                if self.lose_answers:
                    self.lose_answers -= 1
                    self._break(near, far)
                    return
                if left is None and self.cut_answers:
                    left = self.cut_answers.pop(0)
                if left is not None and len(piece) >= left:
                    near.sendall(piece[:left])
                    self._break(near, far)
                    return
                near.sendall(piece)
                left = None if left is None else left - len(piece)
        self._break(near, far, quietly=True)

    def _break(self, near: socket.socket, far: socket.socket, *, quietly: bool = False) -> None:
        if not quietly:
            self.meanwhile()
        for each in (near, far):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
