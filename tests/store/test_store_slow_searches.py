"""Searches that take too long: they are ended in time, and leave nothing behind that others could notice."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from sqlmodel import Field

from diptych.resource.declaration import Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.semantics.condition import Compare
from diptych.semantics.outcome import Page, Unavailable
from diptych.semantics.read import Window
from diptych.store import SqlStore

from .conftest import Direct


class Scroll(Versioned, table=True):
    """Long text."""

    __tablename__ = "store_scrolls"

    id: int | None = Field(default=None, primary_key=True)
    text: str


(SCROLLS,) = read_resources([Resource(Scroll, filter_by={"text"})])
ROWS = 2000
SECONDS = 0.5
# Wherever one begins to look in text of one letter, thousands of letters agree before one does not. That takes both databases
# milliseconds a row, and so seconds in all.
LETTERS = 30_000
SLOW = Compare("text", "contains", "a" * 2000 + "b" + "a" * 2000)
FIRST = Window(None, None, 1, "first", Compare("id", "lte", 1))

INTO = f"(id, text, version) WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS})"
FILL = {
    "sqlite": f"INSERT INTO store_scrolls {INTO} SELECT n, replace(hex(zeroblob({LETTERS // 2})), '0', 'a'), 1 FROM numbers",
    "postgresql": f"INSERT INTO store_scrolls {INTO} SELECT n, repeat('a', {LETTERS}), 1 FROM numbers",
}


@pytest.fixture
async def store(database_url: str, direct: Direct) -> AsyncIterator[SqlStore]:
    """Two thousand scrolls of 30 kB, in a store with half a second for each statement."""
    store = SqlStore(database_url, [SCROLLS], statement_seconds=SECONDS)
    await store.open()
    await direct.run(FILL[database_url.partition(":")[0]])
    yield store
    await store.close()


def keys(page: Page | Unavailable) -> list[object]:
    assert isinstance(page, Page)
    return [row.key for row in page.rows]


async def test_a_search_ends_in_time(store: SqlStore) -> None:
    began = time.monotonic()
    assert await store.window(SCROLLS, Window(None, None, 1, "first", SLOW)) == Unavailable()
    assert SECONDS <= time.monotonic() - began < 20 * SECONDS


async def test_those_that_come_after_it_are_served(store: SqlStore) -> None:
    """On every connection that a search may have held, and again and again."""
    for size in (1, 2):
        slow = [store.window(SCROLLS, Window(None, None, size + number, "first", SLOW)) for number in (0, 10)]
        waiting = asyncio.gather(*slow)
        await asyncio.sleep(SECONDS / 5)
        # It waits for its turn behind them, and has its whole time when it comes.
        assert keys(await store.window(SCROLLS, FIRST)) == [1]
        assert await waiting == [Unavailable(), Unavailable()]
    assert keys(await store.window(SCROLLS, Window(None, None, 3, "last"))) == [ROWS - 2, ROWS - 1, ROWS]


async def test_what_takes_its_time_in_many_short_steps_is_left_alone(store: SqlStore) -> None:
    """The bound is one of each piece of work, not of the connection's whole life."""
    until = time.monotonic() + 3 * SECONDS
    while time.monotonic() < until:
        assert keys(await store.window(SCROLLS, FIRST)) == [1]
