"""A server that is told to stop answers everything it has taken, keeps every write that it acknowledged, and ends well."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.proofs.raw import RawConnection
from tests.proofs.server import Server, serving

CONNECTIONS = 32


@dataclass
class Load:
    """Writers that raise a number in a row of their own, one request after the other, each on a connection of its own.

    Requests are written as bytes and answers read as bytes, so that a half answer cannot pass for none.
    """

    port: int
    started: asyncio.Event = field(default_factory=asyncio.Event)
    told_to_stop: float | None = None
    acknowledged: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    answers: int = 0
    # Requests that were sent before the server was told to stop and had no answer, and answers that were not whole or not good.
    unanswered: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    async def write(self, number: int) -> None:
        key, at = f"load-{number}", 0
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                return
            try:
                while True:
                    at += 1
                    self.sent[key] = at
                    when = time.monotonic()
                    writer.write(self.request(number, key, at))
                    status, closing = await read_answer(reader)
                    if status is None:
                        if self.told_to_stop is None or when < self.told_to_stop:
                            self.unanswered.append(f"{key} {at}")
                        return
                    if status not in (200, 201):
                        self.broken.append(f"{key} {at}: {status}")
                        return
                    self.acknowledged[key] = at
                    self.answers += 1
                    if self.answers > 500:
                        self.started.set()
                    if closing:
                        break
            except HalfAnswer as half:
                self.broken.append(f"{key} {at}: {half}")
                return
            finally:
                writer.close()

    def request(self, number: int, key: str, at: int) -> bytes:
        """A replace through REST for an even number, through GraphQL for an odd one."""
        if number % 2 == 0:
            body = json.dumps({"title": str(at)}).encode()
            head = f"PUT /api/documents/{key} HTTP/1.1"
        else:
            text = "mutation($id: ID!, $title: String!) { replaceDocument(id: $id, input: {title: $title}) { __typename } }"
            body = json.dumps({"query": text, "variables": {"id": key, "title": str(at)}}).encode()
            head = "POST /graphql HTTP/1.1"
        return f"{head}\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


class HalfAnswer(Exception):
    """An answer that was begun and not finished."""


async def read_answer(reader: asyncio.StreamReader) -> tuple[int | None, bool]:
    """Status, and whether the connection ends with it; no status where the connection ended before a first byte."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise HalfAnswer(repr(error.partial)) from None
        return None, True
    except ConnectionError:
        return None, True
    fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:] if line)
    try:
        body = await reader.readexactly(int(fields[b"content-length"]))
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise HalfAnswer(repr(error)) from None
    if b'"errors"' in body:
        return 500, True
    return int(head.split()[1]), fields.get(b"connection") == b"close"


@pytest.mark.parametrize(
    ("workers", "number"),
    [
        ("1", signal.SIGTERM),
        pytest.param("1", signal.SIGINT, marks=pytest.mark.thorough),
        pytest.param("2", signal.SIGTERM, marks=pytest.mark.thorough),
        ("2", signal.SIGINT),
    ],
)
async def test_under_load_nothing_is_lost(tmp_path: Path, database_url: str, workers: str, number: signal.Signals) -> None:
    options = ("--database", database_url, "--workers", workers, "--drain-seconds", "0.5", "--log", "off")
    async with serving(*options, folder=tmp_path, variables={"DIPTYCH_STOP_SECONDS": "20"}) as (server,):
        load = Load(server.port)
        tasks = [asyncio.create_task(load.write(each)) for each in range(CONNECTIONS)]
        await asyncio.wait_for(load.started.wait(), 60)
        load.told_to_stop = time.monotonic()
        server.signal(number)
        await asyncio.gather(*tasks)
        assert server.wait() == 0
        assert load.unanswered == []
        assert load.broken == []
        assert "Traceback" not in server.said, server.said
    assert len(load.acknowledged) == CONNECTIONS
    raw = await RawConnection(database_url).open()
    stored = {key: int(title) for key, title in await raw.rows("SELECT id, title FROM documents WHERE id LIKE 'load-%'")}
    await raw.close()
    for key, at in load.acknowledged.items():
        assert at <= stored[key] <= load.sent[key], key


