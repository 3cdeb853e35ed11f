"""No (key, version) pair names two states: not across delete and re-create, not even when the two overlap."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from diptych.semantics.change import Committed, Insert, Raced, Remove, Update
from diptych.semantics.row import Facts, Row
from diptych.semantics.version import LAST, NOTHING, Version
from diptych.store import SqlStore
from tests.store.conftest import Direct

V1, V2, V3, V4 = (Version(number) for number in (1, 2, 3, 4))
BARE: dict[str, Any] = {"body": {}, "authorId": None, "answers": None}


async def test_a_key_is_born_again_above_its_last_version(store: SqlStore, shapes: SimpleNamespace) -> None:
    shape = shapes.essay
    await store.commit(shape, (Insert("k", BARE, NOTHING),))
    await store.commit(shape, (Update("k", V1, BARE),))
    await store.commit(shape, (Update("k", V2, BARE),))
    assert await store.commit(shape, (Remove("k", V3),)) == Committed((Row("k", V3, BARE),))
    assert await store.fetch(shape, "k") == Facts(None, V3)
    assert await store.commit(shape, (Insert("k", BARE, NOTHING),)) == Raced()
    assert await store.commit(shape, (Insert("k", BARE, V3),)) == Committed((Row("k", V4, BARE),))
    assert await store.fetch(shape, "k") == Facts(Row("k", V4, BARE), V4)


async def test_the_ledger_holds_the_last_version_of_all(store: SqlStore, shapes: SimpleNamespace) -> None:
    await store.commit(shapes.essay, (Insert("k", BARE, Version(0)),))
    for version in (V1, V2, V3):
        await store.commit(shapes.essay, (Remove("k", version),))
        await store.commit(shapes.essay, (Insert("k", BARE, version),))
    await store.commit(shapes.essay, (Remove("k", V4),))
    assert await store.fetch(shapes.essay, "k") == Facts(None, V4)


async def test_a_key_at_its_end_is_known_to_be(store: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    await store.commit(shapes.essay, (Insert("k", BARE, NOTHING),))
    await direct.run(f"UPDATE store_essays SET version = {LAST}")
    await store.commit(shapes.essay, (Remove("k", LAST),))
    assert await store.fetch(shapes.essay, "k") == Facts(None, LAST)


async def test_a_row_that_another_program_stored_has_a_ledger_once_it_goes(
    store: SqlStore, shapes: SimpleNamespace, direct: Direct
) -> None:
    await store.open()
    await direct.run("INSERT INTO store_essays (id, version, body) VALUES ('k', 1, '{}')")
    assert await store.fetch(shapes.essay, "k") == Facts(Row("k", V1, BARE), V1)
    assert isinstance(await store.commit(shapes.essay, (Remove("k", V1),)), Committed)
    assert await store.fetch(shapes.essay, "k") == Facts(None, V1)


# What the store itself does, by hand and held open: its statement on PostgreSQL, its statements on SQLite.
_REMOVE = {
    True: [
        "DELETE FROM store_essays WHERE id = 'k' AND version = 1",
        "INSERT INTO store_essays_ledger VALUES ('k', 1) ON CONFLICT (key) DO UPDATE SET version = 1",
    ],
    False: [
        "SELECT version FROM store_essays_ledger WHERE key = 'k' FOR UPDATE",
        "DELETE FROM store_essays WHERE id = 'k' AND version = 1",
        "UPDATE store_essays_ledger SET version = 1 WHERE key = 'k'",
    ],
}
_CREATE = {
    True: ["INSERT INTO store_essays (id, version, body) VALUES ('k', 2, '{}')"],
    False: [
        "INSERT INTO store_essays_ledger VALUES ('k', 0) ON CONFLICT (key) DO UPDATE SET version = store_essays_ledger.version",
        "INSERT INTO store_essays (id, version, body) VALUES ('k', 2, '{}')",
    ],
}


@pytest.mark.parametrize("ending", ["COMMIT", "ROLLBACK"])
@pytest.mark.parametrize("callers", [1, 2])
async def test_a_create_that_overlaps_a_delete(store: SqlStore, shapes: SimpleNamespace, direct: Direct, ending: str, callers: int) -> None:
    """The create waits for the delete; born at 1 again it must never be."""
    await store.commit(shapes.essay, (Insert("k", BARE, NOTHING),))
    await direct.run("BEGIN IMMEDIATE" if direct.is_sqlite else "BEGIN")
    for statement in _REMOVE[direct.is_sqlite]:
        await direct.run(statement)
    creating = [asyncio.create_task(store.commit(shapes.essay, (Insert(key, BARE, NOTHING),))) for key in ("k", "other")[:callers]]
    await asyncio.sleep(0.2)
    assert not creating[0].done()
    await direct.run(ending)
    assert await creating[0] == Raced()
    if callers == 2:
        assert await creating[1] == Committed((Row("other", V1, BARE),))
    facts = await store.fetch(shapes.essay, "k")
    assert facts == (Facts(None, V1) if ending == "COMMIT" else Facts(Row("k", V1, BARE), V1))
    if ending == "COMMIT":
        assert await store.commit(shapes.essay, (Insert("k", BARE, V1),)) == Committed((Row("k", V2, BARE),))


@pytest.mark.parametrize("ending", ["COMMIT", "ROLLBACK"])
async def test_a_delete_that_overlaps_a_create(store: SqlStore, shapes: SimpleNamespace, direct: Direct, ending: str) -> None:
    """A create of the next state is under way: a delete of the state before must neither remove it nor forget its version."""
    await store.commit(shapes.essay, (Insert("k", BARE, NOTHING),))
    await store.commit(shapes.essay, (Remove("k", V1),))
    await direct.run("BEGIN IMMEDIATE" if direct.is_sqlite else "BEGIN")
    for statement in _CREATE[direct.is_sqlite]:
        await direct.run(statement)
    removing = asyncio.create_task(store.commit(shapes.essay, (Remove("k", V1),)))
    await asyncio.sleep(0.2)
    assert not removing.done()
    await direct.run(ending)
    assert await removing == Raced()
    facts = await store.fetch(shapes.essay, "k")
    assert facts == (Facts(Row("k", V2, BARE), V2) if ending == "COMMIT" else Facts(None, V1))


async def test_births_and_deaths_at_once_never_repeat_a_version(store: SqlStore, database_url: str, shapes: SimpleNamespace) -> None:
    """Two stores on one database create and delete the same four keys; every state that was seen is one of a kind."""
    other = SqlStore(database_url, shapes.all)
    states: list[tuple[object, int, object]] = []

    async def live(one: SqlStore, key: str, mark: int) -> None:
        for turn in range(12):
            facts = await one.fetch(shapes.essay, key)
            assert isinstance(facts, Facts)
            if facts.row is None:
                values = {**BARE, "body": {"by": mark, "turn": turn}}
                answer = await one.commit(shapes.essay, (Insert(key, values, facts.last),))
            else:
                answer = await one.commit(shapes.essay, (Remove(key, facts.version),))
            if isinstance(answer, Committed):
                row = answer.rows[0]
                states.append((row.key, row.version, repr(row.values["body"])))

    await asyncio.gather(*(live(one, key, mark) for mark, one in enumerate([store, other] * 3) for key in "abcd"))
    await other.close()
    born = {(key, version): body for key, version, body in states}
    assert all(born[key, version] == body for key, version, body in states)
    assert len(states) > 48
