"""Databases that are away, locked, full, or lost in the middle: nobody gets a wrong acknowledgement."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from diptych.semantics.change import Committed, Insert, Raced, Update
from diptych.semantics.outcome import Page, Unavailable
from diptych.semantics.read import Window
from diptych.semantics.row import UNKNOWN_TO_THE_STORE, Facts
from diptych.semantics.version import NOTHING, Version
from diptych.service.ports import StoreError
from diptych.store import DatabaseAway, SqlStore
from tests.store.conftest import Direct

V1 = Version(1)


def author(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "email": f"{name}@x", "town": None, "phone": None, "books": 0, **more}


@contextmanager
def statement_fails(text: str, error: Exception, *, as_it_is: bool = False) -> Iterator[None]:
    """Let one statement, the next that starts with this text, fail with a driver's error, wrapped as SQLAlchemy does or as it is."""
    real = sa.Connection.exec_driver_sql
    armed = True

    def planted(self: sa.Connection, statement: str, *rest: Any, **more: Any) -> Any:
        nonlocal armed
        if armed and statement.startswith(text):
            armed = False
            raise error if as_it_is else sa.exc.OperationalError(statement, None, error)
        return real(self, statement, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sa.Connection, "exec_driver_sql", planted)
        yield


async def test_what_was_acknowledged_is_there_after_a_restart(store: SqlStore, database_url: str, shapes: SimpleNamespace) -> None:
    await store.commit(shapes.author, (Insert(None, author("a"), NOTHING),))
    answers = await asyncio.gather(*(store.commit(shapes.author, (Update(1, V1, author("b")),)) for _ in range(1)), store.close())
    assert isinstance(answers[0], Committed), "close waits for the work under way"
    assert await store.fetch(shapes.author, 1) == Unavailable()
    assert await store.commit(shapes.author, (Update(1, V1, author("b")),)) == Unavailable()
    assert await store.window(shapes.author, Window(None, None, 1, "first")) == Unavailable()
    assert not await store.ready()
    other = SqlStore(database_url, shapes.all)
    assert (await other.fetch(shapes.author, 1)).version == 2  # type: ignore[union-attr]
    await other.close()
    await store.open()
    assert (await store.fetch(shapes.author, 1)).version == 2  # type: ignore[union-attr]


async def test_a_server_that_is_not_there(shapes: SimpleNamespace) -> None:
    store = SqlStore("postgresql://nobody@127.0.0.1:1/nothing", shapes.all)
    with pytest.raises(DatabaseAway):
        await store.open()
    assert await store.fetch(shapes.author, 1) == Unavailable()
    assert await store.commit(shapes.author, (Insert(None, author("a"), NOTHING),)) == Unavailable()
    assert not await store.ready()
    await store.close()


@pytest.mark.postgres
async def test_a_database_that_is_not_there_is_no_passing_trouble(postgres_url: str, shapes: SimpleNamespace) -> None:
    store = SqlStore(postgres_url.replace("/test?", "/no_such_database?"), shapes.all)
    with pytest.raises(StoreError) as refused:
        await store.open()
    assert not isinstance(refused.value, DatabaseAway)
    assert "no_such_database" not in str(refused.value), "the driver's words stay inside"
    await store.close()


async def test_a_file_that_is_no_database(tmp_path: Path, shapes: SimpleNamespace) -> None:
    (tmp_path / "text.db").write_text("This is no database. " * 100)
    store = SqlStore(f"sqlite:///{tmp_path}/text.db", shapes.all)
    with pytest.raises(StoreError):
        await store.open()
    await store.close()


@pytest.mark.parametrize("callers", [1, 3])
async def test_a_row_that_stays_locked(database_url: str, direct: Direct, shapes: SimpleNamespace, callers: int) -> None:
    """The callers are told that the database is busy, and the next ones are served."""
    store = SqlStore(database_url, shapes.all, busy_seconds=0.3)
    for i in range(callers):
        await store.commit(shapes.author, (Insert(None, author(str(i)), NOTHING),))
    await direct.run("BEGIN IMMEDIATE" if direct.is_sqlite else "BEGIN")
    await direct.run("UPDATE store_authors SET books = 7 WHERE id = 1")
    updates = [(Update(key, V1, author(str(key - 1), books=1)),) for key in range(1, callers + 1)]
    assert await asyncio.gather(*(store.commit(shapes.author, update) for update in updates)) == [Unavailable()] * callers
    assert isinstance(await store.fetch(shapes.author, 1), Facts), "readers wait for nobody"
    await direct.run("ROLLBACK")
    answers = await asyncio.gather(*(store.commit(shapes.author, update) for update in updates))
    assert all(isinstance(answer, Committed) for answer in answers)
    await store.close()


