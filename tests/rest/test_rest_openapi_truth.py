"""The OpenAPI document and the door say the same: each is asked what the other says."""

import json
from typing import Any

import httpx
import pytest

from diptych.rest import RestDoor
from diptych.semantics.outcome import Unavailable
from diptych.service.execute import Service
from tests.rest.calls import DOCUMENT, JSON_PATCH, MERGE, STOCK, USER, Item, Subject, new
from tests.rest.failing import FailingStore
from tests.rest.shapes import SHAPES
from tests.rest.told import Told

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEMO = tuple(SHAPES.values())


async def test_examples_of_requests_are_taken(door: httpx.AsyncClient) -> None:
    """They are sent as they stand, each to a row of its own resource."""
    told = Told(DEMO)
    for subject in (USER, DOCUMENT, STOCK):
        post, item = told.paths[subject.path]["post"], told.paths[f"{subject.path}/{{id}}"]
        created = await door.post(subject.path, json=post["requestBody"]["content"]["application/json"]["example"])
        assert created.status_code == 201, created.text
        row = await new(door, subject)
        for method in ("patch", "put"):
            for media, content in item[method]["requestBody"]["content"].items():
                await door.delete(created.headers["location"], headers={"if-match": "*"})
                answer = await door.request(method, row.path, json=content["example"], headers={"content-type": media, "if-match": "*"})
                assert answer.status_code == 200, (media, answer.text)


@pytest.mark.parametrize(
    ("subject", "name", "members"),
    [
        pytest.param(USER, "CreateUser", {}, id="as-it-should-be"),
        pytest.param(USER, "CreateUser", {"bio": None}, id="null-where-it-may-be"),
        pytest.param(USER, "CreateUser", {"name": None}, id="null-where-it-may-not-be"),
        pytest.param(USER, "CreateUser", {"name": ...}, id="required-absent"),
        pytest.param(USER, "CreateUser", {"role": ...}, id="with-a-default-absent"),
        pytest.param(USER, "CreateUser", {"name": ""}, id="too-short"),
        pytest.param(USER, "CreateUser", {"name": "x" * 201}, id="too-long"),
        pytest.param(USER, "CreateUser", {"name": 7}, id="number-for-text"),
        pytest.param(USER, "CreateUser", {"color": "red"}, id="unknown"),
        pytest.param(USER, "CreateUser", {"id": 7}, id="a-key-where-the-server-chooses"),
        pytest.param(USER, "CreateUser", {"version": 0}, id="version-0"),
        pytest.param(USER, "CreateUser", {"version": "0"}, id="version-as-text"),
        pytest.param(STOCK, "CreateStockItem", {"quantity": 1.0}, id="a-fraction-of-nothing"),
        pytest.param(STOCK, "CreateStockItem", {"quantity": 1.5}, id="a-fraction"),
        pytest.param(STOCK, "CreateStockItem", {"quantity": -1}, id="too-small"),
        pytest.param(STOCK, "CreateStockItem", {"quantity": 2**31}, id="too-large"),
        pytest.param(STOCK, "CreateStockItem", {"quantity": True}, id="true-is-not-1"),
        pytest.param(DOCUMENT, "CreateDocument", {"id": ...}, id="no-key-where-the-client-chooses"),
        pytest.param(DOCUMENT, "CreateDocument", {"id": "a b"}, id="a-key-outside-its-pattern"),
        pytest.param(DOCUMENT, "CreateDocument", {"id": 7}, id="a-key-of-another-type"),
        pytest.param(DOCUMENT, "CreateDocument", {"tags": ["a", 1]}, id="a-list-of-two-types"),
        pytest.param(DOCUMENT, "CreateDocument", {"metadata": {"a": [{"b": None}]}}, id="an-object-of-anything"),
        pytest.param(DOCUMENT, "CreateDocument", {"metadata": []}, id="a-list-for-an-object"),
    ],
)
async def test_the_schema_takes_what_the_door_takes(door: httpx.AsyncClient, subject: Subject, name: str, members: dict[str, Any]) -> None:
    told = Told(DEMO)
    document = {member: value for member, value in {**subject.document(), **members}.items() if value is not ...}
    answer = await door.post(subject.path, json=document)
    assert answer.status_code in (201, 400)
    assert (told.violations(told.schema(name), document) == []) is (answer.status_code == 201)


