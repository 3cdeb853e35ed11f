"""Answers that leave in one write.

The server writes an answer's head and its content one after the other: two system calls, two packets, and a client that is woken
twice. A head is held back until the content follows, which for an answer that is whole is at once.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class OneWriteProtocol(HttpToolsProtocol):
    """The server's own protocol, on transports that join writes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(JoiningTransport(cast("asyncio.Transport", transport), self.loop))


class JoiningTransport(asyncio.Transport):
    """A transport that holds a write back for the next one, or until the loop has nothing else to do for what is going on."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._write_now = transport.write
        self._call_soon = loop.call_soon
        self._held: bytes | None = None

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        if self._held is None:
            self._held = bytes(data)
            self._call_soon(self._flush)
        else:
            joined, self._held = self._held + data, None
            self._write_now(joined)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        self._held = None
        self._transport.abort()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._transport.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._transport.get_protocol()

    def _flush(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._write_now(held)