async def test_a_full_disk(sqlite_url: str, shapes: SimpleNamespace) -> None:
    """All of the batch are refused and nothing is written; the store goes on where there is room again."""
    store = SqlStore(sqlite_url, shapes.all)
    await store.open()
    pages = 60

    def limit(driver: Any, _: Any) -> None:
        driver.execute(f"PRAGMA max_page_count = {pages}")

    sa.event.listen(store._database._engine, "connect", limit)  # type: ignore[attr-defined]
    large = {"body": {"text": "x" * 300_000}, "authorId": None, "answers": None}
    small: dict[str, Any] = {"body": {}, "authorId": None, "answers": None}
    answers = await asyncio.gather(
        store.commit(shapes.essay, (Insert("small", small, NOTHING),)), store.commit(shapes.essay, (Insert("large", large, NOTHING),))
    )
    assert set(answers) == {Unavailable()}
    assert await store.fetch(shapes.essay, "small") == UNKNOWN_TO_THE_STORE
    assert isinstance(await store.commit(shapes.essay, (Insert("small", small, NOTHING),)), Committed)
    await store.close()


async def test_a_commit_that_fails_is_acknowledged_to_nobody(sqlite_url: str, shapes: SimpleNamespace) -> None:
    store = SqlStore(sqlite_url, shapes.all)
    await store.open()
    error = Exception("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_FSYNC"  # type: ignore[attr-defined]
    with statement_fails("COMMIT", error):
        answers = await asyncio.gather(
            *(store.commit(shapes.author, (Insert(None, author(str(i)), NOTHING),)) for i in range(3)), return_exceptions=True
        )
    assert [type(answer) for answer in answers] == [StoreError] * 3
    assert isinstance(await store.commit(shapes.author, (Insert(None, author("later"), NOTHING),)), Committed)
    await store.close()


async def test_a_commit_that_finds_the_file_locked_has_written_nothing(sqlite_url: str, shapes: SimpleNamespace) -> None:
    store = SqlStore(sqlite_url, shapes.all)
    await store.open()
    error = Exception("database is locked")
    error.sqlite_errorname = "SQLITE_BUSY"  # type: ignore[attr-defined]
    with statement_fails("COMMIT", error):
        assert await store.commit(shapes.author, (Insert(None, author("a"), NOTHING),)) == Unavailable()
    assert isinstance(await store.commit(shapes.author, (Insert(None, author("a"), NOTHING),)), Committed)
    await store.close()


@pytest.mark.postgres
async def test_a_server_that_went_away(postgres_url: str, shapes: SimpleNamespace) -> None:
    """While it cannot be reached callers are told so; once it is back they are served, by new connections."""
    store, direct = SqlStore(postgres_url, shapes.all), Direct(postgres_url)
    await store.commit(shapes.author, (Insert(None, author("a"), NOTHING),))
    assert isinstance(await store.fetch(shapes.author, 1), Facts)
    await cut(direct)
    await asyncio.sleep(0.1)

    async def refuse(self: AsyncEngine) -> None:
        raise ConnectionRefusedError

    update = (Update(1, V1, author("b")),)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AsyncEngine, "connect", refuse)
        assert await store.fetch(shapes.author, 1) == Unavailable()
        assert await store.window(shapes.author, Window(None, None, 1, "first")) == Unavailable()
        assert await store.commit(shapes.author, update) == Unavailable()
        assert not await store.ready()
    assert isinstance(await store.commit(shapes.author, update), Committed)
    assert await store.ready()
    await store.close()
    await direct.close()


