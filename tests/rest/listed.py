"""Resources to list: one with a field of every kind to filter by, and one that it refers to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, Final
from uuid import UUID

import httpx
from sqlalchemy import JSON, BigInteger
from sqlmodel import Field, Relationship

from diptych import Bridge, Resource, Versioned
from diptych.resource.reading import read_resources


class Colour(Enum):
    RED = "red"
    DARK_BLUE = "dark-blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 10


class Maker(Versioned, table=True):
    """Who makes parts."""

    __tablename__ = "rest_makers"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    parts: list["Part"] = Relationship(back_populates="maker")
    jigs: list["Jig"] = Relationship(back_populates="maker")


class Part(Versioned, table=True):
    """A part. One of its fields is called like a parameter, one is hidden, and one cannot be filtered by."""

    __tablename__ = "rest_parts"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    note: str | None = None
    limit: int | None = None
    count: int = 0
    big: int = Field(default=0, sa_type=BigInteger)
    ratio: float = 0.5
    flag: bool = False
    price: Decimal = Field(default=Decimal("1.50"), max_digits=10, decimal_places=2)
    moment: datetime = datetime.fromisoformat("2024-05-17T09:30:00Z")
    day: date = date(2024, 5, 17)
    clock: time = time(9, 30)
    span: timedelta = timedelta(hours=1)
    token: UUID = UUID(int=1)
    colour: Colour = Colour.RED
    level: Level = Level.LOW
    labels: list[str] = Field(default_factory=list, sa_type=JSON)
    blob: bytes = b"\x00"
    plain: str = ""
    secret: str | None = None
    maker_id: int | None = Field(default=None, foreign_key="rest_makers.id", index=True)
    maker: Maker | None = Relationship(back_populates="parts")


class Jig(Versioned, table=True):
    """A tool that refers to its maker, and whose key is text."""

    __tablename__ = "rest_jigs"
    id: str = Field(primary_key=True)
    maker_id: int | None = Field(default=None, foreign_key="rest_makers.id", index=True)
    maker: Maker | None = Relationship(back_populates="jigs")


# All but `plain` and `secret`.
_FILTERED: Final = frozenset(Part.model_fields) - {"id", "version", "plain", "secret", "maker_id"}
_ORDERED: Final = ("name", "note", "limit", "count", "moment")
RESOURCES: Final = (
    Resource(Maker, versions="optional"),
    Resource(Part, versions="optional", hidden={"secret"}, filter_by=_FILTERED, order_by=_ORDERED),
    Resource(Jig, versions="optional", keys="client"),
)
LISTED: Final = {shape.name: shape for shape in read_resources(RESOURCES)}


@asynccontextmanager
async def listed(database: str, parts: list[dict[str, Any]]) -> AsyncIterator[httpx.AsyncClient]:
    """These resources behind the door: two makers, whose numbers are 1 and 2, and some parts."""
    bridge = Bridge(database, RESOURCES)
    await bridge.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        for path, rows in (("/api/makers", [{"name": "One"}, {"name": "Two"}]), ("/api/parts", parts)):
            for row in rows:
                answer = await client.post(path, json=row)
                assert answer.status_code == 201, answer.text
        yield client
    await bridge.close()
