"""With the triggers, rows that other programs change in plain SQL keep the promise of versions."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest

from diptych import Bridge
from diptych.demo import demo_bridge
from diptych.migrations import Ground, MigrationError
from diptych.semantics.change import Committed, Insert, Raced, Remove, Update
from diptych.semantics.row import Facts, Row
from diptych.semantics.version import LAST, NOTHING, Version
from diptych.store import SqlStore
from tests.migrations.conftest import moved, opened, plainly
from tests.migrations.models import NOW, THEN
from tests.migrations.test_migrate_revisions import with_rows
from tests.store.conftest import SHAPES, Direct

V1, V2, V3, V4 = (Version(number) for number in (1, 2, 3, 4))
BARE: dict[str, Any] = {"body": {}, "authorId": None, "answers": None}
ANN = {"name": "ann", "email": "a@x", "town": None, "phone": None, "books": 0}


async def version_of(direct: Direct, key: object, table: str = "store_essays") -> object:
    rows = await direct.run(f"SELECT version FROM {table} WHERE id = {key!r}")
    return rows[0][0] if rows else None


@pytest.fixture
async def essay(store: SqlStore, shapes: SimpleNamespace) -> SqlStore:
    """A store with an essay under the key k, at version 1."""
    await store.commit(shapes.essay, (Insert("k", BARE, NOTHING),))
    return store


async def test_a_plain_update_steps_the_version(store: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    await store.commit(shapes.author, (Insert(None, ANN, NOTHING),))
    await direct.run("UPDATE store_authors SET books = 1")
    assert await store.fetch(shapes.author, 1) == Facts(Row(1, V2, {**ANN, "books": 1}), V2)
    assert await store.commit(shapes.author, (Update(1, V1, ANN),)) == Raced()
    assert await store.commit(shapes.author, (Update(1, V2, ANN),)) == Committed((Row(1, V3, ANN),))


async def test_an_unchanged_replace_through_the_library_keeps_the_version(essay: SqlStore, shapes: SimpleNamespace) -> None:
    spelled = {**BARE, "body": {"a": 1, "b": 2}}
    assert await essay.commit(shapes.essay, (Update("k", V1, spelled),)) == Committed((Row("k", V2, spelled),))
    other = {**BARE, "body": {"b": 2, "a": 1.0}}
    kept = await essay.commit(shapes.essay, (Update("k", V2, other, unless_same=True),))
    assert isinstance(kept, Committed)
    assert kept.rows[0].version == V2
    stepped = await essay.commit(shapes.essay, (Update("k", V2, BARE, unless_same=True),))
    assert stepped == Committed((Row("k", V3, BARE),))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param("books = books", 1, id="nothing-changes"),
        pytest.param("town = NULL", 1, id="null-stays-null"),
        pytest.param("town = 'x'", 2, id="null-becomes-a-value"),
        pytest.param("books = 7, version = version + 1", 2, id="the-program-steps-it-by-itself"),
        pytest.param("books = 7, version = 9", 9, id="the-program-leaps"),
        pytest.param("version = version", 1, id="the-version-to-itself"),
    ],
)
async def test_what_counts_as_a_change(store: SqlStore, shapes: SimpleNamespace, direct: Direct, change: str, expected: int) -> None:
    await store.commit(shapes.author, (Insert(None, ANN, NOTHING),))
    await direct.run(f"UPDATE store_authors SET {change}")
    assert await version_of(direct, 1, "store_authors") == expected


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        pytest.param("UPDATE store_essays SET version = 0", "never goes down", id="version-down"),
        pytest.param(f"UPDATE store_essays SET version = {LAST + 1}", "never beyond", id="version-too-far"),
        pytest.param("UPDATE store_essays SET id = 'other'", "key of a row of store_essays never changes", id="another-key"),
        pytest.param(
            f"INSERT INTO store_essays (id, version, body) VALUES ('n', {LAST + 1}, '{{}}')", "beyond the last version", id="born-too-far"
        ),
        pytest.param(
            f"INSERT INTO store_authors (version, name, email, books) VALUES ({LAST + 1}, 'b', 'b@x', 0)", "beyond the last", id="no-ledger"
        ),
    ],
)
async def test_what_is_refused(essay: SqlStore, direct: Direct, statement: str, says: str) -> None:
    with pytest.raises(Exception, match=says):
        await direct.run(statement)
    assert await version_of(direct, "k") == 1


async def test_the_last_version_takes_no_change(essay: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    await direct.run(f"UPDATE store_essays SET version = {LAST}")
    with pytest.raises(Exception, match="last version, 2147483647, and takes no change"):
        await direct.run("""UPDATE store_essays SET body = '{"a": 1}'""")
    await direct.run("DELETE FROM store_essays")
    with pytest.raises(Exception, match="beyond the last version"):
        await direct.run("INSERT INTO store_essays (id, version, body) VALUES ('k', 1, '{}')")
    assert await essay.fetch(shapes.essay, "k") == Facts(None, Version(LAST))


async def test_a_plain_delete_is_remembered(essay: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    await essay.commit(shapes.essay, (Update("k", V1, {**BARE, "body": {"a": 1}}),))
    await direct.run("DELETE FROM store_essays WHERE id = 'k'")
    assert await essay.fetch(shapes.essay, "k") == Facts(None, V2)
    assert await essay.commit(shapes.essay, (Insert("k", BARE, NOTHING),)) == Raced()
    assert await essay.commit(shapes.essay, (Insert("k", BARE, V2),)) == Committed((Row("k", V3, BARE),))


async def test_a_plain_insert_of_a_key_that_lived(essay: SqlStore, shapes: SimpleNamespace, direct: Direct) -> None:
    await essay.commit(shapes.essay, (Remove("k", V1),))
    await direct.run("INSERT INTO store_essays (id, version, body) VALUES ('k', 1, '{}')")
    assert await essay.fetch(shapes.essay, "k") == Facts(Row("k", V2, BARE), V2)
    await direct.run("DELETE FROM store_essays")
    await direct.run("INSERT INTO store_essays (id, version, body) VALUES ('k', 7, '{}')")
    assert await version_of(direct, "k") == 7


async def test_plain_births_and_deaths_in_turn_never_repeat_a_version(store: SqlStore, direct: Direct) -> None:
    seen = []
    for _ in range(4):
        await direct.run("INSERT INTO store_essays (id, version, body) VALUES ('k', 1, '{}')")
        seen.append(await version_of(direct, "k"))
        await direct.run("""UPDATE store_essays SET body = '{"a": 1}'""")
        seen.append(await version_of(direct, "k"))
        await direct.run("DELETE FROM store_essays")
    assert seen == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_a_plain_upsert_steps_the_version(essay: SqlStore, direct: Direct) -> None:
    upsert = "INSERT INTO store_essays (id, version, body) VALUES ('k', 1, '{}') ON CONFLICT (id) DO "
    await direct.run(upsert + "NOTHING")
    assert await version_of(direct, "k") == 1
    await direct.run(upsert + """UPDATE SET body = '{"a": 1}'""")
    assert await version_of(direct, "k") == 2


async def test_a_replace_of_sqlite_steps_the_version(sqlite_url: str) -> None:
    store = await opened(sqlite_url, SHAPES, create=True)
    await asyncio.to_thread(Ground(sqlite_url, SHAPES).install_triggers)
    direct = Direct(sqlite_url)
    await store.commit(SHAPES[1], (Insert("k", BARE, NOTHING),))
    await store.commit(SHAPES[1], (Update("k", V1, {**BARE, "body": {"a": 1}}),))
    await direct.run("REPLACE INTO store_essays (id, version, body) VALUES ('k', 1, '{}')")
    assert await version_of(direct, "k") == 3
    await direct.close()
    await store.close()


@pytest.mark.postgres
async def test_postgres_fills_in_what_a_program_does_not_know(postgres_url: str) -> None:
    store = await opened(postgres_url, SHAPES, create=True)
    await asyncio.to_thread(Ground(postgres_url, SHAPES).install_triggers)
    direct = Direct(postgres_url)
    assert await direct.run("INSERT INTO store_authors (name, email, books) VALUES ('a', 'a@x', 0) RETURNING id, version") == [(1, 1)]
    assert await direct.run("INSERT INTO store_essays (id, body) VALUES ('k', '{}') RETURNING version") == [(1,)]
    assert await direct.run("""UPDATE store_essays SET body = '[]' RETURNING version""") == [(2,)]
    await direct.run("TRUNCATE store_essays")
    assert await direct.run("INSERT INTO store_essays (id, body) VALUES ('k', '{}') RETURNING version") == [(3,)]
    # A program that knows another schema first, in which there is a ledger too.
    await direct.run("CREATE SCHEMA other")
    await direct.run("CREATE TABLE other.store_essays_ledger (key text PRIMARY KEY, version bigint)")
    await direct.run("SET search_path = other, public")
    await direct.run("DELETE FROM public.store_essays")
    assert await direct.run("SELECT version FROM public.store_essays_ledger WHERE key = 'k'") == [(3,)]
    await direct.close()
    await store.close()


async def test_many_writers_of_both_kinds(store: SqlStore, shapes: SimpleNamespace, database_url: str) -> None:
    """64 library writers and plain programs on four keys: no (key, version) pair ever names two states."""
    states: dict[tuple[object, int], object] = {}

    def see(key: object, version: int, body: object) -> None:
        assert states.setdefault((key, version), json.dumps(body, sort_keys=True)) == json.dumps(body, sort_keys=True)

    async def through_the_library(mark: int) -> None:
        key = "abcd"[mark % 4]
        for turn in range(6):
            facts = await store.fetch(shapes.essay, key)
            assert isinstance(facts, Facts)
            values = {**BARE, "body": {"by": mark, "turn": turn}}
            if facts.row is None:
                answer = await store.commit(shapes.essay, (Insert(key, values, facts.last),))
            elif turn % 3:
                answer = await store.commit(shapes.essay, (Update(key, facts.version, values),))
            else:
                answer = await store.commit(shapes.essay, (Remove(key, facts.version),))
            if isinstance(answer, Committed):
                row = answer.rows[0]
                see(row.key, row.version, row.values["body"])

    async def in_plain_sql(mark: int) -> None:
        direct = Direct(database_url)
        for turn in range(12):
            key = "abcd"[(mark + turn) % 4]
            body = f'{{"plain": {mark}, "turn": {turn}}}'
            for statement in (
                f"DELETE FROM store_essays WHERE id = '{key}'",
                f"INSERT INTO store_essays (id, version, body) VALUES ('{key}', 1, '{body}') ON CONFLICT (id) DO NOTHING",
                f"UPDATE store_essays SET body = '{body}' WHERE id = '{key}'",
            ):
                try:
                    await direct.run(statement)
                except asyncpg.DeadlockDetectedError:
                    # A plain delete holds the row before it asks for the ledger; PostgreSQL picks who tries again.
                    continue
                if not direct.is_sqlite or turn % 4 == 0:
                    await asyncio.sleep(0)
        await direct.close()

    async def watch() -> None:
        direct = Direct(database_url)
        while not done.is_set():
            for key, version, body in await direct.run("SELECT id, version, body FROM store_essays"):
                see(key, version, json.loads(body))
            await asyncio.sleep(0.005)
        await direct.close()

    done = asyncio.Event()
    watching = asyncio.create_task(watch())
    await asyncio.gather(*(through_the_library(mark) for mark in range(64)), *(in_plain_sql(mark) for mark in range(4)))
    done.set()
    await watching
    assert len(states) > 16


async def test_a_client_with_the_old_version_is_told(database_url: str) -> None:
    """Through the doors: a plain update makes what the client holds stale, on REST and in GraphQL."""
    bridge: Bridge = demo_bridge(database_url)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=bridge.app()), base_url="http://localhost") as client:
        tag = (await client.get("/api/users/1")).headers["etag"]
        await asyncio.to_thread(Ground(database_url, bridge.resources).install_triggers)
        await plainly(database_url, "UPDATE users SET name = 'changed outside' WHERE id = 1")
        stale = await client.patch("/api/users/1", json={"name": "mine"}, headers={"If-Match": tag})
        assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
        assert stale.json()["current"]["name"] == "changed outside"
        assert stale.json()["currentVersion"] == int(tag.strip('"')) + 1
        mutation = (
            f'mutation {{ patchUser(id: "1", version: {tag.strip(chr(34))}, patch: {{name: "mine"}}) {{ ... on Problem {{ code }} }} }}'
        )
        answer = await client.post("/graphql", json={"query": mutation})
        assert answer.json() == {"data": {"patchUser": {"code": "version_mismatch"}}}
    await bridge.close()


async def test_the_store_opens_over_triggers_and_they_can_go(database_url: str, direct: Direct) -> None:
    store = await opened(database_url, SHAPES, create=True)
    await store.close()
    ground = Ground(database_url, SHAPES)
    for _ in range(2):
        assert await asyncio.to_thread(ground.install_triggers) == [shape.table for shape in SHAPES]
    store = await opened(database_url, SHAPES)
    await store.commit(SHAPES[1], (Insert("k", BARE, NOTHING),))
    assert await asyncio.to_thread(ground.differences) == []
    assert await asyncio.to_thread(ground.drop_triggers) is True
    assert await asyncio.to_thread(ground.drop_triggers) is False
    await direct.run("""UPDATE store_essays SET body = '[]'""")
    assert await version_of(direct, "k") == 1
    left = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
    if not direct.is_sqlite:
        left = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'diptych%'"
    assert await direct.run(left) == [(0,)]
    await store.close()


async def test_tables_that_do_not_fit_get_no_triggers(database_url: str) -> None:
    with pytest.raises(MigrationError, match="upgrade it or adopt its tables first:\n- There is no table store_authors"):
        await asyncio.to_thread(Ground(database_url, SHAPES).install_triggers)


async def test_triggers_stay_through_an_upgrade_and_know_the_new_columns(database_url: str, folder: Path, direct: Direct) -> None:
    await with_rows(database_url)
    await asyncio.to_thread(Ground(database_url, THEN).install_triggers)
    if direct.is_sqlite:
        # Somebody's own, which a rebuild would take along.
        await direct.run("CREATE TABLE log (note INTEGER)")
        await direct.run("CREATE TRIGGER own AFTER UPDATE ON moved_notes BEGIN INSERT INTO log VALUES (NEW.id); END")
    ground = await moved(database_url, NOW, folder)
    await direct.run("UPDATE moved_notes SET flag = " + ("0" if direct.is_sqlite else "false") + " WHERE id = 1")
    assert await version_of(direct, 1, "moved_notes") == 2
    if direct.is_sqlite:
        assert (1,) in await direct.run("SELECT note FROM log")
    await asyncio.to_thread(ground.downgrade, folder, "-1", lambda _: None)
    await direct.run("UPDATE moved_notes SET title = 'other' WHERE id = 1")
    assert await version_of(direct, 1, "moved_notes") == 3
