"""Orders, totals and views: `order`, `Prefer: count=exact`, `fields` and `include`, on SQLite."""

from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from diptych import Bridge
from diptych.rest import RestDoor
from diptych.semantics.outcome import Unavailable
from diptych.service.execute import Service
from tests.rest.calls import Lines, pointers, told
from tests.rest.failing import FailingStore
from tests.rest.listed import LISTED, RESOURCES, listed

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROWS: Final[list[dict[str, Any]]] = [
    {"name": "b", "count": 1, "note": "x", "makerId": 1},
    {"name": "a", "count": 2, "makerId": 2},
    {"name": "b", "count": 3, "note": "y"},
    {"name": "a", "count": 4, "note": "z", "makerId": 1},
    {"name": "c", "count": 5, "note": "y", "makerId": 1},
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    async with listed(f"sqlite:///{tmp_path_factory.mktemp('views')}/parts.db", ROWS) as client:
        for number in range(25):
            assert (await client.post("/api/jigs", json={"id": f"jig-{number:02}", "makerId": 2})).status_code == 201
        yield client


@pytest.mark.parametrize(
    ("order", "keys"),
    [
        pytest.param("name", [2, 4, 1, 3, 5], id="equal-ones-by-key"),
        pytest.param("-name", [5, 1, 3, 2, 4], id="descending-and-equal-ones-by-key"),
        pytest.param("name,-count", [4, 2, 3, 1, 5], id="two"),
        pytest.param("-id", [5, 4, 3, 2, 1], id="the-key"),
        pytest.param("note,-id", [1, 5, 3, 4, 2], id="null-comes-last"),
        pytest.param("-note,id", [2, 4, 3, 5, 1], id="and-so-first-in-the-descending-order"),
    ],
)
async def test_orders_and_their_pages_in_both_directions(parts: httpx.AsyncClient, order: str, keys: list[int]) -> None:
    """Every page has the addresses of its neighbours, with everything that was asked for."""
    url, forwards, last = f"/api/parts?order={order}&limit=2&count[gt]=0&fields=id,name", [], ""
    while url:
        answer = await parts.get(url)
        body = told(answer, 200)
        assert all(row.keys() == {"id", "name"} for row in body["items"])
        forwards += [row["id"] for row in body["items"]]
        last, url = url, answer.links.get("next", {}).get("url", "")
    assert forwards == keys
    backwards: list[Any] = []
    url = last
    while url:
        answer = await parts.get(url)
        backwards = [row["id"] for row in answer.json()["items"]] + backwards
        url = answer.links.get("prev", {}).get("url", "")
    assert backwards == keys


@pytest.mark.parametrize(
    ("query", "violations"),
    [
        pytest.param("order=", [("/order/0", "unknown")], id="no-name"),
        pytest.param("order=name,", [("/order/1", "unknown")], id="a-comma-too-many"),
        pytest.param("order=+name", [("/order/0", "unknown")], id="a-plus-is-a-space"),
        pytest.param("order=--name", [("/order/0", "unknown")], id="two-signs"),
        pytest.param("order=name,-name", [("/order/1", "not_allowed")], id="both-ways"),
        pytest.param("order=flag", [("/order/0", "not_allowed")], id="not-declared"),
        pytest.param("order=secret", [("/order/0", "unknown")], id="hidden"),
        pytest.param("order=name&order=count", [("/order", "not_allowed")], id="repeated"),
        pytest.param("order=" + "name," * 9, [("/order", "too_large")], id="too-many"),
        pytest.param("order=name:desc", [("/order/0", "unknown")], id="another-frameworks-spelling"),
        pytest.param("fields=", [("/fields/0", "unknown")], id="no-field"),
        pytest.param("fields=secret", [("/fields/0", "unknown")], id="a-hidden-field"),
        pytest.param("fields=id,name,id", [("/fields/2", "not_allowed")], id="a-field-twice"),
        pytest.param("fields=maker", [("/fields/0", "unknown")], id="a-relation-is-no-field"),
        pytest.param("fields=name,%20id", [("/fields/1", "unknown")], id="a-space"),
        pytest.param("include=makerId", [("/include/0", "unknown")], id="a-field-is-no-relation"),
        pytest.param("include=maker,maker", [("/include/1", "not_allowed")], id="a-relation-twice"),
        pytest.param("include=maker.parts", [("/include/0", "unknown")], id="deeper"),
        pytest.param("fields=id&fields=name", [("/fields", "not_allowed")], id="fields-twice"),
    ],
)
async def test_lists_of_names_that_are_refused(parts: httpx.AsyncClient, query: str, violations: list[tuple[str, str]]) -> None:
    assert pointers(told(await parts.get(f"/api/parts?{query}"), 400, "invalid")) == violations
    if not query.startswith("order"):
        assert pointers(told(await parts.get(f"/api/parts/1?{query}"), 400, "invalid")) == violations
        # Absence comes after: a request that cannot be read says nothing about a row.
        assert pointers(told(await parts.get(f"/api/parts/99?{query}"), 400, "invalid")) == violations


async def test_a_cursor_holds_for_its_own_order(parts: httpx.AsyncClient) -> None:
    mark = (await parts.get("/api/parts?order=name&limit=1")).json()["pageInfo"]["endCursor"]
    for other in ("", "&order=-name", "&order=name,id", "&order=count"):
        answer = await parts.get(f"/api/parts?after={mark}{other}")
        assert pointers(told(answer, 400, "invalid")) == [("/after", "format")]


@pytest.mark.parametrize(
    ("prefer", "counted"),
    [
        pytest.param([], False, id="nothing-said"),
        pytest.param([("prefer", "count=exact")], True, id="asked-for"),
        pytest.param([("prefer", 'return=minimal, COUNT="exact"; x=1')], True, id="among-others"),
        pytest.param([("prefer", "respond-async"), ("prefer", "count=exact")], True, id="in-another-line"),
        pytest.param([("prefer", "count=estimated")], False, id="another-value"),
        pytest.param([("prefer", "count")], False, id="no-value"),
        pytest.param([("prefer", "count=none, count=exact")], False, id="the-first-one-counts"),
    ],
)
async def test_totals_are_there_for_those_who_ask(parts: httpx.AsyncClient, prefer: Lines, counted: bool) -> None:
    for query, total in (("", 5), ("&name=a", 2), ("&name=nobody", 0), ("&order=-name", 5)):
        for method in ("GET", "HEAD"):
            answer = await parts.request(method, f"/api/parts?limit=1{query}", headers=prefer)
            assert answer.headers.get("preference-applied") == ("count=exact" if counted else None)
            assert answer.headers["vary"] == "Accept, Prefer"
            if method == "GET":
                assert answer.json()["pageInfo"].get("totalCount", "none") == (total if counted else "none")


async def test_a_total_is_that_of_all_pages(parts: httpx.AsyncClient) -> None:
    url, totals = "/api/parts?limit=2", []
    while url:
        answer = await parts.get(url, headers={"prefer": "count=exact"})
        totals.append(answer.json()["pageInfo"]["totalCount"])
        url = answer.links.get("next", {}).get("url", "")
    assert totals == [5, 5, 5]


async def test_the_tag_of_a_page_is_that_of_its_content(parts: httpx.AsyncClient) -> None:
    """Another content, another tag; a change and its undoing are two states of a row, and so of its page."""
    urls = ("/api/parts", "/api/parts?limit=2", "/api/parts?fields=id", "/api/parts?name=a", "/api/parts?include=maker")
    tags = [(await parts.get(url)).headers["etag"] for url in urls]
    tags.append((await parts.get("/api/parts", headers={"prefer": "count=exact"})).headers["etag"])
    assert len(set(tags)) == len(tags)
    assert [(await parts.get(url)).headers["etag"] for url in urls] == tags[:-1]
    assert [(await parts.get(url, headers={"if-none-match": tag})).status_code for url, tag in zip(urls, tags, strict=False)] == [304] * 5
    for note in ("changed", ROWS[1].get("note")):
        assert (await parts.patch("/api/parts/2", json={"note": note})).status_code == 200
        answer = await parts.get("/api/parts", headers={"if-none-match": tags[0]})
        assert (answer.status_code, answer.headers["etag"] == tags[0]) == (200, False)


async def test_some_members_of_a_row(parts: httpx.AsyncClient) -> None:
    """In the order of the representation, whatever the order that they are named in."""
    whole = (await parts.get("/api/parts/1")).json()
    for fields in ("id", "version,name,id", "makerId", ",".join(reversed(list(whole)))):
        answer = await parts.get(f"/api/parts/1?fields={fields}")
        names = fields.split(",")
        assert list(told(answer, 200).items()) == [(name, value) for name, value in whole.items() if name in names]
        listed = await parts.get(f"/api/parts?id=1&fields={fields}")
        assert list(listed.json()["items"][0].items()) == list(answer.json().items())


@pytest.mark.parametrize("view", ["fields=id,name,version", "include=maker", "fields=id&include=maker"])
@pytest.mark.parametrize(
    ("lines", "status"),
    [
        pytest.param([], 200, id="nothing-said"),
        pytest.param([("if-none-match", "CURRENT")], 200, id="the-tag-of-the-row-is-not-its-own"),
        pytest.param([("if-none-match", "W/CURRENT")], 200, id="nor-weakly"),
        pytest.param([("if-none-match", "*")], 304, id="anything-is-what-the-client-has"),
        pytest.param([("if-match", "CURRENT")], 412, id="it-has-no-tag-that-could-match"),
        pytest.param([("if-match", "*")], 200, id="the-row-is-there"),
        pytest.param([("if-match", "CURRENT"), ("if-none-match", "*")], 412, id="if-match-comes-first"),
    ],
)
async def test_a_view_has_no_tag(parts: httpx.AsyncClient, view: str, lines: Lines, status: int) -> None:
    current = (await parts.get("/api/parts/4")).headers["etag"]
    lines = [(name, value.replace("CURRENT", current)) for name, value in lines]
    for method in ("GET", "HEAD"):
        answer = await parts.request(method, f"/api/parts/4?{view}", headers=lines)
        told(answer, status, "version_mismatch" if status == 412 else None)
        if status != 412:
            assert "etag" not in answer.headers
            assert (answer.headers["cache-control"], answer.headers["vary"]) == ("private, no-cache", "Accept")
        told(await parts.request(method, f"/api/parts/99?{view}", headers=lines), 404, "not_found")


async def test_parameters_that_say_nothing_leave_the_whole_row(parts: httpx.AsyncClient) -> None:
    whole, same = await parts.get("/api/parts/4"), await parts.get("/api/parts/4?&")
    assert (same.headers, same.content) == (whole.headers, whole.content)
    assert (await parts.get("/api/parts/4?&", headers={"if-none-match": whole.headers["etag"]})).status_code == 304


async def test_a_row_has_no_parameters_of_a_collection(parts: httpx.AsyncClient) -> None:
    answer = await parts.get("/api/parts/4?limit=1&name=a&fields=id&where={}&order=id")
    assert pointers(told(answer, 400, "invalid")) == [(f"/{name}", "unknown") for name in ("limit", "name", "where", "order")]
    for method in ("PUT", "PATCH", "DELETE"):
        answer = await parts.request(method, "/api/parts/4?fields=id", json={"name": "x"})
        assert pointers(told(answer, 400, "invalid")) == [("/fields", "unknown")]


async def test_the_row_that_a_row_refers_to(parts: httpx.AsyncClient) -> None:
    one, two = [(await parts.get(f"/api/makers/{key}")).json() for key in (1, 2)]
    page = (await parts.get("/api/parts?include=maker")).json()
    assert [row["maker"] for row in page["items"]] == [one, two, None, one, one]
    part = (await parts.get("/api/parts/2")).json()
    assert (await parts.get("/api/parts/2?include=maker")).json() == part | {"maker": two}
    assert (await parts.get("/api/parts/3?include=maker")).json()["maker"] is None
    assert (await parts.get("/api/parts/2?include=maker&fields=name")).json() == {"name": "a", "maker": two}
    assert (await parts.get("/api/parts?include=maker&fields=name&id=2")).json()["items"] == [{"name": "a", "maker": two}]
    assert (await parts.get("/api/parts?include=maker&name=nobody")).json()["items"] == []


async def test_the_rows_that_refer_to_a_row(parts: httpx.AsyncClient) -> None:
    """The first page of them, as their own collection would show it; and where they go on."""
    for key in (1, 2):
        own = (await parts.get(f"/api/parts?makerId={key}")).json()
        answer = await parts.get(f"/api/makers/{key}?include=parts")
        assert answer.json()["parts"] == own
        assert "link" not in answer.headers
    makers = (await parts.get("/api/makers?include=jigs,parts&fields=id")).json()["items"]
    assert [list(maker) for maker in makers] == [["id", "jigs", "parts"]] * 2
    none = {"items": [], "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}}
    assert makers[0]["jigs"] == none
    first = makers[1]["jigs"]
    assert first == (await parts.get("/api/jigs?makerId=2")).json()
    assert (len(first["items"]), first["pageInfo"]["hasNextPage"]) == (20, True)
    rest = (await parts.get("/api/jigs", params={"makerId": 2, "after": first["pageInfo"]["endCursor"]})).json()
    assert [row["id"] for row in rest["items"]] == [f"jig-{number}" for number in range(20, 25)]


class HalfFailing:
    """A service that reads rows, and not those beside them."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(FailingStore(Unavailable(7)) if name in ("rows", "related") else self._service.store, name)


@pytest.mark.parametrize("path", ["/api/parts?include=maker", "/api/parts/1?include=maker", "/api/makers?include=parts"])
@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson, application/json;q=0.1"])
async def test_a_database_that_goes_away_between_two_reads(tmp_path: Any, path: str, accept: str) -> None:
    """What cannot be included is not left out: the answer is a refusal, in a stream too."""
    bridge = Bridge(f"sqlite:///{tmp_path}/parts.db", RESOURCES)
    await bridge.open()
    door = RestDoor(Service(HalfFailing(bridge.service)), tuple(LISTED.values()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://test") as client:
        assert (await client.post("/api/makers", json={"name": "One"})).status_code == 201
        assert (await client.post("/api/parts", json={"name": "a", "makerId": 1})).status_code == 201
        answer = await client.get(path, headers={"accept": accept})
        told(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "7"
    await bridge.close()
