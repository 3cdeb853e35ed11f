"""What a page in a browser can do through both doors, and what nobody is told: secrets."""

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from diptych import Bridge, OriginError
from diptych.demo.models import RESOURCES

Serving = Callable[..., httpx.AsyncClient]

ORIGIN = "https://app.example.com"
USER = b'{"name": "Eve", "email": "eve@example.com"}'
QUERY = b'{"query": "mutation { createUser(input: {name: \\"Eve\\", email: \\"eve@example.com\\"}) { __typename } }"}'

# What a page of another site can send without asking first (Fetch standard, CORS-safelisted request headers).
SIMPLE = [
    pytest.param("text/plain", id="text"),
    pytest.param("text/plain; charset=utf-8", id="text-with-charset"),
    pytest.param("application/x-www-form-urlencoded", id="form"),
    pytest.param("multipart/form-data; boundary=x", id="multipart"),
    pytest.param("text/plain; application/json", id="json-as-a-parameter"),
    pytest.param("application/json, text/plain", id="two-types"),
    pytest.param(None, id="none"),
    pytest.param("", id="empty"),
]


@pytest.mark.parametrize("content_type", SIMPLE)
@pytest.mark.parametrize(("path", "body"), [("/api/users", USER), ("/graphql", QUERY)])
@pytest.mark.parametrize("origins", [[], [ORIGIN]])
async def test_a_simple_request_changes_nothing(
    serving: Serving, path: str, body: bytes, content_type: str | None, origins: list[str]
) -> None:
    http = serving(origins=origins)
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    if content_type is not None:
        headers["content-type"] = content_type
    answer = await http.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert "eve@example.com" not in (await http.get("/api/users")).text
    # The same body, under the type that a page of another site cannot send without asking, is taken.
    taken = await http.post(path, content=body, headers={"content-type": "application/json"})
    assert taken.status_code in (200, 201)


@pytest.mark.parametrize(
    "query", ["mutation { deleteUser(id: 1) { __typename } }", "query A { __typename } mutation B { deleteUser(id: 1) { __typename } }"]
)
async def test_a_link_changes_nothing(serving: Serving, query: str) -> None:
    http = serving()
    for params in ({"query": query}, {"query": query, "operationName": "B"}):
        await http.get("/graphql", params=params)
    assert (await http.get("/api/users/1")).status_code == 200


# Origins


def preflight(origin: str, method: str = "PATCH", headers: str = "content-type,if-match,authorization") -> dict[str, str]:
    return {"origin": origin, "access-control-request-method": method, "access-control-request-headers": headers}


@pytest.mark.parametrize("path", ["/api/users/1", "/graphql"])
async def test_no_origin_is_let_in_unless_it_is_named(serving: Serving, path: str) -> None:
    for http, origin in ((serving(), ORIGIN), (serving(origins=[ORIGIN]), "https://evil.example"), (serving(origins=[ORIGIN]), "null")):
        asked = await http.options(path, headers=preflight(origin))
        got = await http.get(path, params={"query": "{ __typename }"} if path == "/graphql" else {}, headers={"origin": origin})
        assert "access-control-allow-origin" not in asked.headers
        assert "access-control-allow-origin" not in got.headers


