"""Tables that are there are compared with their models, never altered; what does not fit is told in words."""

import asyncio
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Field

from diptych.resource.declaration import Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.semantics.change import Committed, Insert
from diptych.semantics.version import NOTHING
from diptych.store import SqlStore, TableMismatch
from diptych.store.fit_types import difference_of_types
from tests.store.conftest import SHAPES, Direct


class Owner(Versioned, table=True):
    __tablename__ = "fit_owners"

    id: int | None = Field(default=None, primary_key=True)


class Note(Versioned, table=True):
    __tablename__ = "fit_notes"

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=40, unique=True)
    count: int | None = None
    owner_id: int | None = Field(default=None, foreign_key="fit_owners.id", index=True)


class Tag(Versioned, table=True):
    __tablename__ = "fit_tags"

    id: str = Field(primary_key=True, max_length=20)


FIT = read_resources([Resource(Owner), Resource(Note), Resource(Tag, keys="client")])

OWNERS = "CREATE TABLE fit_owners (id {serial}, version BIGINT NOT NULL)"
NOTES = (
    "CREATE TABLE fit_notes (id {serial}, version BIGINT NOT NULL, title VARCHAR(40) NOT NULL UNIQUE, count INTEGER,"
    " owner_id INTEGER REFERENCES fit_owners (id))"
)
SERIAL = {True: "INTEGER PRIMARY KEY AUTOINCREMENT", False: "SERIAL PRIMARY KEY"}


async def make(direct: Direct, notes: str = NOTES) -> None:
    await direct.run(OWNERS.format(serial=SERIAL[direct.is_sqlite]))
    await direct.run(notes.format(serial=SERIAL[direct.is_sqlite]))


async def mismatch(database_url: str, *, create: bool = True) -> str:
    store = SqlStore(database_url, FIT, create_tables=create)
    with pytest.raises(TableMismatch) as refused:
        await store.open()
    await store.close()
    return str(refused.value)


async def test_tables_that_fit_are_used(database_url: str, direct: Direct) -> None:
    await make(direct)
    await direct.run("INSERT INTO fit_owners (version) VALUES (1)")
    store = SqlStore(database_url, FIT)
    await store.open()
    note = {"title": "a", "count": None, "ownerId": 1}
    assert isinstance(await store.commit(FIT[1], (Insert(None, note, NOTHING),)), Committed)
    await store.close()


async def test_columns_that_hold_more_fit(database_url: str, direct: Direct) -> None:
    await make(direct, NOTES.replace("VARCHAR(40)", "TEXT").replace(", count", ", more INTEGER, extra INTEGER NOT NULL DEFAULT 0, count"))
    store = SqlStore(database_url, FIT)
    await store.open()
    await store.close()


@pytest.mark.parametrize(
    ("found", "expected", "difference"),
    [
        pytest.param(sa.Numeric(), sa.Numeric(10, 2), None, id="a-number-without-bounds"),
        pytest.param(sa.Numeric(9, 2), sa.Numeric(10, 2), "NUMERIC(9, 2); the model expects NUMERIC(10, 2)", id="a-shorter-number"),
        pytest.param(sa.Text(), sa.String(5), None, id="text-without-bounds"),
        pytest.param(sa.String(5), sa.String(), "TEXT of at most 5 characters; the model expects TEXT", id="text-with-a-bound"),
        pytest.param(sa.REAL(), sa.Double(), "REAL; the model expects DOUBLE PRECISION", id="a-float-of-32-bits"),
        pytest.param(sa.JSON(), postgresql.JSONB(), "JSON; the model expects JSONB", id="json-as-text"),
        pytest.param(
            sa.DateTime(),
            sa.DateTime(timezone=True),
            "TIMESTAMP WITHOUT TIME ZONE; the model expects TIMESTAMP WITH TIME ZONE",
            id="a-moment-without-a-zone",
        ),
        pytest.param(sa.Enum("a", name="letter"), sa.String(), "ENUM; the model expects TEXT", id="an-enum-of-the-database"),
        pytest.param(postgresql.INET(), sa.String(), "INET; the model expects TEXT", id="a-type-of-the-database-alone"),
    ],
)
def test_types_of_postgres(found: Any, expected: Any, difference: str | None) -> None:
    assert difference_of_types(found, expected, "postgresql") == difference


