"""What happens to a row over time: aliases in order, the last version, keys that come again, answers that were lost, paging."""

from typing import Any

import pytest

from diptych import Bridge
from tests.doors.door import DOCUMENT, STOCK, USER, Door, Graphql, Rest, Subject
from tests.proofs.raw import RawConnection

JANE = {"name": "Jane", "email": "jane@example.com"}
LAST = 2**31 - 1


async def test_aliases_are_writes_of_their_own_in_order(rest: Rest, graphql: Graphql) -> None:
    jane = (await rest.create(USER, JANE)).key
    parts = [
        f"""{alias}: patchUser(id: "{jane}", version: {version}, patch: {{bio: "{alias}"}})
        {{ __typename ... on UserWritten {{ version }} ... on UserVersionMismatch {{ currentVersion current {{ bio }} }} }}"""
        for alias, version in (("a", 1), ("b", 2), ("c", 1))
    ]
    data = (await graphql.send(f"mutation {{ {' '.join(parts)} }}")).json()["data"]
    assert data == {
        "a": {"__typename": "UserWritten", "version": 2},
        "b": {"__typename": "UserWritten", "version": 3},
        "c": {"__typename": "UserVersionMismatch", "currentVersion": 3, "current": {"bio": "b"}},
    }
    row = (await rest.fetch(USER, jane)).row
    assert row is not None
    assert (row["bio"], row["version"]) == ("b", 3)


async def test_a_refused_alias_does_not_undo_the_others(rest: Rest, graphql: Graphql) -> None:
    operation = """mutation {
        first: createUser(input: {name: "A", email: "a@x.y"}) { ... on UserWritten { version } ... on Problem { code } }
        taken: createUser(input: {name: "B", email: "a@x.y"}) { ... on UserWritten { version } ... on Problem { code } }
        third: createUser(input: {name: "C", email: "c@x.y"}) { ... on UserWritten { version } ... on Problem { code } }
    }"""
    data = (await graphql.send(operation)).json()["data"]
    assert data == {"first": {"version": 1}, "taken": {"code": "unique_conflict"}, "third": {"version": 1}}
    emails = {row["email"] for row in (await rest.list(USER, first=100)).rows}
    assert {"a@x.y", "c@x.y"} <= emails


async def test_one_name_twice_is_one_write(rest: Rest, graphql: Graphql) -> None:
    """GraphQL merges fields of one response name and equal arguments before it runs them."""
    jane = (await rest.create(USER, JANE)).key
    field = f'patchUser(id: "{jane}", version: 1, patch: {{bio: "once"}})'
    operation = f"mutation {{ {field} {{ ... on UserWritten {{ version }} }} {field} {{ ... on UserWritten {{ outcome }} }} }}"
    data = (await graphql.send(operation)).json()["data"]
    assert data == {"patchUser": {"version": 2, "outcome": "PATCHED"}}
    assert (await rest.fetch(USER, jane)).version == 2


async def test_a_root_field_may_be_left_out_by_a_directive(rest: Rest, graphql: Graphql) -> None:
    jane = (await rest.create(USER, JANE)).key
    operation = """mutation Some($id: ID!, $no: Boolean!) { ...Both }
        fragment Both on Mutation {
          a: patchUser(id: $id, patch: {bio: "a"}) @include(if: $no) { __typename }
          b: patchUser(id: $id, patch: {role: "b"}) @skip(if: $no) { ... on UserWritten { version } } }"""
    data = (await graphql.send(operation, {"id": str(jane), "no": False})).json()["data"]
    assert data == {"b": {"version": 2}}
    assert ((await rest.fetch(USER, jane)).row or {})["bio"] is None


