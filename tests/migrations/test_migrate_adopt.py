"""Tables that other programs made and filled become resources in one step, with every row."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from diptych.migrations import Ground, MigrationError
from diptych.migrations.connecting import connect
from diptych.resource.declaration import Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.semantics.change import Committed, Insert, Raced, Remove, Update
from diptych.semantics.row import Facts, Row
from diptych.semantics.version import NOTHING, Version
from diptych.store import SqlStore
from tests.migrations.conftest import opened, plainly
from tests.store.conftest import Direct

V1, V2, V3 = Version(1), Version(2), Version(3)


class Separate(SQLModel):
    metadata = sa.MetaData()


class OldShop(Separate, table=True):
    """As somebody has had it for years, with SQLModel and without versions."""

    __tablename__ = "adopted_shops"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=40, unique=True, index=True)
    founded: int | None = None
    inside: int | None = Field(default=None, foreign_key="adopted_shops.id")


class OldPage(Separate, table=True):
    __tablename__ = "adopted_pages"

    id: str = Field(primary_key=True, max_length=20)
    shop_id: int | None = Field(default=None, foreign_key="adopted_shops.id")
    forgotten: str | None = None


class Adopted(Versioned):
    metadata = sa.MetaData()


class Shop(Adopted, table=True):
    __tablename__ = "adopted_shops"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=40, unique=True)
    founded: int | None = None
    inside: int | None = Field(default=None, foreign_key="adopted_shops.id")


class Page(Adopted, table=True):
    __tablename__ = "adopted_pages"

    id: str = Field(primary_key=True, max_length=20)
    shop_id: int | None = Field(default=None, foreign_key="adopted_shops.id")


class Fresh(Adopted, table=True):
    __tablename__ = "adopted_fresh"

    id: int | None = Field(default=None, primary_key=True)
    text: str = Field(default="", index=True)


ADOPTED = read_resources([Resource(Shop), Resource(Page, keys="client"), Resource(Fresh, plural="freshOnes")])
SHOPS, PAGES, FRESH = ADOPTED


@pytest.fixture
def populated(database_url: str) -> str:
    """The tables of the years before, with rows; the greatest number was deleted again."""

    def fill(connection: sa.Connection) -> None:
        Separate.metadata.create_all(connection)
        if connection.dialect.name == "postgresql":
            # As in a database that was made for a language.
            connection.exec_driver_sql("CREATE COLLATION odd (provider = libc, locale = 'C')")
            connection.exec_driver_sql("ALTER TABLE adopted_pages ALTER id TYPE VARCHAR(20) COLLATE odd")
        connection.exec_driver_sql("INSERT INTO adopted_shops (name, founded) VALUES ('a', 1900), ('b', NULL), ('c', 2000)")
        connection.exec_driver_sql("UPDATE adopted_shops SET inside = 1 WHERE name = 'b'")
        connection.exec_driver_sql("INSERT INTO adopted_pages (id, shop_id, forgotten) VALUES ('x', 1, 'kept'), ('y', NULL, NULL)")
        connection.exec_driver_sql("CREATE VIEW shop_names AS SELECT name FROM adopted_shops")

    connect(database_url, fill)
    return database_url


@pytest.fixture
async def adopted(populated: str, folder: Path) -> SimpleNamespace:
    ground = Ground(populated, ADOPTED)
    written, _ = await asyncio.to_thread(ground.adopt, folder, "adopt")
    await asyncio.to_thread(lambda: ground.upgrade(folder, "head", lambda _: None, must_fit=True))
    return SimpleNamespace(url=populated, ground=ground, written=written, folder=folder)


def shop(name: str, founded: int | None = None, inside: int | None = None) -> dict[str, Any]:
    return {"name": name, "founded": founded, "inside": inside}


async def test_rows_of_before_are_served_and_changed(adopted: SimpleNamespace) -> None:
    store: SqlStore = await opened(adopted.url, ADOPTED)
    assert await store.fetch(SHOPS, 1) == Facts(Row(1, V1, shop("a", 1900)), V1)
    assert await store.fetch(SHOPS, 2) == Facts(Row(2, V1, shop("b", None, 1)), V1)
    assert await store.fetch(PAGES, "x") == Facts(Row("x", V1, {"shopId": 1}), V1)
    assert await store.commit(SHOPS, (Update(2, V1, shop("B")),)) == Committed((Row(2, V2, shop("B")),))
    assert await store.commit(SHOPS, (Update(2, V1, shop("lost")),)) == Raced()
    assert await store.commit(SHOPS, (Remove(3, V1),)) == Committed((Row(3, V1, shop("c", 2000)),))
    born = await store.commit(SHOPS, (Insert(None, shop("d"), NOTHING),))
    assert born == Committed((Row(4, V1, shop("d")),))
    assert await store.commit(PAGES, (Remove("x", V1),)) == Committed((Row("x", V1, {"shopId": 1}),))
    assert await store.commit(PAGES, (Insert("x", {"shopId": 2}, V1),)) == Committed((Row("x", V2, {"shopId": 2}),))
    assert isinstance(await store.commit(FRESH, (Insert(None, {"text": "new"}, NOTHING),)), Committed)
    await store.close()


async def test_nothing_of_the_owner_is_lost(adopted: SimpleNamespace) -> None:
    assert await plainly(adopted.url, "SELECT id, forgotten FROM adopted_pages ORDER BY id") == [("x", "kept"), ("y", None)]
    assert await plainly(adopted.url, "SELECT name FROM shop_names ORDER BY name") == [("a",), ("b",), ("c",)]
    assert await plainly(adopted.url, "SELECT key, version FROM adopted_pages_ledger ORDER BY key") == [("x", 0), ("y", 0)]
    # Programs that know of no version go on as before.
    await plainly(adopted.url, "INSERT INTO adopted_shops (name) VALUES ('by hand')")
    assert await plainly(adopted.url, "SELECT id, version FROM adopted_shops WHERE name = 'by hand'") == [(4, 1)]


async def test_the_greatest_number_of_all_is_not_given_again(adopted: SimpleNamespace) -> None:
    store = await opened(adopted.url, ADOPTED)
    await store.commit(SHOPS, (Remove(3, V1),))
    born = await store.commit(SHOPS, (Insert(None, shop("d"), NOTHING),))
    assert isinstance(born, Committed)
    assert born.rows[0].key == 4
    await store.close()


async def test_adoption_leaves_no_difference_but_the_owner_s_columns(adopted: SimpleNamespace) -> None:
    assert await asyncio.to_thread(lambda: adopted.ground.differences(keep_columns=True)) == []
    with pytest.raises(MigrationError, match="nothing to adopt"):
        await asyncio.to_thread(adopted.ground.adopt, adopted.folder, "again")


async def test_adoption_can_be_undone(adopted: SimpleNamespace) -> None:
    await asyncio.to_thread(adopted.ground.downgrade, adopted.folder, "base", lambda _: None)
    assert await plainly(adopted.url, "SELECT * FROM adopted_pages ORDER BY id") == [("x", 1, "kept"), ("y", None, None)]
    assert await plainly(adopted.url, "SELECT * FROM adopted_shops WHERE id = 2") == [(2, "b", None, 1)]
    await asyncio.to_thread(adopted.ground.upgrade, adopted.folder, "head", lambda _: None)
    store = await opened(adopted.url, ADOPTED)
    await store.close()


async def test_what_adoption_does_is_told(adopted: SimpleNamespace) -> None:
    told = list(adopted.written.does)
    assert "adopted_shops.version is missing." in told
    assert "There is no table adopted_pages_ledger." in told
    assert "There is no table adopted_fresh." in told
    if adopted.url.startswith("sqlite"):
        assert "adopted_shops does not keep its keys from being given twice." in told
    else:
        assert "adopted_pages.id is sorted by the wrong collation." in told


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        pytest.param(
            "CREATE TABLE adopted_shops (id INTEGER NOT NULL, name VARCHAR(40) UNIQUE NOT NULL, founded INTEGER, inside INTEGER,"
            " PRIMARY KEY (id, name))",
            "adopted_shops has the primary key (id, name); the model expects (id).",
            id="a-key-of-two-columns",
        ),
        pytest.param(
            "CREATE TABLE adopted_shops (id INTEGER PRIMARY KEY, name BLOB NOT NULL, founded INTEGER, inside INTEGER)",
            "adopted_shops.name is BYTES; the model expects TEXT of at most 40 characters.",
            id="a-type-that-does-not-fit",
        ),
        pytest.param(
            "CREATE TABLE adopted_shops (id INTEGER PRIMARY KEY, founded INTEGER, inside INTEGER)",
            "adopted_shops.name is missing; the model expects TEXT of at most 40 characters NOT NULL.",
            id="a-column-that-is-missing",
        ),
    ],
)
async def test_what_cannot_be_adopted_is_named(database_url: str, folder: Path, direct: Direct, statement: str, says: str) -> None:
    await direct.run("CREATE TABLE adopted_pages (id VARCHAR(20) PRIMARY KEY, shop_id INTEGER)")
    if not direct.is_sqlite:
        statement = statement.replace("BLOB", "BYTEA")
    await direct.run(statement)
    with pytest.raises(MigrationError, match="cannot be adopted") as refused:
        await asyncio.to_thread(Ground(database_url, ADOPTED).adopt, folder, "adopt")
    assert f"- {says}" in str(refused.value).splitlines()
    assert "version is missing" not in str(refused.value)
    assert list((folder / "versions").glob("*.py")) == []
