"""What goes into a database comes out of it, in the same spelling on both."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from diptych.semantics.change import Committed, Insert, Update
from diptych.semantics.read import Window
from diptych.semantics.version import NOTHING, Version
from diptych.store import SqlStore

VALUES: list[tuple[str, Any]] = [
    ("text", "Ünïcode 😀 'quotes' \\ % :colon ? $1"),
    ("text", ""),
    ("short", "12345"),
    ("integer", -(2**31)),
    ("integer", 2**31 - 1),
    ("big", 2**53 - 1),
    ("big", -(2**53 - 1)),
    ("number", 0.1),
    ("number", 1.7976931348623157e308),
    ("number", 5e-324),
    ("number", 3.0),
    ("truth", True),
    ("truth", False),
    ("price", "12345678901234567890.1234567890"),
    ("price", "-0.0000000001"),
    ("exact", "1.5"),
    ("exact", "123456789012345678901234567890.12345678901234567890123456789"),
    ("moment", "2024-01-02T03:04:05Z"),
    ("moment", "0001-01-01T00:00:00Z"),
    ("moment", "9999-12-31T23:59:59.999999Z"),
    ("day", "2024-02-29"),
    ("hour", "23:59:59.000001"),
    ("length", "PT0S"),
    ("length", "-P1DT2H0.000001S"),
    ("length", "P999999999D"),
    ("token", "0f0e0d0c-0b0a-4908-8706-050403020100"),
    ("colour", "blue"),
    ("size", 2),
    ("raw", "AP8="),
    ("raw", ""),
    ("listed", [1, [2, [None]], {"a": True}, "x", []]),
    ("listed", []),
    ("free", {"deep": {"er": [1.5, 2**70, "\\u0041", None]}, "": {}}),
]


@pytest.mark.parametrize(("field", "value"), VALUES)
async def test_a_value_comes_back(store: SqlStore, shapes: SimpleNamespace, field: str, value: Any) -> None:
    shape = shapes.everything
    nothing = dict.fromkeys(shape.fields)
    one = {**nothing, field: value}
    born = await store.commit(shape, (Insert(None, one, NOTHING),))
    assert isinstance(born, Committed)
    assert dict(born.rows[0].values) == one
    key = born.rows[0].key
    assert (await store.fetch(shape, key)).row == born.rows[0]  # type: ignore[union-attr]
    assert (await store.window(shape, Window(None, None, 1, "first"))).rows == born.rows  # type: ignore[union-attr]
    assert await store.commit(shape, (Update(key, Version(1), one, unless_same=True),)) == born
    cleared = await store.commit(shape, (Update(key, Version(1), nothing),))
    assert isinstance(cleared, Committed)
    assert (await store.fetch(shape, key)).row == cleared.rows[0]  # type: ignore[union-attr]
    assert dict(cleared.rows[0].values) == nothing


async def test_values_come_back_from_shared_statements(store: SqlStore, shapes: SimpleNamespace) -> None:
    """Each caller of a batch gets its own values, NULLs and lists among them."""
    shape = shapes.everything
    nothing = dict.fromkeys(shape.fields)
    documents = [{**nothing, field: value} for field, value in VALUES]
    born = await asyncio.gather(*(store.commit(shape, (Insert(None, document, NOTHING),)) for document in documents))
    rows = [one.rows[0] for one in born if isinstance(one, Committed)]
    assert [dict(row.values) for row in rows] == documents
    turned = documents[1:] + documents[:1]
    moved = await asyncio.gather(
        *(store.commit(shape, (Update(row.key, Version(1), document),)) for row, document in zip(rows, turned, strict=True))
    )
    assert [dict(one.rows[0].values) for one in moved if isinstance(one, Committed)] == turned
    found = await asyncio.gather(*(store.fetch(shape, row.key) for row in rows))
    assert [dict(facts.row.values) for facts in found] == turned  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("stored", "given", "is_same"),
    [
        pytest.param({"a": 1}, {"a": 1.0}, True, id="one-and-one-point-nought"),
        pytest.param({"a": 1}, {"a": True}, False, id="one-and-true"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, True, id="order-of-members"),
        pytest.param({"a": [1, 2]}, {"a": [2, 1]}, False, id="order-of-elements"),
        pytest.param({"a": None}, {}, False, id="null-and-absent"),
        pytest.param(None, {}, False, id="nothing-and-an-object"),
    ],
)
async def test_sameness_is_that_of_json(store: SqlStore, shapes: SimpleNamespace, stored: Any, given: Any, is_same: bool) -> None:
    shape = shapes.everything
    nothing = dict.fromkeys(shape.fields)
    born = await store.commit(shape, (Insert(None, {**nothing, "free": stored}, NOTHING),))
    assert isinstance(born, Committed)
    key = born.rows[0].key
    written = await store.commit(shape, (Update(key, Version(1), {**nothing, "free": given}, unless_same=True),))
    assert isinstance(written, Committed)
    assert written.rows[0].version == (1 if is_same else 2)
    # One version has one spelling, whichever way it is asked for.
    found: Any = (await store.fetch(shape, key)).row  # type: ignore[union-attr]
    assert repr(written.rows[0].values["free"]) == repr(found.values["free"])


async def test_keys_of_uuid(store: SqlStore, shapes: SimpleNamespace) -> None:
    key = "0f0e0d0c-0b0a-4908-8706-050403020100"
    badge = await store.commit(shapes.badge, (Insert(key, {"text": "x"}, NOTHING),))
    assert isinstance(badge, Committed)
    assert badge.rows[0].key == key
    assert (await store.fetch(shapes.badge, key)).row == badge.rows[0]  # type: ignore[union-attr]
    assert (await store.window(shapes.badge, Window(None, None, 9, "last"))).rows == badge.rows  # type: ignore[union-attr]
    ticket = await store.commit(shapes.ticket, (Insert(None, {"seat": "1A"}, NOTHING),))
    assert isinstance(ticket, Committed)
    assert (await store.fetch(shapes.ticket, ticket.rows[0].key)).row == ticket.rows[0]  # type: ignore[union-attr]
