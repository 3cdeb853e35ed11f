"""Containment of JSON: a table, and that SQLite finds what PostgreSQL finds."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.semantics.change import Insert
from diptych.semantics.condition import Compare, Not
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Page
from diptych.semantics.read import Window
from diptych.semantics.version import NOTHING
from diptych.store import SqlStore
from diptych.store.sqlite_functions import contains

TABLE = [
    pytest.param({"a": 1, "b": 2}, {"a": 1}, True, id="an-object-with-the-member"),
    pytest.param({"a": 1}, {"a": 2}, False, id="an-object-with-another-value"),
    pytest.param({"a": 1}, {"a": 1, "b": 2}, False, id="an-object-without-a-member"),
    pytest.param({"a": {"b": [1, 2]}}, {"a": {"b": [2]}}, True, id="deep-inside"),
    pytest.param({"a": [1]}, {"a": 1}, False, id="an-element-counts-at-the-top-alone"),
    pytest.param({"a": None}, {"a": None}, True, id="null-is-a-value"),
    pytest.param({"a": 1}, {}, True, id="every-object-has-an-empty-one-in-it"),
    pytest.param([1, 2, 3], [3, 1, 1], True, id="elements-in-any-order-and-however-often"),
    pytest.param([1, 2], [1, 4], False, id="an-element-is-missing"),
    pytest.param([[1, 2], 3], [[1]], True, id="an-array-in-an-array"),
    pytest.param([[1]], [1], False, id="an-element-of-an-element"),
    pytest.param([{"a": 1, "b": 2}], [{"a": 1}], True, id="an-object-in-an-array"),
    pytest.param(["x", 1], "x", True, id="an-array-has-a-scalar-at-the-top"),
    pytest.param([["x"]], "x", False, id="a-scalar-deeper-down"),
    pytest.param([1], True, False, id="true-is-not-one"),
    pytest.param({"a": 1}, {"a": True}, False, id="true-is-not-one-in-an-object"),
    pytest.param({"a": 1}, {"a": 1.0}, True, id="numbers-by-value"),
    pytest.param([], [], True, id="an-empty-array"),
    pytest.param({}, [], False, id="an-object-has-no-array-in-it"),
    pytest.param([1], {}, False, id="an-array-is-no-object"),
    pytest.param([{}], {}, False, id="an-object-in-an-array-counts-in-an-array-alone"),
]


@pytest.mark.parametrize(("value", "part", "expected"), TABLE)
async def test_containment(store: SqlStore, shapes: SimpleNamespace, value: JSON, part: JSON, expected: bool) -> None:
    """And the opposite, which holds for null."""
    field = "free" if isinstance(value, dict) else "listed"
    blank = dict.fromkeys(shapes.everything.fields)
    for one in (value, None):
        await store.commit(shapes.everything, (Insert(None, {**blank, field: one}, NOTHING),))
    compare = Compare(field, "contains", json.dumps(part))
    for condition, keys in ((compare, [1] if expected else []), (Not(compare), [2] if expected else [1, 2])):
        page = await store.window(shapes.everything, Window(None, None, 9, "first", condition))
        assert isinstance(page, Page)
        assert [row.key for row in page.rows] == keys


SCALARS = st.none() | st.booleans() | st.sampled_from([0, 1, 1.5, 2, "", "a", "1"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


def parts_of(value: Any) -> st.SearchStrategy[Any]:
    """What may well be inside a value."""
    match value:
        case dict():
            members = {name: parts_of(member) for name, member in value.items()}
            return st.fixed_dictionaries({}, optional=members)
        case list() if value:
            return st.lists(st.sampled_from(value).flatmap(parts_of), max_size=3) | st.sampled_from(value)
        case _:
            return st.just(value)


@pytest.mark.postgres
async def test_sqlite_finds_what_postgres_finds(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    loop = asyncio.get_running_loop()

    @settings(max_examples=500, deadline=None)
    @given(VALUES.flatmap(lambda value: st.tuples(st.just(value), parts_of(value) | VALUES)))
    def check(pair: tuple[Any, Any]) -> None:
        texts = [json.dumps(one) for one in pair]
        asked = connection.fetchval("SELECT $1::text::jsonb @> $2::text::jsonb", *texts)
        assert contains(*pair) is asyncio.run_coroutine_threadsafe(asked, loop).result(10)

    await asyncio.to_thread(check)
    await connection.close()