async def test_own_tables_fit_when_opened_again(database_url: str) -> None:
    for _ in range(2):
        store = SqlStore(database_url, SHAPES)
        await store.open()
        await store.close()
    store = SqlStore(database_url, SHAPES, create_tables=False)
    await store.open()
    assert await store.ready()
    await store.close()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param(", count INTEGER", "", "fit_notes.count is missing; the model expects INTEGER NULL", id="missing-column"),
        pytest.param("count INTEGER", "count INTEGER NOT NULL", "fit_notes.count is NOT NULL; the model expects NULL", id="not-null"),
        pytest.param("(40) NOT NULL", "(40)", "fit_notes.title is NULL; the model expects NOT NULL", id="nullable"),
        pytest.param("count INTEGER", "count VARCHAR(9)", "the model expects INTEGER", id="another-type"),
        pytest.param(", count", ", more INTEGER NOT NULL, count", "fit_notes.more is NOT NULL without a default", id="column-to-fill"),
        pytest.param(" UNIQUE", "", "fit_notes has no unique constraint on (title)", id="missing-unique"),
        pytest.param(
            "count INTEGER", "count INTEGER UNIQUE", "unique constraint on (count), which the model does not declare", id="unknown-unique"
        ),
        pytest.param(" REFERENCES fit_owners (id)", "", "fit_notes.owner_id has no foreign key to fit_owners.id", id="missing-foreign-key"),
        pytest.param(
            "count INTEGER", "count INTEGER REFERENCES fit_owners (id)", "which the model does not declare", id="unknown-foreign-key"
        ),
        pytest.param("(id))", "(id) ON DELETE CASCADE)", "ON DELETE CASCADE, which changes rows behind", id="cascade"),
        pytest.param("(id))", "(id) ON UPDATE SET NULL)", "ON UPDATE SET NULL, which changes rows behind", id="set-null"),
        pytest.param(
            "(id))", "(id) DEFERRABLE INITIALLY DEFERRED)", "is checked at the commit, where a violation has no owner", id="deferred"
        ),
        pytest.param("version BIGINT NOT NULL, title", "title", "fit_notes.version is missing", id="no-version"),
        pytest.param("id {serial}", "other {serial}", "fit_notes.id is missing; the model expects INTEGER NOT NULL", id="no-key"),
        pytest.param("id {serial}", "id INTEGER UNIQUE, other {serial}", "has the primary key (other)", id="another-key"),
    ],
)
async def test_a_table_that_does_not_fit(database_url: str, direct: Direct, old: str, new: str, says: str) -> None:
    assert old in NOTES
    await make(direct, NOTES.replace(old, new))
    assert says in await mismatch(database_url)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param("ALTER TABLE fit_notes ALTER title TYPE VARCHAR(39)", "TEXT of at most 39 characters", id="shorter-text"),
        pytest.param(
            "ALTER TABLE fit_notes ALTER version TYPE INTEGER", "version is INTEGER; the model expects BIGINT", id="narrow-version"
        ),
        pytest.param(
            "ALTER TABLE fit_notes ALTER id DROP DEFAULT; DROP SEQUENCE fit_notes_id_seq", "id does not count by itself", id="no-sequence"
        ),
        pytest.param(
            "ALTER TABLE fit_notes ALTER id DROP DEFAULT; DROP SEQUENCE fit_notes_id_seq;"
            " ALTER TABLE fit_notes ALTER id ADD GENERATED ALWAYS AS IDENTITY",
            "id does not count by itself",
            id="identity-that-takes-no-keys",
        ),
        pytest.param(
            "CREATE COLLATION odd (provider = libc, locale = 'C');"
            " CREATE TABLE fit_tags (id VARCHAR(20) COLLATE odd PRIMARY KEY, version BIGINT NOT NULL)",
            "sorted by the collation odd",
            id="order-by-language",
        ),
    ],
)
@pytest.mark.postgres
async def test_a_table_of_postgres_that_does_not_fit(postgres_url: str, change: str, says: str) -> None:
    direct = Direct(postgres_url)
    await make(direct)
    for statement in change.split("; "):
        await direct.run(statement)
    assert says in await mismatch(postgres_url)
    await direct.close()


