"""Content: what is read, what is refused, and what absence and null mean in each kind of write."""

import json
from typing import Any

import httpx
import pytest

from tests.rest.calls import DOCUMENT, JSON_PATCH, MERGE, STOCK, USER, new, pointers, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEEP = b"[" * 100_000

UNREADABLE = [
    pytest.param(b"", id="nothing"),
    pytest.param(b" \n", id="spaces-alone"),
    pytest.param(b"{", id="cut-off"),
    pytest.param(b"{} {}", id="two-values"),
    pytest.param(b"{'name': 1}", id="single-quotes"),
    pytest.param(b'{"name": "A", "name": "B"}', id="one-name-twice"),
    pytest.param(b'{"name": {"a": {"b": 1, "b": 1}}}', id="one-name-twice-inside"),
    pytest.param(b'{"name": NaN}', id="nan"),
    pytest.param(b'{"name": -Infinity}', id="infinity"),
    pytest.param(b'{"name": 1e999}', id="infinity-by-overflow"),
    pytest.param(b'{"name": "\\ud800"}', id="lone-surrogate"),
    pytest.param(b'{"\\udfff": 1}', id="lone-surrogate-in-a-name"),
    pytest.param(b'{"name": "\xff"}', id="not-utf-8"),
    pytest.param("{}".encode("utf-16"), id="utf-16"),
    pytest.param(b"\xef\xbb\xbf{}", id="byte-order-mark"),
    pytest.param(b'{"name": ' + b"1" * 5000 + b"}", id="five-thousand-digits"),
    pytest.param(DEEP, id="a-hundred-thousand-brackets"),
    pytest.param(b'{"metadata": ' + b'{"a":' * 64 + b"1" + b"}" * 64 + b"}", id="65-levels"),
    pytest.param(b'{"name": "\x01"}', id="raw-control-character"),
    pytest.param(b'{"name": 01}', id="leading-zero"),
    pytest.param(b'{"name": "A",}', id="comma-at-the-end"),
]


@pytest.mark.parametrize("content", UNREADABLE)
async def test_content_that_cannot_be_read(door: httpx.AsyncClient, content: bytes) -> None:
    """Never a 500, never an echo of what came, and nothing is written."""
    item = await new(door, USER)
    for method, path, media in (
        ("POST", USER.path, "application/json"),
        ("PUT", item.path, "application/json"),
        ("PATCH", item.path, "application/json"),
        ("PATCH", item.path, MERGE),
        ("PATCH", item.path, JSON_PATCH),
    ):
        answer = await door.request(method, path, content=content, headers={"content-type": media})
        told(answer, 400, "malformed")
    assert (await door.get(item.path)).json() == item.row


@pytest.mark.parametrize("content", [b"1", b'"text"', b"null", b"true", b"[]", b"[{}]"])
async def test_a_document_is_an_object_and_a_json_patch_an_array(door: httpx.AsyncClient, content: bytes) -> None:
    item = await new(door, USER)
    for method, path, media in (
        ("POST", USER.path, "application/json"),
        ("PUT", item.path, "application/json"),
        ("PATCH", item.path, MERGE),
    ):
        answer = await door.request(method, path, content=content, headers={"content-type": media})
        assert pointers(told(answer, 400, "invalid")) == [("", "type")]
    if not content.startswith(b"["):
        answer = await door.patch(item.path, content=content, headers={"content-type": JSON_PATCH})
        assert pointers(told(answer, 400, "invalid")) == [("", "type")]
    mapping = await door.patch(item.path, content=b"{}", headers={"content-type": JSON_PATCH})
    assert pointers(told(mapping, 400, "invalid")) == [("", "type")]


ABSENT = object()


