"""The door as an ASGI callable: where it stands, and what it does when something goes wrong underneath."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Field

from diptych import Resource, Versioned
from diptych.http.asgi import Message, Scope
from diptych.resource.reading import read_resources
from diptych.rest import RestDoor
from diptych.semantics.outcome import Unavailable
from diptych.service.execute import Service
from diptych.store.sql import SqlStore
from tests.rest.calls import USER, new, told
from tests.rest.failing import FailingStore
from tests.rest.shapes import SHAPES

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Jar(Versioned, table=True):
    """A jar, under whatever label its owner chooses."""

    __tablename__ = "rest_jar"
    label: str = Field(primary_key=True)
    filled: int = 0
    code: str | None = None
    owner: str = "nobody"


JARS = tuple(read_resources([Resource(Jar, keys="client", hidden={"code"}, read_only={"owner"})]))


@asynccontextmanager
async def jars(folder: Path, *, base: str = "/api", root_path: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """Jars behind a door of their own."""
    store = SqlStore(f"sqlite:///{folder / 'jars.db'}", JARS)
    await store.open()
    door = RestDoor(Service(store), JARS, base=base)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door, root_path=root_path), base_url="http://test") as client:
        yield client
    await store.close()


LABELS = [("a/b", "a%2Fb"), ("é ?#%", "%C3%A9%20%3F%23%25"), ("...", "..."), ("~a-b_c.d", "~a-b_c.d"), ("1", "1"), ("\r\n", "%0D%0A")]


@pytest.mark.parametrize(("label", "encoded"), LABELS)
async def test_any_text_may_be_a_key(tmp_path: Path, label: str, encoded: str) -> None:
    """It is one segment of every path that names it, and addresses its row as it came."""
    async with jars(tmp_path) as client:
        created = await client.post("/api/jars", json={"label": label})
        assert (created.status_code, created.headers["location"]) == (201, f"/api/jars/{encoded}")
        path = created.headers["location"]
        assert (await client.get(path)).json() == {"label": label, "filled": 0, "owner": "nobody", "version": 1}
        replaced = await client.put(path, json={"filled": 1}, headers={"if-match": '"1"'})
        assert replaced.headers["content-location"] == path
        page = await client.get("/api/jars?limit=1")
        after = page.json()["pageInfo"]["endCursor"]
        assert (await client.get("/api/jars", params={"after": after})).json()["items"] == []


async def test_where_versions_are_required_an_unconditional_put_creates_nothing(tmp_path: Path) -> None:
    """The client may believe that it replaces: it must say that nothing is there, by field or in the document."""
    async with jars(tmp_path) as client:
        body = told(await client.put("/api/jars/a", json={"filled": 1}), 428, "precondition_required")
        assert body["requires"] == "If-Match"
        told(await client.put("/api/jars/a", content=b"{", headers={"content-type": "application/json"}), 428, "precondition_required")
        told(await client.put("/api/jars/a", json={}, headers={"if-none-match": '"1"'}), 428, "precondition_required")
        told(await client.put("/api/jars/a", json={"version": 1}), 409, "version_mismatch")
        assert (await client.put("/api/jars/a", json={"version": 0})).status_code == 201
        assert (await client.put("/api/jars/b", json={}, headers={"if-none-match": "*"})).status_code == 201


async def test_hidden_fields_never_come_back_and_read_only_ones_never_change(tmp_path: Path) -> None:
    async with jars(tmp_path) as client:
        created = await client.post("/api/jars", json={"label": "a", "code": "s3cret"})
        stale = await client.put("/api/jars/a", json={"code": "s3cret"}, headers={"if-match": '"9"'})
        again = await client.patch("/api/jars/a", json={"code": "s3cret"}, headers={"if-match": '"1"'})
        for answer in (created, stale, again, await client.get("/api/jars"), await client.get("/api/jars/a")):
            assert "s3cret" not in answer.text
            assert '"code"' not in answer.text or answer is stale
        assert "code" not in stale.json()["current"]
        # No guess of a hidden value is confirmed by an unchanged version.
        assert again.headers["etag"] == '"2"'
        same = await client.put("/api/jars/a", json={"owner": "nobody"}, headers={"if-match": '"2"'})
        assert same.status_code == 200
        other = await client.put("/api/jars/a", json={"owner": "me"}, headers={"if-match": same.headers["etag"]})
        assert [violation["pointer"] for violation in told(other, 400, "invalid")["violations"]] == ["/owner"]


async def test_a_base_of_several_segments(tmp_path: Path) -> None:
    async with jars(tmp_path, base="/shop/v1") as client:
        created = await client.post("/shop/v1/jars", json={"label": "a"})
        assert created.headers["location"] == "/shop/v1/jars/a"
        for path in ("/shop", "/shop/v1", "/shop/v1/", "/jars", "/api/jars", "/shop/v2/jars"):
            told(await client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("root_path", "encoded"),
    [("/v1", "/v1"), ("/v1/", "/v1"), ("/a b/é", "/a%20b/%C3%A9"), ("/x\r\nset-cookie: a=b", "/x%0D%0Aset-cookie:%20a=b")],
)
@pytest.mark.parametrize("whole", [False, True], ids=["the-prefix-was-taken-away", "the-prefix-is-in-the-path"])
async def test_every_path_that_is_named_carries_the_prefix(tmp_path: Path, root_path: str, encoded: str, whole: bool) -> None:
    under = encoded if whole else ""
    async with jars(tmp_path, root_path=root_path) as client:
        for label in "abc":
            created = await client.post(f"{under}/api/jars", json={"label": label})
            assert created.headers["location"] == f"{encoded}/api/jars/{label}"
        changed = await client.put(f"{under}/api/jars/b", json={"filled": 1}, headers={"if-match": '"1"'})
        assert changed.headers["content-location"] == f"{encoded}/api/jars/b"
        first = await client.get(f"{under}/api/jars?limit=1")
        middle = await client.get(f"{under}/api/jars", params={"limit": 1, "after": first.json()["pageInfo"]["endCursor"]})
        assert {link["url"].partition("?")[0] for link in middle.links.values()} == {f"{encoded}/api/jars"}
        assert set(middle.links) == {"next", "prev"}
        for answer, name in (
            (await client.get(f"{under}/api/jars/none"), "not-found"),
            (await client.get(f"{under}/api/nothing"), "not-found"),
            (await client.post(f"{under}/api/jars/a"), "method-not-allowed"),
            (await client.post(f"{under}/api/jars"), "unsupported-media-type"),
            (await client.put(f"{under}/api/jars/a", json={}), "precondition-required"),
            (await client.get(f"{under}/api/jars?x=1"), "invalid"),
        ):
            assert answer.json()["type"] == f"{encoded}/problems/{name}"


async def test_no_answer_names_a_host(door: httpx.AsyncClient) -> None:
    """The Host field is whatever the client wrote."""
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    for answer in (
        await door.post("/api/users", json=USER.document(), headers=headers),
        await door.get("/api/users?limit=1", headers=headers),
        await door.get("/api/users/", headers=headers),
    ):
        assert "evil.example" not in f"{answer.headers} {answer.text}"


def errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.WARNING]


def failing(failure: Unavailable | Exception) -> httpx.AsyncClient:
    door = RestDoor(Service(FailingStore(failure)), tuple(SHAPES.values()))
    return httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://test")


async def test_what_nobody_planned_is_told_by_a_number_alone(caplog: pytest.LogCaptureFixture) -> None:
    """The log has the reason under the same number, and the client nothing of it."""
    for method in ("GET", "HEAD", "DELETE"):
        caplog.clear()
        async with failing(RuntimeError("password=swordfish")) as client:
            answer = await client.request(method, "/api/users/1")
        body = told(answer, 500, "internal")
        assert "swordfish" not in f"{answer.headers} {answer.text}"
        (record,) = errors(caplog)
        assert record.exc_info is not None
        assert str(record.exc_info[1]) == "password=swordfish"
        assert method == "HEAD" or body["requestId"] in record.getMessage()


async def test_a_database_that_is_away_says_when_to_come_again() -> None:
    async with failing(Unavailable(7)) as client:
        for method, path in (("GET", "/api/users/1"), ("HEAD", "/api/users"), ("DELETE", "/api/stock-items/1")):
            answer = await client.request(method, path)
            told(answer, 503, "unavailable")
            assert answer.headers["retry-after"] == "7"


async def test_expected_refusals_leave_no_stack_in_the_log(door: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    item = await new(door, USER)
    for method, path, content in (
        ("GET", "/api/users/x", None),
        ("PUT", item.path, b"{"),
        ("PUT", item.path, b"{}"),
        ("PATCH", item.path, b'{"version": 9}'),
        ("BREW", item.path, None),
    ):
        answer = await door.request(method, path, content=content, headers={"content-type": "application/json"})
        assert answer.status_code >= 400
    assert errors(caplog) == []


def scope(method: str, path: str) -> Scope:
    headers = [(b"content-type", b"application/json")]
    return {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}


async def test_a_client_that_has_gone_is_not_answered(caplog: pytest.LogCaptureFixture) -> None:
    """And its half of a document is not taken for a whole one."""
    messages: list[Message] = [{"type": "http.request", "body": b"{}", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await RestDoor(Service(FailingStore(RuntimeError())), tuple(SHAPES.values()))(scope("PUT", "/api/users/1"), receive, send)
    assert (sent, errors(caplog)) == ([], [])


async def test_an_error_on_the_way_out_is_not_answered_twice() -> None:
    async def receive() -> Any:
        raise AssertionError("a GET is not read")

    started: list[Message] = []

    async def send(message: Message) -> None:
        started.append(message)
        if message["type"] == "http.response.body":
            raise OSError("the connection broke")

    with pytest.raises(OSError, match="broke"):
        await RestDoor(Service(FailingStore(Unavailable())), tuple(SHAPES.values()))(scope("GET", "/api/users/1"), receive, send)
    assert [message["type"] for message in started] == ["http.response.start", "http.response.body"]


@pytest.mark.parametrize("path", ["/api/jars", "/api/jars/a", "/api/jars/none", "/api/nothing"])
async def test_nothing_follows_the_fields_of_an_answer_to_head(tmp_path: Path, path: str) -> None:
    """Asked without httpx, which drops what a server sends to HEAD."""
    store = SqlStore(f"sqlite:///{tmp_path / 'jars.db'}", JARS)
    await store.open()
    door = RestDoor(Service(store), JARS)
    sent: dict[str, list[Message]] = {"PUT": [], "GET": [], "HEAD": []}
    for method, messages in sent.items():

        async def receive() -> Message:
            return {"type": "http.request", "body": b'{"version": 0}'}

        async def send(message: Message, messages: list[Message] = messages) -> None:
            messages.append(message)

        await door(scope(method, "/api/jars/a" if method == "PUT" else path), receive, send)
    await store.close()
    assert sent["PUT"][0]["status"] == 201
    assert sent["HEAD"][0] == sent["GET"][0]
    assert sent["GET"][1]["body"] != b""
    assert [message["body"] for message in sent["HEAD"][1:]] == [b""]
