"""Reading 10,000 rows page by page while others come and go: every row that stays comes once, and no row comes twice."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

import httpx
import pytest

from diptych import Bridge
from diptych.demo import demo_bridge
from tests.doors.door import DOCUMENT, Door, Graphql, Rest
from tests.effort import SOAK, progress
from tests.proofs.raw import EMPTY_DEMO, RawConnection
from tests.proofs.test_races import in_process

ROWS = 10_000
SIZE = 100
WRITERS = 4
# Rows of a writer's own that are there at once.
OWN = 20
# Pages that are read before somebody must have written again.
STRIDE = 3

# Titles repeat, so that keys decide in the order of titles too.
STABLE = f"""
INSERT INTO documents (id, version, title, content, tags, metadata)
WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {ROWS})
SELECT 'k' || (100000 + n), 1, 't' || (1000 + (n * 7919) % 700), '', '[]', '{{}}' FROM counted
"""

NDJSON = {"accept": "application/x-ndjson"}

# A row's title and key.
Seen: TypeAlias = tuple[str, str]
# Reads one page from a cursor on, forwards or backwards: its rows, and the cursor to go on from, None at the end.
ReadPage: TypeAlias = Callable[[str | None], Awaitable[tuple[Sequence[Seen], str | None]]]


@dataclass
class Shelf:
    """Both doors over a shelf that writers put documents on and take from."""

    bridge: Bridge
    rest: Rest
    graphql: Graphql
    stable: Sequence[Seen]
    written: int = 0
    over: bool = False
    _wrote: asyncio.Event = field(default_factory=asyncio.Event)

    async def moves_on(self) -> None:
        """Wait for a write."""
        self._wrote.clear()
        await self._wrote.wait()

    async def write(self, number: int) -> None:
        """Put new rows anywhere between those that stay, and take away one's own. No key comes again."""
        chance = random.Random(number)
        door: Door = (self.rest, self.graphql)[number % 2]
        mine: list[str] = []
        while not self.over:
            key = f"k{chance.randrange(100000, 100000 + ROWS + 2)}-{number}-{self.written}"
            answer = await door.create(DOCUMENT, {"id": key, "title": f"t{chance.randrange(999, 1701)}"})
            assert answer.code == "created", answer
            mine.append(key)
            if len(mine) > OWN:
                gone = await door.delete(DOCUMENT, mine.pop(chance.randrange(len(mine))))
                assert gone.code == "deleted", gone
            self.written += 1
            self._wrote.set()


@asynccontextmanager
async def busy_shelf(url: str) -> AsyncIterator[Shelf]:
    """The demo with rows that stay, and writers at work until the end."""
    bridge = demo_bridge(url)
    async with in_process(bridge) as (rest, graphql):
        raw = await RawConnection(url).open()
        await raw.run(*EMPTY_DEMO, STABLE)
        stable = [(title, key) for title, key in await raw.rows("SELECT title, id FROM documents")]
        assert len(stable) == ROWS
        await raw.close()
        shelf = Shelf(bridge, rest, graphql, stable)
        async with asyncio.TaskGroup() as writers:
            for number in range(WRITERS):
                writers.create_task(shelf.write(number))
            try:
                # Until each has rows of its own there, and takes some away.
                while shelf.written < 2 * WRITERS * OWN:
                    await shelf.moves_on()
                yield shelf
            finally:
                shelf.over = True


def by_rest(shelf: Shelf, order: str, *, backwards: bool) -> ReadPage:
    end, more, at = ("before", "hasPreviousPage", "startCursor") if backwards else ("after", "hasNextPage", "endCursor")

    async def read(cursor: str | None) -> tuple[Sequence[Seen], str | None]:
        if backwards and cursor is None:
            # REST goes backwards from a cursor alone, and the other door has one to begin with.
            return await by_graphql(shelf, order, backwards=True)(None)
        asked: dict[str, str | int] = {"limit": SIZE, "fields": "title,id", "order": order, **({} if cursor is None else {end: cursor})}
        answer = await shelf.rest.client.get("/api/documents", params=asked)
        assert answer.status_code == 200, answer.text
        info = answer.json()["pageInfo"]
        rows = [(row["title"], row["id"]) for row in answer.json()["items"]]
        return rows[::-1] if backwards else rows, info[at] if info[more] else None

    return read