@pytest.mark.parametrize("path", ["/api/users/1", "/graphql"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
async def test_a_named_origin_is_let_in(serving: Serving, path: str, method: str) -> None:
    http = serving(origins=[ORIGIN, "http://localhost:3000"])
    asked = await http.options(path, headers=preflight(ORIGIN, method))
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert method in asked.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in asked.headers


async def test_a_named_origin_sees_the_tag(serving: Serving) -> None:
    http = serving(origins=[ORIGIN])
    got = await http.get("/api/users/1", headers={"origin": ORIGIN})
    assert (got.headers["access-control-allow-origin"], "Origin" in got.headers["vary"]) == (ORIGIN, True)
    assert "ETag" in got.headers["access-control-expose-headers"]
    refused = await http.get("/api/users/nobody", headers={"origin": ORIGIN})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (404, ORIGIN), "refusals are shown as well"


async def test_every_origin(serving: Serving) -> None:
    got = await serving(origins=["*"]).get("/api/users/1", headers={"origin": "https://anybody.example"})
    assert got.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in got.headers


@pytest.mark.parametrize(
    "origins",
    [
        pytest.param(ORIGIN, id="text"),
        pytest.param(["app.example.com"], id="no-scheme"),
        pytest.param([ORIGIN + "/"], id="a-slash"),
        pytest.param([ORIGIN + "/app"], id="a-path"),
        pytest.param(["https://App.example.com"], id="capitals"),
        pytest.param(["https://*.example.com"], id="a-pattern"),
        pytest.param(["*", ORIGIN], id="all-and-one"),
        pytest.param(["null"], id="null"),
        pytest.param([""], id="empty"),
        pytest.param(["https://user@example.com"], id="a-user"),
    ],
)
def test_an_origin_that_is_none(sqlite_url: str, origins: Any) -> None:
    with pytest.raises(OriginError, match=r"Bridge\(origins="):
        Bridge(sqlite_url, RESOURCES, origins=origins)


# Pages


@pytest.mark.parametrize("path", ["/", "/docs", "/problems", "/problems/not-found", "/graphql"])
async def test_pages_tell_the_browser_to_be_careful(serving: Serving, path: str) -> None:
    page = await serving().get(path, headers={"accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert (policy["object-src"], policy["base-uri"]) == ("'none'", "'none'")
    assert "script-src" not in policy, "scripts come from here alone, and none stand in the page"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_pages_can_be_switched_off(serving: Serving, path: str) -> None:
    answer = await serving(pages=False).get(path, headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


async def test_without_pages_a_browser_is_a_client_like_others(serving: Serving) -> None:
    browser = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    http = serving(pages=False)
    answer = await http.get("/graphql", params={"query": "{ __typename }"}, headers=browser)
    assert answer.json() == {"data": {"__typename": "Query"}}
    assert (await http.get("/graphql", headers=browser)).json()["errors"][0]["extensions"]["code"] == "invalid"
    assert "text/html" in (await serving().get("/graphql", headers=browser)).headers["content-type"]


# Secrets

SECRET = "hush-hush-4711"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        pytest.param("GET", "/api/users/1", None, id="read"),
        pytest.param("GET", f"/api/users?{SECRET}=1", None, id="unknown-parameter-is-named"),
        pytest.param("PUT", "/api/users/1", b'{"name": "', id="unreadable"),
        pytest.param("PATCH", "/api/users/1", b"\xff" + SECRET.encode(), id="not-utf-8"),
        pytest.param("POST", "/api/users", b'{"name": "' + SECRET.encode() + b'", "email": 5}', id="invalid"),
        pytest.param("POST", "/graphql", b'{"query": "{ users(after: \\"' + SECRET.encode() + b'\\") { totalCount } }"}', id="cursor"),
        pytest.param("POST", "/graphql", b'{"query": 5}', id="no-request"),
        pytest.param("POST", "/graphql", b"[" * 100, id="deep"),
        pytest.param("DELETE", "/graphql", None, id="method"),
    ],
)
async def test_no_secret_comes_back_or_goes_to_the_log(
    serving: Serving, method: str, path: str, body: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"authorization": f"Bearer {SECRET}", "cookie": f"session={SECRET}", "x-api-key": SECRET, "if-match": f'"{SECRET}"'}
    if body is not None:
        headers["content-type"] = "application/json"
    with caplog.at_level(logging.DEBUG):
        answer = await serving().request(method, path, content=body, headers=headers)
    if "?" not in path:
        assert SECRET not in answer.text
    assert SECRET not in str(answer.headers)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("diptych")]
    assert SECRET not in "".join(ours)


async def test_a_database_that_is_away_tells_no_password(caplog: pytest.LogCaptureFixture) -> None:
    bridge = Bridge(f"postgresql://app:{SECRET}@127.0.0.1:1/shop", RESOURCES)
    app: Any = bridge.app()
    with caplog.at_level(logging.DEBUG):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
            for path in ("/api/users/1", "/graphql?query={__typename}", "/readyz"):
                assert SECRET not in (await http.get(path)).text
    assert SECRET not in caplog.text + repr(bridge) + repr(bridge.service) + repr(bridge.store)
    await bridge.close()
