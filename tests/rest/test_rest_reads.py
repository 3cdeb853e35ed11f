"""Reads of one row and of a collection, as RFC 9110 sections 9.3.1, 9.3.2 and 15.4.5 have them."""

import re
from typing import Any

import httpx
import pytest

from tests.rest.calls import USER, Lines, new, pointers, told

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        pytest.param([], 200, id="nothing-said"),
        pytest.param([("if-none-match", '"2"')], 304, id="the-client-has-it"),
        pytest.param([("if-none-match", 'W/"2"')], 304, id="compared-weakly"),
        pytest.param([("if-none-match", '"1", "2"')], 304, id="one-of-a-list"),
        pytest.param([("if-none-match", '"1"'), ("if-none-match", '"2"')], 304, id="one-of-two-lines"),
        pytest.param([("if-none-match", "*")], 304, id="anything-is-what-it-has"),
        pytest.param([("if-none-match", '"1"')], 200, id="the-client-has-an-old-one"),
        pytest.param([("if-none-match", '"02"')], 200, id="another-tag"),
        pytest.param([("if-match", '"2"')], 200, id="the-row-is-as-expected"),
        pytest.param([("if-match", "*")], 200, id="the-row-is-there"),
        pytest.param([("if-match", '"1"')], 412, id="the-row-is-not-as-expected"),
        pytest.param([("if-match", 'W/"2"')], 412, id="weak-never-matches"),
        pytest.param([("if-match", '"1"'), ("if-none-match", '"2"')], 412, id="if-match-comes-first"),
        pytest.param([("if-match", '"2"'), ("if-none-match", '"2"')], 304, id="then-if-none-match"),
        pytest.param([("if-modified-since", "Fri, 17 May 2999 09:30:00 GMT")], 200, id="dates-say-nothing"),
        pytest.param([("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT")], 200, id="neither-do-dates-of-long-ago"),
        pytest.param([("if-none-match", '"1"'), ("if-modified-since", "Fri, 17 May 2999 09:30:00 GMT")], 200, id="nor-beside-an-old-tag"),
        pytest.param(
            [("if-none-match", '"2"'), ("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT")], 304, id="nor-beside-the-current-tag"
        ),
        pytest.param(
            [("if-match", '"2"'), ("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT")], 200, id="nor-beside-one-that-matches"
        ),
        pytest.param([("range", "bytes=0-3")], 200, id="no-ranges"),
        pytest.param([("range", "bytes=0-3"), ("if-range", '"2"')], 200, id="no-ranges-whatever-the-tag"),
        pytest.param([("range", "bytes=0-3"), ("if-range", '"1"')], 200, id="no-ranges-of-an-old-one"),
        pytest.param([("prefer", "return=minimal")], 200, id="preferences-are-for-writes"),
    ],
)
async def test_reading_a_row_at_version_2(client: httpx.AsyncClient, lines: Lines, status: int) -> None:
    item = await new(client, USER, version=2)
    answer = await client.get(item.path, headers=lines)
    if status == 412:
        body = told(answer, 412, "version_mismatch")
        assert (answer.headers["etag"], body["currentVersion"]) == ('"2"', 2)
    else:
        expected = {"etag": '"2"', "cache-control": "private, no-cache", "vary": "Accept"}
        if status == 200:
            assert answer.json() == item.row
            expected |= {"content-type": "application/json", "content-length": str(len(answer.content))}
        assert (answer.status_code, dict(answer.headers)) == (status, expected)
    head = await client.head(item.path, headers=lines)
    assert (head.status_code, head.headers, head.content) == (answer.status_code, answer.headers, b"")


@pytest.mark.parametrize("path", ["/api/users", "/api/users?limit=0", "/api/users/nobody", "/api/users/1/", "/api", "/api/nothing"])
async def test_head_is_get_without_the_content_field_for_field(door: httpx.AsyncClient, path: str) -> None:
    for lines in ([], [("accept", "text/html")], [("if-match", "x")]):
        get, head = await door.get(path, headers=lines), await door.head(path, headers=lines)
        assert (head.status_code, head.headers, head.content) == (get.status_code, get.headers, b"")
        assert get.headers["content-length"] == str(len(get.content))


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        pytest.param([("if-match", "*")], 200, id="a-collection-is-there"),
        pytest.param([("if-match", '"1"')], 412, id="it-has-no-strong-tag"),
        pytest.param([("if-match", "CURRENT")], 412, id="its-own-is-weak-and-never-matches"),
        pytest.param([("if-none-match", '"1"')], 200, id="a-tag-of-a-row-is-not-its-own"),
        pytest.param([("if-none-match", "CURRENT")], 304, id="the-client-has-it"),
        pytest.param([("if-none-match", 'W/"x", CURRENT')], 304, id="one-of-a-list"),
        pytest.param([("if-none-match", "*")], 304, id="only-if-there-is-none"),
        pytest.param([("if-match", '"1"'), ("if-none-match", "CURRENT")], 412, id="if-match-comes-first"),
    ],
)
async def test_conditions_on_a_collection(door: httpx.AsyncClient, lines: Lines, status: int) -> None:
    current = (await door.get("/api/users")).headers["etag"]
    assert re.fullmatch(r'W/"[0-9a-f]{32}"', current)
    lines = [(name, value.replace("CURRENT", current)) for name, value in lines]
    answer = await door.get("/api/users", headers=lines)
    if status == 412:
        body = told(answer, 412, "version_mismatch")
        assert (body["currentVersion"], body["current"]) == (0, None)
    assert answer.status_code == status
    if status == 304:
        assert dict(answer.headers) == {"etag": current, "cache-control": "private, no-cache", "vary": "Accept, Prefer"}
        assert answer.content == b""
    # A request that would be refused anyway ignores its conditions (section 13.2.1).
    told(await door.get("/api/users?after=x", headers=lines), 400, "invalid")