async def test_a_missing_autoincrement(sqlite_url: str) -> None:
    direct = Direct(sqlite_url)
    await direct.run(OWNERS.format(serial=SERIAL[True]))
    await direct.run(NOTES.format(serial="INTEGER PRIMARY KEY"))
    assert "has no AUTOINCREMENT" in await mismatch(sqlite_url)
    await direct.close()


async def test_a_unique_index_of_some_rows(database_url: str, direct: Direct) -> None:
    await make(direct)
    await direct.run("CREATE UNIQUE INDEX some_rows ON fit_notes (count) WHERE count > 5")
    assert "a unique index some_rows of expressions or of some rows only" in await mismatch(database_url)


@pytest.mark.postgres
async def test_an_identity_fits(postgres_url: str) -> None:
    direct = Direct(postgres_url)
    await direct.run("CREATE TABLE fit_owners (id INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, version BIGINT NOT NULL)")
    store = SqlStore(postgres_url, FIT)
    answers = await asyncio.gather(*(store.commit(FIT[0], (Insert(None, {}, NOTHING),)) for _ in range(3)))
    assert sorted(answer.rows[0].key for answer in answers if isinstance(answer, Committed)) == [1, 2, 3]
    await store.close()
    await direct.close()


async def test_every_difference_is_told_at_once(database_url: str, direct: Direct) -> None:
    await make(direct, NOTES.replace(", count INTEGER", "").replace(" UNIQUE", ""))
    text = await mismatch(database_url)
    assert "fit_notes.count is missing" in text
    assert "no unique constraint on (title)" in text
    assert await direct.run("SELECT count(*) FROM fit_notes") == [(0,)]
    with pytest.raises(Exception, match="fit_tags"):
        await direct.run("SELECT * FROM fit_tags")


async def test_tables_that_are_not_to_be_created(database_url: str) -> None:
    text = await mismatch(database_url, create=False)
    assert "There is no table fit_notes" in text
    assert "There is no table fit_tags_ledger" in text


async def test_a_reference_to_a_table_that_is_not_there(database_url: str) -> None:
    store = SqlStore(database_url, FIT[1:2])
    with pytest.raises(TableMismatch, match="refers to a table fit_owners, which is not there"):
        await store.open()
    await store.close()


async def test_a_reference_to_a_table_that_is_no_resource(database_url: str, direct: Direct) -> None:
    await direct.run(OWNERS.format(serial=SERIAL[direct.is_sqlite]))
    store = SqlStore(database_url, FIT[1:2])
    await store.open()
    await store.close()


async def test_stores_that_open_at_once(database_url: str, shapes: SimpleNamespace) -> None:
    stores = [SqlStore(database_url, shapes.all) for _ in range(5)]
    await asyncio.gather(*(store.open() for store in stores))
    assert await asyncio.gather(*(store.ready() for store in stores)) == [True] * 5
    await asyncio.gather(*(store.close() for store in stores))


_OPEN = """
import asyncio, sys
from diptych.store import SqlStore
from diptych.store.fit_types import difference_of_types
from tests.store.conftest import SHAPES

async def main():
    store = SqlStore(sys.argv[1], SHAPES)
    await store.open()
    await store.close()

asyncio.run(main())
"""


@pytest.mark.slow
def test_processes_that_open_at_once(database_url: str) -> None:
    root = Path(__file__).parents[2]
    processes = [subprocess.Popen([sys.executable, "-c", _OPEN, database_url], cwd=root) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