@asynccontextmanager
async def held(server: Server, database: str) -> AsyncIterator[tuple[RawConnection, asyncio.Task[httpx.Response]]]:
    """A write that waits for a lock of ours."""
    raw = await RawConnection(database).open()
    async with httpx.AsyncClient(base_url=server.base, timeout=30) as client:
        await client.get("/api/users/1")
        await raw.begin()
        task = asyncio.create_task(client.patch("/api/users/1", json={"bio": "under way"}))
        await asyncio.sleep(0.5)
        yield raw, task
    await raw.close()


async def test_it_is_not_ready_at_once_and_takes_requests_until_the_balancer_knows(tmp_path: Path) -> None:
    async with serving("--drain-seconds", "2", folder=tmp_path) as (server,), httpx.AsyncClient(base_url=server.base) as client:
        assert (await client.get("/readyz")).status_code == 200
        server.signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.headers["retry-after"], answer.headers["connection"]) == (503, "1", "close")
        assert answer.json()["code"] == "unavailable"
        late = await client.get("/api/users/1")
        assert (late.status_code, late.headers["connection"]) == (200, "close")
        assert server.wait() == 0


async def test_the_deadline_ends_what_takes_too_long(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'held.db'}"
    options = ("--database", database, "--stop-seconds", "1", "--busy-seconds", "29", "--log", "json")
    async with serving(*options, folder=tmp_path) as (server,), held(server, database) as (raw, task):
        began = time.monotonic()
        server.signal(signal.SIGTERM)
        with pytest.raises((httpx.TransportError, AssertionError)):
            assert (await task).status_code < 500
        assert time.monotonic() - began < 20
        await raw.run("ROLLBACK")
        assert server.wait() == 0
        assert "Traceback" not in server.said, server.said
        assert "cut off" in server.said


@pytest.mark.parametrize(("workers", "apart"), [("1", 1.5), ("2", 0.1), pytest.param("2", 1.5, marks=pytest.mark.thorough)])
async def test_a_second_signal_ends_it_at_once(tmp_path: Path, workers: str, apart: float) -> None:
    database = f"sqlite:///{tmp_path / 'held.db'}"
    options = ("--database", database, "--busy-seconds", "30", "--workers", workers)
    async with serving(*options, folder=tmp_path) as (server,), held(server, database) as (raw, task):
        server.signal(signal.SIGTERM)
        await asyncio.sleep(apart)
        assert not task.done()
        began = time.monotonic()
        server.signal(signal.SIGTERM)
        with pytest.raises(httpx.TransportError):
            await task
        server.wait()
        assert time.monotonic() - began < 20
        await raw.run("ROLLBACK")
    again = await RawConnection(database).open()
    assert await again.rows("SELECT count(*) FROM users WHERE bio = 'under way'") == [(0,)]
    await again.close()


@pytest.mark.parametrize("finishes", [True, False])
async def test_a_stream_is_whole_or_seen_to_be_cut(tmp_path: Path, finishes: bool) -> None:
    """Its rows go on until its end; where time is up first, the content is left without an end, which no client takes for whole."""
    database = f"sqlite:///{tmp_path / 'stream.db'}"
    async with serving("--database", database, "--stop-seconds", "20" if finishes else "1", folder=tmp_path) as (server,):
        raw = await RawConnection(database).open()
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        columns = "id, version, title, content, tags, metadata"
        await raw.run(
            f"{numbers} INSERT INTO documents ({columns}) SELECT 'r' || i, 1, 't', printf('%.*c', 9000, 'x'), '[]', '{{}}' FROM n"
        )
        await raw.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 16)
        writer.write(b"GET /api/documents HTTP/1.1\r\nhost: x\r\naccept: application/x-ndjson\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        server.signal(signal.SIGTERM)
        await asyncio.sleep(0.5 if finishes else 3)
        content = await reader.read()
        while more := await reader.read():
            content += more
        writer.close()
        assert content.endswith(b"0\r\n\r\n") is finishes
        if finishes:
            assert content.count(b'"version":1') >= 3000
        assert server.wait() == 0
        assert "Traceback" not in server.said, server.said
