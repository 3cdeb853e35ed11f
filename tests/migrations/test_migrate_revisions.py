"""Revisions lead from the tables that are there to the declared ones and back, with all rows, and end where a bridge opens."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import pytest

from diptych.demo import demo_bridge
from diptych.migrations import Ground, MigrationError
from diptych.migrations.connecting import PREPARING
from diptych.resource.shape import ResourceShape
from diptych.semantics.change import Committed, Insert, Remove
from diptych.semantics.row import Facts, Row
from diptych.semantics.version import NOTHING, Version
from diptych.store import SqlStore
from diptych.store.postgres_prepare import _PREPARING
from tests.migrations.conftest import moved, opened, plainly
from tests.migrations.models import NOW, THEN
from tests.store.conftest import SHAPES

V1 = Version(1)
DEMO = demo_bridge("sqlite:///unused.db").resources
EACH_DECLARATION = [pytest.param(DEMO, id="demo"), pytest.param(SHAPES, id="every-kind"), pytest.param(NOW, id="a-bit-of-all")]


@pytest.mark.parametrize("shapes", EACH_DECLARATION)
async def test_from_nothing_to_the_declaration_and_back(database_url: str, folder: Path, shapes: Sequence[ResourceShape]) -> None:
    ground = await moved(database_url, shapes, folder)
    assert await asyncio.to_thread(ground.differences) == []
    store = await opened(database_url, shapes)
    assert await store.ready()
    await store.close()
    await asyncio.to_thread(ground.downgrade, folder, "base", lambda _: None)
    assert await asyncio.to_thread(ground.current) == ()
    kept = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    if not database_url.startswith("sqlite"):
        kept = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    assert await plainly(database_url, kept) == [("alembic_version",)]


@pytest.mark.parametrize("shapes", EACH_DECLARATION)
async def test_tables_that_the_bridge_made_differ_in_nothing(database_url: str, folder: Path, shapes: Sequence[ResourceShape]) -> None:
    store = await opened(database_url, shapes, create=True)
    await store.close()
    ground = Ground(database_url, shapes)
    assert await asyncio.to_thread(ground.differences) == []
    with pytest.raises(MigrationError, match=r"nothing to revise.*--empty"):
        await asyncio.to_thread(ground.write_revision, folder, "nothing")
    empty = await asyncio.to_thread(lambda: ground.write_revision(folder, "by hand", empty=True))
    assert "pass" in empty.path.read_text()


async def test_the_tables_are_those_that_the_bridge_makes(database_url: str, folder: Path) -> None:
    """To the letter, in the words of the database itself, but for the order of constraints."""
    sql = "replace(replace(replace(sql, char(9), ''), char(10), ''), '))', '), )')"
    query = f"SELECT name, {sql} FROM sqlite_master WHERE name NOT LIKE 'alembic%' ORDER BY name"
    if not database_url.startswith("sqlite"):
        query = (
            "SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, attcollation, attidentity,"
            " pg_get_expr(adbin, adrelid) FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
            " WHERE attnum > 0 AND attrelid IN (SELECT oid FROM pg_class WHERE relname LIKE 'store%') ORDER BY 1, 2"
        )
    ground = await moved(database_url, SHAPES, folder)
    migrated = await plainly(database_url, query)
    await asyncio.to_thread(ground.downgrade, folder, "base", lambda _: None)
    store = await opened(database_url, SHAPES, create=True)
    await store.close()
    made = await plainly(database_url, query)
    assert [sorted(str(row).split(", ")) for row in made] == [sorted(str(row).split(", ")) for row in migrated]
    assert len(migrated) > 7


async def with_rows(url: str) -> None:
    """Two notes, and a third whose key must never be given again; a tag at its second life."""
    store = await opened(url, THEN, create=True)
    owner, note, tag = THEN
    assert isinstance(await store.commit(owner, (Insert(None, {"name": "Ann"}, NOTHING),)), Committed)
    for number in (1, 2, 3):
        values = {"title": f"t{number}", "count": number, "old": "x", "gone": 1, "parent": 1 if number > 1 else None}
        assert isinstance(await store.commit(note, (Insert(None, values, NOTHING),)), Committed)
    assert isinstance(await store.commit(note, (Remove(3, V1),)), Committed)
    await store.commit(tag, (Insert("t", {"text": "a"}, NOTHING),))
    await store.commit(tag, (Remove("t", V1),))
    await store.commit(tag, (Insert("t", {"text": "b"}, V1),))
    await store.close()


NOTE = {"title": "t1", "count": 1, "gone": 1, "parent": None, "owner": None, "role": 'it\'s: a "user"', "flag": True, "price": "1.50"}
NOTE |= {"mood": "calm", "listed": []}


async def test_a_change_of_many_kinds_keeps_rows_and_promises(database_url: str, folder: Path) -> None:
    await with_rows(database_url)
    ground = await moved(database_url, NOW, folder)
    assert await asyncio.to_thread(ground.differences) == []
    store = await opened(database_url, NOW)
    _, note, tag, __ = NOW
    assert await store.fetch(note, 1) == Facts(Row(1, V1, NOTE), V1)
    assert await store.fetch(tag, "t") == Facts(Row("t", Version(2), {"text": "b"}), Version(2))
    born = await store.commit(note, (Insert(None, {**NOTE, "title": "new", "owner": 1}, NOTHING),))
    assert isinstance(born, Committed)
    assert born.rows[0].key == 4
    assert not isinstance(await store.commit(note, (Insert(None, {**NOTE, "title": " :none 100%"}, NOTHING),)), Committed)
    assert not isinstance(await store.commit(note, (Insert(None, {**NOTE, "owner": 99}, NOTHING),)), Committed)
    await store.commit(note, (Remove(4, V1),))
    await store.close()

    await asyncio.to_thread(ground.downgrade, folder, "-1", lambda _: None)
    assert await asyncio.to_thread(Ground(database_url, THEN).differences) == []
    store = await opened(database_url, THEN)
    before = {"title": "t1", "count": 1, "old": None, "gone": 1, "parent": None}
    assert await store.fetch(THEN[1], 1) == Facts(Row(1, V1, before), V1)
    assert not isinstance(await store.commit(THEN[1], (Insert(None, {**before, "title": " :none 100%"}, NOTHING),)), Committed)
    born = await store.commit(THEN[1], (Insert(None, {**before, "title": "again"}, NOTHING),))
    assert isinstance(born, Committed)
    assert born.rows[0].key not in (1, 2, 3, 4)
    await store.close()


async def test_columns_that_no_model_has_can_stay(database_url: str, folder: Path) -> None:
    await with_rows(database_url)
    ground = Ground(database_url, NOW)
    dropping = await asyncio.to_thread(ground.write_revision, folder, "dropping")
    assert "moved_notes.old is in no model; a revision would drop it with its values." in dropping.does
    assert any("drops moved_notes.old" in warning for warning in dropping.warnings)
    dropping.path.unlink()
    await asyncio.to_thread(lambda: ground.write_revision(folder, "keeping", keep_columns=True))
    await asyncio.to_thread(ground.upgrade, folder, "head", lambda _: None)
    assert await plainly(database_url, "SELECT old FROM moved_notes WHERE id = 1") == [("x",)]
    assert await asyncio.to_thread(lambda: ground.differences(keep_columns=True)) == []
    assert await asyncio.to_thread(ground.differences) == ["moved_notes.old is in no model; a revision would drop it with its values."]


async def test_a_revision_needs_nothing_of_ours(database_url: str, folder: Path) -> None:
    await with_rows(database_url)
    written = await asyncio.to_thread(Ground(database_url, NOW).write_revision, folder, "Many things at once")
    text = written.path.read_text()
    assert text.startswith('"""Many things at once\n')
    imports = {line for line in text.splitlines() if line.startswith(("import", "from"))}
    assert imports <= {"from alembic import op", "import sqlalchemy as sa", "from sqlalchemy.dialects import postgresql"}
    assert "diptych" not in text
    compile(text, written.path, "exec")


