"""One line in the log for each command: who, what, how it ended, and nothing of what was in it."""

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from diptych import Bridge
from diptych.demo import demo_bridge
from diptych.demo.models import StockItem
from diptych.identity import ApiKeys, new_api_key
from diptych.observe.formats import JsonLines, PlainLines
from diptych.resource.declaration import Resource
from diptych.resource.policy import Policy, anyone, nobody
from diptych.semantics.command import Fetch
from diptych.semantics.principal import Caller, Principal
from diptych.service.ports import StoreError
from tests.doors.door import DOCUMENT, STOCK, USER, Door, Graphql, Rest
from tests.operations.conftest import Lines
from tests.proofs.raw import RawConnection

SECRET = "Xq7-nobody-may-read-this"


async def test_each_command_has_its_line_through_either_door(door: Door, client: httpx.AsyncClient, lines: Lines) -> None:
    client.headers["x-request-id"] = "one-1"
    made = await door.create(USER, {"name": SECRET, "email": "s@x"})
    await door.create(USER, {"name": "B", "email": "s@x"})
    await door.replace(USER, made.key, {"name": "C", "email": "c@x"})
    await door.merge_patch(USER, made.key, {"name": "C"})
    await door.json_patch(USER, made.key, [{"op": "test", "path": "/name", "value": SECRET}])
    await door.fetch(USER, made.key)
    await door.fetch(USER, 999_999)
    await door.list(USER)
    await door.delete(USER, made.key, version=1)
    await door.delete(USER, made.key)
    await door.fetch(DOCUMENT, SECRET)
    told = [(level, fields["resource"], fields["command"], fields["outcome"]) for level, fields in lines.told()]
    assert told == [
        ("INFO", "User", "create", "created"),
        ("INFO", "User", "create", "unique_conflict"),
        ("INFO", "User", "replace", "replaced"),
        ("INFO", "User", "patch", "unchanged"),
        ("INFO", "User", "json_patch", "patch_conflict"),
        ("INFO", "User", "fetch", "found"),
        ("INFO", "User", "fetch", "not_found"),
        ("INFO", "User", "list", "listed"),
        ("INFO", "User", "delete", "version_mismatch"),
        ("INFO", "User", "delete", "deleted"),
        ("INFO", "Document", "fetch", "not_found"),
    ]
    assert {(fields["request_id"], fields["door"]) for _, fields in lines.told()} == {("one-1", door.name)}
    assert all(record.exc_info is None for record in lines.records)
    assert all(0 <= record.__dict__["milliseconds"] < 60_000 for record in lines.records)


async def test_no_key_and_no_value_is_ever_written(door: Door, lines: Lines) -> None:
    await door.create(DOCUMENT, {"id": SECRET, "title": SECRET, "content": SECRET})
    await door.replace(DOCUMENT, SECRET, {"title": SECRET, "nonsense": SECRET})
    await door.merge_patch(DOCUMENT, SECRET, {"title": SECRET}, version=99)
    await door.create(DOCUMENT, {"id": SECRET, "title": "again"})
    await door.delete(DOCUMENT, SECRET)
    assert len(lines.records) >= 4
    for record in lines.records:
        for written in (JsonLines().format(record), PlainLines().format(record)):
            assert SECRET not in written


async def test_every_mutation_of_a_document_has_its_line(client: httpx.AsyncClient, lines: Lines) -> None:
    text = """mutation { a: deleteUser(id: "1") { __typename } b: deleteUser(id: "77") { __typename }
               c: deleteDocument(id: "x") { __typename } }"""
    answer = await client.post("/graphql", json={"query": text})
    told = [(fields["resource"], fields["outcome"]) for _, fields in lines.told()]
    assert [one[0] for one in told] == ["User", "User", "Document"]
    assert told[1:] == [("User", "not_found"), ("Document", "not_found")]
    assert {fields["request_id"] for _, fields in lines.told()} == {answer.headers["x-request-id"]}


@pytest.mark.parametrize("sent", ["abc", "A1-._~:/+=@", "x" * 128])
async def test_a_harmless_id_is_taken_and_comes_back(client: httpx.AsyncClient, lines: Lines, sent: str) -> None:
    for answer in (
        await client.get("/api/users/1", headers={"x-request-id": sent}),
        await client.post("/graphql", json={"query": "{ users { edges { node { id } } } }"}, headers={"x-request-id": sent}),
        await client.get("/api/nowhere", headers={"x-request-id": sent}),
    ):
        assert answer.headers.get_list("x-request-id") == [sent]
    assert [fields["request_id"] for _, fields in lines.told()] == [sent] * 3


@pytest.mark.parametrize("sent", [[], [""], ["x" * 129], ["a b"], ['a"b'], ["<b>"], ["é"], ["a\tb"], ["a", "b"], ["{}"], ["a,b"]])
async def test_any_other_is_replaced_by_one_of_ours(client: httpx.AsyncClient, lines: Lines, sent: list[str]) -> None:
    headers = [(b"x-request-id", one.encode("latin-1")) for one in sent]
    answer = await client.get("/api/users/1", headers=headers)
    made = answer.headers["x-request-id"]
    assert str(UUID(made)) == made
    assert [fields["request_id"] for _, fields in lines.told()] == [made]


async def test_what_becomes_no_command_has_a_line_too(client: httpx.AsyncClient, lines: Lines) -> None:
    await client.get("/api/nothing")
    await client.put("/api/users/1", content="{}", headers={"content-type": "text/plain"})
    await client.post("/graphql", content="{}", headers={"content-type": "text/plain"})
    await client.options("/api/users")
    told = [(level, fields["door"], fields["method"], fields["status"]) for level, fields in lines.told()]
    assert told == [("INFO", "rest", "GET", 404), ("INFO", "rest", "PUT", 415), ("INFO", "graphql", "POST", 415)]


