"""Resources of the store's own tests, and a store over each database."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import sqlalchemy as sa
from sqlmodel import Field

from diptych.resource.declaration import Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.store import SqlStore


class Colour(Enum):
    BLUE = "blue"
    RED = "red"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


class Author(Versioned, table=True):
    __tablename__ = "store_authors"
    __table_args__ = (sa.UniqueConstraint("name", "town"), sa.CheckConstraint("books >= 0 AND name <> '10:30 100%'"))

    id: int | None = Field(default=None, primary_key=True)
    name: str
    email: str = Field(unique=True)
    town: str | None = None
    phone: str | None = Field(default=None, unique=True)
    books: int = 0


class Essay(Versioned, table=True):
    __tablename__ = "store_essays"

    id: str = Field(primary_key=True, max_length=64)
    body: dict[str, Any] = Field(default_factory=dict, sa_column=sa.Column("body", sa.JSON, nullable=False))
    author_id: int | None = Field(default=None, foreign_key="store_authors.id")
    answers: str | None = Field(default=None, foreign_key="store_essays.id")


class Everything(Versioned, table=True):
    __tablename__ = "store_everything"

    id: int | None = Field(default=None, primary_key=True, sa_type=sa.BigInteger)
    text: str | None = None
    short: str | None = Field(default=None, max_length=5)
    integer: int | None = None
    big: int | None = Field(default=None, sa_type=sa.BigInteger)
    number: float | None = None
    truth: bool | None = None
    price: Decimal | None = Field(default=None, max_digits=30, decimal_places=10)
    exact: Decimal | None = None
    moment: datetime | None = None
    day: date | None = None
    hour: time | None = None
    length: timedelta | None = None
    token: UUID | None = None
    colour: Colour | None = None
    size: Size | None = None
    raw: bytes | None = None
    listed: list[Any] | None = Field(default=None, sa_type=sa.JSON)
    free: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)


class Ticket(Versioned, table=True):
    __tablename__ = "store_tickets"

    id: UUID = Field(primary_key=True, default_factory=uuid4)
    seat: str = Field(unique=True)


class Badge(Versioned, table=True):
    __tablename__ = "store_badges"

    id: UUID = Field(primary_key=True)
    text: str = Field(default="", unique=True)


RESOURCES = (
    Resource(Author),
    Resource(Essay, keys="client"),
    Resource(Everything, path="everythings", singular="everything", plural="everythings"),
    Resource(Ticket),
    Resource(Badge, keys="client"),
)

SHAPES = read_resources(RESOURCES)


class Direct:
    """A connection to the same database that knows nothing of the store."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._url = url
        self._sqlite: sqlite3.Connection | None = None
        self._postgres: asyncpg.Connection | None = None

    async def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement; transactions are the caller's affair."""
        if self.is_sqlite:
            self._sqlite = self._sqlite or sqlite3.connect(self._url.removeprefix("sqlite:///"), isolation_level=None)
            return self._sqlite.execute(sql).fetchall()
        self._postgres = self._postgres or await asyncpg.connect(self._url)
        return [tuple(row) for row in await self._postgres.fetch(sql)]

    async def close(self) -> None:
        if self._sqlite is not None:
            self._sqlite.close()
        if self._postgres is not None:
            await self._postgres.close()


@pytest.fixture
async def direct(database_url: str) -> AsyncIterator[Direct]:
    direct = Direct(database_url)
    yield direct
    await direct.close()


@pytest.fixture
def shapes() -> SimpleNamespace:
    """The resources by their type names in lower case."""
    return SimpleNamespace(**{shape.name.lower(): shape for shape in SHAPES}, all=SHAPES)


@pytest.fixture
async def store(database_url: str, shapes: SimpleNamespace) -> AsyncIterator[SqlStore]:
    store = SqlStore(database_url, shapes.all)
    yield store
    await store.close()
