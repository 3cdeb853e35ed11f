"""Both doors do what they are asked, and tell the same."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import pytest

from diptych.testing import Answer, Door
from tests.testing_plugin.sample.library import Book, Writer

TEST = {"op": "test", "path": "/name", "value": 1}


async def test_a_row_is_made_changed_and_gone(door: Door) -> None:
    made = await door.create(Writer, {"name": "Ada", "motto": "Onward"})
    assert (made.code, made.version, made.row) == ("created", 1, {"id": made.key, "name": "Ada", "motto": "Onward", "version": 1})
    assert made.key is not None
    assert made.row is not None
    patched = await door.patch(Writer, made.key, {"motto": None}, version=1)
    assert (patched.code, patched.version, patched.row) == ("written", 2, {**made.row, "motto": None, "version": 2})
    moved = await door.json_patch(Writer, made.key, [{"op": "replace", "path": "/name", "value": "Augusta"}], version=2)
    assert moved.row == {"id": made.key, "name": "Augusta", "motto": None, "version": 3}
    replaced = await door.replace(Writer, made.key, {"name": "Ada"}, version=3)
    # What changes nothing is answered alike.
    assert replaced == await door.replace(Writer, made.key, {"name": "Ada"}, version=4)
    assert (await door.fetch(Writer, made.key)).row == replaced.row
    assert (await door.delete(Writer, made.key, version=4)).code == "deleted"
    assert (await door.fetch(Writer, made.key)).code == "not_found"


async def test_the_other_door_sees_it(door: Door, other_door: Door) -> None:
    writer = await door.create(Writer, {"name": "Ada"})
    book = await door.create(Book, {"id": "notes", "title": "Notes", "genre": "verse", "writerId": writer.key})
    assert book.row == {"id": "notes", "title": "Notes", "genre": "verse", "writerId": writer.key, "advance": None, "version": 1}
    assert await other_door.fetch(Book, "notes") == await door.fetch(Book, "notes")
    assert await other_door.list(Book) == await door.list(Book)
    assert door.name != other_door.name


Ask: TypeAlias = Callable[[Door, Any], Awaitable[Answer]]


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        pytest.param(lambda door, ada: door.create(Writer, {"name": ""}), "invalid", id="invalid"),
        pytest.param(lambda door, ada: door.create(Writer, {"name": "Ada"}), "unique_conflict", id="taken"),
        pytest.param(lambda door, ada: door.create(Book, {"id": "a", "title": "A", "writerId": 99}), "reference_conflict", id="no-writer"),
        pytest.param(lambda door, ada: door.fetch(Writer, 99), "not_found", id="nothing-to-read"),
        pytest.param(lambda door, ada: door.patch(Writer, 99, {"name": "x"}), "not_found", id="nothing-to-patch"),
        pytest.param(lambda door, ada: door.patch(Writer, ada, {"name": None}), "invalid", id="null"),
        pytest.param(lambda door, ada: door.patch(Writer, ada, {"motto": "x"}, version=7), "version_mismatch", id="stale"),
        pytest.param(lambda door, ada: door.patch(Writer, ada, {"motto": "x"}, version=0), "version_mismatch", id="not-absent"),
        pytest.param(lambda door, ada: door.json_patch(Writer, ada, [TEST]), "patch_conflict", id="a-test-that-fails"),
        pytest.param(lambda door, ada: door.list(Writer, after="nonsense"), "invalid", id="no-cursor"),
    ],
)
async def test_refusals_are_told_alike(rest: Door, graphql: Door, ask: Ask, code: str) -> None:
    ada = (await rest.create(Writer, {"name": "Ada"})).key
    here, there = await ask(rest, ada), await ask(graphql, ada)
    assert here.code == code
    assert not here.accepted
    assert here == there


async def test_pages(door: Door) -> None:
    for number in range(5):
        await door.create(Writer, {"name": f"Writer {number}"})
    first = await door.list(Writer, limit=2)
    second = await door.list(Writer, limit=2, after=str(first.page["endCursor"]))
    assert [row["name"] for row in (*first.rows, *second.rows)] == [f"Writer {number}" for number in range(4)]
    assert (await door.list(Writer, limit=2, before=str(second.page["startCursor"]))).rows == first.rows
    assert len((await door.list(Writer, before=str(second.page["startCursor"]))).rows) == 2


async def test_what_graphql_does_not_take(graphql: Door, rest: Door) -> None:
    assert (await graphql.create(Writer, {})).code == "request_error"
    assert (await graphql.create(Writer, {"name": "Ada", "unknown": 1})).code == "request_error"
    assert (await rest.create(Writer, {})).code == "invalid"
    book = await rest.create(Book, {"id": "b", "title": "B"})
    assert book.key == "b"
    assert (await graphql.patch(Book, "b", {"title": "C"})).code == "request_error"
    assert (await rest.patch(Book, "b", {"title": "C"})).code == "precondition_required"
