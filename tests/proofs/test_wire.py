"""Bytes on a real server's socket that no client library would send: refused in good order, and the server goes on."""

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.proofs.server import serving

HOST = b"Host: 127.0.0.1\r\n"
JSON = HOST + b"Content-Type: application/json\r\n"

# What stands on the wire, the status that comes back, and text that is in the answer.
WIRE = {
    "no HTTP at all": (b"HELLO\r\n\r\n", 400, b""),
    "another version of HTTP": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, b""),
    "a request line without end": (b"GET /api/users?" + b"x" * 200_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 400, b""),
    "space before a colon": (b"GET /api/users/1 HTTP/1.1\r\n" + HOST + b'If-Match : "9"\r\n\r\n', 400, b""),
    "two lengths": (b"POST /api/users HTTP/1.1\r\n" + JSON + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, b""),
    "a length and pieces": (
        b"POST /api/users HTTP/1.1\r\n" + JSON + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        400,
        b"",
    ),
    "a length that is too large": (b"POST /api/users HTTP/1.1\r\n" + JSON + b"Content-Length: 1048577\r\n\r\n", 413, b"content_too_large"),
    "a method of WebDAV": (b"PROPFIND /api/users HTTP/1.1\r\n" + HOST + b"\r\n", 405, b"allow: GET, HEAD, POST, OPTIONS"),
    "TRACE, which would send it all back": (b"TRACE /api/users HTTP/1.1\r\n" + HOST + b"Cookie: a=b\r\n\r\n", 405, b"method_not_allowed"),
    "OPTIONS for no path": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", 404, b"not_found"),
    "two lines of one condition": (
        b"GET /api/users/1 HTTP/1.1\r\n" + HOST + b'If-None-Match: "7"\r\nIf-None-Match: "1"\r\n\r\n',
        304,
        b'etag: "1"',
    ),
    "octets beyond ASCII inside a tag": (b"GET /api/users/1 HTTP/1.1\r\n" + HOST + b'If-None-Match: "\xe9\xff"\r\n\r\n', 200, b'etag: "1"'),
}


async def answer_to(port: int, content: bytes) -> bytes:
    """What comes back on a connection of its own, until its sender has said all."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(content)
    told = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
    length = [line.partition(b":")[2] for line in told.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    told += await asyncio.wait_for(reader.readexactly(int(length[0])) if length else asyncio.sleep(0, b""), 20)
    writer.close()
    return told


async def test_what_no_client_would_send(tmp_path: Path, subtests: pytest.Subtests) -> None:
    """Source: RFC 9112 sections 3, 5.1, 6.3; RFC 9110 section 5.3."""
    async with serving(folder=tmp_path) as (server,), httpx.AsyncClient(base_url=server.base) as client:
        before = (await client.get("/api/users")).json()
        for phrase, (content, status, text) in WIRE.items():
            with subtests.test(msg=phrase):
                told = await answer_to(server.port, content)
                assert told.startswith(b"HTTP/1.1 %d " % status), told
                assert text in told
                assert b"a=b" not in told
        assert (await client.get("/api/users")).json() == before
        assert "Traceback" not in server.said