@pytest.mark.parametrize(
    ("name", "value", "complete", "patched"),
    [
        pytest.param("name", ABSENT, ("/name", "required"), "Ada", id="required-absent"),
        pytest.param("name", None, ("/name", "null"), ("/name", "null"), id="required-null"),
        pytest.param("bio", ABSENT, None, "A bio", id="nullable-absent"),
        pytest.param("bio", None, None, None, id="nullable-null"),
        pytest.param("role", ABSENT, "user", "admin", id="with-a-default-absent"),
        pytest.param("role", None, ("/role", "null"), ("/role", "null"), id="with-a-default-null"),
        pytest.param("name", 7, ("/name", "type"), ("/name", "type"), id="number-for-text"),
        pytest.param("name", True, ("/name", "type"), ("/name", "type"), id="true-for-text"),
        pytest.param("name", "", ("/name", "too_short"), ("/name", "too_short"), id="too-short"),
        pytest.param("name", "x" * 201, ("/name", "too_long"), ("/name", "too_long"), id="too-long"),
        pytest.param("name", "x\n", "x\n", "x\n", id="a-line-end-is-text"),
        pytest.param("color", "red", ("/color", "unknown"), ("/color", "unknown"), id="unknown"),
        pytest.param("Name", "A", ("/Name", "unknown"), ("/Name", "unknown"), id="names-are-exact"),
    ],
)
async def test_absent_null_and_wrong(client: httpx.AsyncClient, name: str, value: Any, complete: Any, patched: Any) -> None:
    """`complete` is what POST and PUT make of it, `patched` what a merge patch does: a stored value or a violation."""
    item = await new(client, USER, role="admin", bio="A bio")
    document = {member: inner for member, inner in item.document.items() if member != name}
    patch: dict[str, Any] = {}
    if value is not ABSENT:
        document[name] = patch[name] = value
    # The row has the e-mail address already, so a second one is created under another.
    created = await client.post(USER.path, json={**document, "email": USER.document()["email"]})
    merged = await client.patch(item.path, json=patch)
    replaced = await client.put(item.path, json=document)
    for answer, expected, status in ((created, complete, 201), (merged, patched, 200), (replaced, complete, 200)):
        if isinstance(expected, tuple):
            assert pointers(told(answer, 400, "invalid")) == [expected]
        else:
            assert told(answer, status)[name] == expected


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        pytest.param("1", 1, id="integer"),
        pytest.param("1.0", 1, id="a-fraction-of-nothing"),
        pytest.param("1e2", 100, id="exponent"),
        pytest.param("2147483647", 2147483647, id="largest"),
        pytest.param("2147483648", "too_large", id="beyond-32-bits"),
        pytest.param("1" * 300, "too_large", id="hundreds-of-digits"),
        pytest.param("-1", "too_small", id="below-zero"),
        pytest.param("1.5", "type", id="fraction"),
        pytest.param("true", "type", id="true-is-not-1"),
        pytest.param('"1"', "type", id="text"),
        pytest.param("null", "null", id="null"),
        pytest.param("[1]", "type", id="list"),
    ],
)
async def test_numbers_for_an_integer(client: httpx.AsyncClient, value: str, stored: int | str) -> None:
    item = await new(client, STOCK)
    for method, path, content, status in (
        ("POST", STOCK.path, json.dumps(STOCK.document())[:-1], 201),
        ("PUT", item.path, json.dumps(item.row)[:-1], 200),
        ("PATCH", item.path, '{"location": "A1"', 200),
    ):
        members = content.replace('"quantity": 5, ', "").replace(', "quantity": 5', "")
        tag = (await client.get(item.path)).headers["etag"]
        if method == "PUT":
            members = members.replace('"version": 1', f'"version": {tag[1:-1]}')
        headers = {"content-type": "application/json", **({} if method == "POST" else {"if-match": tag})}
        answer = await client.request(method, path, content=members + f', "quantity": {value}}}', headers=headers)
        if isinstance(stored, str):
            assert pointers(told(answer, 400, "invalid")) == [("/quantity", stored)], members
        else:
            assert told(answer, status)["quantity"] == stored


async def test_all_violations_are_told_at_once(client: httpx.AsyncClient) -> None:
    body = told(await client.post(USER.path, json={"name": "", "email": 7, "color": "red", "id": 1, "version": "x"}), 400, "invalid")
    assert sorted(pointers(body)) == [
        ("/color", "unknown"),
        ("/email", "type"),
        ("/id", "not_allowed"),
        ("/name", "too_short"),
        ("/version", "type"),
    ]


async def test_nul_in_text_is_invalid_on_every_database(client: httpx.AsyncClient) -> None:
    answer = await client.post(USER.path, json={**USER.document(), "name": "a\x00b"})
    assert [pointer for pointer, _ in pointers(told(answer, 400, "invalid"))] == ["/name"]
    inside = await client.post(DOCUMENT.path, json={**DOCUMENT.document(), "metadata": {"a": ["\x00"]}})
    assert [pointer for pointer, _ in pointers(told(inside, 400, "invalid"))] == ["/metadata/a/0"]


@pytest.mark.parametrize("content", [b"\n{}\r\n\t ", b"  {}"])
async def test_space_around_json_is_nothing(door: httpx.AsyncClient, content: bytes) -> None:
    item = await new(door, USER)
    assert (await door.patch(item.path, content=content, headers={"content-type": MERGE})).status_code == 200


