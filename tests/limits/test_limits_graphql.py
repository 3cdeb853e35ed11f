"""What a GraphQL document is bounded by: each bound just reached, and just passed."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query

from diptych import Limits
from tests.limits.asked import ask, refused

Serving = Callable[..., httpx.AsyncClient]


def nested(depth: int) -> str:
    """A query of so many levels of fields, fragments between them, which count nothing."""
    inner = "name"
    for _ in range(depth - 3):
        inner = f"type {{ ... on __Type {{ ofType {{ {inner} }} }} }}" if inner == "name" else f"ofType {{ {inner} }}"
    return "{ __schema { types { " + inner + " } } }"


def aliases(count: int, field: str = "__typename") -> str:
    return " ".join(f"a{number}: {field}" for number in range(count))


CASES = [
    pytest.param("tokens", 30, "{ " + "__typename " * 28 + "}", "{ " + "__typename " * 29 + "}", "more than 30 tokens", id="tokens"),
    pytest.param(
        "operations",
        2,
        "query A { __typename } query B { __typename }",
        "query A { __typename } query B { __typename } query C { __typename }",
        "at most 2 operations",
        id="operations",
    ),
    pytest.param(
        "depth",
        4,
        "query A { users { edges { node { id } } } }",
        "query A { users { edges { node { documents { totalCount } } } } }",
        "Fields may be nested 4 deep",
        id="depth",
    ),
    pytest.param(
        "depth",
        4,
        "query A { users { ...C } } fragment C on UserConnection { edges { node { ...U } } } fragment U on User { id }",
        "query A { users { ...C } } fragment C on UserConnection { edges { node { ...U } } } "
        "fragment U on User { documents { totalCount } }",
        "Fields may be nested 4 deep",
        id="depth-in-fragments",
    ),
    pytest.param(
        "aliases",
        3,
        "query A { " + aliases(3) + " }",
        "query A { " + aliases(4) + " }",
        "An operation has at most 3 aliases.",
        id="aliases",
    ),
    pytest.param(
        "aliases",
        3,
        "query A { user(id: 1) { ...U a: id } } fragment U on User { b: id c: id }",
        "query A { user(id: 1) { ...U a: id } } fragment U on User { b: id c: id d: id }",
        "An operation has at most 3 aliases.",
        id="aliases-in-fragments",
    ),
    pytest.param(
        "root_fields",
        3,
        "query A { __typename __typename __typename }",
        "query A { __typename __typename __typename __typename }",
        "An operation has at most 3 root fields.",
        id="root-fields",
    ),
    pytest.param(
        "root_fields",
        2,
        "query A { ...Q ... { __typename } } fragment Q on Query { user(id: 1) { id } }",
        "query A { ...Q ... { __typename } __typename } fragment Q on Query { user(id: 1) { id } }",
        "An operation has at most 2 root fields.",
        id="root-fields-in-fragments",
    ),
    pytest.param(
        "directives",
        1,
        "query A { __typename @skip(if: false) user(id: 1) @include(if: true) { id } }",
        "query A { __typename @skip(if: false) @include(if: true) }",
        "At most 1 directives",
        id="directives",
    ),
    pytest.param(
        "relation_depth",
        1,
        "query A { users { edges { node { documents { totalCount } } } } }",
        "query A { users { edges { node { documents { edges { node { owner { id } } } } } } } }",
        "Relations may be nested 1 deep",
        id="relations",
    ),
    pytest.param(
        "rows",
        100,
        "query A { users(first: 10) { edges { node { documents(first: 10) { totalCount } } } } }",
        "query A { users(first: 10) { edges { node { documents(first: 11) { totalCount } } } } }",
        "may have 100 rows together",
        id="rows-of-relations",
    ),
    pytest.param(
        "rows",
        100,
        "query A { a: users(first: 50) { totalCount } b: users(first: 50) { totalCount } }",
        "query A { a: users(first: 50) { totalCount } b: users(first: 51) { totalCount } }",
        "may have 100 rows together",
        id="rows-of-lists",
    ),
    pytest.param(
        "values",
        25,
        "query A { users(first: 5) { edges { node { owned: documents(first: 1) { totalCount } } } } }",
        "query A { users(first: 5) { edges { node { id name owned: documents(first: 1) { totalCount } } } } }",
        "at most 25 values",
        id="values",
    ),
    pytest.param(
        "json_depth",
        8,
        "query A { user(id: 1) { ... { ... { ... { ... { ... { ... { id } } } } } } } }",
        "query A { user(id: 1) { ... { ... { ... { ... { ... { ... { ... { id } } } } } } } } }",
        "nested deeper than 8 levels",
        id="brackets",
    ),
]


@pytest.mark.parametrize(("limit", "value", "within", "beyond", "said"), CASES)
async def test_a_document_at_a_bound_and_beyond(serving: Serving, limit: str, value: int, within: str, beyond: str, said: str) -> None:
    settings: dict[str, Any] = {limit: value}
    http = serving(limits=Limits(**settings))
    name = None if within.startswith("{") else "A"
    ran = await ask(http, within, operationName=name)
    assert (ran.status_code, "errors" in ran.json()) == (200, False), ran.text
    error = refused(await ask(http, beyond, operationName=name))
    assert said in error["message"]
    assert error["extensions"]["code"] == ("malformed" if limit in ("tokens", "json_depth") else "invalid")
    # The bound is this one: with twice of it, the same document runs.
    settings[limit] = value * 2
    assert (await ask(serving(limits=Limits(**settings)), beyond, operationName=name)).status_code == 200


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        pytest.param(aliases(100), aliases(101), id="aliases"),
        pytest.param("__typename " * 100, "__typename " * 101, id="root-fields"),
        pytest.param(
            "__typename " + "@a " * 5,
            "__typename " + "@a " * 6,
            id="directives",
        ),
    ],
)
async def test_what_holds_where_nothing_is_said(serving: Serving, within: str, beyond: str) -> None:
    http = serving()
    error = refused(await ask(http, "{ " + beyond + " }"))
    assert error["extensions"]["violations"][0]["code"] == "too_large"
    assert "too_large" not in (await ask(http, "{ " + within + " }")).text


async def test_the_usual_introspection_runs(serving: Serving) -> None:
    """The longest and deepest document that tools send of themselves."""
    query = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )
    assert "errors" not in (await ask(serving(), query)).json()


async def test_bounds_are_judged_before_the_document_is_validated(serving: Serving) -> None:
    error = refused(await ask(serving(limits=Limits(aliases=1)), "{ a: nothing b: nowhere { ...F } }"))
    assert error["message"] == "An operation has at most 1 aliases."


@pytest.mark.parametrize("query", ["{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "{ ...Nothing }"])
async def test_fragments_that_lead_nowhere_are_no_trap(serving: Serving, query: str) -> None:
    error = refused(await ask(serving(), query))
    assert "fragment" in error["message"]


async def test_a_circle_of_fragments_is_as_deep_as_it_gets(serving: Serving) -> None:
    query = "{ user(id: 1) { ...U } } fragment U on User { documents { edges { node { owner { ...U } } } } }"
    assert "nested 20 deep" in refused(await ask(serving(), query))["message"]


# Through both doors


@pytest.mark.parametrize("door", ["rest", "graphql"])
async def test_bytes(serving: Serving, door: str) -> None:
    http = serving(limits=Limits(body_bytes=200))
    path = "/api/users" if door == "rest" else "/graphql"
    whole = b'{"query": "{ __typename }"}' if door == "graphql" else b'{"name": "Bea", "email": "bea@example.com"}'
    headers = {"content-type": "application/json"}
    assert (await http.post(path, content=whole.ljust(200), headers=headers)).status_code in (200, 201)
    answer = await http.post(path, content=whole.ljust(201), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")
    assert "200 bytes" in answer.json()["detail"]


@pytest.mark.parametrize("door", ["rest", "graphql"])
async def test_levels_of_json(serving: Serving, door: str) -> None:
    http = serving(limits=Limits(json_depth=8))

    async def send(levels: int) -> httpx.Response:
        """A document whose metadata has so many levels, in a body that has as many more as its door needs."""
        value: Any = 1
        for _ in range(levels):
            value = {"a": value}
        document = {"id": f"{door}-{levels}", "title": "t", "metadata": value}
        if door == "rest":
            return await http.post("/api/documents", json=document)
        query = "mutation ($i: CreateDocumentInput!) { createDocument(input: $i) { __typename } }"
        return await ask(http, query, {"i": document})

    around = 1 if door == "rest" else 3
    assert (await send(8 - around)).status_code in (200, 201)
    beyond = await send(9 - around)
    assert beyond.status_code == 400
    assert "nested deeper than 8 levels" in beyond.text


@pytest.mark.parametrize("door", ["rest", "graphql"])
async def test_levels_that_a_patch_makes(serving: Serving, door: str) -> None:
    """A patch makes no row that nobody could have sent."""
    http = serving(limits=Limits(json_depth=8))

    async def patch(levels: int) -> str:
        operations = [{"op": "add", "path": "/metadata" + "/a" * level, "value": {}} for level in range(levels)]
        if door == "rest":
            media = {"content-type": "application/json-patch+json"}
            return (await http.patch("/api/documents/welcome", json=operations, headers=media)).text
        query = 'mutation ($o: [JsonPatchOperation!]!) { jsonPatchDocument(id: "welcome", operations: $o) { ... on Problem { code } } }'
        return (await ask(http, query, {"o": operations})).text

    await http.put("/api/documents/welcome", json={"title": "t"})
    assert "patch_invalid" not in await patch(7)
    assert "patch_invalid" in await patch(8)


@pytest.mark.parametrize("door", ["rest", "graphql"])
async def test_rows_of_a_page(serving: Serving, door: str) -> None:
    http = serving(limits=Limits(page_size=3))

    async def page(size: int | None) -> httpx.Response:
        if door == "rest":
            return await http.get("/api/users", params={} if size is None else {"limit": size})
        return await ask(http, "query ($n: Int) { users(first: $n) { edges { node { id } } } }", {"n": size})

    for number in range(5):
        await http.post("/api/users", json={"name": "N", "email": f"n{number}@example.com"})
    assert (await page(3)).text.count('"id"') == 3
    assert (await page(None)).text.count('"id"') == 3
    assert "Must be between 1 and 3." in (await page(4)).text
    many = await ask(http, "{ usersByIds(ids: [1, 2, 3, 4]) { id } }")
    assert "at most 3 values" in many.text


FILTERS = [
    pytest.param(
        "comparisons", 2, {"or": [{"role": {"eq": "a"}}] * 2}, {"or": [{"role": {"eq": "a"}}] * 3}, "2 comparisons", id="comparisons"
    ),
    pytest.param("compared_values", 2, {"role": {"in": ["a", "b"]}}, {"role": {"in": ["a", "b", "c"]}}, "at most 2 values", id="values"),
    pytest.param("joined", 2, {"or": [{}, {}]}, {"or": [{}, {}, {}]}, "at most 2 conditions", id="joined"),
    pytest.param("filter_depth", 2, {"not": {}}, {"not": {"not": {}}}, "deeper than 2 levels", id="levels"),
    pytest.param("compared_characters", 4, {"role": {"eq": "user"}}, {"role": {"eq": "users"}}, "at most 4 characters", id="characters"),
]


@pytest.mark.parametrize("door", ["rest", "graphql"])
@pytest.mark.parametrize(("limit", "value", "within", "beyond", "said"), FILTERS)
async def test_filters(serving: Serving, door: str, limit: str, value: int, within: Any, beyond: Any, said: str) -> None:
    settings: dict[str, Any] = {limit: value}
    http = serving(limits=Limits(**settings))

    async def filtered(where: Any) -> str:
        if door == "rest":
            return (await http.get("/api/users", params={"where": json.dumps(where)})).text
        return (await ask(http, "query ($w: UserWhere) { users(where: $w) { totalCount } }", {"w": where})).text

    assert "violations" not in await filtered(within)
    assert said in await filtered(beyond)
