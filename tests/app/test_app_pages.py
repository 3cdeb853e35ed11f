"""The pages for people, and what an application that is all ours says where it serves nothing."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from diptych.demo import demo_bridge
from diptych.http.asgi import Message, Scope
from diptych.semantics.problems import PROBLEMS


@pytest.fixture
async def app(sqlite_url: str) -> AsyncIterator[FastAPI]:
    bridge = demo_bridge(sqlite_url)
    yield bridge.app()
    await bridge.close()


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


PROBLEM_PATHS = [kind.path for kind in PROBLEMS.values()]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        pytest.param("/", ["/api/users", "/api/documents", "/api/stock-items", "createUser", "/graphql", "/docs"], id="index"),
        pytest.param("/docs", ["/openapi.json"], id="reference"),
        pytest.param("/problems", PROBLEM_PATHS, id="problems"),
        *(pytest.param(kind.path, [kind.code, kind.title], id=kind.code) for kind in PROBLEMS.values()),
    ],
)
async def test_a_page(client: httpx.AsyncClient, path: str, words: list[str]) -> None:
    page, head = await client.get(path), await client.head(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert [word for word in words if word not in page.text] == []
    assert (head.status_code, head.headers, head.content) == (200, page.headers, b"")


@pytest.mark.parametrize(
    "path", ["/problems/", "/problems/nothing", "/problems/version_mismatch", "/problems/not-found/more", "/nowhere", "/docs/", "//"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_where_no_page_is(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, f"http://test{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.content == b"" if method == "HEAD" else answer.json()["code"] == "not_found"


@pytest.mark.parametrize("path", ["/", "/docs", "/problems", "/problems/not-found"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_a_page_can_only_be_read(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json()["code"] == "method_not_allowed"


async def test_a_websocket_is_closed(app: Any) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "websocket", "path": "/nowhere", "raw_path": b"/nowhere", "root_path": "", "query_string": b"", "headers": []}
    await app(scope, receive, send)
    assert sent == [{"type": "websocket.close"}]
