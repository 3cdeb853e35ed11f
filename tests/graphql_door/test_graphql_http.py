"""GraphQL over HTTP, condition by condition. Contract, section 7."""

import json
from typing import Any

import httpx
import pytest
import strawberry

from diptych.graphql import GraphqlDoor
from diptych.http.asgi import Message, Scope
from diptych.resource.shape import ResourceShape
from diptych.service.execute import Service
from tests.graphql_door.client import GRAPHQL, Client

JSON = "application/json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
TYPENAME = "{ __typename }"
MIXED = 'query Look { __typename } mutation Drop { deleteUser(id: "1") { __typename } }'


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_url


def is_problem(answer: httpx.Response, status: int, code: str) -> bool:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    return (answer.status_code, body["status"], body["code"]) == (status, status, code)


async def raw(client: Client, body: bytes, content_type: str | None = JSON, **headers: str) -> httpx.Response:
    fields = headers if content_type is None else {"content-type": content_type, **headers}
    return await client.http.post("/graphql", content=body, headers=fields)


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        pytest.param(None, JSON, id="none"),
        pytest.param("*/*", JSON, id="anything"),
        pytest.param("application/*", JSON, id="any-application"),
        pytest.param(JSON, JSON, id="the-old-one"),
        pytest.param(GRAPHQL, GRAPHQL, id="the-new-one"),
        pytest.param(f"{GRAPHQL}, {JSON}", GRAPHQL, id="both"),
        pytest.param(f"{JSON}, {GRAPHQL};q=0.9", JSON, id="both-the-old-one-rather"),
        pytest.param(f"{GRAPHQL};charset=utf-8, {JSON};q=0.5", GRAPHQL, id="with-parameters"),
        pytest.param(BROWSER, JSON, id="a-browser's-post"),
    ],
)
async def test_media_type_of_the_answer(client: Client, accept: str | None, media: str) -> None:
    headers = {} if accept is None else {"accept": accept}
    if accept is None:
        del client.http.headers["accept"]
    answer = await raw(client, json.dumps({"query": TYPENAME}).encode(), **headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{media}; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("accept", ["application/xml", "text/html", f"{JSON};q=0"])
async def test_no_acceptable_answer(client: Client, accept: str) -> None:
    answer = await client.post('mutation { createUser(input: {name: "a", email: "a@x"}) { __typename } }', accept=accept)
    assert is_problem(answer, 406, "not_acceptable")
    assert (await client.one("{ users { edges { cursor } } }"))["edges"] == [], "nothing was written"


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [
        pytest.param(None, {}, id="none"),
        pytest.param("text/plain", {}, id="simple-request-text"),
        pytest.param("application/x-www-form-urlencoded", {}, id="simple-request-form"),
        pytest.param("multipart/form-data; boundary=x", {}, id="simple-request-multipart"),
        pytest.param("application/graphql", {}, id="graphql-text"),
        pytest.param("application/json; charset=utf-16", {}, id="other-charset"),
        pytest.param(JSON, {"content-encoding": "gzip"}, id="coded"),
    ],
)
async def test_unsupported_media_type(client: Client, content_type: str | None, headers: dict[str, str]) -> None:
    answer = await raw(client, json.dumps({"query": TYPENAME}).encode(), content_type, **headers)
    assert is_problem(answer, 415, "unsupported_media_type")
    readable = ("accept-encoding", "identity") if "content-encoding" in headers else ("accept", JSON)
    assert [(name, value) for name, value in answer.headers.items() if name.startswith("accept")] == [readable]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", 'Application/JSON; charset="UTF-8"'])
async def test_json_with_its_charset(client: Client, content_type: str) -> None:
    assert (await raw(client, json.dumps({"query": TYPENAME}).encode(), content_type)).status_code == 200


