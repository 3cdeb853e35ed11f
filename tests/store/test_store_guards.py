"""Every change is made only while its guard holds, and a set of changes happens as a whole or not at all."""

from types import SimpleNamespace
from typing import Any

import pytest

from diptych.semantics.change import Change, Committed, Insert, Raced, Remove, Update
from diptych.semantics.outcome import UniqueConflict
from diptych.semantics.row import UNKNOWN_TO_THE_STORE, Facts, Row
from diptych.semantics.version import LAST, NOTHING, Version
from diptych.store import SqlStore

V1, V2, V3 = Version(1), Version(2), Version(3)


def author(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "email": f"{name}@x", "town": None, "phone": None, "books": 0, **more}


def essay(**more: Any) -> dict[str, Any]:
    return {"body": {}, "authorId": None, "answers": None, **more}


async def test_a_row_is_born_changed_and_removed(store: SqlStore, shapes: SimpleNamespace) -> None:
    born = await store.commit(shapes.author, (Insert(None, author("a"), NOTHING),))
    assert born == Committed((Row(1, V1, author("a")),))
    changed = await store.commit(shapes.author, (Update(1, V1, author("b")),))
    assert changed == Committed((Row(1, V2, author("b")),))
    assert await store.fetch(shapes.author, 1) == Facts(Row(1, V2, author("b")), V2)
    assert await store.commit(shapes.author, (Remove(1, V2),)) == changed
    assert await store.fetch(shapes.author, 1) == UNKNOWN_TO_THE_STORE


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(Update(1, V1, author("b")), id="update-of-an-older-state"),
        pytest.param(Update(1, V3, author("b")), id="update-of-a-state-to-come"),
        pytest.param(Update(1, V1, author("a"), unless_same=True), id="update-that-is-the-same-but-older"),
        pytest.param(Update(2, V2, author("b")), id="update-of-nothing"),
        pytest.param(Remove(1, V1), id="remove-of-an-older-state"),
        pytest.param(Remove(2, V2), id="remove-of-nothing"),
    ],
)
async def test_a_guard_that_misses_changes_nothing(store: SqlStore, shapes: SimpleNamespace, change: Change) -> None:
    await store.commit(shapes.author, (Insert(None, author("x"), NOTHING),))
    await store.commit(shapes.author, (Update(1, V1, author("a")),))
    assert await store.commit(shapes.author, (change,)) == Raced()
    assert await store.fetch(shapes.author, 1) == Facts(Row(1, V2, author("a")), V2)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(Insert("k", essay(), NOTHING), id="insert-where-a-row-is"),
        pytest.param(Insert("k", essay(), V1), id="insert-above-the-row-that-is-there"),
        pytest.param(Insert("new", essay(), V1), id="insert-above-a-version-that-never-was"),
        pytest.param(Remove("k", V2), id="remove-of-a-state-to-come"),
    ],
)
async def test_a_guard_of_a_client_key_that_misses(store: SqlStore, shapes: SimpleNamespace, change: Change) -> None:
    await store.commit(shapes.essay, (Insert("k", essay(), NOTHING),))
    assert await store.commit(shapes.essay, (change,)) == Raced()
    assert await store.fetch(shapes.essay, "k") == Facts(Row("k", V1, essay()), V1)
    assert await store.fetch(shapes.essay, "new") == UNKNOWN_TO_THE_STORE


async def test_the_last_version_takes_no_change(store: SqlStore, shapes: SimpleNamespace) -> None:
    born = await store.commit(shapes.author, (Insert(None, author("a"), above=Version(LAST - 1)),))
    assert born == Committed((Row(1, LAST, author("a")),))
    assert await store.commit(shapes.author, (Update(1, LAST, author("b")),)) == Raced()
    assert await store.commit(shapes.author, (Remove(1, LAST),)) == born


async def test_numbers_are_never_given_twice(store: SqlStore, shapes: SimpleNamespace) -> None:
    await store.commit(shapes.author, (Insert(None, author("a"), NOTHING),))
    await store.commit(shapes.author, (Remove(1, V1),))
    born = await store.commit(shapes.author, (Insert(None, author("a"), NOTHING),))
    assert isinstance(born, Committed)
    assert born.rows[0].key == 2


async def test_a_set_is_committed_as_a_whole(store: SqlStore, shapes: SimpleNamespace) -> None:
    changes = (Insert("a", essay(), NOTHING), Insert("b", essay(answers="a"), NOTHING), Update("a", V1, essay(answers="b")))
    committed = await store.commit(shapes.essay, changes)
    assert committed == Committed((Row("a", V1, essay()), Row("b", V1, essay(answers="a")), Row("a", V2, essay(answers="b"))))
    removed = await store.commit(shapes.essay, (Update("a", V2, essay()), Remove("b", V1), Remove("a", V3)))
    assert isinstance(removed, Committed)
    assert await store.fetch(shapes.essay, "a") == Facts(None, V3)


async def test_a_set_with_a_missed_guard_does_nothing(store: SqlStore, shapes: SimpleNamespace) -> None:
    changes = (Insert("a", essay(), NOTHING), Update("b", V1, essay()))
    assert await store.commit(shapes.essay, changes) == Raced()
    assert await store.fetch(shapes.essay, "a") == UNKNOWN_TO_THE_STORE


async def test_a_set_that_violates_a_constraint_does_nothing(store: SqlStore, shapes: SimpleNamespace) -> None:
    changes = (Insert(None, author("a"), NOTHING), Insert(None, author("b", email="a@x"), NOTHING))
    assert await store.commit(shapes.author, changes) == UniqueConflict(("email",))
    born = await store.commit(shapes.author, (Insert(None, author("a"), NOTHING),))
    assert isinstance(born, Committed)
