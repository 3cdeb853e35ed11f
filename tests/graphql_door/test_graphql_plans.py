"""Plans are invisible: the same requests to two doors over two databases, one of which knows no plans, are answered alike.

The door that knows them runs each operation in both ways too, as all tests here do, so that the commands are compared as well.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych.demo.models import RESOURCES
from diptych.graphql import GraphqlDoor, build_schema
from diptych.resource.reading import read_resources
from diptych.service.execute import Service
from diptych.store.sql import SqlStore
from tests.effort import SOAK
from tests.graphql_door.both import REQUEST_ID
from tests.graphql_door.conftest import GADGETS
from tests.graphql_door.operation_maker import Maker

SHAPES = tuple(read_resources([*RESOURCES, *GADGETS]))
SCHEMA = build_schema(SHAPES)


class Twin:
    """A door over a database of its own."""

    def __init__(self, path: Path, *, plans: bool) -> None:
        self.store = SqlStore(f"sqlite:///{path}", SHAPES)
        self.door = cast("Any", GraphqlDoor(Service(self.store), SCHEMA, SHAPES))
        if not plans:
            self.door._operations._plan = lambda document, operation: None

    async def answer(self, query: str, variables: Any) -> tuple[int, bytes]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"content-type", b"application/json"), (b"accept", b"application/graphql-response+json")]
        await self.door({"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}, receive, send)
        return sent[0]["status"], REQUEST_ID.sub(b"", sent[1]["body"])


class Twins:
    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.planned, self.plain = Twin(folder / "planned.db", plans=True), Twin(folder / "plain.db", plans=False)
        self.runner.run(self._open())

    async def _open(self) -> None:
        for twin in (self.planned, self.plain):
            await twin.store.open()

    def close(self) -> None:
        for twin in (self.planned, self.plain):
            self.runner.run(twin.store.close())
        self.runner.close()

    def ask(self, query: str, variables: Any = None) -> tuple[int, Any]:
        """Ask both, and answer what both say."""
        one = self.runner.run(self.planned.answer(query, variables))
        other = self.runner.run(self.plain.answer(query, variables))
        assert one == other, (query, variables)
        return one[0], json.loads(one[1])


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Twins]:
    made = Twins(tmp_path)
    for name in ("a", "b"):
        made.ask(f'mutation {{ createUser(input: {{name: "{name}", email: "{name}@y"}}) {{ __typename }} }}')
        made.ask(f'mutation {{ createDocument(input: {{id: "{name}", title: "t"}}) {{ __typename }} }}')
        made.ask(f'mutation {{ createStockItem(input: {{sku: "{name}", name: "n", quantity: 1}}) {{ __typename }} }}')
        made.ask(f'mutation {{ createGadget(input: {{name: "{name}"}}) {{ __typename }} }}')
    yield made
    made.close()


@settings(max_examples=60 * SOAK, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False), odd=st.sampled_from([0.0, 0.0, 0.2, 0.6]))
def test_operations_made_at_random(twins: Twins, random: Random, odd: float) -> None:
    made = Maker(SCHEMA._schema, random, odd).operation()
    for variables in (*made.variables, made.variables[0]):
        twins.ask(made.query, variables)