async def test_a_page_after_another_forwards_and_back(client: httpx.AsyncClient) -> None:
    """Following `next` to the end and `prev` back again meets every row once each way, in the order of their keys."""
    for _ in range(5):
        await new(client, USER)
    everything = (await client.get("/api/users?limit=100")).json()["items"]
    assert [row["id"] for row in everything] == sorted(row["id"] for row in everything)
    forwards: list[Any] = []
    url, last = "/api/users?limit=2", ""
    while url:
        answer = await client.get(url)
        last, page = url, answer.json()
        info = page["pageInfo"]
        assert (info["hasNextPage"], info["hasPreviousPage"]) == ("next" in answer.links, "prev" in answer.links)
        forwards += page["items"]
        url = answer.links.get("next", {}).get("url", "")
    assert forwards == everything
    backwards: list[Any] = []
    url = last
    while url:
        answer = await client.get(url)
        backwards = answer.json()["items"] + backwards
        url = answer.links.get("prev", {}).get("url", "")
    assert backwards == everything


async def test_before_alone_is_the_rows_right_before_it(client: httpx.AsyncClient) -> None:
    ids = [(await new(client, USER)).row["id"] for _ in range(5)]
    page = (await client.get("/api/users?limit=100")).json()
    answer = await client.get("/api/users", params={"limit": 2, "before": page["pageInfo"]["endCursor"]})
    body = answer.json()
    assert [row["id"] for row in body["items"]] == ids[-3:-1]
    assert (body["pageInfo"]["hasNextPage"], body["pageInfo"]["hasPreviousPage"]) == (True, True)
    assert answer.links["next"]["url"] == f"/api/users?limit=2&after={body['pageInfo']['endCursor']}"
    assert answer.links["prev"]["url"] == f"/api/users?limit=2&before={body['pageInfo']['startCursor']}"


async def test_pages_while_rows_come_and_go(client: httpx.AsyncClient) -> None:
    """Cursors name places, not positions: no row is skipped or shown twice."""
    items = [await new(client, USER) for _ in range(4)]
    start = await client.get("/api/users", params={"limit": 2, "after": await cursor_before(client, items[0].row["id"])})
    assert [row["id"] for row in start.json()["items"]] == [items[0].row["id"], items[1].row["id"]]
    assert (await client.delete(items[1].path)).status_code == 204
    newest = await new(client, USER)
    onwards = await client.get(start.links["next"]["url"])
    assert [row["id"] for row in onwards.json()["items"]] == [items[2].row["id"], items[3].row["id"]]
    end = await client.get(onwards.links["next"]["url"])
    assert [row["id"] for row in end.json()["items"]] == [newest.row["id"]]
    assert "next" not in end.links
    assert (await client.delete(newest.path)).status_code == 204
    gone = await client.get(onwards.links["next"]["url"])
    assert gone.json() == {
        "items": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": True, "startCursor": None, "endCursor": None},
    }


async def cursor_before(client: httpx.AsyncClient, key: int) -> str:
    page = (await client.get("/api/users?limit=100")).json()
    before = [row["id"] for row in page["items"] if row["id"] < key]
    answer = await client.get(f"/api/users?limit={len(before)}")
    return str(answer.json()["pageInfo"]["endCursor"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("limit=0", [("/limit", "too_small")], id="no-rows"),
        pytest.param("limit=101", [("/limit", "too_large")], id="too-many-rows"),
        pytest.param("limit=2&limit=2", [("/limit", "not_allowed")], id="repeated"),
        pytest.param("after=x", [("/after", "format")], id="no-cursor"),
        pytest.param("after=", [("/after", "format")], id="empty-cursor"),
        pytest.param("after=WyJrMSIsInRleHQiXQ", [("/after", "format")], id="a-cursor-of-another-kind-of-key"),
        pytest.param("after=x&before=y", [("/after", "format"), ("/before", "format")], id="two-bad-cursors"),
        pytest.param("first=2", [("/first", "unknown")], id="a-word-of-the-other-door"),
    ],
)
async def test_parameters_that_say_nothing_clear_are_refused(door: httpx.AsyncClient, query: str, expected: list[tuple[str, str]]) -> None:
    assert pointers(told(await door.get(f"/api/users?{query}"), 400, "invalid")) == expected


async def test_a_row_takes_no_parameters(door: httpx.AsyncClient) -> None:
    """One that was dropped in silence would have been meant: `DELETE …?version=1` for example."""
    item = await new(door, USER)
    for method, content in (("GET", {}), ("DELETE", {}), ("PUT", {"json": item.changed}), ("PATCH", {"json": {}})):
        answer = await door.request(method, item.path + "?version=9", **content)
        assert pointers(told(answer, 400, "invalid")) == [("/version", "unknown")]
    assert pointers(told(await door.post("/api/users?dry=1", json=USER.document()), 400, "invalid")) == [("/dry", "unknown")]
    assert (await door.get(item.path)).json() == item.row