# Each is 400 under both media types, since it is no GraphQL request at all.
NO_REQUEST = [
    pytest.param(b"", "malformed", id="empty"),
    pytest.param(b"{", "malformed", id="broken"),
    pytest.param(b"1", "invalid", id="number"),
    pytest.param(b'"x"', "invalid", id="text"),
    pytest.param(b"null", "invalid", id="null"),
    pytest.param(b'[{"query": "{ __typename }"}]', "invalid", id="batch"),
    pytest.param(b"{}", "invalid", id="no-query"),
    pytest.param(b'{"query": null}', "invalid", id="null-query"),
    pytest.param(b'{"query": ""}', "invalid", id="empty-query"),
    pytest.param(b'{"query": 1}', "invalid", id="query-a-number"),
    pytest.param(b'{"query": {"a": 1}}', "invalid", id="query-an-object"),
    pytest.param(b'{"query": "{ __typename }", "variables": []}', "invalid", id="variables-a-list"),
    pytest.param(b'{"query": "{ __typename }", "variables": "{}"}', "invalid", id="variables-text"),
    pytest.param(b'{"query": "{ __typename }", "operationName": 1}', "invalid", id="name-a-number"),
    pytest.param(b'{"query": "{ __typename }", "extensions": 1}', "invalid", id="extensions-a-number"),
    pytest.param(b'{"query": "{ __typename }", "query": "{ __typename }"}', "malformed", id="member-twice"),
    pytest.param(b'{"query": "{ __typename }", "variables": {"a": 1, "a": 2}}', "malformed", id="variable-twice"),
    pytest.param(b'{"query": "{ __typename }", "variables": {"a": {"b": 1, "b": 2}}}', "malformed", id="inner-member-twice"),
    pytest.param(b'{"query": "{ __typename }", "variables": {"a": NaN}}', "malformed", id="nan"),
    pytest.param(b'{"query": "{ __typename }", "variables": {"a": 1e999}}', "malformed", id="too-large"),
    pytest.param(b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}', "malformed", id="surrogate"),
    pytest.param(b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5000 + b"}}", "malformed", id="5000-digits"),
    pytest.param(b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 100_000 + b"}}", "malformed", id="100000-brackets"),
    pytest.param(b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 63 + b"]" * 63 + b"}}", "malformed", id="65-levels"),
    pytest.param(b"\xef\xbb\xbf" + b'{"query": "{ __typename }"}', "malformed", id="byte-order-mark"),
    pytest.param(b'{"query": "{ __typename } #\xff"}', "malformed", id="not-utf-8"),
]


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
@pytest.mark.parametrize(("body", "code"), NO_REQUEST)
async def test_no_graphql_request(client: Client, body: bytes, code: str, accept: str) -> None:
    answer = await raw(client, body, accept=accept)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    content = answer.json()
    assert content.keys() == {"errors"}
    assert [error["extensions"]["code"] for error in content["errors"]] == [code]


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"variables": None}, id="null-variables"),
        pytest.param({"operationName": None}, id="null-name"),
        pytest.param({"operationName": ""}, id="empty-name"),
        pytest.param({"extensions": {"persistedQuery": 1}}, id="extensions"),
        pytest.param({"more": [1]}, id="unknown-member"),
    ],
)
async def test_members_that_change_nothing(client: Client, members: dict[str, Any]) -> None:
    answer = await client.http.post("/graphql", json={"query": TYPENAME, **members})
    assert answer.json() == {"data": {"__typename": "Query"}}