class Witness:
    """Sends requests and puts every answer to the document."""

    def __init__(self, client: httpx.AsyncClient, told: Told) -> None:
        self._client = client
        self._told = told

    async def __call__(
        self, method: str, path: str, content: Any = None, media: str = "application/json", **headers: str
    ) -> httpx.Response:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        body = None
        if content is not None:
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            fields["content-type"] = media
        answer = await self._client.request(method, path, content=body, headers=fields)
        self._told.check(answer)
        return answer


async def every_answer_of_a_collection(ask: Witness, item: Item) -> None:
    subject, path = item.subject, item.subject.path
    for method in ("GET", "HEAD"):
        for query, fields in (
            ("?limit=1", {}),
            ("", {"if_none_match": "*"}),
            ("?x=1", {}),
            ("", {"if_match": "x"}),
            ("", {"if_match": '"1"'}),
            ("", {"accept": "text/html"}),
            ("?limit=1&order=-id", {"prefer": "count=exact"}),
            ("", {"accept": "application/x-ndjson"}),
            ("?limit=5", {"accept": "application/x-ndjson"}),
        ):
            await ask(method, path + query, **fields)
    if subject is not STOCK:
        relation = "documents" if subject is USER else "owner"
        for at in (path, item.path):
            answer = await ask("GET", f"{at}?include={relation}")
            assert relation in (answer.json() if at == item.path else answer.json()["items"][0])
    current = (await ask("GET", path)).headers["etag"]
    for method in ("GET", "HEAD"):
        assert (await ask(method, path, if_none_match=current)).status_code == 304
    await ask("OPTIONS", path)
    await ask("POST", path, subject.document())
    await ask("POST", path, subject.document(), prefer="return=minimal")
    await ask("POST", path, {})
    await ask("POST", path, b"{")
    await ask("POST", path, {}, accept="text/html")
    await ask("POST", path, b" " * ((1 << 20) + 1))
    await ask("POST", path, {}, media="text/plain")
    await ask("POST", path, {}, content_encoding="gzip")
    await ask("POST", path, {**subject.document(), "version": 3})
    await ask("POST", path, subject.document(), if_match="*")


async def every_answer_of_an_item(ask: Witness, item: Item, missing: str) -> None:
    current = (await ask("GET", item.path)).headers["etag"]
    for method in ("GET", "HEAD"):
        await ask(method, item.path)
        await ask(method, item.path, if_none_match=current)
        await ask(method, item.path, if_match='"x"')
        await ask(method, item.path, if_match="x")
        await ask(method, item.path + "?x=1")
        await ask(method, item.path, accept="text/html")
        await ask(method, missing)
    await ask("OPTIONS", item.path)
    for method, content, media in (("PUT", item.document, "application/json"), ("PATCH", {}, MERGE), ("PATCH", [], JSON_PATCH)):
        await ask(method, item.path, content, media, if_match="*")
        await ask(method, item.path, content, media, if_match="*", prefer="return=minimal")
        await ask(method, item.path, content, media)
        await ask(method, item.path, b"{", media, if_match="*")
        await ask(method, item.path, {"color": "red"}, media, if_match="*")
        await ask(method, item.path, content, media, if_match='"x"')
        await ask(method, item.path, content, media, accept="text/html")
        await ask(method, item.path, b" " * ((1 << 20) + 1), media)
        await ask(method, item.path, content, "text/plain")
        await ask(method, item.path, content, media, content_encoding="gzip")
        await ask(method, missing, content, media)
        if media != JSON_PATCH:
            await ask(method, item.path, {**item.document, "version": 77}, media)
    await ask("PATCH", item.path, [{"op": "test", "path": "/id", "value": "?"}], JSON_PATCH, if_match="*")
    await ask("PATCH", item.path, [{"op": "remove", "path": "/color"}], JSON_PATCH, if_match="*")
    await ask("DELETE", item.path, accept="text/html")
    await ask("DELETE", item.path, if_match='"x"')
    await ask("DELETE", item.path, if_match="x")
    await ask("DELETE", item.path + "?x=1")
    await ask("DELETE", missing)
    if item.subject.versions_required:
        await ask("DELETE", item.path)


