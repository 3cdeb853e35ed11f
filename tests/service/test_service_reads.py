"""Reads of many rows: what the service asks of the store, and what it need not ask."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from diptych import Resource
from diptych.demo.models import User
from diptych.resource.reading import read_resources
from diptych.resource.scope import Scope
from diptych.resource.shape import ResourceShape
from diptych.semantics.change import ChangeSet, Committed, Raced
from diptych.semantics.command import FetchMany, List, Unaddressable
from diptych.semantics.condition import Compare
from diptych.semantics.json_value import JSON
from diptych.semantics.order import Order, Place, cursor
from diptych.semantics.outcome import Forbidden, Invalid, Page, Unavailable, Violation
from diptych.semantics.read import Window
from diptych.semantics.row import Facts, Key, Row
from diptych.semantics.version import Version
from diptych.service.execute import Service
from diptych.service.ports import Conflict

(USERS,) = read_resources([Resource(User, order_by={"name"})])
JANE = Row(1, Version(1), {"name": "Jane", "email": "jane@example.com", "role": "user", "bio": None})


class Memory:
    """A store that has Jane, and notes what it is asked. Nothing but lists and rows by their keys is asked of it here."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.is_away = False

    async def fetch(self, resource: ResourceShape, key: Key, scope: Scope | None = None) -> Facts | Unavailable:
        raise AssertionError("a read of many rows fetched one")

    async def commit(
        self, resource: ResourceShape, changes: ChangeSet, scope: Scope | None = None
    ) -> Committed | Raced | Conflict | Forbidden | Unavailable:
        raise AssertionError("a read wrote")

    async def window(self, resource: ResourceShape, window: Window, scope: Scope | None = None) -> Page | Unavailable:
        self.asked.append(window)
        return Page((JANE,), False, False)

    async def rows(
        self, resource: ResourceShape, keys: Sequence[Key], fields: frozenset[str] | None, scope: Scope | None = None
    ) -> Sequence[Row | None] | Unavailable:
        self.asked.append((keys, fields))
        return Unavailable() if self.is_away else [JANE if key == 1 else None for key in keys]

    async def related(
        self, resource: ResourceShape, field: str, values: Sequence[JSON], window: Window, scope: Scope | None = None
    ) -> Mapping[JSON, Page] | Unavailable:
        self.asked.append((field, values, window))
        return Unavailable() if self.is_away else {value: Page((JANE,), False, False) for value in values}


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def service(memory: Memory) -> Service:
    return Service(memory)


async def test_rows_stand_where_their_keys_stood(service: Service, memory: Memory) -> None:
    """A key that no row can have is nowhere, and the store is not asked for it."""
    command = FetchMany((Unaddressable("x"), 2, 1, Unaddressable("y"), 1), frozenset({"name"}))
    assert await service.fetch_many(USERS, command) == [None, None, JANE, None, JANE]
    assert memory.asked == [([2, 1, 1], frozenset({"name"}))]


async def test_no_key_needs_no_look(service: Service, memory: Memory) -> None:
    assert await service.fetch_many(USERS, FetchMany((Unaddressable("x"),))) == [None]
    assert await service.fetch_many(USERS, FetchMany(())) == []
    assert await service.related(USERS, "name", [], List(5)) == {}
    assert memory.asked == []


async def test_a_list_passes_on_all_that_was_asked(service: Service, memory: Memory) -> None:
    order, where, fields = (Order("name", descending=True),), Compare("role", "eq", "user"), frozenset({"name"})
    command = List(5, "last", before=cursor(JANE, order, "id"), where=where, order=order, counted=True, fields=fields)
    window = Window(None, Place(("Jane",), 1), 5, "last", where, order, True, fields)
    await service.list(USERS, command)
    await service.related(USERS, "role", ["user"], command)
    assert memory.asked == [window, ("role", ["user"], window)]


async def test_a_cursor_of_another_order_is_refused_before_the_store_is_asked(service: Service, memory: Memory) -> None:
    refused = await service.related(USERS, "role", ["user"], List(5, after="x"))
    assert refused == Invalid((Violation("/after", "format", "Must be a cursor that a page gave out."),))
    assert memory.asked == []


async def test_a_store_that_is_away(service: Service, memory: Memory) -> None:
    memory.is_away = True
    assert await service.fetch_many(USERS, FetchMany((1,))) == Unavailable()
    assert await service.related(USERS, "role", ["user"], List(5)) == Unavailable()