REQUEST_ERRORS = [
    pytest.param("{ nothing }", None, None, id="unknown-field"),
    pytest.param("{", None, None, id="syntax"),
    pytest.param("mutation { deleteUser { __typename } }", None, None, id="required-argument-missing"),
    pytest.param('mutation { deleteStockItem(id: "1") { __typename } }', None, None, id="required-version-missing"),
    pytest.param('mutation { deleteStockItem(id: "1", version: null) { __typename } }', None, None, id="required-version-null"),
    pytest.param('mutation { deleteUser(id: "1", version: 2147483648) { __typename } }', None, None, id="version-of-33-bits"),
    pytest.param('mutation { deleteUser(id: "1", version: 1.0) { __typename } }', None, None, id="version-a-float-literal"),
    pytest.param("query ($n: Int) { users(first: $n) { __typename } }", {"n": "1"}, None, id="text-for-a-number"),
    pytest.param("query ($n: Int) { users(first: $n) { __typename } }", {"n": True}, None, id="true-for-a-number"),
    pytest.param("query ($n: Int!) { users(first: $n) { __typename } }", {}, None, id="variable-missing"),
    pytest.param("query A { __typename } query B { __typename }", None, None, id="two-operations-no-name"),
    pytest.param("query A { __typename } query B { __typename }", None, "C", id="unknown-name"),
    pytest.param("query A { __typename }", None, "B", id="another-name"),
    pytest.param("{ __typename } { __typename }", None, None, id="two-without-names"),
    pytest.param("query A { __typename } query A { __typename }", None, "A", id="one-name-twice"),
    pytest.param("fragment F on Query { __typename }", None, None, id="no-operation"),
    pytest.param("subscription { __typename }", None, None, id="subscription"),
    pytest.param("type Query { a: Int }", None, None, id="definition"),
    pytest.param('mutation { createUser(input: {name: "a", name: "b"}) { __typename } }', None, None, id="field-twice-in-literal"),
]


@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 400), (JSON, 200)])
@pytest.mark.parametrize(("query", "variables", "name"), REQUEST_ERRORS)
async def test_request_errors_have_no_data(client: Client, query: str, variables: Any, name: str | None, accept: str, status: int) -> None:
    """Source: GraphQL, September 2025, section 7.1."""
    answer = await client.post(query, variables, name, accept)
    assert answer.status_code == status
    assert answer.json().keys() == {"errors"}


async def test_the_selected_operation_runs(client: Client) -> None:
    answer = await client.post("query A { a: __typename } query B { b: __typename }", None, "B")
    assert answer.json() == {"data": {"b": "Query"}}


# GET


async def get(client: Client, accept: str = GRAPHQL, **parameters: str) -> httpx.Response:
    return await client.http.get("/graphql", params=parameters, headers={"accept": accept})


async def test_query_by_get(client: Client, ada: str) -> None:
    query = "query Q($id: ID!) { user(id: $id) { name } }"
    answer = await get(client, query=query, variables=json.dumps({"id": ada}), operationName="Q")
    assert answer.json() == {"data": {"user": {"name": "Ada"}}}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("parameters", [{"operationName": ""}, {"variables": ""}, {"variables": "null"}, {"extensions": "{}"}])
async def test_empty_parameters_are_absent(client: Client, parameters: dict[str, str]) -> None:
    assert (await get(client, query=TYPENAME, **parameters)).json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param("", id="none"),
        pytest.param("query=", id="empty-query"),
        pytest.param("query=%7B__typename%7D&query=%7B__typename%7D", id="query-twice"),
        pytest.param("query=%7B__typename%7D&variables=%7B", id="broken-variables"),
        pytest.param("query=%7B__typename%7D&variables=%5B%5D", id="variables-a-list"),
        pytest.param("query=%7B__typename%7D&variables=%7B%22a%22%3A1%2C%22a%22%3A2%7D", id="variable-twice"),
        pytest.param("query=%FF", id="not-utf-8"),
        pytest.param("&".join(f"a{number}=1" for number in range(1000)), id="a-thousand-parameters"),
    ],
)
async def test_no_graphql_request_by_get(client: Client, parameters: str) -> None:
    answer = await client.http.get(f"/graphql?{parameters}", headers={"accept": JSON})
    assert answer.status_code == 400
    assert answer.json().keys() == {"errors"}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        pytest.param('mutation { deleteUser(id: "KEY") { __typename } }', "", id="alone"),
        pytest.param(MIXED, "Drop", id="selected-beside-a-query"),
        pytest.param('mutation Drop { ...F } fragment F on Mutation { deleteUser(id: "KEY") { __typename } }', "Drop", id="in-a-fragment"),
    ],
)
async def test_mutation_by_get(client: Client, ada: str, query: str, name: str) -> None:
    answer = await get(client, query=query.replace("KEY", ada), operationName=name)
    assert is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"
    assert await client.one("query ($id: ID!) { user(id: $id) { id } }", {"id": ada}) is not None


