"""Resources that have every type of column, key and field there is, and a document for each."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlalchemy import JSON, BigInteger
from sqlmodel import Field

from diptych import Resource, Versioned
from tests.doors.door import Subject


class Colour(Enum):
    """A colour, by a value that is not its name."""

    RED = "red"
    DARK_BLUE = "dark-blue"


class Level(IntEnum):
    """A level, as a number."""

    LOW = 1
    HIGH = 10


class Street(BaseModel):
    name: str
    number: int


class Address(BaseModel):
    """A model within a JSON column."""

    city: str
    zip: int
    streets: list[Street] = []


class Specimen(Versioned, table=True):
    """One column of every type."""

    __tablename__ = "doors_specimen"
    id: int | None = Field(default=None, primary_key=True)
    text: str = Field(min_length=1, max_length=40)
    whole: int
    big: int = Field(sa_type=BigInteger)
    ratio: float
    flag: bool
    price: Decimal = Field(max_digits=20, decimal_places=2)
    moment: datetime
    day: date
    clock: time
    span: timedelta
    token: UUID
    colour: Colour
    level: Level
    labels: list[str] = Field(sa_type=JSON)
    counts: list[int] = Field(sa_type=JSON)
    colours: list[Colour] = Field(sa_type=JSON)
    notes: dict[str, Any] = Field(sa_type=JSON)
    address: Address = Field(sa_type=JSON)
    blob: bytes


class Blank(Versioned, table=True):
    """The same, and every column may be null."""

    __tablename__ = "doors_blank"
    id: int | None = Field(default=None, primary_key=True)
    text: str | None = None
    whole: int | None = None
    big: int | None = Field(default=None, sa_type=BigInteger)
    ratio: float | None = None
    flag: bool | None = None
    price: Decimal | None = Field(default=None, max_digits=20, decimal_places=2)
    moment: datetime | None = None
    day: date | None = None
    clock: time | None = None
    span: timedelta | None = None
    token: UUID | None = None
    colour: Colour | None = None
    level: Level | None = None
    labels: list[str] | None = Field(default=None, sa_type=JSON)
    counts: list[int] | None = Field(default=None, sa_type=JSON)
    colours: list[Colour] | None = Field(default=None, sa_type=JSON)
    notes: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    address: Address | None = Field(default=None, sa_type=JSON)
    blob: bytes | None = None


def now() -> datetime:
    return datetime.now(UTC)


class Account(Versioned, table=True):
    """Fields that are not simply written and read."""

    __tablename__ = "doors_account"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    secret: str | None = None
    plan: str = "free"
    born_at: datetime = Field(default_factory=now)
    serial: UUID = Field(default_factory=uuid4)


class Parcel(Versioned, table=True):
    """A UUID that the client chooses."""

    __tablename__ = "doors_parcel"
    id: UUID = Field(primary_key=True)
    weight: int = 0


class Ticket(Versioned, table=True):
    """A UUID that the server makes."""

    __tablename__ = "doors_ticket"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    seat: int = 0
    parcel_id: UUID | None = Field(default=None, foreign_key="doors_parcel.id")


class Shelf(Versioned, table=True):
    """Text that the client chooses, any text."""

    __tablename__ = "doors_shelf"
    id: str = Field(primary_key=True)
    room: int = 0


class Meter(Versioned, table=True):
    """A number that the client chooses."""

    __tablename__ = "doors_meter"
    id: int = Field(primary_key=True)
    reading: int = 0


RESOURCES = [
    Resource(Specimen, versions="optional"),
    Resource(Blank, versions="optional"),
    Resource(Account, versions="optional", hidden={"secret"}, read_only={"plan"}),
    Resource(Parcel, versions="optional", keys="client"),
    Resource(Ticket, versions="optional"),
    Resource(Shelf, versions="optional", keys="client", path="shelves", plural="shelves"),
    Resource(Meter, versions="optional", keys="client"),
]

_ENUMS: dict[str, dict[str, Any]] = {
    "colour": {"RED": "red", "DARK_BLUE": "dark-blue"},
    "colours": {"RED": "red", "DARK_BLUE": "dark-blue"},
    "level": {"LOW": 1, "HIGH": 10},
}
SPECIMEN = Subject("Specimen", "/api/specimens", "specimens", frozenset({"id"}), _ENUMS)
BLANK = Subject("Blank", "/api/blanks", "blanks", frozenset({"id"}), _ENUMS)
ACCOUNT = Subject("Account", "/api/accounts", "accounts", frozenset({"id"}))
PARCEL = Subject("Parcel", "/api/parcels", "parcels")
TICKET = Subject("Ticket", "/api/tickets", "tickets")
SHELF = Subject("Shelf", "/api/shelves", "shelves")
METER = Subject("Meter", "/api/meters", "meters", frozenset({"id"}))

# Each field's value in the spelling that readers get.
WHOLE_SPECIMEN: dict[str, Any] = {
    "text": 'plain, ünïcode, \U0001f600 and "quotes"',
    "whole": 7,
    "big": 2**53 - 1,
    "ratio": 0.1,
    "flag": True,
    "price": "1.50",
    "moment": "2024-02-29T23:59:59.000001Z",
    "day": "2024-02-29",
    "clock": "23:59:59",
    "span": "P1DT2H3M4.5S",
    "token": "123e4567-e89b-12d3-a456-426614174000",
    "colour": "dark-blue",
    "level": 10,
    "labels": ["a", "", "a"],
    "counts": [1, -2],
    "colours": ["red", "dark-blue"],
    "notes": {"deep": {"list": [1, 0.5, None, True, "x"]}, "": {}},
    "address": {"city": "Ulm", "zip": 89073, "streets": [{"name": "A", "number": 1}]},
    "blob": "AAEC/w==",
}
