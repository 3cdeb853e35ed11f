"""Resources to read: albums with a field of every kind to filter and order by, and the bands they are of; and rows of both."""

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, BigInteger
from sqlmodel import Field, Relationship

from diptych import Resource, Versioned
from tests.doors.door import Subject


class Shade(Enum):
    RED = "red"
    DARK_BLUE = "dark-blue"


class Grade(IntEnum):
    LOW = 1
    HIGH = 10


class Band(Versioned, table=True):
    """Who plays."""

    __tablename__ = "doors_bands"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    founded: int | None = None
    albums: list["Album"] = Relationship(back_populates="band")


class Album(Versioned, table=True):
    """What is played. One of its fields is called like a parameter of REST's."""

    __tablename__ = "doors_albums"
    id: int | None = Field(default=None, primary_key=True)
    title: str
    note: str | None = None
    limit: int | None = None
    big: int = Field(sa_type=BigInteger)
    ratio: float | None = None
    live: bool | None = None
    price: Decimal | None = Field(default=None, max_digits=10, decimal_places=2)
    moment: datetime | None = None
    day: date
    clock: time | None = None
    span: timedelta | None = None
    token: UUID | None = None
    shade: Shade | None = None
    grade: Grade
    labels: list[str] | None = Field(default=None, sa_type=JSON)
    extra: dict[str, Any] = Field(sa_type=JSON)
    blob: bytes | None = None
    band_id: int | None = Field(default=None, foreign_key="doors_bands.id", index=True)
    band: Band | None = Relationship(back_populates="albums")


# For each field some values, in their order where they have one. In text and numbers Python's own order counts.
TEXTS: Final = sorted(
    [
        *("", "a", "A", "ab", "aB", "AB", "b", "B", "%", "_", "a%b", "a_b", "\\", "'", '"', "*", "[a]", "a b", "a+b", "&", "null", "1"),
        *("ä", "Ä", "äb", "İ", "ı", "i", "\u212a", "k", "K", "ß", "\ud7ff", "\ue000", "\uffff", "😀", "\U0010ffff"),
    ]
)
POOLS: Final[dict[str, list[Any]]] = {
    "title": TEXTS,
    "note": TEXTS,
    "limit": [-(2**31), -1, 0, 1, 2, 10, 2**31 - 1],
    "big": [-(2**53) + 1, -5, 0, 3, 2**53 - 1],
    "ratio": [-1.7976931348623157e308, -0.1, 0.0, 5e-324, 0.1, 0.30000000000000004, 1.5, 8.41e21],
    "live": [False, True],
    "price": ["-12.00", "-1.50", "0.00", "0.01", "1.50", "9.00", "10.00"],
    "moment": ["0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "1999-12-31T23:59:59.000001Z", "2024-01-02T03:04:05Z"],
    "day": ["0001-01-01", "1999-12-31", "2024-02-29", "9999-12-31"],
    "clock": ["00:00:00", "00:00:00.000001", "09:30:00", "10:00:00", "23:59:59.999999"],
    "span": ["-P2D", "-PT1H", "PT0S", "PT9S", "PT10S", "PT24M", "PT23H", "P1D", "P9D", "P10D"],
    "token": [
        "00000000-0000-0000-0000-000000000001",
        "0f0e0d0c-0b0a-4908-8706-050403020100",
        "ffffffff-0000-4000-8000-000000000000",
    ],
    "shade": ["red", "dark-blue"],
    "grade": [1, 10],
    "labels": [[], ["a"], ["b"], ["a", "b"], ["b", "c", "a"], ["A"]],
    "extra": [{}, {"a": 1}, {"a": 2}, {"a": 1, "b": "x"}, {"b": "x", "c": None}, {"c": False}],
    "blob": ["", "AA==", "AP8=", "/w=="],
    "bandId": [1, 2, 3, 4, 5],
}
NULLABLE: Final = frozenset(
    {"note", "limit", "ratio", "live", "price", "moment", "clock", "span", "token", "shade", "labels", "blob", "bandId"}
)
JSON_FIELDS: Final = frozenset({"labels", "extra"})
ALBUM_ORDERS: Final = tuple(name for name in POOLS if name not in {"shade", "grade", "labels", "extra", "blob"})

FOUNDED: Final = [1960, 1977, 2024]
BANDS: Final = (
    {"name": "b", "founded": 1977},
    {"name": "A", "founded": None},
    {"name": "a", "founded": 1960},
    {"name": "B", "founded": None},
    {"name": "a", "founded": 2024},
)

_OTHERS: Final = {"id", "version", "band_id"}
RESOURCES: Final = (
    Resource(Band, versions="optional", filter_by={"name", "founded"}, order_by={"name", "founded"}),
    Resource(
        Album,
        versions="optional",
        filter_by=frozenset(Album.model_fields) - _OTHERS,
        order_by=frozenset(ALBUM_ORDERS) - {"bandId"},
    ),
)

_ENUMS: Final[dict[str, dict[str, Any]]] = {"shade": {"RED": "red", "DARK_BLUE": "dark-blue"}, "grade": {"LOW": 1, "HIGH": 10}}
ALBUM: Final = Subject("Album", "/api/albums", "albums", frozenset({"id", "bandId"}), _ENUMS)
BAND: Final = Subject("Band", "/api/bands", "bands", frozenset({"id"}))

MEMBERS: Final = {"Album": ("id", *POOLS, "version"), "Band": ("id", "name", "founded", "version")}
ROWS: Final = 60


def albums() -> list[dict[str, Any]]:
    """Rows to store: few values of each field among many, and a band that has more of them than one page shows."""
    chance = random.Random(11)
    made = []
    for _ in range(ROWS):
        one = {name: chance.choice([*pool, *([None] if name in NULLABLE else [])]) for name, pool in POOLS.items()}
        made.append({**one, "bandId": chance.choice([None, 1, 2, 2, 2, 2, 2, 2, 3, 5])})
    return made
