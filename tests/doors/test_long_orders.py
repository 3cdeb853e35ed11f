"""Orders by text of any length: cursors stay short, pages stay exact, and what cannot be gone on from says so."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlmodel import Field

from diptych import Bridge, Resource, Versioned
from diptych.semantics.order import LONGEST_CURSOR

NDJSON = {"accept": "application/x-ndjson"}
MOVED = "The row that this cursor marks has changed since, or is gone; begin at another cursor, or anew."
LIST = """
query ($first: Int, $after: String, $last: Int, $before: String) {
  essays(orderBy: [TEXT_ASC], first: $first, after: $after, last: $last, before: $before) {
    edges { node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
# In their order. Several agree in more letters than a cursor has room for.
TEXTS = (
    "",
    "ab" * 750,
    "ab" * 2000,
    "b" * 100_000,
    "b" * 100_000,
    "b" * 100_000 + "a",
    "b" * 300_000,
    "c",
    "\U0001f600" * 5000,
    "\U0001f600" * 5001,
)


class Essay(Versioned, table=True):
    __tablename__ = "long_essays"

    id: int | None = Field(default=None, primary_key=True)
    text: str
    title: str = Field(default="", index=True)


@dataclass
class Shelf:
    """Both doors over essays of all these texts; `keys` are theirs, in the order of the texts."""

    http: httpx.AsyncClient
    keys: list[int]

    async def rest(self, **asked: str) -> dict[str, Any]:
        answer = await self.http.get(f"/api/essays?{urlencode({'order': 'text', 'fields': 'id', **asked})}")
        assert len(answer.headers.get("link", "")) < 3 * LONGEST_CURSOR
        body: dict[str, Any] = answer.json()
        return {"ids": [one["id"] for one in body["items"]], **body["pageInfo"]} if answer.status_code == 200 else body

    async def graphql(self, **asked: Any) -> dict[str, Any]:
        body = (await self.http.post("/graphql", json={"query": LIST, "variables": asked})).json()
        if "errors" in body:
            return dict(body["errors"][0]["extensions"])
        page = body["data"]["essays"]
        return {"ids": [int(one["node"]["id"]) for one in page["edges"]], **page["pageInfo"]}


@pytest.fixture
async def shelf(database_url: str) -> AsyncIterator[Shelf]:
    bridge = Bridge(database_url, [Resource(Essay, versions="optional", order_by={"text"})])
    await bridge.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as http:
        keys = [(await http.post("/api/essays", json={"text": text})).json()["id"] for text in TEXTS]
        yield Shelf(http, keys)
    await bridge.close()


def check_cursors(page: dict[str, Any]) -> None:
    assert 0 < len(page["startCursor"]) <= LONGEST_CURSOR
    assert 0 < len(page["endCursor"]) <= LONGEST_CURSOR


@pytest.mark.parametrize("size", [1, 3])
async def test_pages_forwards_and_backwards(shelf: Shelf, size: int) -> None:
    """By either door's cursors on the other, and whatever the letters are."""
    page, seen = await shelf.rest(limit=str(size)), list[int]()
    while True:
        check_cursors(page)
        seen += page["ids"]
        if not page["hasNextPage"]:
            break
        again = await shelf.rest(limit=str(size), after=page["endCursor"])
        page = await shelf.graphql(first=size, after=page["endCursor"])
        assert page == again
    assert seen == shelf.keys
    page, seen = await shelf.graphql(last=size), []
    while True:
        check_cursors(page)
        seen = page["ids"] + seen
        if not page["hasPreviousPage"]:
            break
        again = await shelf.rest(limit=str(size), before=page["startCursor"])
        page = await shelf.graphql(last=size, before=page["startCursor"])
        assert page == again
    assert seen == shelf.keys


async def test_between_two_cursors(shelf: Shelf) -> None:
    low, high = [(await shelf.rest(limit=str(count)))["endCursor"] for count in (4, 7)]
    assert (await shelf.rest(after=low, before=high))["ids"] == shelf.keys[4:6]


async def test_a_stream_has_all_of_them_once(shelf: Shelf) -> None:
    """Pages of a stream end at cursors too: a hundred rows each."""
    more = [(await shelf.http.post("/api/essays", json={"text": "d" * 9000})).json()["id"] for _ in range(250)]
    text = (await shelf.http.get("/api/essays?order=text&fields=id", headers=NDJSON)).text
    assert [int(line[6:-1]) for line in text.splitlines()] == shelf.keys[:8] + more + shelf.keys[8:]


@pytest.mark.parametrize("change", ["replaced", "deleted"])
async def test_a_row_that_has_moved_marks_no_place(shelf: Shelf, change: str) -> None:
    """The cursor of a short text has its place in it, and goes on whatever becomes of the row."""
    short, long = [(await shelf.rest(limit=str(count)))["endCursor"] for count in (2, 4)]
    for key in (shelf.keys[1], shelf.keys[3]):
        address = f"/api/essays/{key}"
        changed = await (shelf.http.put(address, json={"text": "zzz"}) if change == "replaced" else shelf.http.delete(address))
        assert changed.status_code in (200, 204)
    assert (await shelf.rest(limit="1", after=short))["ids"] == (await shelf.graphql(first=1, after=short))["ids"] == [shelf.keys[2]]
    for refused in (await shelf.rest(after=long), await shelf.graphql(first=1, after=long)):
        assert refused["code"] == "invalid"
        assert refused["violations"] == [{"pointer": "/after", "code": "unknown", "message": MOVED}]


async def test_a_cursor_of_a_changed_row_holds_while_its_text_is_the_same(shelf: Shelf) -> None:
    cursor = (await shelf.rest(limit="4"))["endCursor"]
    assert (await shelf.http.patch(f"/api/essays/{shelf.keys[3]}", json={"title": "new"})).status_code == 200
    assert (await shelf.rest(limit="1", after=cursor))["ids"] == [shelf.keys[4]]


async def test_text_that_no_index_takes(shelf: Shelf) -> None:
    """PostgreSQL keeps some kilobytes in an index. What is more is refused there, as by any rule that the database alone has."""
    noise = "".join(chr(0x4E00 + (number * number * 7919) % 20000) for number in range(4000))
    answer = await shelf.http.post("/api/essays", json={"text": "x", "title": noise})
    if answer.status_code != 201:
        assert (answer.status_code, answer.json()["violations"][0]["pointer"]) == (400, "")
    assert (await shelf.http.post("/api/essays", json={"text": "x", "title": "short"})).status_code == 201
