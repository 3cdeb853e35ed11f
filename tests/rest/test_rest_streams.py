"""Streams: all rows of a list, line by line."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from socket import socket
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
import uvicorn

from diptych.http.asgi import Message, Receive
from diptych.rest import RestDoor
from diptych.rest.streaming import StreamCut
from diptych.semantics.outcome import Page, Unavailable
from diptych.semantics.read import Window
from diptych.semantics.row import Row
from diptych.semantics.version import Version
from diptych.service.execute import Service
from diptych.service.ports import StoreError
from tests.rest.calls import Lines, pointers, told
from tests.rest.listed import LISTED, listed

NDJSON: Final = {"accept": "application/x-ndjson"}
ROWS: Final = [{"name": f"part {number % 7}", "count": number, "makerId": 1 + number % 2} for number in range(230)]

inside = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    async with listed(f"sqlite:///{tmp_path_factory.mktemp('streams')}/parts.db", ROWS) as client:
        yield client


async def rows_of_pages(client: httpx.AsyncClient, url: str) -> list[Any]:
    rows: list[Any] = []
    while url:
        answer = await client.get(url)
        rows += told(answer, 200)["items"]
        url = answer.links.get("next", {}).get("url", "")
    return rows


def lines_of(answer: httpx.Response) -> list[Any]:
    told(answer, 200) if not answer.content else None
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.content == b"" or answer.content.endswith(b"}\n")
    return [json.loads(line) for line in answer.content.split(b"\n")[:-1]]


@inside
@pytest.mark.parametrize(
    ("query", "number"),
    [
        pytest.param("", 230, id="all"),
        pytest.param("count[gte]=30", 200, id="exactly-two-pages"),
        pytest.param("count=7", 1, id="one"),
        pytest.param("count=-1", 0, id="none"),
        pytest.param("order=name,-count", 230, id="in-an-order"),
        pytest.param("order=-name&makerId=1&fields=id,name", 115, id="some-members-of-some"),
        pytest.param("fields=count", 230, id="without-the-key"),
        pytest.param("include=maker&fields=id", 230, id="with-the-row-that-each-refers-to"),
    ],
)
async def test_a_stream_has_the_rows_of_all_pages(parts: httpx.AsyncClient, query: str, number: int) -> None:
    answer = await parts.get(f"/api/parts?{query}", headers=NDJSON)
    rows = lines_of(answer)
    assert len(rows) == number
    assert rows == await rows_of_pages(parts, f"/api/parts?limit=100&{query}")
    fields = {"content-type": "application/x-ndjson", "cache-control": "private, no-cache", "vary": "Accept, Prefer"}
    assert dict(answer.headers) == fields
    head = await parts.head(f"/api/parts?{query}", headers=NDJSON)
    assert (head.status_code, dict(head.headers), head.content) == (200, fields, b"")


@inside
async def test_a_stream_may_begin_and_end_at_cursors(parts: httpx.AsyncClient) -> None:
    page = (await parts.get("/api/parts?limit=2")).json()
    mark = page["pageInfo"]["endCursor"]
    assert [row["id"] for row in lines_of(await parts.get(f"/api/parts?before={mark}", headers=NDJSON))] == [1]
    after = lines_of(await parts.get(f"/api/parts?after={mark}", headers=NDJSON))
    assert (after[0]["id"], len(after)) == (3, 228)
    far = (await parts.get("/api/parts?limit=1&id=200")).json()["pageInfo"]["endCursor"]
    before = lines_of(await parts.get(f"/api/parts?before={far}", headers=NDJSON))
    assert [row["id"] for row in before] == list(range(1, 200))


@inside
@pytest.mark.parametrize(
    ("query", "violations"),
    [
        pytest.param("limit=5", [("/limit", "not_allowed")], id="a-limit"),
        pytest.param("limit=0&name[x]=1", [("/name[x]", "unknown"), ("/limit", "not_allowed")], id="all-at-once"),
        pytest.param("after=x", [("/after", "format")], id="a-bad-cursor"),
        pytest.param("order=nobody", [("/order/0", "unknown")], id="a-bad-order"),
    ],
)
async def test_refusals_come_before_a_stream_begins(parts: httpx.AsyncClient, query: str, violations: list[tuple[str, str]]) -> None:
    assert pointers(told(await parts.get(f"/api/parts?{query}", headers=NDJSON), 400, "invalid")) == violations


@inside
@pytest.mark.parametrize(
    ("lines", "status"),
    [
        pytest.param([("if-match", "*")], 200, id="a-collection-is-there"),
        pytest.param([("if-match", '"1"')], 412, id="it-has-no-strong-tag"),
        pytest.param([("if-none-match", "*")], 304, id="only-if-there-is-none"),
        pytest.param([("if-none-match", 'W/"1"')], 200, id="a-stream-has-no-tag"),
        pytest.param([("prefer", "count=exact")], 200, id="a-stream-has-no-total"),
        pytest.param([("accept", "application/json;q=0.5, application/x-ndjson")], 200, id="taken-more-gladly"),
        pytest.param([("accept", "application/json;q=0, */*")], 200, id="all-that-is-left"),
    ],
)
async def test_header_fields_of_a_stream(parts: httpx.AsyncClient, lines: Lines, status: int) -> None:
    answer = await parts.get("/api/parts?count=7", headers=lines if ("accept" in dict(lines)) else [*lines, *NDJSON.items()])
    if status == 200:
        assert len(lines_of(answer)) == 1
    else:
        told(answer, status, "version_mismatch" if status == 412 else None)
    assert {"etag", "preference-applied", "link"}.isdisjoint(answer.headers)


@inside
@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/*", "application/json, application/x-ndjson", "text/html, */*"])
async def test_pages_are_what_most_clients_get(parts: httpx.AsyncClient, accept: str) -> None:
    answer = await parts.get("/api/parts", headers={"accept": accept})
    assert answer.headers["content-type"] == "application/json"


@inside
async def test_only_collections_are_streamed(parts: httpx.AsyncClient) -> None:
    for method, path, content in (("GET", "/api/parts/1", None), ("POST", "/api/parts", {"name": "x"}), ("PATCH", "/api/parts/1", {})):
        answer = await parts.request(method, path, json=content, headers=NDJSON)
        assert told(answer, 406, "not_acceptable")["detail"] == "Only application/json can be produced here."
    refused = await parts.get("/api/parts", headers={"accept": "text/csv"})
    assert told(refused, 406, "not_acceptable")["detail"] == "Only application/json or application/x-ndjson can be produced here."


class Shelves:
    """A store of many makers, which are made as they are read. `fails` is what happens at the page of this number."""

    def __init__(self, rows: int, fails: tuple[int, Unavailable | Exception] | None = None, name: str = "x" * 1000) -> None:
        self.rows = rows
        self.reads = 0
        self._fails = fails
        self._name = name

    async def window(self, _: Any, window: Window, *__: object) -> Page | Unavailable:
        self.reads += 1
        if self._fails is not None and self.reads == self._fails[0]:
            if isinstance(self._fails[1], Exception):
                raise self._fails[1]
            return self._fails[1]
        await asyncio.sleep(0)
        first = 1 if window.after is None else int(window.after.key) + 1
        last = min(first + window.size - 1, self.rows)
        rows = [Row(key, Version(1), {"name": f"{key} {self._name}"}) for key in range(first, last + 1)]
        return Page(rows, has_next=last < self.rows, has_previous=first > 1, key_name="id")

    async def related(self, _: Any, __: str, values: Sequence[Any], *___: object) -> Mapping[Any, Page] | Unavailable:
        """Nothing belongs to anybody, and after the first hundred nobody can say so."""
        return {} if values[0] == 1 else Unavailable()

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not asked for here")


def door_of(store: Any) -> RestDoor:
    return RestDoor(Service(store), tuple(LISTED.values()))


def scope(method: str = "GET", query: bytes = b"") -> dict[str, Any]:
    headers = [(b"accept", b"application/x-ndjson")]
    return {"type": "http", "method": method, "path": "/api/makers", "query_string": query, "headers": headers}


def receiving(gone: asyncio.Event) -> Receive:
    """What a server gives: the request, and, once the client has gone, that it has."""
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        message = next(asked, None)
        if message is None:
            await gone.wait()
            return {"type": "http.disconnect"}
        return message

    return receive


async def test_memory_stays_the_same_however_many_rows_there_are() -> None:
    """20 MB go through, of which a hundred rows are held at a time."""
    store, sent = Shelves(20_000), 0

    async def send(message: Message) -> None:
        nonlocal sent
        sent += len(message.get("body", b""))

    tracemalloc.start()
    await door_of(store)(scope(), receiving(asyncio.Event()), send)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (store.reads, sent > 20_000_000) == (200, True)
    assert peak < 3_000_000


async def test_nothing_is_read_ahead_of_a_slow_client() -> None:
    store, taken, messages = Shelves(1000), asyncio.Semaphore(0), []

    async def send(message: Message) -> None:
        messages.append(message)
        await taken.acquire()

    task = asyncio.ensure_future(door_of(store)(scope(), receiving(asyncio.Event()), send))
    for number in range(12):
        for _ in range(20):
            await asyncio.sleep(0)
        # The start, then a chunk for each page: what was read is what lies in front of the client, and no more.
        assert (len(messages), store.reads) == (number + 1, max(1, min(number, 10)))
        taken.release()
    await asyncio.wait_for(task, 10)
    assert [message.get("more_body", False) for message in messages] == [False, *[True] * 10, False]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_client_that_has_gone_is_noticed(method: str) -> None:
    """A server may take what is sent to nobody without a word."""
    store, gone, messages = Shelves(100_000), asyncio.Event(), []

    async def send(message: Message) -> None:
        messages.append(message)
        if len(messages) == 4:
            gone.set()

    await door_of(store)(scope(method), receiving(gone), send)
    assert store.reads == 1 if method == "HEAD" else 3 <= store.reads < 8
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_server_that_says_nothing_of_clients_is_believed() -> None:
    store, messages = Shelves(1000), []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await door_of(store)(scope(), receive, send)
    assert sum(message.get("body", b"").count(b"\n") for message in messages) == 1000


FAILURES = [
    pytest.param(Unavailable(3), StreamCut, id="the-database-is-away"),
    pytest.param(StoreError("a word"), StoreError, id="something-nobody-planned"),
]


@pytest.mark.parametrize(("failure", "raised"), FAILURES)
async def test_a_failure_in_the_middle_is_never_an_end(failure: Unavailable | Exception, raised: type[Exception]) -> None:
    store, gone, messages = Shelves(1000, fails=(3, failure)), asyncio.Event(), []

    async def send(message: Message) -> None:
        messages.append(message)

    with pytest.raises(raised):
        await door_of(store)(scope(), receiving(gone), send)
    assert [message.get("more_body") for message in messages] == [None, True, True]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_cannot_be_included_in_the_middle_is_no_end_either() -> None:
    messages = []

    async def send(message: Message) -> None:
        messages.append(message)

    with pytest.raises(StreamCut):
        await door_of(Shelves(1000))(scope(query=b"include=parts"), receiving(asyncio.Event()), send)
    assert [message.get("more_body") for message in messages] == [None, True]


@pytest.mark.parametrize(("failure", "status"), [(Unavailable(3), 503), (StoreError("a word"), 500)])
async def test_a_failure_at_the_start_is_a_problem(failure: Unavailable | Exception, status: int) -> None:
    door = door_of(Shelves(1000, fails=(1, failure)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://test") as client:
        answer = await client.get("/api/makers", headers=NDJSON)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


class Serving(uvicorn.Server):
    """A server that tells when it takes requests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def served(door: RestDoor) -> AsyncIterator[str]:
    """A door behind a real server; yields its address."""
    server = Serving(uvicorn.Config(door, port=0, log_level="critical", lifespan="off"))
    running = asyncio.ensure_future(server.serve())
    await server.up.wait()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await running