async def test_query_beside_a_mutation_by_get(client: Client) -> None:
    assert (await get(client, query=MIXED, operationName="Look")).json() == {"data": {"__typename": "Query"}}
    assert (await get(client, query=MIXED)).status_code == 400


@pytest.mark.parametrize("accept", ["application/xml", f"{JSON};q=0"])
async def test_no_acceptable_answer_by_get(client: Client, accept: str) -> None:
    assert is_problem(await get(client, accept, query=TYPENAME), 406, "not_acceptable")


# Other methods, other paths


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "TRACE", "PROPFIND"])
async def test_method_not_allowed(client: Client, method: str) -> None:
    answer = await client.http.request(method, "/graphql")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.content == b"") == (method == "HEAD")


async def test_options(client: Client) -> None:
    answer = await client.http.options("/graphql")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, "GET, POST", b"")


@pytest.mark.parametrize("path", ["/graphql/", "/graphql/more", "/graphql%2F", "/graphqll"])
async def test_nothing_beneath(client: Client, path: str) -> None:
    assert is_problem(await client.http.post(path, json={"query": TYPENAME}), 404, "not_found")


async def test_content_too_large(client: Client) -> None:
    body = json.dumps({"query": TYPENAME, "variables": {"a": "x" * (1 << 20)}}).encode()
    assert is_problem(await raw(client, body), 413, "content_too_large")

    async def pieces() -> Any:
        for start in range(0, len(body), 1 << 16):
            yield body[start : start + (1 << 16)]

    unstated = await client.http.post("/graphql", content=pieces(), headers={"content-type": JSON})
    assert is_problem(unstated, 413, "content_too_large")


async def test_a_client_that_has_gone_is_not_answered(
    service: Service, schema: strawberry.Schema, shapes: tuple[ResourceShape, ...]
) -> None:
    """And its half of a request is not taken for a whole one."""
    messages: list[Message] = [
        {"type": "http.request", "body": b'{"query": "{ __typename }"}', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", JSON.encode())]
    scope: Scope = {"type": "http", "method": "POST", "path": "/graphql", "raw_path": b"/graphql", "query_string": b"", "headers": headers}
    await GraphqlDoor(service, schema, shapes)(scope, receive, send)
    assert (messages, sent) == ([], [])


# A browser


async def test_a_browser_gets_the_playground(client: Client) -> None:
    answer = await get(client, BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert b"the playground" in answer.content


async def test_a_link_in_a_browser_runs_nothing(client: Client) -> None:
    answer = await get(client, BROWSER, query=TYPENAME)
    assert b"the playground" in answer.content


async def test_prefix_begins_the_type_of_problems(service: Service, schema: strawberry.Schema, shapes: tuple[ResourceShape, ...]) -> None:
    """Under a mount, `root_path` is the application's place and `path` holds it too."""
    door: Any = GraphqlDoor(service, schema, shapes)
    transport = httpx.ASGITransport(door, root_path="/v1")
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        query = 'mutation { deleteUser(id: "0") { ... on Problem { type } } }'
        answer = await http.post("/v1/graphql", json={"query": query})
        assert answer.json() == {"data": {"deleteUser": {"type": "/v1/problems/not-found"}}}
        assert (await http.put("/v1/graphql")).json()["type"] == "/v1/problems/method-not-allowed"
