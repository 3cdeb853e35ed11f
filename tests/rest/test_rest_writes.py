"""Writes that succeed, what they answer with, and how preferences change that."""

from typing import Any

import httpx
import pytest

from tests.rest.calls import DOCUMENT, JSON_PATCH, MERGE, STOCK, USER, Subject, new, told, write

pytestmark = pytest.mark.asyncio(loop_scope="module")

OK_FIELDS = {"cache-control": "private, no-cache", "content-type": "application/json"}


def fields(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "content-length"}


@pytest.mark.parametrize("subject", [USER, DOCUMENT, STOCK], ids=lambda subject: subject.name)
async def test_the_life_of_a_row(client: httpx.AsyncClient, subject: Subject) -> None:
    item = await new(client, subject)
    assert item.row["version"] == 1
    replaced = await client.put(item.path, json=item.changed, headers={"if-match": '"1"'})
    assert replaced.status_code == 200
    assert fields(replaced) == {**OK_FIELDS, "etag": '"2"', "content-location": item.path}
    assert replaced.json() == {**item.row, **subject.change, "version": 2}
    patched = await client.patch(item.path, json=item.document, headers={"if-match": '"2"', "content-type": MERGE})
    assert fields(patched) == {**OK_FIELDS, "etag": '"3"', "content-location": item.path}
    assert patched.json() == {**item.row, "version": 3}
    again = await client.patch(item.path, json=subject.operations, headers={"if-match": '"3"', "content-type": JSON_PATCH})
    assert fields(again) == {**OK_FIELDS, "etag": '"4"', "content-location": item.path}
    assert (await client.get(item.path)).json() == again.json() == {**item.row, **subject.change, "version": 4}
    deleted = await client.delete(item.path, headers={"if-match": '"4"'})
    assert (deleted.status_code, dict(deleted.headers), deleted.content) == (204, {"cache-control": "private, no-cache"}, b"")
    told(await client.delete(item.path, headers={"if-match": '"4"'}), 404, "not_found")
    told(await client.get(item.path), 404, "not_found")


@pytest.mark.parametrize("subject", [USER, DOCUMENT, STOCK], ids=lambda subject: subject.name)
async def test_a_create_says_where_the_row_is(client: httpx.AsyncClient, subject: Subject) -> None:
    answer = await client.post(subject.path, json=subject.document())
    row = answer.json()
    assert answer.status_code == 201
    assert fields(answer) == {**OK_FIELDS, "etag": '"1"', "location": f"{subject.path}/{row['id']}"}
    read = await client.get(answer.headers["location"])
    assert (read.json(), read.headers["etag"]) == (row, '"1"')
    assert list(row)[-1] == "version"


MINIMAL, FULL = {"prefer": "return=minimal"}, {"prefer": "return=representation"}


@pytest.mark.parametrize("kind", ["PUT", "PATCH merge", "PATCH operations"])
async def test_preferences_on_a_change(client: httpx.AsyncClient, kind: str) -> None:
    item = await new(client, STOCK)
    match = ("if-match", '"1"')
    minimal = await write(client, kind, item, [match, *MINIMAL.items()])
    assert (minimal.status_code, minimal.content) == (204, b"")
    assert dict(minimal.headers) == {"cache-control": "private, no-cache", "etag": '"2"', "preference-applied": "return=minimal"}
    stale = await write(client, kind, item, [match, *MINIMAL.items()])
    assert told(stale, 412, "version_mismatch")["currentVersion"] == 2
    assert "preference-applied" not in stale.headers
    full = await write(client, kind, item, [("if-match", '"2"'), *FULL.items()])
    assert full.status_code == 200
    assert fields(full) == {**OK_FIELDS, "etag": '"2"', "content-location": item.path, "preference-applied": "return=representation"}


async def test_preferences_on_a_create(client: httpx.AsyncClient) -> None:
    for answer, place in (
        (await client.post(USER.path, json=USER.document(), headers=MINIMAL), None),
        (await client.put("/api/documents/minimal", json={"title": "t"}, headers=MINIMAL), "/api/documents/minimal"),
    ):
        assert (answer.status_code, answer.content, answer.headers["content-length"]) == (201, b"", "0")
        assert (answer.headers["etag"], answer.headers["preference-applied"]) == ('"1"', "return=minimal")
        assert "content-type" not in answer.headers
        assert place in (None, answer.headers["location"])
        assert (await client.get(answer.headers["location"])).headers["etag"] == '"1"'
    full = await client.post(USER.path, json=USER.document(), headers=FULL)
    assert (full.status_code, full.headers["preference-applied"], full.json()["version"]) == (201, "return=representation", 1)


async def test_a_delete_has_nothing_to_prefer(client: httpx.AsyncClient) -> None:
    item = await new(client, USER)
    answer = await client.request("DELETE", item.path, content=b"what comes with it is not read", headers=FULL)
    assert (answer.status_code, "preference-applied" in answer.headers, "etag" in answer.headers) == (204, False, False)


@pytest.mark.parametrize("subject", [USER, DOCUMENT, STOCK], ids=lambda subject: subject.name)
async def test_a_write_that_changes_nothing_adds_no_version(client: httpx.AsyncClient, subject: Subject) -> None:
    item = await new(client, subject, version=2)
    match = {"if-match": '"2"'}
    for answer in (
        await client.put(item.path, json=item.row, headers=match),
        await client.put(item.path, json=dict(reversed(item.document.items())), headers=match),
        await client.patch(item.path, json={}, headers={**match, "content-type": MERGE}),
        await client.patch(item.path, json={}, headers=match),
        await client.patch(item.path, json=[], headers={**match, "content-type": JSON_PATCH}),
    ):
        assert (answer.status_code, answer.headers["etag"], answer.json()) == (200, '"2"', item.row)


