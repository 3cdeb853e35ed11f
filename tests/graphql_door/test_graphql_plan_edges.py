"""Where plans end: situations that operations made at random meet too seldom. Each is run and compared, as all tests here do."""

from typing import Any

import pytest

from tests.graphql_door.client import Client


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_url


CREATE = "mutation (%s) { createDocument(input: %s) { __typename ... on DocumentWritten { document { tags metadata content } } } }"
PATCH = "mutation (%s) { jsonPatchUser(id: 1, operations: %s) { __typename ... on Problem { code detail } } }"

EDGES = [
    pytest.param(
        CREATE % ("$i: CreateDocumentInput!", "$i"),
        [{"i": {"id": "a", "title": "t", "metadata": None}}],
        id="null-for-json-that-is-not-null",
    ),
    pytest.param(
        CREATE % ("$c: String, $j: JSON", '{id: "a", title: "t", content: $c, metadata: $j}'),
        [{"c": None, "j": {}}, {"c": "x", "j": None}, {}, {"c": "x", "j": 1}],
        id="null-variables-where-there-is-a-default",
    ),
    pytest.param(
        CREATE % ("$t: String!", '{id: "a", title: "t", tags: [$t, "x"]}'), [{"t": "y"}, {"t": None}, {}], id="variables-inside-a-list"
    ),
    pytest.param(
        CREATE % ('$t: String = "d"', '{id: "a", title: "t", tags: [$t, "x"]}'), [{}, {"t": None}], id="null-inside-a-list-for-a-default"
    ),
    pytest.param(CREATE % ("$i: CreateDocumentInput!", "$i"), [{"i": 1}, {"i": "x"}, {"i": []}, {"i": None}], id="no-object-for-an-input"),
    pytest.param(
        CREATE % ("$j: JSON", '{id: "a", title: "t", metadata: {a: [$j], b: $j}}'),
        [{"j": 1}, {"j": {"c": []}}, {"j": None}, {}],
        id="variables-inside-json",
    ),
    pytest.param(PATCH % ("$p: String!", '{op: "remove", path: $p}'), [{"p": "/bio"}, {"p": None}], id="one-operation-for-a-list"),
    pytest.param(
        PATCH % ("$o: [JsonPatchOperation!]!", "$o"), [{"o": {"op": "remove", "path": "/bio"}}, {"o": []}], id="one-in-a-variable"
    ),
    pytest.param(
        PATCH % ("$v: JSON", '[{op: "add", path: "/bio", value: $v}, {op: "add", path: "/bio"}]'),
        [{"v": None}, {}, {"v": "x"}],
        id="absent-is-not-null",
    ),
    pytest.param(
        "{ ...F ...F ... { ...F } } fragment F on Query { users(first: 0) { __typename } }", [{}], id="a-fragment-counts-once-in-locations"
    ),
    pytest.param(
        "{ users(first: 0) { __typename } ... { users(first: 0) { edges { cursor } } } }", [{}], id="every-place-counts-in-locations"
    ),
    pytest.param(
        "query ($s: Boolean = true) { user(id: 1) @skip(if: $s) { id } users { __typename @include(if: $s) } }",
        [{}, {"s": False}, {"s": True}, {"s": None}],
        id="directives-that-depend-on-a-default",
    ),
    pytest.param(
        "query ($a: Boolean!) { users { ...F @skip(if: $a) pageInfo { endCursor } ...F } } fragment F on UserConnection { __typename }",
        [{"a": True}, {"a": False}],
        id="order-depends-on-a-directive",
    ),
    pytest.param(
        "{ a: users { ...F } b: users { ...F ...G } c: users { ...F } } fragment F on UserConnection { pageInfo { hasNextPage } } "
        "fragment G on UserConnection { pageInfo { endCursor __typename } }",
        [{}],
        id="a-fragment-alone-and-merged",
    ),
    pytest.param("query ($id: ID!) { user(id: $id) { id } }", [{"id": i} for i in (1, "1", 1.0, 1.5, True, [1])], id="ids"),
    pytest.param("query ($n: Int) { users(first: $n) { __typename } }", [{"n": n} for n in (1, 1.0, 2**31, -(2**31), None)], id="integers"),
    pytest.param("query ($n: Int = 2) { users(first: $n) { __typename } }", [{}, {"n": None}, {"n": 0}], id="a-variable-with-a-default"),
    pytest.param(
        "mutation ($v: Int = 3) { deleteStockItem(id: 1, version: $v) { __typename } }",
        [{}, {"v": None}, {"v": 1}],
        id="null-where-a-default-lets-it-in",
    ),
]


@pytest.mark.parametrize(("query", "runs"), EDGES)
async def test_edges(client: Client, query: str, runs: list[dict[str, Any]]) -> None:
    for variables in runs:
        answer = await client.post(query, variables)
        assert answer.status_code in (200, 400)
        assert "internal" not in answer.text