async def test_over_a_socket_a_failure_cuts_the_connection() -> None:
    """A client that reads to what looks like the end is told that it was none."""
    async with served(door_of(Shelves(1000, fails=(5, Unavailable(1))))) as address, httpx.AsyncClient() as client:
        rows = 0

        async def read() -> None:
            nonlocal rows
            async with client.stream("GET", f"{address}/api/makers", headers=NDJSON) as answer:
                assert answer.status_code == 200
                async for _ in answer.aiter_lines():
                    rows += 1

        with pytest.raises(httpx.RemoteProtocolError):
            await read()
        assert 0 < rows <= 400
        # The next request finds the server as it was.
        assert (await client.get(f"{address}/api/makers?limit=1")).status_code == 200


async def test_over_a_socket_a_slow_client_slows_the_reading() -> None:
    """What lies in buffers between is a matter of some megabytes, however much there is to come; and leaving ends it."""
    store = Shelves(100_000, name="x" * 10_000)
    async with served(door_of(store)) as address, httpx.AsyncClient() as client:
        async with client.stream("GET", f"{address}/api/makers", headers=NDJSON) as answer:
            chunks = answer.aiter_raw()
            await anext(chunks)
            await asyncio.sleep(0.3)
            held = store.reads
            assert held < 50
            await asyncio.sleep(0.3)
            assert store.reads == held
        await asyncio.sleep(0.3)
        left = store.reads
        await asyncio.sleep(0.3)
        assert store.reads == left < 60
