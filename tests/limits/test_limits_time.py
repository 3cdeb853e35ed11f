"""How long a request may take: in a queue, in a statement, and on its way in."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import httpx
import pytest

from diptych import Bridge, Limits
from diptych.demo.models import RESOURCES
from diptych.semantics.deadline import DEADLINE, Overdue
from diptych.semantics.outcome import Unavailable
from diptych.store.lanes import Lane

Serving = Callable[..., httpx.AsyncClient]


@pytest.fixture
def gate() -> asyncio.Event:
    return asyncio.Event()


def lane_behind(gate: asyncio.Event, served: list[int], *, settles: bool) -> "Lane[int, int]":
    async def work(asks: Sequence[int]) -> Sequence[int]:
        served.extend(asks)
        await gate.wait()
        return [ask * 10 for ask in asks]

    return Lane(work, most_waiting=10, largest=1, settles=settles)


async def asked(lane: "Lane[int, int]", ask: int, seconds: float | None) -> int | Unavailable:
    DEADLINE.set(None if seconds is None else time.monotonic() + seconds)
    return await lane.serve(ask)


@pytest.mark.parametrize("settles", [False, True])
async def test_who_waits_in_the_queue_for_too_long_is_told_so(gate: asyncio.Event, settles: bool) -> None:
    served: list[int] = []
    lane = lane_behind(gate, served, settles=settles)
    first = asyncio.create_task(asked(lane, 1, None))
    await asyncio.sleep(0.01)
    late = asyncio.create_task(asked(lane, 2, 0.05))
    patient = asyncio.create_task(asked(lane, 3, 30))
    assert await asyncio.wait_for(late, 5) == Unavailable()
    gate.set()
    assert (await first, await patient) == (10, 30)
    assert served == [1, 3], "what the late one asked for was not done"


@pytest.mark.parametrize(("settles", "told"), [pytest.param(False, Unavailable(), id="a-read"), pytest.param(True, 10, id="a-write")])
async def test_a_write_under_way_is_told_what_came_of_it(gate: asyncio.Event, settles: bool, told: Any) -> None:
    """Nobody hears that nothing was written while it is being written."""
    lane = lane_behind(gate, [], settles=settles)
    one = asyncio.create_task(asked(lane, 1, 0.05))
    await asyncio.sleep(0.2)
    assert one.done() is not settles
    gate.set()
    assert await one == told


async def test_past_its_deadline_nothing_is_begun(gate: asyncio.Event) -> None:
    served: list[int] = []
    assert await asked(lane_behind(gate, served, settles=True), 1, -1) == Unavailable()
    assert served == []


async def test_one_timer_serves_all() -> None:
    loop, given_up = asyncio.get_running_loop(), list[str]()
    overdue = Overdue(given_up.append)
    now = time.monotonic()
    for name, seconds in (("last", 0.3), ("first", 0.05), ("gone", 0.05), ("middle", 0.15)):
        overdue.add(name, now + seconds, loop)
    overdue.discard("gone")
    await asyncio.sleep(0.1)
    assert given_up == ["first"]
    await asyncio.sleep(0.4)
    assert given_up == ["first", "middle", "last"]


# Through both doors


async def slowly(body: bytes, pause: float) -> AsyncIterator[bytes]:
    yield body[:5]
    await asyncio.sleep(pause)
    yield body[5:]


async def send_slowly(app: Any, path: str, body: bytes, pause: float) -> tuple[int, dict[str, str], bytes]:
    """Send a request in two pieces, as a server hands them on while they come."""
    pieces = slowly(body, pause)
    sent: list[Any] = []

    async def receive() -> Any:
        piece = await anext(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
        "client": None,
    }
    await app(scope, receive, send)
    fields = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], fields, sent[1]["body"]


@pytest.mark.parametrize(
    ("path", "body"), [("/api/users", b'{"name": "Slow", "email": "slow@example.com"}'), ("/graphql", b'{"query": "{ __typename }"}')]
)
async def test_content_that_does_not_come(sqlite_url: str, path: str, body: bytes) -> None:
    bridge = Bridge(sqlite_url, RESOURCES, limits=Limits(request_seconds=0.3, statement_seconds=0.3))
    await bridge.open()
    app: Any = bridge.app()
    status, _, _ = await send_slowly(app, path, body, 0.05)
    assert status in (200, 201)
    began = time.monotonic()
    status, fields, told = await send_slowly(app, path, body.replace(b"slow@", b"late@"), 20)
    assert time.monotonic() - began < 15
    assert (status, fields["connection"], fields["retry-after"]) == (503, "close", "1")
    assert b'"unavailable"' in told
    assert b"did not come within 0.3 seconds" in told
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        assert "late@" not in (await http.get("/api/users")).text
    assert DEADLINE.get() is None, "nothing of it is left for the next request"
    await bridge.close()


@pytest.mark.postgres
@pytest.mark.parametrize("door", ["rest", "graphql"])
async def test_a_statement_that_takes_too_long(postgres_url: str, postgres_server: Any, door: str) -> None:
    """The database itself gives up on it, and the caller is told within the time of the request."""
    bridge = Bridge(postgres_url, RESOURCES, limits=Limits(request_seconds=1, statement_seconds=0.4))
    await bridge.open()
    app: Any = bridge.app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        made = await http.post("/api/users", json={"name": "A", "email": "a@example.com"})
        assert made.status_code == 201
        postgres_server.psql(
            "\\connect test\n"
            "ALTER TABLE users RENAME TO real_users;"
            "CREATE VIEW users AS SELECT * FROM real_users WHERE pg_sleep(60) IS NOT NULL;"
        )
        began = time.monotonic()
        if door == "rest":
            answer = await http.get("/api/users/1")
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        else:
            answer = await http.post("/graphql", json={"query": "{ user(id: 1) { name } }"})
            assert answer.json()["errors"][0]["extensions"]["code"] == "unavailable"
        assert time.monotonic() - began < 20
    await bridge.close()
