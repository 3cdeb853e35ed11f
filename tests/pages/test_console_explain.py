"""What the console asks while somebody writes: the same translation as that of the command line, and nothing to be had without leave."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from diptych import Bridge, Limits
from diptych.demo import demo_bridge
from diptych.demo.models import RESOURCES
from diptych.explain import Explainer
from diptych.identity import ApiKeys
from diptych.identity.api_key import new_api_key
from diptych.semantics.principal import Principal

SERVER = "http://test"
PATH = "/diptych/explain"
Serve = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def serve(sqlite_url: str) -> AsyncIterator[Serve]:
    """Serves a bridge over an empty database, in a manner of the test's own."""
    async with AsyncExitStack() as stack:

        def serving(root_path: str = "", mounted: bool = False, **options: Any) -> httpx.AsyncClient:
            bridge = Bridge(sqlite_url, RESOURCES, **options)
            app = FastAPI() if mounted else bridge.app(root_path=root_path)
            if mounted:
                bridge.mount(app)
            stack.push_async_callback(bridge.close)
            return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SERVER)

        yield serving


OPERATION = '{ users(where: {role: {eq: "admin"}}, first: 2) { edges { node { id } } } }'
MESSAGE = 'PATCH /api/users/1\nIf-Match: "3"\n\n{"name": "N"}'
CURL = "curl -X PATCH http://elsewhere.example/api/users/1 -H 'If-Match: \"3\"' -H 'Content-Type: application/json' -d '{\"name\": \"N\"}'"


@pytest.mark.parametrize("text", [OPERATION, MESSAGE, CURL])
async def test_it_says_what_the_command_line_says(serve: Serve, text: str) -> None:
    bridge = demo_bridge()
    expected = Explainer(bridge.schema, bridge.resources).explain(text).to_json(SERVER)
    answer = await serve().post(PATH, json={"text": text, "server": SERVER})
    assert (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"]) == (200, "application/json", "no-store")
    assert answer.json()["explained"] == expected


async def test_a_request_is_told_as_it_was_read(serve: Serve) -> None:
    told = (await serve().post(PATH, json={"text": CURL, "server": SERVER})).json()["asked"]
    code = told.pop("code")
    assert told == {
        "method": "PATCH",
        "target": "/api/users/1",
        "headers": {"If-Match": '"3"', "Content-Type": "application/json"},
        "content": '{"name": "N"}',
    }
    assert code["curl"].startswith("curl -i -X PATCH http://test/api/users/1")
    assert set(code) == {"curl", "fetch", "httpx"}


async def test_variables_and_the_name_of_an_operation_count(serve: Serve) -> None:
    query = "query A { users { totalCount } } query B($id: ID!) { user(id: $id) { name } }"
    answer = await serve().post(PATH, json={"text": query, "variables": {"id": "7"}, "operationName": "B"})
    assert answer.json()["explained"]["steps"][0]["request"]["target"] == "/api/users/7?fields=name"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("", "Nothing was given", id="nothing"),
        pytest.param("{ users {", "Expected Name", id="half-an-operation"),
        pytest.param("{ nobody { id } }", "nobody", id="no-such-field"),
        pytest.param("curl", "has no address", id="half-a-line"),
        pytest.param("curl 'http://x", "cannot be read", id="an-open-quote"),
        pytest.param("GET /nowhere", "Nothing is served at /nowhere", id="no-such-path"),
        pytest.param("GET /api/users?limit=many", "/limit", id="no-such-limit"),
        pytest.param("GET http://[", "cannot be read", id="no-address"),
    ],
)
async def test_what_is_not_understood_is_said(serve: Serve, text: str, error: str) -> None:
    """Under status 200: somebody is in the middle of a word."""
    answer = await serve().post(PATH, json={"text": text})
    assert (answer.status_code, answer.json()["explained"]) == (200, None)
    assert error in answer.json()["error"]


async def test_content_that_is_no_json_has_no_code_and_can_still_be_sent(serve: Serve) -> None:
    told = (await serve().post(PATH, json={"text": "PUT /api/users/1\n\n{half"})).json()
    assert (told["asked"]["content"], told["asked"]["code"]) == ("{half", None)
    assert told["explained"]["operation"] is None