async def test_what_nobody_planned_has_the_same_id_everywhere(
    bridge: Bridge, door: Door, client: httpx.AsyncClient, lines: Lines, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> Any:
        raise StoreError(f"the driver said {SECRET}")

    monkeypatch.setattr(type(bridge.store), "fetch", lambda *_: broken())
    client.headers["x-request-id"] = "trouble-7"
    answer = await door.fetch(USER, 1)
    assert answer.response is not None
    told = answer.response.text
    assert '"requestId":"trouble-7"' in told
    assert SECRET not in told
    assert lines.told() == [
        (
            "ERROR",
            {
                "request_id": "trouble-7",
                "door": door.name,
                "resource": "User",
                "command": "fetch",
                "outcome": "internal",
                "error": "StoreError",
            },
        )
    ]
    (stack,) = [record for record in caplog.records if record.name == "diptych"]
    assert stack.exc_info is not None
    assert (stack.levelname, stack.__dict__["request_id"]) == ("ERROR", "trouble-7")


async def test_the_id_of_the_client_is_told_with_lines_off(
    bridge: Bridge, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> Any:
        raise StoreError("no")

    monkeypatch.setattr(type(bridge.store), "fetch", lambda *_: broken())
    answer = await client.get("/api/users/1", headers={"x-request-id": "trouble-8"})
    assert (answer.status_code, answer.json()["requestId"]) == (500, "trouble-8")


async def test_a_busy_database_is_a_warning(tmp_path: Path, lines: Lines) -> None:
    bridge = demo_bridge(f"sqlite:///{tmp_path / 'busy.db'}").at(f"sqlite:///{tmp_path / 'busy.db'}", busy_seconds=0.1)
    await bridge.open()
    raw = await RawConnection(bridge.database).open()
    await raw.begin()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        for door in (Rest(client), Graphql(client)):
            await door.merge_patch(USER, 1, {"bio": "late"})
    await raw.run("ROLLBACK")
    await raw.close()
    await bridge.close()
    assert [(level, fields["outcome"]) for level, fields in lines.told()] == [("WARNING", "unavailable")] * 2


async def test_a_caller_who_goes_away_is_told_of(bridge: Bridge, lines: Lines) -> None:
    (user, *_) = bridge.resources
    task = asyncio.create_task(bridge.act(Caller()).fetch(user, Fetch(1)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [(level, fields["outcome"], fields["door"]) for level, fields in lines.told()] == [("INFO", "cancelled", "code")]


async def test_silent_unless_somebody_listens(client: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]) -> None:
    """As a library it sets nothing up; with the usual level nothing is watched, and answers carry no id."""
    answer = await client.get("/api/users/1")
    assert "x-request-id" not in answer.headers
    assert capfd.readouterr() == ("", "")


def record(**fields: Any) -> logging.LogRecord:
    made = logging.LogRecord("diptych.commands", logging.INFO, __file__, 1, "fetch %s: found", ("User",), None)
    made.created = 1_700_000_000.25
    made.__dict__.update(fields)
    return made


def test_the_forms_of_a_line() -> None:
    line = record(request_id="r1", door="rest", resource="User", command="fetch", outcome="found", milliseconds=1.25, subject='an "n\n')
    assert json.loads(JsonLines().format(line)) == {
        "time": "2023-11-14T22:13:20.250Z",
        "level": "info",
        "logger": "diptych.commands",
        "message": "fetch User: found",
        "request_id": "r1",
        "door": "rest",
        "resource": "User",
        "command": "fetch",
        "outcome": "found",
        "milliseconds": 1.25,
        "subject": 'an "n\n',
    }
    assert PlainLines().format(line) == (
        '2023-11-14T22:13:20.250Z info    fetch User: found request_id=r1 door=rest milliseconds=1.25 subject="an \\"n\\n"'
    )


@pytest.mark.parametrize("form", [JsonLines(), PlainLines()])
def test_nobody_can_begin_a_line(form: logging.Formatter) -> None:
    line = record(subject="a\n2023 error forged\r\x1b[31m\u2028x")
    line.msg, line.args = "a\nb", ()
    written = form.format(line)
    assert not set(written) & set("\n\r\x1b")
    assert len(written.splitlines()) == 1 or isinstance(form, JsonLines)


def test_a_stack_is_one_member_of_the_object() -> None:
    try:
        raise RuntimeError("inner")
    except RuntimeError:
        line = record()
        line.exc_info = sys.exc_info()
    written = JsonLines().format(line)
    assert "\n" not in written
    assert "RuntimeError: inner" in json.loads(written)["stack"]


async def test_the_subject_is_written_and_a_refusal_of_a_policy_once(sqlite_url: str, lines: Lines) -> None:
    made = new_api_key()
    authenticator = ApiKeys({made.hash: Principal("ann")})
    bridge = Bridge(sqlite_url, [Resource(StockItem, policy=Policy(read=anyone, write=nobody))], authenticator=authenticator)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        client.headers["authorization"] = f"Bearer {made.key}"
        for door in (Rest(client), Graphql(client)):
            await door.create(STOCK, {"sku": "a", "name": "b", "quantity": 1})
            await door.list(STOCK)
    await bridge.close()
    told = [(fields["door"], fields["command"], fields["outcome"], fields["subject"]) for _, fields in lines.told()]
    assert told == [
        (door, command, outcome, "ann")
        for door in ("rest", "graphql")
        for command, outcome in (("create", "forbidden"), ("list", "listed"))
    ]
