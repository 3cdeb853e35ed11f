"""All rows of a large table as one stream: a real server, readers that hurry, that stop and that leave; `SOAK=10` has 10^6 rows."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.bench.processes import cpu_seconds, memory_bytes
from tests.effort import SOAK, progress
from tests.proofs.raw import EMPTY_DEMO, RawConnection
from tests.proofs.server import Server, serving

ROWS = 10_000 if SOAK == 1 else 1_000_000
# Words in each row, so that all rows are some times what the buffers between server and reader take: 20 megabytes, or 300.
WORDS = 400 if SOAK == 1 else 40
# One statement makes them.
FILL = f"""
INSERT INTO documents (id, version, title, content, tags, metadata)
WITH RECURSIVE counted(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < {ROWS - 1})
SELECT 'k' || (1000000 + n), 1, 'Title ' || n, '{"text " * WORDS}', '["a"]', '{{"b": 1}}' FROM counted
"""
STREAM = "/api/documents"
NDJSON = {"accept": "application/x-ndjson"}
KEY = re.compile(rb'{"id":"k(\d+)"')
MEGABYTE = 1 << 20
# What the server may hold more than before, however many rows there are.
SPARE = 16 * MEGABYTE
# Seconds that a reader stops for.
PAUSE = 2.0


@dataclass
class Reader:
    """Reads a stream and looks at every row that comes: each is the one after the last."""

    chunks: AsyncIterator[bytes]
    rows: int = 0
    _rest: bytes = b""

    async def read(self, most: int = ROWS) -> None:
        """Read on until there have been so many rows, or until the end."""
        async for chunk in self.chunks:
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                found = KEY.match(line)
                assert found is not None
                assert int(found[1]) == 1_000_000 + self.rows
                self.rows += 1
            if self.rows >= most:
                return


@dataclass
class Watch:
    """What a process holds, looked at all the while."""

    server: Server
    before: int = 0
    most: int = 0
    samples: list[int] = field(default_factory=list)

    async def look(self) -> None:
        while True:
            self.samples.append(memory_bytes(self.server.pid))
            await asyncio.sleep(0.1)


@asynccontextmanager
async def watched(server: Server) -> AsyncIterator[Watch]:
    """Fails where the server holds much more at any moment than it did before."""
    watch = Watch(server, before=memory_bytes(server.pid))
    looking = asyncio.create_task(watch.look())
    try:
        yield watch
    finally:
        looking.cancel()
    watch.most = max(watch.samples)
    progress(f"memory: {watch.before / MEGABYTE:.1f} MB before, {watch.most / MEGABYTE:.1f} MB at most")
    assert watch.most < watch.before + SPARE


@pytest.fixture
async def server(database_url: str, tmp_path: Path) -> AsyncIterator[Server]:
    """A server that has served requests of this sort already, over a table of so many rows."""
    async with serving("--database", database_url, folder=tmp_path) as (server,):
        raw = await RawConnection(database_url).open()
        await raw.run(*EMPTY_DEMO, FILL, "ANALYZE")
        await raw.close()
        async with httpx.AsyncClient(base_url=server.base, timeout=30) as client:
            for _ in range(10):
                assert (await client.get(f"{STREAM}?id[lt]=k1000100", headers=NDJSON)).text.count("\n") == 100
        yield server


@asynccontextmanager
async def reading(server: Server) -> AsyncIterator[Reader]:
    async with httpx.AsyncClient(base_url=server.base, timeout=30) as client, client.stream("GET", STREAM, headers=NDJSON) as answer:
        assert answer.status_code == 200
        yield Reader(answer.aiter_raw())


async def at_rest(server: Server) -> None:
    """The server does nothing: it takes no time of a processor to speak of."""
    before = cpu_seconds(server.pid)
    await asyncio.sleep(PAUSE)
    assert cpu_seconds(server.pid) - before < PAUSE / 20


@pytest.mark.slow
async def test_a_reader_that_hurries(server: Server) -> None:
    """It gets every row once, in order, and the server holds no more at the end than at the start."""
    async with watched(server), reading(server) as reader:
        began = time.monotonic()
        await reader.read()
        seconds = time.monotonic() - began
        await reader.read(ROWS + 1)
    assert reader.rows == ROWS
    progress(f"{ROWS} rows in {seconds:.1f} s, {ROWS / seconds:.0f} a second")


@pytest.mark.slow
async def test_a_reader_that_stops(server: Server) -> None:
    """While it reads nothing, the server reads nothing either; it goes on where it was, and gets all the rest."""
    async with watched(server), reading(server) as reader:
        for part in (1, ROWS // 20, ROWS // 10):
            await reader.read(part)
            # What buffers between can take is taken first.
            await asyncio.sleep(1)
            await at_rest(server)
        await reader.read(ROWS if SOAK == 1 else ROWS // 5)
    assert reader.rows >= ROWS // 5
    progress(f"{reader.rows} rows, with three stops of {PAUSE + 1:.0f} s")


@pytest.mark.slow
async def test_a_slow_reader(server: Server) -> None:
    """It takes some hundred rows at a time; the server holds no more for it than for any other."""
    async with watched(server), reading(server) as reader:
        until = time.monotonic() + (3 if SOAK == 1 else 60)
        while time.monotonic() < until:
            await reader.read(reader.rows + 200)
            await asyncio.sleep(0.2)
    progress(f"{reader.rows} rows, 200 at a time")
    assert 1000 < reader.rows < ROWS


@pytest.mark.slow
async def test_readers_that_leave(server: Server) -> None:
    """Nothing goes on for them, and nothing is kept."""
    async with watched(server):
        for _ in range(20):
            async with reading(server) as reader:
                await reader.read(100)
        await at_rest(server)
        async with httpx.AsyncClient(base_url=server.base) as client:
            assert len((await client.get(f"{STREAM}?limit=100")).json()["items"]) == 100
