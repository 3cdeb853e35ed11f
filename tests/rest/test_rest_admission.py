"""What is refused before any row is looked at: paths, methods, media types, size; each in its turn."""

import httpx
import pytest

from tests.rest.calls import JSON_PATCH, MERGE, PROBLEM, USER, new, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

COLLECTION = "GET, HEAD, POST, OPTIONS"
ITEM = "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"
PATCHES = "application/merge-patch+json, application/json-patch+json"


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/users/",
        "/api/users/1/",
        "/api/users//1",
        "/api//users",
        "/api/users/1/posts",
        "/api/User",
        "/api/USERS",
        "/api/stockItems",
        "/api/users%2F1",
        "/api/%FF",
        "/api/users/%FF",
        "/api/../api/nothing",
        "/api/docs",
        "/api/openapi.json",
    ],
)
async def test_where_nothing_is_served(door: httpx.AsyncClient, path: str) -> None:
    """A trailing slash is another path, no path redirects, and every refusal is a problem."""
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
        told(await door.request(method, path), 404, "not_found")


async def test_a_path_may_be_encoded(door: httpx.AsyncClient) -> None:
    item = await new(door, USER)
    assert (await door.get("/a%70i/us%65rs/" + "".join(f"%3{digit}" for digit in str(item.row["id"])))).json() == item.row


async def test_methods_that_a_path_does_not_take(door: httpx.AsyncClient) -> None:
    """The method is judged before anything else of the request, and before the row."""
    wrong = {"if-match": "x", "accept": "text/html", "content-type": "text/plain"}
    for path, methods, allowed in (
        ("/api/users", ("PUT", "PATCH", "DELETE"), COLLECTION),
        ("/api/users/1", ("POST",), ITEM),
        ("/api/users/nobody", ("POST",), ITEM),
        ("/api/stock-items/2147483647", ("POST",), ITEM),
    ):
        for method in ("TRACE", "CONNECT", "QUERY", "BREW", *methods):
            answer = await door.request(method, path, content=b"x", headers=wrong)
            told(answer, 405, "method_not_allowed")
            assert answer.headers["allow"] == allowed


async def test_options(door: httpx.AsyncClient) -> None:
    collection = await door.options("/api/users", headers={"accept": "text/html", "if-match": "x"})
    assert (collection.status_code, dict(collection.headers)) == (204, {"allow": COLLECTION, "accept-post": "application/json"})
    item = await door.options("/api/users/1?x=1")
    assert (item.status_code, dict(item.headers), item.content) == (204, {"allow": ITEM, "accept-patch": PATCHES}, b"")


@pytest.mark.parametrize(
    ("content_type", "post", "patch"),
    [
        pytest.param("application/json", True, True, id="json"),
        pytest.param("Application/JSON ; Charset=UTF-8", True, True, id="in-any-case-with-a-charset"),
        pytest.param('application/json; charset="utf-8"', True, True, id="quoted-charset"),
        pytest.param("application/json; profile=x", True, True, id="other-parameters-say-nothing"),
        pytest.param(MERGE, False, True, id="merge-patch"),
        pytest.param(JSON_PATCH, False, True, id="json-patch"),
        pytest.param(None, False, False, id="none"),
        pytest.param("", False, False, id="empty"),
        pytest.param("text/plain", False, False, id="text"),
        pytest.param("application/x-www-form-urlencoded", False, False, id="a-form-which-other-sites-can-send"),
        pytest.param("multipart/form-data; boundary=x", False, False, id="a-form-with-files"),
        pytest.param("application/json; charset=utf-16", False, False, id="another-charset"),
        pytest.param("application/json, text/plain", False, False, id="two-on-one-line"),
        pytest.param("application/jsonx", False, False, id="a-longer-name"),
        pytest.param("application/vnd.api+json", False, False, id="another-json"),
        pytest.param("json", False, False, id="no-type"),
    ],
)
async def test_content_types(door: httpx.AsyncClient, content_type: str | None, post: bool, patch: bool) -> None:
    item = await new(door, USER)
    headers = {} if content_type is None else {"content-type": content_type}
    for method, path, read, field, listed in (
        ("POST", "/api/users", post, "accept", "application/json"),
        ("PUT", item.path, post, "accept", "application/json"),
        ("PATCH", item.path, patch, "accept-patch", PATCHES),
    ):
        answer = await door.request(method, path, content=b"{", headers=headers)
        if read:
            told(answer, 400, "malformed")
        else:
            told(answer, 415, "unsupported_media_type")
            assert answer.headers[field] == listed


@pytest.mark.parametrize(
    ("coding", "status"), [("identity", 400), ("", 400), ("gzip", 415), ("br", 415), ("identity, gzip", 415), ("x", 415)]
)
async def test_content_codings(door: httpx.AsyncClient, coding: str, status: int) -> None:
    answer = await door.post("/api/users", content=b"{", headers={"content-type": "application/json", "content-encoding": coding})
    assert answer.status_code == status
    assert answer.headers.get("accept-encoding") == ("identity" if status == 415 else None)