async def test_a_revision_that_fails_changes_nothing(database_url: str, folder: Path) -> None:
    await with_rows(database_url)
    ground = Ground(database_url, THEN)
    written = await asyncio.to_thread(lambda: ground.write_revision(folder, "by hand", empty=True))
    broken = "op.execute('DELETE FROM moved_tags')\n    op.execute('INSERT INTO moved_owners (id, version, name) VALUES (1, 1, NULL)')"
    written.path.write_text(written.path.read_text().replace("pass", broken, 1))
    with pytest.raises(MigrationError, match=r"refused a statement \(.*nothing was changed.*\n.*INSERT INTO moved_owners") as refused:
        await asyncio.to_thread(ground.upgrade, folder, "head", lambda _: None)
    assert "NOT NULL constraint" not in str(refused.value)
    assert await asyncio.to_thread(ground.current) == ()
    assert await plainly(database_url, "SELECT count(*) FROM moved_tags") == [(1,)]


async def test_two_deployments_at_once(database_url: str, folder: Path) -> None:
    """One runs the revisions, the others find that there is nothing left to do."""
    ground = Ground(database_url, SHAPES)
    await asyncio.to_thread(ground.write_revision, folder, "all")
    steps: list[str] = []
    await asyncio.gather(*(asyncio.to_thread(lambda: ground.upgrade(folder, "head", steps.append, wait=60)) for _ in range(4)))
    assert len(steps) == 1
    store = await opened(database_url, SHAPES)
    await store.close()


def test_a_bridge_that_opens_and_a_migration_wait_for_each_other() -> None:
    assert PREPARING == _PREPARING


@pytest.mark.postgres
async def test_a_table_that_others_keep_locked(postgres_url: str, folder: Path) -> None:
    await with_rows(postgres_url)
    ground = Ground(postgres_url, NOW)
    await asyncio.to_thread(ground.write_revision, folder, "locked")
    entered, leave = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        connection = await asyncpg.connect(postgres_url)
        async with connection.transaction():
            await connection.execute("LOCK TABLE moved_notes IN ACCESS SHARE MODE")
            entered.set()
            await leave.wait()
        await connection.close()

    holding = asyncio.create_task(hold())
    await entered.wait()
    with pytest.raises(MigrationError, match=r"nothing was changed.*--wait"):
        await asyncio.to_thread(lambda: ground.upgrade(folder, "head", lambda _: None, wait=0.2))
    leave.set()
    await holding
    await asyncio.to_thread(ground.upgrade, folder, "head", lambda _: None)


async def test_unique_indexes_stand_for_constraints(database_url: str) -> None:
    serial = "INTEGER PRIMARY KEY AUTOINCREMENT" if database_url.startswith("sqlite") else "SERIAL PRIMARY KEY"
    collate = "" if database_url.startswith("sqlite") else ' COLLATE "C"'
    await plainly(
        database_url,
        f"CREATE TABLE moved_owners (id {serial}, version BIGINT NOT NULL DEFAULT 1, name TEXT{collate} NOT NULL)",
        "CREATE UNIQUE INDEX by_name ON moved_owners (name)",
    )
    assert await asyncio.to_thread(Ground(database_url, THEN[:1]).differences) == []
    store: SqlStore = await opened(database_url, THEN[:1])
    await store.close()
