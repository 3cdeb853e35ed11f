"""Names that SQL keeps for itself, names that need quotes, triggers of others, and revisions written by hand."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Field

from diptych.migrations import MigrationError
from diptych.resource.declaration import Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.semantics.change import Committed, Insert, Remove
from diptych.semantics.version import NOTHING, Version
from tests.migrations.conftest import moved, opened, plainly


class Then(Versioned):
    metadata = sa.MetaData()


class Now(Versioned):
    metadata = sa.MetaData()


class OrderThen(Then, table=True):
    __tablename__ = "order"

    id: int | None = Field(default=None, primary_key=True)
    select: str = "a"
    count_of: int = Field(default=0, sa_column=sa.Column("camelCase", sa.Integer, nullable=False))
    gone: str | None = None


class GroupThen(Then, table=True):
    __tablename__ = "It's 100% Group"
    __table_args__ = (sa.CheckConstraint("length(id) < 10"),)

    id: str = Field(primary_key=True, max_length=20)
    user: str | None = None
    order: int | None = Field(default=None, foreign_key="order.id")


class SpacedThen(Then, table=True):
    __tablename__ = "two words"

    id: int | None = Field(default=None, primary_key=True)
    text: str = "a"
    gone: int | None = None


class OrderNow(Now, table=True):
    __tablename__ = "order"

    id: int | None = Field(default=None, primary_key=True)
    select: str | None = "a"
    count_of: int = Field(default=0, sa_column=sa.Column("camelCase", sa.Integer, nullable=False))
    table: str = "it's: 100%"
    from_date: str | None = Field(default=None, sa_column=sa.Column("fromDate", sa.String, index=True))


class GroupNow(Now, table=True):
    __tablename__ = "It's 100% Group"
    __table_args__ = (sa.CheckConstraint("length(id) < 10"),)

    id: str = Field(primary_key=True, max_length=20)
    user: str = Field(default="nobody", unique=True)
    order: int | None = Field(default=None, foreign_key="order.id", index=True)


class SpacedNow(Now, table=True):
    __tablename__ = "two words"

    id: int | None = Field(default=None, primary_key=True)
    text: str | None = "a"


def shapes_of(order: Any, group: Any, spaced: Any) -> Any:
    return read_resources(
        [Resource(order, type_name="Order"), Resource(group, type_name="Group", keys="client"), Resource(spaced, type_name="Spaced")]
    )


THEN = shapes_of(OrderThen, GroupThen, SpacedThen)
NOW = shapes_of(OrderNow, GroupNow, SpacedNow)
GROUP = '"It\'s 100% Group"'
V1, V2 = Version(1), Version(2)


async def test_names_that_need_quotes(database_url: str, folder: Path) -> None:
    """Made, filled, moved forth and back with triggers; no row is lost, and no key is given twice."""
    ground = await moved(database_url, THEN, folder, "first")
    assert await asyncio.to_thread(ground.differences) == []
    await asyncio.to_thread(ground.install_triggers)
    store = await opened(database_url, THEN)
    order, group, spaced = THEN
    try:
        await store.commit(order, (Insert(None, {"select": "x", "countOf": 1, "gone": None}, NOTHING),))
        await store.commit(group, (Insert("k", {"user": "u", "order": 1}, NOTHING),))
        for _ in range(2):
            await store.commit(spaced, (Insert(None, {"text": "t", "gone": 1}, NOTHING),))
        await store.commit(spaced, (Remove(2, V1),))
    finally:
        await store.close()
    ground = await moved(database_url, NOW, folder, "second")
    assert await asyncio.to_thread(ground.differences) == []
    assert await asyncio.to_thread(ground.upgrade, folder, "head", lambda _: None) == ()
    await plainly(database_url, 'UPDATE "order" SET "camelCase" = 5', f"UPDATE {GROUP} SET \"user\" = 'v'")
    assert await plainly(database_url, 'SELECT version, "camelCase", "table" FROM "order"') == [(2, 5, "it's: 100%")]
    assert await plainly(database_url, f'SELECT version, "user", "order" FROM {GROUP}') == [(2, "v", 1)]
    with pytest.raises(MigrationError, match="CHECK"):
        await plainly(database_url, f"INSERT INTO {GROUP} (id, version, \"user\") VALUES ('far too long', 1, 'w')")
    store = await opened(database_url, NOW)
    try:
        made = await store.commit(NOW[2], (Insert(None, {"text": "new"}, NOTHING),))
        assert isinstance(made, Committed)
        assert made.rows[0].key == 3, "the key of the row that was deleted is not given again"
    finally:
        await store.close()
    await asyncio.to_thread(ground.downgrade, folder, "base", lambda _: None)
    assert await asyncio.to_thread(ground.upgrade, folder, "head", lambda _: None) == ()


async def test_triggers_of_others_stay(database_url: str, folder: Path) -> None:
    """What somebody else does when a row changes is still done after a move, and the versions step as before."""
    ground = await moved(database_url, THEN, folder, "first")
    heard = "CREATE TABLE heard (what text)"
    if database_url.startswith("sqlite"):
        theirs = ['CREATE TRIGGER theirs AFTER UPDATE ON "order" BEGIN INSERT INTO heard VALUES (NEW."select"); END']
    else:
        theirs = [
            "CREATE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql"
            ' AS $$ BEGIN INSERT INTO heard VALUES (NEW."select"); RETURN NEW; END $$',
            'CREATE TRIGGER theirs AFTER UPDATE ON "order" FOR EACH ROW EXECUTE FUNCTION theirs()',
        ]
    await plainly(database_url, heard, *theirs, 'INSERT INTO "order" (version, "select", "camelCase") VALUES (1, \'a\', 0)')
    await asyncio.to_thread(ground.install_triggers)
    await moved(database_url, NOW, folder, "second")
    await plainly(database_url, 'UPDATE "order" SET "select" = \'b\'')
    assert await plainly(database_url, 'SELECT version FROM "order"') == [(2,)]
    assert set(await plainly(database_url, "SELECT what FROM heard")) == {("b",)}


async def test_a_revision_without_words(database_url: str, folder: Path) -> None:
    """Who writes a revision by hand need not say what it is for."""
    ground = await moved(database_url, THEN, folder, "first")
    (before,) = await asyncio.to_thread(ground.current)
    by_hand = f"revision = 'abc'\ndown_revision = {before!r}\n\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n"
    (folder / "versions" / "abc_by_hand.py").write_text(by_hand, encoding="utf-8")
    assert (await asyncio.to_thread(ground.history, folder))[0].startswith("abc ")
    said: list[str] = []
    await asyncio.to_thread(ground.upgrade, folder, "head", said.append)
    assert said == ["up to abc"]