def by_graphql(shelf: Shelf, order: str, *, backwards: bool) -> ReadPage:
    size, end, more, at = (
        ("last", "before", "hasPreviousPage", "startCursor") if backwards else ("first", "after", "hasNextPage", "endCursor")
    )
    query = f"""query ($cursor: String) {{ documents({size}: {SIZE}, {end}: $cursor, orderBy: {order.upper()}_ASC)
        {{ pageInfo {{ {more} {at} }} edges {{ node {{ title id }} }} }} }}"""

    async def read(cursor: str | None) -> tuple[Sequence[Seen], str | None]:
        answer = (await shelf.graphql.send(query, {"cursor": cursor})).json()
        assert "errors" not in answer, answer
        page: Any = answer["data"]["documents"]
        rows = [(edge["node"]["title"], edge["node"]["id"]) for edge in page["edges"]]
        return rows[::-1] if backwards else rows, page["pageInfo"][at] if page["pageInfo"][more] else None

    return read


async def read_all(shelf: Shelf, read: ReadPage) -> list[Seen]:
    seen, cursor = await read(None)
    rows = list(seen)
    for number in count():
        if cursor is None:
            break
        if number % STRIDE == 0:
            await shelf.moves_on()
        seen, cursor = await read(cursor)
        rows += seen
    return rows


async def read_stream(shelf: Shelf, order: str) -> list[Seen]:
    """Take a whole stream, as slowly as the shelf changes."""
    app, sent = shelf.bridge.app(), count()

    async def slowed(scope: Any, receive: Any, send: Any) -> None:
        async def send_slowly(message: Any) -> None:
            await send(message)
            if message.get("more_body") and next(sent) % STRIDE == 0:
                await shelf.moves_on()

        await app(scope, receive, send_slowly)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(slowed), base_url="http://test") as client:
        answer = await client.get("/api/documents", params={"fields": "title,id", "order": order}, headers=NDJSON)
    assert answer.status_code == 200, answer.text
    return [(row["title"], row["id"]) for row in map(json.loads, answer.text.splitlines())]


def check(shelf: Shelf, rows: Sequence[Seen], order: str, *, backwards: bool) -> None:
    """All that stay, once each and in their order, and nobody twice."""
    keys = [key for _, key in rows]
    assert len(set(keys)) == len(keys), "a row came twice"

    def place(row: Seen) -> Seen:
        return row if order == "title" else (row[1], "")

    staying = set(shelf.stable)
    assert [row for row in rows if row in staying] == sorted(shelf.stable, key=place, reverse=backwards)
    assert rows == sorted(rows, key=place, reverse=backwards)
    assert len(rows) > len(staying), "nothing came between"


@pytest.mark.parametrize("order", ["title", pytest.param("id", marks=pytest.mark.thorough)])
async def test_pages(database_url: str, order: str) -> None:
    async with busy_shelf(database_url) as shelf:
        for round_ in range(SOAK):
            progress(f"reads {ROWS} rows in the order of {order} four times, round {round_ + 1}")
            for by in (by_rest, by_graphql):
                for backwards in (False, True):
                    check(shelf, await read_all(shelf, by(shelf, order, backwards=backwards)), order, backwards=backwards)


@pytest.mark.parametrize(("order", "turned"), [("title", "-title,-id"), pytest.param("id", "-id", marks=pytest.mark.thorough)])
async def test_streams(database_url: str, order: str, turned: str) -> None:
    async with busy_shelf(database_url) as shelf:
        for asked in (order, turned):
            check(shelf, await read_stream(shelf, asked), order, backwards=asked == turned)