async def test_the_key_in_a_document_must_be_the_addressed_one(client: httpx.AsyncClient) -> None:
    user, document = await new(client, USER), await new(client, DOCUMENT)
    for item, other in ((user, user.row["id"] + 1), (user, str(user.row["id"])), (document, "another")):
        for method in ("PUT", "PATCH"):
            right = await client.request(method, item.path, json={**item.document, "id": item.row["id"]})
            assert right.status_code == 200
            wrong = await client.request(method, item.path, json={**item.document, "id": other})
            assert pointers(told(wrong, 400, "invalid")) == [("/id", "not_allowed")]
    upsert = await client.put("/api/documents/one", json={"id": "two", "title": "t"})
    assert pointers(told(upsert, 400, "invalid")) == [("/id", "not_allowed")]
    assert (await client.put("/api/documents/one", json={"id": "one", "title": "t"})).status_code == 201


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        pytest.param({"a": 1}, {"b": 2}, {"a": 1, "b": 2}, id="objects-merge"),
        pytest.param({"a": 1, "b": 2}, {"a": None}, {"b": 2}, id="null-deletes"),
        pytest.param({"a": 1}, {"z": None}, {"a": 1}, id="what-is-absent-may-be-deleted"),
        pytest.param({"a": [1, 2]}, {"a": [3]}, {"a": [3]}, id="arrays-are-replaced"),
        pytest.param({}, {"a": [1, None]}, {"a": [1, None]}, id="nulls-in-arrays-stay"),
        pytest.param({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}, id="inside-too"),
        pytest.param({"a": 1}, {"a": {"b": {"c": None}}}, {"a": {"b": {}}}, id="nulls-leave-nothing-behind"),
    ],
)
async def test_a_merge_patch_inside_a_json_column(
    client: httpx.AsyncClient, before: dict[str, Any], patch: dict[str, Any], after: dict[str, Any]
) -> None:
    item = await new(client, DOCUMENT, metadata=before)
    answer = await client.patch(item.path, json={"metadata": patch}, headers={"content-type": MERGE})
    assert told(answer, 200)["metadata"] == after


@pytest.mark.parametrize(
    ("operations", "status", "code"),
    [
        pytest.param([{"op": "test", "path": "/tags/0", "value": "a"}], 200, None, id="a-test-that-holds"),
        pytest.param([{"op": "test", "path": "/version", "value": 1.0}], 200, None, id="1-is-1.0"),
        pytest.param([{"op": "test", "path": "/version", "value": True}], 409, "patch_conflict", id="true-is-not-1"),
        pytest.param([{"op": "test", "path": "/nothing", "value": 1}], 409, "patch_conflict", id="a-test-where-nothing-is"),
        pytest.param([{"op": "remove", "path": "/nothing"}], 422, "patch_invalid", id="nothing-to-remove"),
        pytest.param([{"op": "replace", "path": "/tags/2", "value": "x"}], 422, "patch_invalid", id="nothing-to-replace"),
        pytest.param([{"op": "add", "path": "/tags/01", "value": "x"}], 422, "patch_invalid", id="index-with-a-zero"),
        pytest.param([{"op": "add", "path": "/tags/-", "value": "x"}], 200, None, id="one-past-the-end"),
        pytest.param([{"op": "rename", "path": "/title"}], 422, "patch_invalid", id="no-such-operation"),
        pytest.param([{"op": "add", "path": "title", "value": 1}], 422, "patch_invalid", id="no-pointer"),
        pytest.param([{"op": "add", "path": "/title"}], 422, "patch_invalid", id="no-value"),
        pytest.param([{"op": "move", "from": "/metadata", "path": "/metadata/a"}], 422, "patch_invalid", id="into-itself"),
        pytest.param([{"op": "replace", "path": "/id", "value": "x"}], 400, "invalid", id="the-key-cannot-change"),
        pytest.param([{"op": "replace", "path": "/version", "value": 9}], 400, "invalid", id="the-version-cannot-change"),
        pytest.param([{"op": "remove", "path": "/version"}], 200, None, id="nor-need-it-stay"),
        pytest.param([{"op": "remove", "path": "/title"}], 400, "invalid", id="a-required-field-must-stay"),
        pytest.param([{"op": "replace", "path": "/tags", "value": "x"}], 400, "invalid", id="the-result-is-checked-whole"),
        pytest.param([{"op": "replace", "path": "", "value": {"title": "t"}}], 200, None, id="the-whole-document"),
        pytest.param([{"op": "test", "path": "/title", "value": "A title", "note": 1}], 200, None, id="unknown-members-are-read-over"),
    ],
)
async def test_json_patches(client: httpx.AsyncClient, operations: list[Any], status: int, code: str | None) -> None:
    item = await new(client, DOCUMENT, tags=["a", "b"])
    before = {"op": "add", "path": "/metadata/seen", "value": True}
    answer = await client.patch(item.path, json=[before, *operations], headers={"content-type": JSON_PATCH})
    body = told(answer, status, code)
    if code in ("patch_conflict", "patch_invalid"):
        assert body["index"] == 1
        assert "pointer" in body
    if code is not None:
        now = await client.get(item.path)
        assert (now.json(), now.headers["etag"]) == (item.row, '"1"')