async def test_a_put_without_a_condition_may_be_sent_again_and_again(client: httpx.AsyncClient) -> None:
    item = await new(client, USER)
    answers = [await client.put(item.path, json=item.changed) for _ in range(3)]
    assert [answer.headers["etag"] for answer in answers] == ['"2"'] * 3


async def test_a_replace_is_whole(client: httpx.AsyncClient) -> None:
    """What a PUT leaves out goes back to its default; it never merges."""
    item = await new(client, USER, role="admin", bio="Wrote programs.")
    answer = await client.put(item.path, json={"name": "Ada", "email": item.row["email"]})
    assert answer.json() == {**item.row, "role": "user", "bio": None, "version": 2}


async def test_a_key_that_comes_again_goes_on_from_its_last_version(client: httpx.AsyncClient) -> None:
    item = await new(client, DOCUMENT, version=3)
    assert (await client.delete(item.path)).status_code == 204
    born = await client.put(item.path, json={"title": "t"})
    assert (born.status_code, born.headers["etag"], born.headers["location"]) == (201, '"4"', item.path)
    told(await client.put(item.path, json={"title": "u"}, headers={"if-match": '"1"'}), 412, "version_mismatch")


async def test_a_deleted_server_chosen_key_is_never_given_again(client: httpx.AsyncClient) -> None:
    first = await new(client, USER)
    assert (await client.delete(first.path)).status_code == 204
    assert (await new(client, USER)).row["id"] > first.row["id"]


async def test_the_row_at_its_last_version_can_only_be_deleted(client: httpx.AsyncClient) -> None:
    page = (await client.get("/api/stock-items?limit=100")).json()
    last = next(row for row in page["items"] if row["sku"] == "LAST")
    path, tag = f"/api/stock-items/{last['id']}", f'"{last["version"]}"'
    assert (await client.get(path)).headers["etag"] == tag == '"2147483647"'
    document = {**last, "quantity": last["quantity"] + 1}
    answer = await client.put(path, json=document, headers={"if-match": tag})
    assert told(answer, 409, "version_exhausted")["key"] == last["id"]
    same = await client.put(path, json=last, headers={"if-match": tag})
    assert (same.status_code, same.headers["etag"]) == (200, tag)
    assert (await client.delete(path, headers={"if-match": tag})).status_code == 204


async def test_conflicts_with_other_rows(client: httpx.AsyncClient) -> None:
    one, other = await new(client, USER), await new(client, USER)
    taken = {"name": "B", "email": one.row["email"]}
    for answer in (
        await client.post(USER.path, json=taken),
        await client.put(other.path, json=taken),
        await client.patch(other.path, json={"email": one.row["email"]}),
    ):
        assert told(answer, 409, "unique_conflict")["fields"] == ["email"]
        assert "etag" not in answer.headers
    lost = await client.post(DOCUMENT.path, json={**DOCUMENT.document(), "ownerId": 2147483647})
    told_lost: dict[str, Any] = told(lost, 409, "reference_conflict")
    assert (told_lost["resource"], told_lost["fields"]) == ("Document", ["ownerId"])
    owned = await new(client, DOCUMENT, ownerId=one.row["id"])
    kept = told(await client.delete(one.path), 409, "reference_conflict")
    assert (kept["resource"], kept["fields"]) == ("Document", ["ownerId"])
    assert (await client.delete(owned.path)).status_code == 204
    assert (await client.delete(one.path)).status_code == 204


@pytest.mark.parametrize("key", ["a.b_c-d", "A", "..a", "~x", "é", "a b", "a/b", "%", "..%2f"])
async def test_keys_in_paths(client: httpx.AsyncClient, key: str) -> None:
    """The demo's keys are of `A-Z a-z 0-9 . _ -`; any other text is a path that has no row."""
    path = f"/api/documents/{''.join(f'%{octet:02X}' for octet in key.encode())}"
    answer = await client.put(path, json={"title": "t"})
    if key in ("a.b_c-d", "A", "..a"):
        assert (answer.status_code, answer.headers["location"]) == (201, f"/api/documents/{key}")
        assert (await client.get(path)).json()["id"] == key
        assert (await client.patch(path, json={"id": key, "title": "u"})).headers["content-location"] == f"/api/documents/{key}"
        assert (await client.delete(path)).status_code == 204
    else:
        assert [violation["pointer"] for violation in told(answer, 400, "invalid")["violations"]] == ["/id"]
        assert told(await client.get(path), 404, "not_found")["key"] == key
        told(await client.delete(path), 404, "not_found")


@pytest.mark.parametrize("text", ["01", "+1", " 1", "1 ", "1.0", "1e0", "9" * 400, "٣", "1%00", "%C0%AF", "-0"])
async def test_a_number_has_one_spelling_in_a_path(door: httpx.AsyncClient, text: str) -> None:
    await new(door, USER)
    told(await door.get(f"/api/users/{text}"), 404, "not_found")
    told(await door.delete(f"/api/users/{text}"), 404, "not_found")
