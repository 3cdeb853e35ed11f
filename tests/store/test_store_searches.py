"""Random filters, orders and pages on both databases, against plain Python."""

import asyncio
import random
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import strategies as st

from diptych.semantics.change import Insert
from diptych.semantics.condition import EVERYTHING, AllOf, AnyOf, Compare, Condition, Not
from diptych.semantics.order import Order, Place, place_of
from diptych.semantics.outcome import Page
from diptych.semantics.read import Window
from diptych.semantics.version import NOTHING
from diptych.store import SqlStore

from .examples import for_all
from .plain_reading import KEY, ORDERED, POOLS, PlainRow, expected

SAME = ("eq", "ne")
SIDES = ("lt", "lte", "gt", "gte")
WITHIN = ("contains", "startsWith", "endsWith", "containsInsensitive", "startsWithInsensitive", "endsWithInsensitive")

ROWS = 60


def compares(field: str) -> st.SearchStrategy[Compare]:
    values = st.sampled_from([compared for _, compared in POOLS[field]])
    operators = SAME + (SIDES if field in ORDERED else ()) + (WITHIN if field == "text" else ())
    return (
        st.builds(Compare, st.just(field), st.sampled_from(operators), values)
        | st.builds(Compare, st.just(field), st.sampled_from(["in", "nin"]), st.lists(values, min_size=1, max_size=4).map(tuple))
        | st.builds(Compare, st.just(field), st.just("isNull"), st.booleans())
    )


def of_key() -> st.SearchStrategy[Compare]:
    keys = st.integers(0, ROWS + 2)
    return st.builds(Compare, st.just(KEY), st.sampled_from(SAME + SIDES), keys) | st.builds(
        Compare, st.just(KEY), st.sampled_from(["in", "nin"]), st.lists(keys, min_size=1, max_size=9).map(tuple)
    )


def joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=0, max_size=3).map(tuple)
    return st.builds(AllOf, several) | st.builds(AnyOf, several.filter(bool)) | st.builds(Not, inner)


LEAVES: st.SearchStrategy[Condition] = st.sampled_from(sorted(POOLS)).flatmap(compares) | of_key()
CONDITIONS = st.recursive(LEAVES, joined, max_leaves=6)
ORDERS = st.lists(st.builds(Order, st.sampled_from([*ORDERED, KEY]), st.booleans()), max_size=3, unique_by=lambda one: one.field).map(tuple)


def places(order: tuple[Order, ...]) -> st.SearchStrategy[Place]:
    """Where a row may stand, or might have stood before it was deleted."""
    keys = st.integers(0, ROWS + 2)

    def of(one: Order, key: int) -> st.SearchStrategy[Any]:
        if one.field == KEY:
            return st.just(key)
        return st.none() | st.sampled_from([stored for stored, _ in POOLS[one.field] if stored is not None])

    return keys.flatmap(lambda key: st.builds(Place, st.tuples(*(of(one, key) for one in order)), st.just(key)))


def windows(order: tuple[Order, ...]) -> st.SearchStrategy[Window]:
    ends = st.none() | places(order)
    return st.builds(
        Window,
        ends,
        ends,
        st.integers(1, 7) | st.integers(1, ROWS + 2),
        st.sampled_from(["first", "last"]),
        st.just(EVERYTHING) | CONDITIONS,
        st.just(order),
        st.booleans(),
        st.none() | st.frozensets(st.sampled_from([*sorted(POOLS), KEY, "version"])),
    )


@pytest.fixture
async def specimens(store: SqlStore, shapes: SimpleNamespace) -> list[PlainRow]:
    """Rows of Everything, few values of each field among many, and their plain twins."""
    chance = random.Random(7)
    shape = shapes.everything
    documents = []
    for _ in range(ROWS):
        values = dict.fromkeys(shape.fields)
        for field, pool in POOLS.items():
            values[field] = chance.choice([None, *(stored for stored, _ in pool if stored is not None)])
        documents.append(values)
    answers = await asyncio.gather(*(store.commit(shape, (Insert(None, values, NOTHING),)) for values in documents))
    rows = [answer.rows[0] for answer in answers]  # type: ignore[union-attr]
    return [{KEY: row.key, **row.values} for row in rows]


async def test_any_window_shows_what_plain_python_says(store: SqlStore, shapes: SimpleNamespace, specimens: list[PlainRow]) -> None:
    by_key = {row[KEY]: row for row in specimens}

    async def check(window: Window) -> None:
        page = await store.window(shapes.everything, window)
        assert isinstance(page, Page)
        assert ([row.key for row in page.rows], page.has_previous, page.has_next, page.total) == expected(specimens, window)
        assert (page.order, page.key_name) == (window.order, KEY)
        for row in page.rows:
            names = shapes.everything.fields
            if window.fields is not None:
                names = names & (window.fields | {one.field for one in window.order})
            assert row.values == {name: by_key[row.key][name] for name in names}

    await for_all(check, ORDERS.flatmap(windows))


async def test_pages_in_a_row_give_every_row_once(store: SqlStore, shapes: SimpleNamespace, specimens: list[PlainRow]) -> None:
    async def check(asked: tuple[tuple[Order, ...], Condition, int]) -> None:
        order, where, size = asked
        keys = expected(specimens, Window(None, None, ROWS, "first", where, order))[0]
        window = Window(None, None, size, "first", where, order)
        seen: list[Any] = []
        while True:
            page = await store.window(shapes.everything, window)
            assert isinstance(page, Page)
            seen = [*seen, *(row.key for row in page.rows)]
            if not page.has_next:
                break
            window = replace(window, after=place_of(page.rows[-1], order, KEY))
        assert seen == keys
        window = Window(None, None, size, "last", where, order)
        seen = []
        while True:
            page = await store.window(shapes.everything, window)
            assert isinstance(page, Page)
            seen = [*(row.key for row in page.rows), *seen]
            if not page.has_previous:
                break
            window = replace(window, before=place_of(page.rows[0], order, KEY))
        assert seen == keys

    await for_all(check, st.tuples(ORDERS, st.just(EVERYTHING) | CONDITIONS, st.sampled_from([7, 13, 60])), 30)
