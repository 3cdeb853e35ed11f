"""The resources that the clients of these tests speak to: of server-chosen and client-chosen keys, and of every type."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel
from sqlalchemy import JSON, Column
from sqlmodel import Field

from diptych import Bridge, Resource, Versioned
from diptych.client import GraphqlNames


class Colour(Enum):
    DARK_RED = "dark-red"
    BLUE = "blue"


class Member(Versioned, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(min_length=1, max_length=200)
    email: str = Field(unique=True)
    points: int = 0
    bio: str | None = None
    sponsor_id: int | None = Field(default=None, foreign_key="member.id")


class Missive(Versioned, table=True):
    """Its key is any text that the client likes."""

    id: str = Field(primary_key=True, min_length=1)
    title: str
    tags: list[str] = Field(default_factory=list, sa_column=Column("tags", JSON, nullable=False))
    metadata_: dict[str, Any] = Field(default_factory=dict, alias="metadata", sa_column=Column("metadata", JSON, nullable=False))


class Hamper(Versioned, table=True):
    id: int | None = Field(default=None, primary_key=True)
    quantity: int = Field(ge=0)
    packed_at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class Facet(BaseModel):
    corner_count: int
    flat: bool


class Gem(Versioned, table=True):
    id: int | None = Field(default=None, primary_key=True)
    colour: Colour
    others: list[Colour] = Field(default_factory=list, sa_column=Column("others", JSON, nullable=False))
    price: Decimal = Field(max_digits=10, decimal_places=2)
    found_at: datetime
    aged: timedelta
    content: bytes
    facet: Facet = Field(sa_column=Column("facet", JSON, nullable=False))


class GemShown(BaseModel):
    """What a client that knows nothing of the server's classes would write, less the version."""

    id: int | None = None
    colour: Colour
    others: list[Colour] = []
    price: Decimal
    found_at: datetime
    aged: timedelta
    content: bytes
    facet: Facet


GEM = GraphqlNames("Gem", "gem", "gems")

RESOURCES = (
    Resource(Member, versions="optional", order_by={"name"}, filter_by={"name"}),
    Resource(Missive, keys="client", versions="optional"),
    Resource(Hamper, versions="required", read_only={"packed_at"}, filter_by={"quantity"}, order_by={"quantity"}),
    Resource(Gem),
)


def shop(url: str) -> Bridge:
    return Bridge(url, RESOURCES)