async def test_under_a_prefix_both_doors_have_it(serve: Serve) -> None:
    http = serve(root_path="/v1")
    rest = (await http.post(PATH, json={"text": "{ users { totalCount } }"})).json()
    assert rest["explained"]["steps"][0]["request"]["target"].startswith("/v1/api/users")
    graphql = (await http.post(PATH, json={"text": "GET /v1/api/users/1", "server": SERVER})).json()
    assert "http://test/v1/graphql" in graphql["explained"]["code"]["curl"]
    assert "Nothing is served" in (await http.post(PATH, json={"text": "GET /api/users/1"})).json()["error"]


@pytest.mark.parametrize(
    ("content", "media", "status", "code"),
    [
        pytest.param(b'{"text": "x"}', "text/plain", 415, "unsupported_media_type", id="what-another-site-can-send"),
        pytest.param(b'{"text": "x"}', None, 415, "unsupported_media_type", id="no-type"),
        pytest.param(b"{half", "application/json", 400, "malformed", id="no-json"),
        pytest.param(b"[]", "application/json", 400, "invalid", id="no-object"),
        pytest.param(b"{}", "application/json", 400, "invalid", id="no-text"),
        pytest.param(b'{"text": 1}', "application/json", 400, "invalid", id="text-of-another-kind"),
        pytest.param(b'{"text": "x", "variables": []}', "application/json", 400, "invalid", id="variables-of-another-kind"),
        pytest.param(b'{"text": "x", "more": 1}', "application/json", 400, "invalid", id="an-unknown-member"),
        pytest.param(json.dumps({"text": "x", "server": "x" * 301}).encode(), "application/json", 400, "invalid", id="a-long-server"),
        pytest.param(b'{"text": "' + b"x" * 2000 + b'"}', "application/json", 413, "content_too_large", id="too-large"),
    ],
)
async def test_what_is_no_question_is_refused(serve: Serve, content: bytes, media: str | None, status: int, code: str) -> None:
    headers = {} if media is None else {"content-type": media}
    answer = await serve(limits=Limits(body_bytes=1500)).post(PATH, content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_it_is_only_posted_to(serve: Serve, method: str) -> None:
    answer = await serve().request(method, PATH)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_whoever_may_not_come_through_the_doors_is_not_answered(serve: Serve) -> None:
    made = new_api_key()
    http = serve(authenticator=ApiKeys({made.hash: Principal("somebody")}))
    refused = await http.post(PATH, json={"text": OPERATION})
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert "www-authenticate" in refused.headers
    known = await http.post(PATH, json={"text": OPERATION}, headers={"authorization": f"Bearer {made.key}"})
    assert known.json()["explained"]["steps"]
    assert json.loads(page_of((await http.get("/")).text))["asksWho"] is True


async def test_what_nobody_has_foreseen_is_a_problem(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("an inner secret")

    monkeypatch.setattr(Explainer, "explain", fail)
    answer = await serve().post(PATH, json={"text": OPERATION})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text


async def test_where_introspection_is_off_no_name_is_told(serve: Serve) -> None:
    for introspection, expected in ((True, True), (False, False)):
        http = serve(limits=Limits(introspection=introspection))
        error = (await http.post(PATH, json={"text": "{ usr { id } }"})).json()["error"]
        assert ("Did you mean" in error) is expected


async def test_it_goes_where_the_pages_go(serve: Serve) -> None:
    assert (await serve(mounted=True).post(PATH, json={"text": OPERATION})).status_code == 200
    assert (await serve(pages=False).post(PATH, json={"text": OPERATION})).status_code == 404
    assert (await serve(pages=False, mounted=True).post(PATH, json={"text": OPERATION})).status_code == 404


async def test_the_page_is_told_where_everything_is(serve: Serve) -> None:
    told = json.loads(page_of((await serve(root_path="/v1", title="Shop </script>").get("/")).text))
    assert {name: told[name] for name in told if name != "resources"} == {
        "title": "Shop </script>",
        "prefix": "/v1",
        "api": "/api",
        "graphql": "/v1/graphql",
        "openapi": "/v1/openapi.json",
        "explain": "/v1/diptych/explain",
        "asksWho": False,
    }
    assert [resource["path"] for resource in told["resources"]] == ["users", "documents", "stock-items"]
    assert told["resources"][1] == {
        "name": "Document",
        "path": "documents",
        "singular": "document",
        "key": "id",
        "clientKeyed": True,
        "versionsRequired": False,
        "readOnly": [],
        "about": "A text with tags, under an address of its author's choice.",
    }


def page_of(html: str) -> str:
    return html.split('<script id="page" type="application/json">')[1].split("</script>")[0]
