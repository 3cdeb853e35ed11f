"""What plans may take, and that one run leaves nothing behind for the next."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
import strawberry

from diptych.graphql.documents import LONGEST_KEPT, MOST_BYTES_KEPT, Document
from diptych.graphql.http import GraphqlDoor
from diptych.graphql.operations import Operations
from diptych.graphql.plan.limits import BYTES_PER_PART, BYTES_PER_VARIANT, MOST_VARIANTS
from diptych.resource.shape import ResourceShape
from diptych.semantics.limits import Limits
from diptych.service.execute import Service
from tests.graphql_door.both import ran
from tests.graphql_door.client import Client


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_url


@pytest.fixture
def door(service: Service, schema: strawberry.Schema, shapes: Sequence[ResourceShape]) -> GraphqlDoor:
    # Plans are bounded by themselves, also where documents may be larger than usual.
    return GraphqlDoor(service, schema, shapes, limits=Limits(aliases=1000))


@pytest.fixture
def operations(door: GraphqlDoor) -> Operations:
    return door._operations


@pytest.fixture
def client(door: Any) -> Client:
    return Client(httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://test"))


@pytest.fixture(autouse=True)
def counted() -> Counter[str]:
    ran.clear()
    return ran


def kept(operations: Operations, text: str) -> Document:
    document = operations.documents.read(text)
    assert isinstance(document, Document)
    return document


async def test_a_plan_is_made_once_and_counted(client: Client, operations: Operations) -> None:
    query = "query ($id: ID!) { user(id: $id) { id } }"
    bare = kept(operations, query).weight
    await client.run(query, {"id": "1"})
    (plan,), weight = kept(operations, query).plans.values(), operations.documents.weight
    await client.run(query, {"id": "2"})
    assert list(kept(operations, query).plans.values()) == [plan]
    assert weight == operations.documents.weight == bare + BYTES_PER_VARIANT + 2 * BYTES_PER_PART


async def test_variants_are_bounded(client: Client, operations: Operations, counted: Counter[str]) -> None:
    names = ["a", "b", "c", "d"]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    query = f"query ({declared}) {{ user(id: 1) {{ " + " ".join(f"{name}: id @skip(if: ${name})" for name in names) + " __typename } }"
    weights = set()
    for run in range(1, 3):
        for number in range(2 ** len(names)):
            await client.run(query, {name: bool(number >> place & 1) for place, name in enumerate(names)})
        assert counted == {"planned": MOST_VARIANTS * run, "handed over before": (16 - MOST_VARIANTS) * run}
        weights |= {kept(operations, query).weight, operations.documents.weight}
    assert len(weights) == 1


async def test_fragments_that_multiply_are_left_to_graphql_core(client: Client, operations: Operations, counted: Counter[str]) -> None:
    spreads = " ".join(f"p{number}: users {{ ...P }}" for number in range(60))
    edges = " ".join(f"e{number}: edges {{ ...E{number} }}" for number in range(40))
    inner = " ".join(f"fragment E{number} on UserEdge {{ cursor node {{ id name }} }}" for number in range(40))
    query = f"{{ {spreads} }} fragment P on UserConnection {{ {edges} }} {inner}"
    for _ in range(2):
        await client.run(query)
    assert counted == {"handed over before": 2}
    assert kept(operations, query).plan_bytes == []


async def test_large_plans_push_out_documents(client: Client, operations: Operations) -> None:
    fields = " ".join(f"a{number}: id" for number in range(600))
    for number in range(60):
        await client.post(f"{{ u{number}: user(id: 1) {{ {fields} }} }}")
    assert operations.documents.weight <= MOST_BYTES_KEPT
    assert 10 < len(operations.documents) < 60


async def test_what_is_not_kept_has_no_plan(client: Client, operations: Operations, counted: Counter[str]) -> None:
    for _ in range(2):
        await client.run("{ user(id: 1) { id } }" + " " * LONGEST_KEPT)
    assert counted == {"unplanned": 2}
    assert operations.documents.weight == 0


async def test_introspection_beside_our_own(client: Client, counted: Counter[str]) -> None:
    await client.run("{ user(id: 1) { id } __schema { queryType { name } } }")
    assert counted == {"handed over before": 1}


PATCH = """mutation ($id: ID!) { jsonPatchDocument(id: $id, operations: [
  {op: "add", path: "/metadata", value: {list: [], inner: {}}},
  {op: "add", path: "/metadata/list/-", value: 1},
  {op: "add", path: "/metadata/inner/a", value: {}},
  {op: "add", path: "/metadata/inner/a/b", value: 2}
]) { ... on DocumentWritten { document { metadata } } } }"""


async def test_literals_are_new_for_every_run(client: Client) -> None:
    """The operations of a patch build on one another, in values that came out of the document."""
    for key in ("a", "b"):
        await client.run('mutation ($id: ID!) { createDocument(input: {id: $id, title: "t"}) { __typename } }', {"id": key})
        told = await client.one(PATCH, {"id": key})
        assert told["document"]["metadata"] == {"list": [1], "inner": {"a": {"b": 2}}}


async def test_an_operation_by_name(client: Client) -> None:
    query = "query A { user(id: 1) { id } } query B { users { edges { cursor } } } query C { __typename }"
    for name, data in (("A", {"user": None}), ("B", {"users": {"edges": []}}), ("C", {"__typename": "Query"}), ("A", {"user": None})):
        assert (await client.post(query, operation_name=name)).json() == {"data": data}
