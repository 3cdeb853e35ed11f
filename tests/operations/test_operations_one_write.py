"""The head of an answer leaves with its content; nothing that is held back is kept, lost or told twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from diptych.cli.one_write import JoiningTransport, OneWriteProtocol
from diptych.cli.tuning import protocol
from diptych.http.asgi import Receive, Scope, Send

HEAD = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n"


class Recording(asyncio.Transport):
    """Keeps each write, and what else was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[bytes | str] = []

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        self.seen.append(bytes(data))

    def close(self) -> None:
        self.seen.append("close")

    def abort(self) -> None:
        self.seen.append("abort")


@pytest.fixture
async def pair() -> tuple[JoiningTransport, list[bytes | str]]:
    real = Recording()
    return JoiningTransport(real, asyncio.get_running_loop()), real.seen


async def test_a_head_and_its_content_are_one_write(pair: tuple[JoiningTransport, list[bytes | str]]) -> None:
    joining, seen = pair
    joining.write(b"head ")
    assert seen == []
    joining.write(b"content")
    assert seen == [b"head content"]
    await asyncio.sleep(0)
    assert seen == [b"head content"], "nothing is told twice"


async def test_a_head_alone_leaves_by_itself(pair: tuple[JoiningTransport, list[bytes | str]]) -> None:
    joining, seen = pair
    for number in range(3):
        joining.write(b"%d" % number)
        await asyncio.sleep(0)
        assert seen[-1] == b"%d" % number
    assert len(seen) == 3


async def test_the_order_stays_whatever_is_joined(pair: tuple[JoiningTransport, list[bytes | str]]) -> None:
    joining, seen = pair
    for number in range(9):
        joining.write(b"%d" % number)
        if number in (3, 4, 8):
            await asyncio.sleep(0)
    assert b"".join(each for each in seen if isinstance(each, bytes)) == b"012345678"


async def test_what_is_held_leaves_before_the_end(pair: tuple[JoiningTransport, list[bytes | str]]) -> None:
    joining, seen = pair
    joining.write(b"last words")
    joining.close()
    await asyncio.sleep(0)
    assert seen == [b"last words", "close"]


async def test_an_abort_takes_what_is_held_with_it(pair: tuple[JoiningTransport, list[bytes | str]]) -> None:
    joining, seen = pair
    joining.write(b"never")
    joining.abort()
    await asyncio.sleep(0)
    assert seen == ["abort"]


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers whole, in parts, late, without content, or before the request's content was asked for."""
    path = scope["path"]
    fields = [(b"content-length", b"0" if path == "/empty" else b"6")] if path != "/parts" else []
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    if path == "/late":
        await asyncio.sleep(0.05)
    if path == "/parts":
        for part in (b"one", b"two", b"three"):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(0.05)
    body = b"" if path in ("/empty", "/parts") else b"123456"
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(_app, port=0, http=OneWriteProtocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    reader, writer = await asyncio.open_connection(*server.servers[0].sockets[0].getsockname())
    try:
        yield reader, writer
    finally:
        writer.close()
        server.should_exit = True
        await server.shutdown()


async def test_answers_of_every_form_over_one_connection() -> None:
    async with served() as (reader, writer):
        for path, content in ((b"/", b"123456"), (b"/late", b"123456"), (b"/empty", b""), (b"/", b"123456")):
            writer.write(HEAD % path)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert await asyncio.wait_for(reader.readexactly(len(content)), 10) == content
        writer.write(HEAD % b"/parts")
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), 10) == b"3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n"


async def test_a_head_does_not_wait_for_content_that_comes_late() -> None:
    async with served() as (reader, writer):
        writer.write(HEAD % b"/late")
        first = await asyncio.wait_for(reader.read(4096), 10)
        assert first.endswith(b"\r\n\r\n")
        assert await asyncio.wait_for(reader.readexactly(6), 10) == b"123456"


async def test_pipelined_requests_and_the_last_answer_of_a_connection() -> None:
    async with served() as (reader, writer):
        last = HEAD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        writer.write(HEAD % b"/" + HEAD % b"/late" + HEAD % b"/parts" + last % b"/")
        everything = await asyncio.wait_for(reader.read(), 10)
        assert everything.count(b"HTTP/1.1 200 OK\r\n") == 4
        assert everything.endswith(b"connection: close\r\n\r\n123456")


def test_it_is_what_serves() -> None:
    assert protocol() is OneWriteProtocol
