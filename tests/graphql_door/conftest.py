"""The GraphQL door by itself: over the demo, and over a resource with a field of every kind."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Optional
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
import strawberry
from sqlmodel import Field, Relationship

from diptych.demo.models import RESOURCES
from diptych.graphql import build_schema
from diptych.graphql.operations import Operations
from diptych.graphql.plan import Plan
from diptych.resource.declaration import Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.resource.shape import ResourceShape
from diptych.service.execute import Service
from diptych.store.sql import SqlStore
from tests.graphql_door.both import count_unplanned, run_both
from tests.graphql_door.client import Client, serve


class Color(Enum):
    """What a gadget may be painted with."""

    RED = "red"
    DARK_BLUE = "dark-blue"


class Gadget(Versioned, table=True):
    """A thing with a field of every kind."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(min_length=1, max_length=20)
    color: Color = Field(default=Color.RED, sa_type=sa.Enum(Color, values_callable=lambda members: [member.value for member in members]))
    shades: list[Color] = Field(default_factory=list, sa_type=sa.JSON)
    serial: int = Field(default=0, sa_type=sa.BigInteger)
    price: Decimal = Field(default=Decimal("1.50"), max_digits=8, decimal_places=2)
    ratio: float = 0.5
    active: bool = True
    token: UUID | None = None
    seen: datetime | None = None
    day: date | None = None
    clock: time | None = None
    span: timedelta | None = None
    blob: bytes | None = None
    notes: Any = Field(default=None, sa_type=sa.JSON, nullable=True)
    secret: str = Field(default="none", description="Written and never read.")
    rank: int = 7
    born: datetime = Field(default_factory=lambda: datetime(2024, 5, 1, 12, 30, tzinfo=UTC))
    parent_id: int | None = Field(default=None, foreign_key="gadget.id")

    parent: Optional["Gadget"] = Relationship(back_populates="children", sa_relationship_kwargs={"remote_side": "Gadget.id"})
    children: list["Gadget"] = Relationship(back_populates="parent")


ORDERED = {"name", "serial", "price", "ratio", "active", "token", "seen", "day", "clock", "span", "rank", "born"}
FILTERED = ORDERED | {"color", "shades", "blob", "notes"}
GADGETS = [
    Resource(Gadget, versions="optional", hidden={"secret"}, read_only={"rank"}, filter_by=FILTERED, order_by=ORDERED),
]


@pytest.fixture(autouse=True)
def both_executors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every operation of every test here runs by its plan and by graphql-core."""
    monkeypatch.setattr(Plan, "run", run_both)
    monkeypatch.setattr(Operations, "_plan", count_unplanned)


@pytest.fixture(scope="session")
def shapes() -> tuple[ResourceShape, ...]:
    return tuple(read_resources(RESOURCES))


@pytest.fixture(scope="session")
def gadget_shapes() -> tuple[ResourceShape, ...]:
    return tuple(read_resources(GADGETS))


@pytest.fixture(scope="session")
def schema(shapes: tuple[ResourceShape, ...]) -> strawberry.Schema:
    return build_schema(shapes)


@pytest.fixture(scope="session")
def gadget_schema(gadget_shapes: tuple[ResourceShape, ...]) -> strawberry.Schema:
    return build_schema(gadget_shapes)


@pytest.fixture
async def service(database_url: str, shapes: tuple[ResourceShape, ...]) -> AsyncIterator[Service]:
    store = SqlStore(database_url, shapes)
    await store.open()
    yield Service(store)
    await store.close()


@pytest.fixture
async def client(service: Service, schema: strawberry.Schema, shapes: tuple[ResourceShape, ...]) -> AsyncIterator[Client]:
    async with serve(service, schema, shapes, page=lambda scope: b"<!doctype html>the playground") as http:
        yield Client(http)


@pytest.fixture
async def gadgets(database_url: str, gadget_schema: strawberry.Schema, gadget_shapes: tuple[ResourceShape, ...]) -> AsyncIterator[Client]:
    store = SqlStore(database_url, gadget_shapes)
    await store.open()
    async with serve(Service(store), gadget_schema, gadget_shapes) as http:
        yield Client(http)
    await store.close()


@pytest.fixture
async def serving(service: Service, shapes: tuple[ResourceShape, ...]) -> AsyncIterator[Callable[..., Client]]:
    """Makes clients of the demo with additions of a user's."""
    opened: list[httpx.AsyncClient] = []

    def make(**additions: Any) -> Client:
        opened.append(serve(service, build_schema(shapes, **additions), shapes))
        return Client(opened[-1])

    yield make
    for http in opened:
        await http.aclose()


@pytest.fixture
async def ada(client: Client) -> str:
    """The key of a user who is there, at version 1."""
    made = await client.one('mutation { createUser(input: {name: "Ada", email: "ada@x"}) { ... on UserWritten { user { id } } } }')
    key: str = made["user"]["id"]
    return key