async def test_the_last_version_is_followed_by_none(door: Door, other: Door) -> None:
    (last,) = [row for row in (await door.list(STOCK, first=100)).rows if row["sku"] == "LAST"]
    at = last["version"]
    assert at == LAST
    document = {name: last[name] for name in ("sku", "name", "quantity", "location")}
    same = await door.replace(STOCK, last["id"], document, version=at)
    assert (same.code, same.row) == ("written", last)
    for answer in (
        await door.replace(STOCK, last["id"], {**document, "quantity": 9}, version=at),
        await door.merge_patch(STOCK, last["id"], {"quantity": 9}, version=at),
        await door.json_patch(STOCK, last["id"], [{"op": "replace", "path": "/quantity", "value": 9}], version=at),
    ):
        assert (answer.code, answer.status, answer.facts) == ("version_exhausted", 409, {"key": last["id"]})
    assert (await other.fetch(STOCK, last["id"])).row == last
    assert (await door.delete(STOCK, last["id"], version=at)).code == "deleted"
    assert (await other.fetch(STOCK, last["id"])).code == "not_found"


async def test_a_clients_key_that_ran_out_is_never_born_again(bridge: Bridge, door: Door, other: Door) -> None:
    raw = await RawConnection(bridge.database).open()
    await raw.run(f"INSERT INTO documents_ledger (key, version) VALUES ('worn', {LAST - 1})")
    await raw.close()
    assert (await door.replace(DOCUMENT, "worn", {"title": "t"})).version == LAST
    assert (await other.replace(DOCUMENT, "worn", {"title": "u"})).code == "version_exhausted"
    assert (await door.delete(DOCUMENT, "worn", version=LAST)).code == "deleted"
    for answer in (await other.create(DOCUMENT, {"id": "worn", "title": "t"}), await other.replace(DOCUMENT, "worn", {"title": "t"})):
        assert (answer.code, answer.status, answer.facts) == ("version_exhausted", 409, {"key": "worn"})
    assert (await door.fetch(DOCUMENT, "worn")).code == "not_found"


async def test_a_key_deleted_at_3_is_born_again_at_4(door: Door, other: Door) -> None:
    assert (await door.create(DOCUMENT, {"id": "phoenix", "title": "1"})).version == 1
    assert (await other.replace(DOCUMENT, "phoenix", {"title": "2"}, version=1)).version == 2
    assert (await door.merge_patch(DOCUMENT, "phoenix", {"title": "3"}, version=2)).version == 3
    assert (await other.delete(DOCUMENT, "phoenix", version=3)).code == "deleted"
    assert (await door.delete(DOCUMENT, "phoenix")).code == "not_found"
    again = await other.create(DOCUMENT, {"id": "phoenix", "title": "4"})
    assert (again.code, again.version) == ("created", 4)
    for old in (1, 2, 3):
        stale = await door.replace(DOCUMENT, "phoenix", {"title": "old"}, version=old)
        assert (stale.code, stale.facts["currentVersion"]) == ("version_mismatch", 4)
    assert (await door.delete(DOCUMENT, "phoenix")).code == "deleted"
    assert (await door.replace(DOCUMENT, "phoenix", {"title": "5"}, version=0)).version == 5


async def test_a_key_of_the_servers_is_never_given_twice(door: Door, other: Door) -> None:
    given = []
    for index in range(4):
        made = await door.create(USER, {"name": "n", "email": f"e{index}@x"})
        given.append(made.key)
        assert (await other.delete(USER, made.key)).code == "deleted"
    assert given == sorted(set(given))


async def test_a_lost_answer_and_a_retry(door: Door, other: Door) -> None:
    """The retry is refused, and the refusal shows the caller's own write: a success would count it twice."""
    jane = (await door.create(USER, JANE)).key
    lost = await door.replace(USER, jane, {**JANE, "bio": "mine"}, version=1)
    assert lost.version == 2
    for again in (door, other):
        retry = await again.replace(USER, jane, {**JANE, "bio": "mine"}, version=1)
        assert (retry.code, retry.status) == ("version_mismatch", 412)
        assert retry.facts == {"currentVersion": 2, "current": lost.row}


async def test_two_retries_of_a_create_find_the_key_taken(door: Door, other: Door) -> None:
    made = await door.create(DOCUMENT, {"id": "mine", "title": "t"})
    retry = await other.create(DOCUMENT, {"id": "mine", "title": "t"})
    assert (retry.code, retry.facts) == ("already_exists", {"key": "mine", "currentVersion": 1})
    assert (await door.fetch(DOCUMENT, "mine")).row == made.row