async def every_conflict(ask: Witness, client: httpx.AsyncClient) -> None:
    one, other, document, stock = [await new(client, subject) for subject in (USER, USER, DOCUMENT, STOCK)]
    taken = {"name": "A", "email": one.row["email"]}
    await ask("POST", USER.path, taken)
    await ask("PUT", other.path, taken)
    await ask("PATCH", other.path, taken)
    stock_taken = {"sku": stock.row["sku"], "name": "A", "quantity": 1}
    spare = await new(client, STOCK)
    await ask("POST", STOCK.path, stock_taken)
    await ask("PUT", spare.path, stock_taken, if_match="*")
    await ask("PATCH", spare.path, stock_taken, if_match="*")
    lost = {**document.document, "ownerId": 2147483647}
    await ask("POST", DOCUMENT.path, {**lost, "id": "lost"})
    await ask("PUT", document.path, lost)
    await ask("PATCH", document.path, lost)
    await ask("POST", DOCUMENT.path, document.row | {"version": 0})
    await ask("POST", DOCUMENT.path, document.document | {"id": document.row["id"]}, if_none_match="*")
    await ask("PATCH", document.path, {"ownerId": one.row["id"]})
    await ask("DELETE", one.path)
    page = (await client.get("/api/stock-items?limit=100")).json()["items"]
    last = next(row for row in page if row["sku"] == "LAST")
    await ask("PUT", f"/api/stock-items/{last['id']}", {**last, "quantity": 9})
    await ask("PATCH", f"/api/stock-items/{last['id']}", {"quantity": 9}, if_match="*")
    for item in (other, stock, document):
        await ask("DELETE", item.path, if_match="*")


async def every_failure(told: Told) -> None:
    for failure in (Unavailable(3), RuntimeError("a word that must not get out")):
        door = RestDoor(Service(FailingStore(failure)), DEMO)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://test") as client:
            ask = Witness(client, told)
            for subject in (USER, DOCUMENT, STOCK):
                key = "x" if subject.client_keyed else "1"
                for method, path, content, media in (
                    ("GET", subject.path, None, ""),
                    ("HEAD", subject.path, None, ""),
                    ("POST", subject.path, subject.document(), "application/json"),
                    ("GET", f"{subject.path}/{key}", None, ""),
                    ("HEAD", f"{subject.path}/{key}", None, ""),
                    ("PUT", f"{subject.path}/{key}", {}, "application/json"),
                    ("PATCH", f"{subject.path}/{key}", {}, MERGE),
                    ("DELETE", f"{subject.path}/{key}", None, ""),
                ):
                    answer = await ask(method, path, content, media)
                    assert answer.status_code == (503 if isinstance(failure, Unavailable) else 500)
                    assert "must not get out" not in answer.text


# What the document promises for every resource alike, and no row of the demo can bring about:
# a resource without a unique field or a reference, and rows at their last version, of which the demo has one.
NOT_IN_THE_DEMO = {
    ("User", "reference_conflict", "create replace patch"),
    ("Document", "unique_conflict", "create replace patch"),
    ("StockItem", "reference_conflict", "create replace patch delete"),
    ("Document", "reference_conflict", "delete"),
    ("User", "already_exists", "create"),
    ("StockItem", "already_exists", "create"),
    ("User", "version_exhausted", "create replace patch"),
    ("Document", "version_exhausted", "create replace patch"),
    ("StockItem", "version_exhausted", "create"),
}


async def test_every_answer_is_told_and_every_one_told_is_given(client: httpx.AsyncClient) -> None:
    told = Told(DEMO)
    ask = Witness(client, told)
    for subject, missing in ((USER, "/api/users/x"), (DOCUMENT, "/api/documents/%20"), (STOCK, "/api/stock-items/x")):
        item = await new(client, subject)
        await every_answer_of_a_collection(ask, item)
        await every_answer_of_an_item(ask, item, missing)
    created = await ask("PUT", "/api/documents/born", {"title": "t"})
    assert created.status_code == 201
    await every_conflict(ask, client)
    await every_failure(told)
    untold = {
        (f"{verb}{name} {status}", code)
        for name, code, verbs in NOT_IN_THE_DEMO
        for verb in verbs.split()
        for status in ((409, 412) if code == "already_exists" else (409,))
    }
    assert told.promised() - told.seen == untold
