"""Streams: all rows of a list, one JSON object on each line, page after page and no faster than the client reads."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass

from diptych.http.answer import Fields
from diptych.http.asgi import Receive, Send


class StreamCut(Exception):
    """The rest of a stream cannot be read.

    Raised once the answer has begun, so that the server closes the connection before its content is complete and no client takes
    what it has for everything. Source: RFC 9112 section 8.
    """


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer whose length nobody knows yet. Nothing is read ahead of what has been sent."""

    fields: Fields
    chunks: AsyncGenerator[bytes, None]

    def stamped(self, stamps: Fields) -> "Stream":
        """The same with more header fields."""
        return Stream((*self.fields, *stamps), self.chunks)


async def send_stream(receive: Receive, send: Send, stream: Stream, *, head: bool = False) -> None:
    """Send a stream until its end, or until the client is gone; to HEAD, its fields alone. Raises what reading it raises."""
    await send({"type": "http.response.start", "status": 200, "headers": list(stream.fields)})
    if not head:
        # A server takes what is sent to nobody as quickly as it comes, so that the client must be watched besides.
        watch = asyncio.ensure_future(_has_gone(receive))
        try:
            async with aclosing(stream.chunks) as chunks:
                async for chunk in chunks:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                    if watch.done() and watch.result():
                        return
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
    await send({"type": "http.response.body", "body": b""})


async def _has_gone(receive: Receive) -> bool:
    """Wait until the client has gone; false for a server that says anything else after the request."""
    message = await receive()
    while message["type"] == "http.request" and message.get("more_body"):
        message = await receive()
    if message["type"] == "http.request":
        message = await receive()
    return bool(message["type"] == "http.disconnect")