@pytest.mark.parametrize("size", [1, 3])
async def test_paging_while_rows_come_and_go(door: Door, other: Door, size: int) -> None:
    """Rows that are there all the while are seen once each, in order, whatever is inserted or deleted around the cursor."""
    steady = [f"k{number:02}" for number in range(0, 20, 2)]
    for key in steady:
        assert (await door.replace(DOCUMENT, key, {"title": "steady"})).code == "created"
    seen: list[str] = []
    reader, writer = door, other
    after: str | None = None
    for number in range(40):
        page = await reader.list(DOCUMENT, first=size, after=after)
        seen += [row["id"] for row in page.rows if row["title"] == "steady"]
        after = page.page["endCursor"]
        # Before the cursor, behind it, and the very row that it names.
        for key in (f"k{2 * number % 20 + 1:02}", "a", f"z{number}"):
            await writer.replace(DOCUMENT, key, {"title": "passing"})
        for row in page.rows:
            if row["title"] == "passing":
                await writer.delete(DOCUMENT, row["id"])
        reader, writer = writer, reader
        if after is None or row_key(page.rows) > steady[-1]:
            break
    assert seen == steady


async def test_pages_in_both_directions_are_told_alike(rest: Rest, graphql: Graphql) -> None:
    for key in ("a", "B", "c", "ä", "Z", "-", "10", "9"):
        if key != "ä":
            assert (await rest.replace(DOCUMENT, key, {"title": "t"})).code == "created"
    everything = [row["id"] for row in (await rest.list(DOCUMENT, first=100)).rows]
    # Text sorts by code point, whatever the language of the database.
    assert everything == sorted(everything)
    await _walk(rest, graphql, DOCUMENT, everything)
    for number in range(9, 12):
        assert (await graphql.create(USER, {"name": "n", "email": f"{number}@x"})).accepted
    numbers = [row["id"] for row in (await graphql.list(USER, first=100)).rows]
    assert numbers == sorted(numbers)
    await _walk(rest, graphql, USER, numbers)


async def _walk(rest: Rest, graphql: Graphql, subject: Subject, keys: list[Any]) -> None:
    for size in (1, 2, len(keys), 100):
        position, cursor = 0, None
        while True:
            told = [await door.list(subject, first=size, after=cursor) for door in (rest, graphql)]
            assert told[0] == told[1]
            page = told[0]
            assert [row["id"] for row in page.rows] == keys[position : position + size]
            position += size
            assert page.page["hasNextPage"] is (position < len(keys))
            assert page.page["hasPreviousPage"] is (position > size)
            if not page.page["hasNextPage"]:
                break
            cursor = page.page["endCursor"]
        position, cursor = len(keys), None
        while cursor is None or position > 0:
            # REST counts back where `before` is given; GraphQL says `last`.
            page = await graphql.list(subject, last=size, before=cursor)
            if cursor is not None:
                assert page == await rest.list(subject, last=size, before=cursor)
            assert [row["id"] for row in page.rows] == keys[max(position - size, 0) : position]
            position -= size
            assert page.page["hasPreviousPage"] is (position > 0)
            cursor = page.page["startCursor"]


async def test_pages_that_cannot_be(rest: Rest, graphql: Graphql) -> None:
    for size in (0, -1, 101):
        assert (await rest.list(USER, first=size)).code == "invalid"
        assert (await graphql.list(USER, first=size)).code == "invalid"
        assert (await graphql.list(USER, last=size)).code == "invalid"
    for cursor in ("", "nonsense", "ImsxIg", "WyJrMSIsMV0="):
        assert (await rest.list(USER, after=cursor)).code == "invalid"
        assert (await graphql.list(USER, after=cursor)).code == "invalid"
    # A cursor of another kind of key is none here.
    documents = await rest.list(DOCUMENT)
    assert (await rest.list(USER, after=documents.page["endCursor"])).code == "invalid"
    assert (await graphql.list(USER, first=1, last=1)).code == "invalid"
    response = await rest.client.get("/api/users?limit=1&limit=2")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    response = await rest.client.get("/api/users?first=1")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def row_key(rows: Any) -> str:
    return str(rows[-1]["id"]) if rows else "~"