async def test_a_file_that_is_locked_when_the_store_opens(sqlite_url: str, shapes: SimpleNamespace) -> None:
    direct = Direct(sqlite_url)
    await direct.run("CREATE TABLE stranger (id INTEGER)")
    await direct.run("BEGIN EXCLUSIVE")
    store = SqlStore(sqlite_url, shapes.all, busy_seconds=0.2)
    with pytest.raises(DatabaseAway):
        await store.open()
    assert await store.fetch(shapes.author, 1) == Unavailable()
    await direct.run("ROLLBACK")
    assert isinstance(await store.fetch(shapes.author, 1), Facts)
    await store.close()
    await direct.close()


@pytest.mark.postgres
async def test_a_set_whose_connection_is_lost_before_the_commit(postgres_url: str, shapes: SimpleNamespace) -> None:
    store = SqlStore(postgres_url, shapes.all)
    await store.open()
    changes = (Insert(None, author("a"), NOTHING), Insert(None, author("b"), NOTHING))
    with statement_fails("SAVEPOINT", ConnectionResetError(), as_it_is=True):
        assert await store.commit(shapes.author, changes) == Unavailable()
    with statement_fails("COMMIT", ConnectionResetError(), as_it_is=True), pytest.raises(StoreError):
        await store.commit(shapes.author, changes)
    assert isinstance(await store.commit(shapes.author, changes), Committed)
    await store.close()


async def cut(direct: Direct) -> None:
    await direct.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'diptych' AND datname = 'test'")


@pytest.mark.postgres
async def test_a_connection_that_was_lost_in_idleness_is_replaced(postgres_url: str, shapes: SimpleNamespace) -> None:
    store, direct = SqlStore(postgres_url, shapes.all), Direct(postgres_url)
    await store.commit(shapes.author, (Insert(None, author("a"), NOTHING),))
    assert isinstance(await store.fetch(shapes.author, 1), Facts)
    assert isinstance(await store.window(shapes.author, Window(None, None, 1, "first")), Page)
    for _ in range(2):
        await cut(direct)
        await asyncio.sleep(0.1)
        assert isinstance(await store.fetch(shapes.author, 1), Facts)
        assert isinstance(await store.window(shapes.author, Window(None, None, 1, "first")), Page)
        assert await store.ready()
        assert isinstance(await store.commit(shapes.author, (Update(1, Version(9), author("a")),)), Raced)
    await store.close()
    await direct.close()


_SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.002); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE UPDATE ON store_authors FOR EACH ROW EXECUTE FUNCTION slow()
"""


@pytest.mark.postgres
@pytest.mark.parametrize("end", ["server", "client"])
async def test_connections_that_are_lost_under_load(postgres_url: str, shapes: SimpleNamespace, end: str) -> None:
    """Sixteen writers, each on its own row, while connections are cut: what was acknowledged is there, what was denied is not."""
    store, direct = SqlStore(postgres_url, shapes.all), Direct(postgres_url)
    for i in range(16):
        await store.commit(shapes.author, (Insert(None, author(str(i)), NOTHING),))
    for statement in _SLOW.split(";\nCREATE TRIGGER"):
        await direct.run(statement if "FUNCTION slow() RETURNS" in statement else "CREATE TRIGGER" + statement)
    told = {"committed": 0, "unavailable": 0, "unknown": 0}
    over = False

    async def write(key: int) -> None:
        # An unknown outcome stays unknown until the next commit: the lost statement may still be under way in the server.
        version, is_unknown = V1, False
        while not over:
            try:
                answer = await store.commit(shapes.author, (Update(key, version, author(str(key - 1), books=version)),))
            except StoreError:
                told["unknown"] += 1
                is_unknown = True
                answer = Raced()
            facts = await store.fetch(shapes.author, key)
            while not isinstance(facts, Facts):
                facts = await store.fetch(shapes.author, key)
            if isinstance(answer, Committed):
                told["committed"] += 1
                assert answer.rows[0].version == facts.version == version + 1
                is_unknown = False
            else:
                told["unavailable"] += isinstance(answer, Unavailable)
                assert is_unknown or (isinstance(answer, Unavailable) and facts.version == version)
                assert facts.version in (version, version + 1)
            version = facts.version

    writers = [asyncio.create_task(write(key)) for key in range(1, 17)]
    for _ in range(8):
        await asyncio.sleep(0.2)
        if end == "server":
            await cut(direct)
        else:
            for line in store._lines:
                if (driver := getattr(line, "_driver", None)) is not None:
                    driver.terminate()
    over = True
    await asyncio.gather(*writers)
    assert told["committed"] > 0
    assert told["unavailable" if end == "server" else "unknown"] > 0, "some connection was lost in the middle"
    await store.close()
    await direct.close()


@pytest.mark.postgres
async def test_a_column_that_is_altered_meanwhile(postgres_url: str, shapes: SimpleNamespace) -> None:
    """A statement that was prepared for the old column is prepared anew, and no caller sees it."""
    store, direct = SqlStore(postgres_url, shapes.all), Direct(postgres_url)
    await store.commit(shapes.author, (Insert(None, author("a"), NOTHING),))
    assert isinstance(await store.fetch(shapes.author, 1), Facts)
    await direct.run("ALTER TABLE store_authors ALTER name TYPE TEXT")
    assert isinstance(await store.fetch(shapes.author, 1), Facts)
    assert isinstance(await store.commit(shapes.author, (Update(1, V1, author("b")),)), Committed)
    await direct.run("ALTER TABLE store_authors ALTER name TYPE VARCHAR(99)")
    assert isinstance(await store.commit(shapes.author, (Update(1, Version(2), author("c")),)), Committed)
    await store.close()
    await direct.close()


@pytest.mark.postgres
async def test_a_database_whose_default_is_serializable(postgres_url: str, shapes: SimpleNamespace) -> None:
    direct = Direct(postgres_url)
    await direct.run("ALTER DATABASE test SET default_transaction_isolation = 'serializable'")
    one, two = SqlStore(postgres_url, shapes.all), SqlStore(postgres_url, shapes.all)
    await one.commit(shapes.author, (Insert(None, author("a"), NOTHING),))
    won = 0

    async def write(store: SqlStore) -> None:
        nonlocal won
        for _ in range(20):
            facts = await store.fetch(shapes.author, 1)
            assert isinstance(facts, Facts)
            assert facts.row is not None
            answer = await store.commit(shapes.author, (Update(1, facts.version, {**facts.row.values, "books": facts.version}),))
            assert isinstance(answer, Committed | Raced)
            won += isinstance(answer, Committed)

    await asyncio.gather(*(write(store) for store in (one, two) * 4))
    assert (await one.fetch(shapes.author, 1)).version == won + 1  # type: ignore[union-attr]
    await one.close()
    await two.close()
    await direct.close()


_WRITER = """
import asyncio, sys
from diptych.semantics.change import Committed, Insert, Update
from diptych.store import SqlStore
from tests.store.conftest import SHAPES

async def write(store, shape, name):
    values = {"name": name, "email": name, "town": None, "phone": None, "books": 0}
    row = (await store.commit(shape, (Insert(None, values, 0),))).rows[0]
    while True:
        print(row.key, row.version, flush=True)
        row = (await store.commit(shape, (Update(row.key, row.version, {**values, "books": row.version}),))).rows[0]

async def main():
    store = SqlStore(sys.argv[1], SHAPES)
    await asyncio.gather(*(write(store, SHAPES[0], str(i)) for i in range(8)))

asyncio.run(main())
"""


@pytest.mark.slow
async def test_what_was_acknowledged_survives_a_kill(database_url: str, store: SqlStore, shapes: SimpleNamespace) -> None:
    await store.open()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WRITER, database_url, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    acknowledged: dict[int, int] = {}
    for _ in range(400):
        key, version = map(int, (await process.stdout.readline()).split())
        acknowledged[key] = version
    process.send_signal(signal.SIGKILL)
    rest, _ = await process.communicate()
    for line in rest.splitlines():
        with suppress(ValueError):  # the last line may be cut short
            key, version = map(int, line.split())
            acknowledged[key] = max(version, acknowledged[key])
    for key, version in acknowledged.items():
        facts = await store.fetch(shapes.author, key)
        assert isinstance(facts, Facts)
        assert facts.row is not None
        assert facts.version >= version
        assert facts.row.values["books"] == facts.version - 1