@pytest.mark.parametrize(
    ("accept", "taken"),
    [
        pytest.param(None, True, id="none"),
        pytest.param("", True, id="empty"),
        pytest.param("*/*", True, id="anything"),
        pytest.param("application/*", True, id="any-application"),
        pytest.param("application/json", True, id="json"),
        pytest.param("APPLICATION/json;charset=utf-8", True, id="with-parameters"),
        pytest.param("text/html, application/json;q=0.1", True, id="though-not-gladly"),
        pytest.param("text/html,*/*;q=0.1", True, id="anything-else"),
        pytest.param("text/html", False, id="html"),
        pytest.param("application/json;q=0", False, id="anything-but"),
        pytest.param("application/json;q=0, application/x-ndjson;q=0, */*", False, id="the-nearest-range-counts"),
        pytest.param("*/*;q=0", False, id="nothing"),
        pytest.param("application/problem+json", False, id="problems-alone"),
        pytest.param("application/jso", False, id="another-name"),
        pytest.param("text/*", False, id="any-text"),
    ],
)
async def test_accept(door: httpx.AsyncClient, accept: str | None, taken: bool) -> None:
    item = await new(door, USER)
    for method, path, content in (
        ("GET", "/api/users", None),
        ("HEAD", "/api/users", None),
        ("GET", item.path, None),
        ("PUT", item.path, item.changed),
        ("POST", "/api/users", USER.document()),
        ("PATCH", item.path, {}),
        ("DELETE", item.path, None),
    ):
        request = door.build_request(method, path, json=content)
        del request.headers["accept"]
        if accept is not None:
            request.headers["accept"] = accept
        answer = await door.send(request)
        if taken:
            assert answer.status_code in (200, 201, 204)
        else:
            told(answer, 406, "not_acceptable")
    if not taken:
        assert (await door.get(item.path, headers={"accept": "application/json"})).json() == item.row


@pytest.mark.parametrize(("size", "status"), [(1 << 20, 400), ((1 << 20) + 1, 413)])
async def test_size(door: httpx.AsyncClient, size: int, status: int) -> None:
    """The limit holds for content of a stated length and for content that comes in pieces."""
    headers = {"content-type": "application/json"}
    for method, path in (("POST", "/api/users"), ("PUT", "/api/users/1"), ("PATCH", "/api/users/1")):
        whole = await door.request(method, path, content=b'"' * size, headers=headers)
        told(whole, status, "content_too_large" if status == 413 else "malformed")

        async def pieces() -> object:
            for at in range(0, size, 1 << 16):
                yield b'"' * min(1 << 16, size - at)

        chunked = await door.request(method, path, content=pieces(), headers=headers)  # type: ignore[arg-type]
        told(chunked, status, "content_too_large" if status == 413 else "malformed")


@pytest.mark.parametrize("length", ["9" * 5000, "²", "-1", "1, 1"])
async def test_a_length_that_is_none_does_no_harm(door: httpx.AsyncClient, length: str) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", length.encode("latin-1"))]
    answer = await door.request("POST", "/api/users", content=b"{", headers=headers)
    assert answer.status_code in (400, 413)


async def test_a_part_is_not_the_whole(door: httpx.AsyncClient) -> None:
    item = await new(door, USER)
    answer = await door.put(item.path, json=item.changed, headers={"content-range": "bytes 0-1/2"})
    told(answer, 400, "malformed")
    assert (await door.get(item.path)).json() == item.row


async def test_refusals_come_in_their_order(door: httpx.AsyncClient) -> None:
    """Everything is wrong at first, and one thing after another is mended."""
    headers = {
        "content-type": "text/plain",
        "content-encoding": "gzip",
        "accept": "text/html",
        "content-range": "bytes 0-1/2",
        "if-match": "7",
    }
    big = b"{" * ((1 << 20) + 1)

    async def ask(method: str, path: str, content: bytes) -> tuple[int, str]:
        answer = await door.request(method, path, content=content, headers=headers)
        assert answer.headers["content-type"] == PROBLEM
        return answer.status_code, answer.json()["code"]

    item = await new(door, USER, version=2)
    assert await ask("PUT", "/api/nothing/1", big) == (404, "not_found")
    assert await ask("POST", item.path, big) == (405, "method_not_allowed")
    assert await ask("PUT", item.path, big) == (415, "unsupported_media_type")
    headers["content-type"] = "application/json"
    assert await ask("PUT", item.path, big) == (415, "unsupported_media_type")
    del headers["content-encoding"]
    assert await ask("PUT", item.path, big) == (406, "not_acceptable")
    headers["accept"] = "*/*"
    assert await ask("PUT", item.path, big) == (413, "content_too_large")
    assert await ask("PUT", item.path, b"{") == (400, "malformed")
    del headers["content-range"]
    missing = "/api/users/2147483647"
    assert await ask("PUT", missing, b"{") == (400, "malformed")
    headers["if-match"] = '"1"'
    assert await ask("PUT", missing, b"{") == (404, "not_found")
    assert await ask("PUT", item.path, b"{") == (412, "version_mismatch")
    headers["if-match"] = '"1", "2"'
    assert await ask("PUT", item.path, b"{") == (400, "malformed")
    assert await ask("PUT", item.path, b'{"version": 1}') == (409, "version_mismatch")
    assert await ask("PUT", item.path, b'{"version": 2}') == (400, "invalid")
    other = await new(door, USER)
    assert await ask("PUT", item.path, f'{{"name": "A", "email": "{other.row["email"]}"}}'.encode()) == (409, "unique_conflict")
