"""Pages of the rows that refer to others, and rows by their keys: one statement for all, against plain Python."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import strategies as st

from diptych.semantics.change import Insert
from diptych.semantics.condition import EVERYTHING, AllOf, AnyOf, Compare, Condition, Not
from diptych.semantics.order import Order, Place
from diptych.semantics.outcome import Unavailable
from diptych.semantics.read import Window
from diptych.semantics.version import NOTHING
from diptych.store import SqlStore
from tests.proofs.statements import heard_of_asyncpg

from .examples import for_all
from .plain_reading import KEY, PlainRow, expected

AUTHORS = 5
KEYS = ["B", "a", "Z", "z", "ä", "aa", "a b", "-", "é", "e\u0301", "\uffee", "😀", "10", "9", *(f"essay {number}" for number in range(20))]


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent meanwhile; what prepares a connection is none."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if not statement.startswith("PRAGMA"):
            sent.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        with heard_of_asyncpg(sent.append):
            yield sent
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


@pytest.fixture
async def essays(store: SqlStore, shapes: SimpleNamespace) -> list[PlainRow]:
    """Essays of some authors and of none, which answer others or do not; and their plain twins."""
    for number in range(AUTHORS):
        values = {"name": str(number), "email": str(number), "town": None, "phone": None, "books": 0}
        await store.commit(shapes.author, (Insert(None, values, NOTHING),))
    chance = random.Random(3)
    documents: dict[str, dict[str, Any]] = {}
    for key in KEYS:
        answers = chance.choice([None, *list(documents)[:3]])
        documents[key] = {"body": {"n": len(documents)}, "authorId": chance.choice([None, 1, 2, 2, 2, 2, 3]), "answers": answers}
        await store.commit(shapes.essay, (Insert(key, documents[key], NOTHING),))
    return [{KEY: key, **values} for key, values in documents.items()]


KEY_PLACES = st.sampled_from([*KEYS, "", "A", "b"])
VALUES = {"authorId": st.integers(1, AUTHORS), "answers": st.sampled_from(KEYS[:5]), KEY: KEY_PLACES}


def compares(field: str) -> st.SearchStrategy[Compare]:
    return st.builds(Compare, st.just(field), st.sampled_from(["eq", "ne", "lt", "gte"]), VALUES[field])


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from([*VALUES]).flatmap(compares),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda several: AllOf(tuple(several)))
        | st.builds(Not, inner)
        | st.lists(inner, min_size=1, max_size=2).map(lambda several: AnyOf(tuple(several)))
    ),
    max_leaves=4,
)
ORDERS = st.lists(st.builds(Order, st.sampled_from([*VALUES]), st.booleans()), max_size=2, unique_by=lambda one: one.field).map(tuple)


def windows(order: tuple[Order, ...]) -> st.SearchStrategy[Window]:
    def places(key: str) -> st.SearchStrategy[Place]:
        values = (st.just(key) if one.field == KEY else st.none() | VALUES[one.field] for one in order)
        return st.builds(Place, st.tuples(*values), st.just(key))

    ends = st.none() | KEY_PLACES.flatmap(places)
    return st.builds(
        Window,
        ends,
        ends,
        st.integers(1, 5),
        st.sampled_from(["first", "last"]),
        st.just(EVERYTHING) | CONDITIONS,
        st.just(order),
        st.booleans(),
        st.none() | st.frozensets(st.sampled_from(["body", "authorId", "answers"])),
    )


ASKED = st.sampled_from(["authorId", "answers"]).flatmap(
    lambda field: st.tuples(st.just(field), st.lists(VALUES[field], min_size=1, max_size=6), ORDERS.flatmap(windows))
)


async def test_pages_of_referring_rows(store: SqlStore, shapes: SimpleNamespace, essays: list[PlainRow]) -> None:
    """Each page is that of the rows which refer to one value; one that nothing refers to has an empty page."""

    async def check(asked: tuple[str, list[Any], Window]) -> None:
        field, values, window = asked
        with counted() as sent:
            pages = await store.related(shapes.essay, field, values, window)
        assert len(sent) == 1
        assert isinstance(pages, dict)
        assert pages.keys() == set(values)
        for value in values:
            page = pages[value]
            assert (page.order, page.key_name) == (window.order, KEY)
            its_own = [row for row in essays if row[field] == value]
            assert ([row.key for row in page.rows], page.has_previous, page.has_next, page.total) == expected(its_own, window)
            for row in page.rows:
                wanted = shapes.essay.fields if window.fields is None else window.fields | {one.field for one in window.order}
                whole = next(plain for plain in essays if plain[KEY] == row.key)
                assert row.values == {name: whole[name] for name in wanted if name != KEY}

    await for_all(check, ASKED, 80)


async def test_callers_who_want_the_like_share_a_statement(store: SqlStore, shapes: SimpleNamespace, essays: list[PlainRow]) -> None:
    """Each has the values that it asked for, and only these."""
    three, one = Window(None, None, 3, "first"), Window(None, None, 1, "first")
    with counted() as sent:
        answers = await asyncio.gather(
            *(store.related(shapes.essay, "authorId", values, three) for values in ([1, 2], [2, 3], [])),
            store.related(shapes.essay, "answers", ["B"], three),
            store.related(shapes.essay, "authorId", [2], one),
        )
    assert len(sent) == 3
    pages = [answer for answer in answers if not isinstance(answer, Unavailable)]
    assert [list(answer) for answer in pages] == [[1, 2], [2, 3], [], ["B"], [2]]
    assert pages[0][2] is pages[1][2]
    assert [len(pages[0][2].rows), len(pages[4][2].rows)] == [3, 1]


async def test_callers_who_want_other_fields_have_their_own_rows(store: SqlStore, shapes: SimpleNamespace, essays: list[PlainRow]) -> None:
    wanted = [frozenset({"body"}), frozenset({"answers"}), frozenset({"body"}), None]
    with counted() as sent:
        answers = await asyncio.gather(*(store.rows(shapes.essay, ["B"], fields) for fields in wanted))
    assert len(sent) == 3
    found = [set(answer[0].values) for answer in answers if not isinstance(answer, Unavailable) and answer[0] is not None]
    assert found == [shapes.essay.fields if fields is None else fields for fields in wanted]


@pytest.mark.parametrize("fields", [None, frozenset[str](), frozenset({"authorId", "id"})], ids=["whole", "none", "some"])
async def test_rows_come_in_the_order_of_their_keys(
    store: SqlStore, shapes: SimpleNamespace, essays: list[PlainRow], fields: frozenset[str] | None
) -> None:
    asked: list[Any] = ["z", "nowhere", "B", "z", "😀", ""]
    with counted() as sent:
        rows = await store.rows(shapes.essay, asked, fields)
    assert len(sent) == 1
    assert [row and row.key for row in rows] == ["z", None, "B", "z", "😀", None]  # type: ignore[union-attr]
    whole = {plain[KEY]: plain for plain in essays}
    for row in rows:  # type: ignore[union-attr]
        if row is not None:
            names = shapes.essay.fields if fields is None else fields - {KEY}
            assert row.values == {name: whole[row.key][name] for name in names}
            assert row.version == 1


async def test_ten_thousand_keys_are_one_statement(store: SqlStore, shapes: SimpleNamespace, essays: list[PlainRow]) -> None:
    with counted() as sent:
        rows = await store.rows(shapes.author, range(1, 10_001), None)
        both = await asyncio.gather(store.rows(shapes.author, [1, 2], None), store.rows(shapes.author, [9, 2], None))
    assert len(sent) == 2
    assert [row.key for row in rows if row] == list(range(1, AUTHORS + 1))  # type: ignore[union-attr]
    assert [[row and row.key for row in found] for found in both] == [[1, 2], [None, 2]]  # type: ignore[union-attr]


async def test_keys_that_are_uuids(store: SqlStore, shapes: SimpleNamespace) -> None:
    keys = ["0f0e0d0c-0b0a-4908-8706-050403020100", "ffffffff-0000-4000-8000-000000000000"]
    await store.commit(shapes.badge, (Insert(keys[1], {"text": "x"}, NOTHING),))
    rows = await store.rows(shapes.badge, keys, None)
    assert [row and row.key for row in rows] == [None, keys[1]]  # type: ignore[union-attr]
