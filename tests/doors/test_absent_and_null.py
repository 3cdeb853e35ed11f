"""Absent, null and misspelt members, through both doors, cell by cell."""

import json
from typing import Any

import httpx
import pytest

from tests.doors.door import DOCUMENT, MERGE_PATCH, STOCK, USER, Answer, Door, Graphql, Rest

JANE = {"name": "Jane", "email": "jane@example.com"}
WHOLE = {**JANE, "role": "admin", "bio": "a life"}


@pytest.fixture
async def jane(rest: Rest) -> Any:
    return (await rest.create(USER, WHOLE)).row


def wrong(answer: Answer) -> set[tuple[str, str]]:
    """The violations of an answer that is `invalid`."""
    assert answer.code == "invalid", answer
    assert answer.status == 400
    return {(one["pointer"], one["code"]) for one in answer.facts["violations"]}


async def test_required_absent(rest: Rest, graphql: Graphql, jane: Any) -> None:
    assert wrong(await rest.create(USER, {"name": "June"})) == {("/email", "required")}
    assert wrong(await rest.replace(USER, jane["id"], {"email": "j@x"})) == {("/name", "required")}
    assert (await graphql.create(USER, {"name": "June"})).code == "request_error"
    assert (await graphql.replace(USER, jane["id"], {"email": "j@x"})).code == "request_error"
    for door in (rest, graphql):
        kept = await door.merge_patch(USER, jane["id"], {"role": "admin"})
        assert kept.row == jane


async def test_required_null(rest: Rest, graphql: Graphql, jane: Any) -> None:
    assert wrong(await rest.create(USER, {**JANE, "name": None})) == {("/name", "null")}
    assert wrong(await rest.replace(USER, jane["id"], {**JANE, "name": None})) == {("/name", "null")}
    assert (await graphql.create(USER, {**JANE, "name": None})).code == "request_error"
    assert (await graphql.replace(USER, jane["id"], {**JANE, "name": None})).code == "request_error"
    for door in (rest, graphql):
        # In GraphQL too this is data, not an error: a patch input takes null for every field.
        assert wrong(await door.merge_patch(USER, jane["id"], {"name": None})) == {("/name", "null")}
        assert wrong(await door.merge_patch(USER, jane["id"], {"role": None})) == {("/role", "null")}
    assert (await rest.fetch(USER, jane["id"])).row == jane


async def test_nullable_and_defaulted_absent(door: Door, other: Door, jane: Any) -> None:
    made = await door.create(USER, {"name": "June", "email": "june@example.com"})
    assert made.row is not None
    assert (made.row["role"], made.row["bio"]) == ("user", None)
    kept = await door.merge_patch(USER, jane["id"], {"name": "Janet"})
    assert kept.row == {**jane, "name": "Janet", "version": 2}
    back = await door.replace(USER, jane["id"], JANE)
    assert back.row == {**JANE, "id": jane["id"], "role": "user", "bio": None, "version": 3}
    assert (await other.fetch(USER, jane["id"])).row == back.row


async def test_nullable_null(door: Door, jane: Any) -> None:
    made = await door.create(USER, {"name": "June", "email": "june@example.com", "bio": None})
    assert made.row is not None
    assert made.row["bio"] is None
    cleared = await door.merge_patch(USER, jane["id"], {"bio": None})
    assert cleared.row == {**jane, "bio": None, "version": 2}
    await door.merge_patch(USER, jane["id"], {"bio": "again"})
    replaced = await door.replace(USER, jane["id"], {**WHOLE, "bio": None})
    assert replaced.row == {**jane, "bio": None, "version": 4}


async def test_a_variable_that_is_not_given_is_an_absent_field(graphql: Graphql, rest: Rest, jane: Any) -> None:
    operation = """mutation Patch($id: ID!, $bio: String, $role: String) { patchUser(id: $id, patch: {bio: $bio, role: $role})
        { ... on UserWritten { outcome version user { role bio } } ... on Problem { code } } }"""

    async def patch(**variables: Any) -> Any:
        return (await graphql.send(operation, {"id": str(jane["id"]), **variables})).json()["data"]["patchUser"]

    assert await patch() == {"outcome": "UNCHANGED", "version": 1, "user": {"role": "admin", "bio": "a life"}}
    assert await patch(role="owner") == {"outcome": "PATCHED", "version": 2, "user": {"role": "owner", "bio": "a life"}}
    assert await patch(bio=None) == {"outcome": "PATCHED", "version": 3, "user": {"role": "owner", "bio": None}}
    assert await patch(role=None) == {"code": "invalid"}
    replace = """mutation Replace($id: ID!, $bio: String) {
        replaceUser(id: $id, input: {name: "Jane", email: "jane@example.com", bio: $bio})
        { ... on UserWritten { version user { role bio } } } }"""
    answer = (await graphql.send(replace, {"id": str(jane["id"])})).json()["data"]["replaceUser"]
    assert answer == {"version": 4, "user": {"role": "user", "bio": None}}


async def test_a_version_given_as_null_is_none(graphql: Graphql, jane: Any) -> None:
    operation = """mutation Patch($id: ID!, $version: Int) { patchUser(id: $id, version: $version, patch: {bio: "b"})
        { ... on UserWritten { version } } }"""
    answer = (await graphql.send(operation, {"id": str(jane["id"]), "version": None})).json()
    assert answer["data"]["patchUser"] == {"version": 2}
    create = (
        """mutation { createUser(version: null, input: {name: "June", email: "june@example.com"}) { ... on UserWritten { version } } }"""
    )
    assert (await graphql.send(create)).json()["data"]["createUser"] == {"version": 1}


async def test_unknown_members(rest: Rest, graphql: Graphql, jane: Any) -> None:
    odd = {"nmae": "June"}
    assert wrong(await rest.create(USER, {**JANE, **odd})) == {("/nmae", "unknown")}
    assert wrong(await rest.replace(USER, jane["id"], {**JANE, **odd})) == {("/nmae", "unknown")}
    assert wrong(await rest.merge_patch(USER, jane["id"], odd)) == {("/nmae", "unknown")}
    for answer in (
        await graphql.create(USER, {**JANE, **odd}),
        await graphql.replace(USER, jane["id"], {**JANE, **odd}),
        await graphql.merge_patch(USER, jane["id"], odd),
    ):
        assert answer.code == "request_error"
    for door in (rest, graphql):
        added = await door.json_patch(USER, jane["id"], [{"op": "add", "path": "/nmae", "value": "June"}])
        assert wrong(added) == {("/nmae", "unknown")}


async def test_key_and_version_among_the_members(rest: Rest, graphql: Graphql, jane: Any) -> None:
    key = jane["id"]
    assert (await rest.replace(USER, key, jane)).row == jane
    assert (await rest.merge_patch(USER, key, {"id": key, "version": 1})).row == jane
    assert wrong(await rest.replace(USER, key, {**JANE, "id": key + 1})) == {("/id", "not_allowed")}
    assert wrong(await rest.merge_patch(USER, key, {"id": str(key)})) == {("/id", "not_allowed")}
    assert wrong(await rest.create(USER, {"name": "June", "email": "j@x.y", "id": 5})) == {("/id", "not_allowed")}
    stale = await rest.merge_patch(USER, key, {"bio": "b", "version": 2})
    assert (stale.code, stale.status, stale.facts["currentVersion"]) == ("version_mismatch", 409, 1)
    # Two versions are named and cannot both be meant.
    both = await rest.merge_patch(USER, key, {"bio": "b", "version": 2}, version=1)
    assert wrong(both) == {("/version", "not_allowed")}
    assert wrong(await rest.merge_patch(USER, key, {"version": "1"})) == {("/version", "type")}
    assert wrong(await rest.merge_patch(USER, key, {"version": None})) == {("/version", "type")}
    absent = await rest.merge_patch(USER, key, {"version": 0})
    assert (absent.code, absent.status) == ("version_mismatch", 409)
    for member in ({"id": str(key)}, {"version": 1}):
        assert (await graphql.replace(USER, key, {**JANE, **member})).code == "request_error"
        assert (await graphql.merge_patch(USER, key, member)).code == "request_error"


NUMBERS: dict[str, tuple[str, str | None]] = {
    "an integral number": ("1.0", None),
    "an exponent": ("1e3", None),
    "a fraction": ("1.5", "type"),
    "true is not 1": ("true", "type"),
    "text is no number": ('"1"', "type"),
    "the largest": ("2147483647", None),
    "one too large": ("2147483648", "too_large"),
    "far too small": ("-2147483649", "too_small"),
    "beyond the column": ("9223372036854775808", "too_large"),
    "a hundred digits": ("1" + "0" * 100, "too_large"),
    "a huge exponent": ("1e300", "too_large"),
}


async def test_numbers(rest: Rest, client: httpx.AsyncClient, subtests: pytest.Subtests) -> None:
    query = """mutation Patch($id: ID!, $version: Int!, $patch: PatchStockItemInput!) {
        patchStockItem(id: $id, version: $version, patch: $patch)
        { ... on StockItemWritten { stockItem { quantity } } ... on Problem { code } } }"""
    for number, (phrase, (quantity, code)) in enumerate(NUMBERS.items()):
        bolt = (await rest.create(STOCK, {"sku": f"B-{number}", "name": "Bolt", "quantity": 5})).row
        assert bolt is not None
        with subtests.test(msg=phrase):
            headers = {"content-type": MERGE_PATCH, "if-match": '"1"'}
            response = await client.patch(f"/api/stock-items/{bolt['id']}", content=f'{{"quantity": {quantity}}}', headers=headers)
            variables = f'{{"id": "{bolt["id"]}", "version": {1 if code else 2}, "patch": {{"quantity": {quantity}}}}}'
            text = f'{{"query": {json.dumps(query)}, "variables": {variables}}}'
            twin = await client.post("/graphql", content=text, headers={"content-type": "application/json"})
            if code is None:
                assert response.status_code == 200, response.text
                stored = response.json()["quantity"]
                assert (type(stored), stored) == (int, int(float(quantity)))
                assert twin.json()["data"]["patchStockItem"] == {"stockItem": {"quantity": stored}}
            else:
                assert response.status_code == 400, response.text
                assert {(one["pointer"], one["code"]) for one in response.json()["violations"]} == {("/quantity", code)}
                # Int is GraphQL's own business, and 32 bits wide.
                assert twin.json().keys() == {"errors"}


UNREADABLE = {
    "a member twice": b'{"name": "a", "name": "b"}',
    "a member twice within": b'{"bio": "x", "role": {"a": 1, "a": 2}}',
    "NaN": b'{"name": NaN}',
    "infinity": b'{"name": Infinity}',
    "an overflow": b'{"name": 1e999}',
    "five thousand digits": b'{"name": ' + b"1" * 5000 + b"}",
    "a lone surrogate": b'{"name": "\\ud800"}',
    "not UTF-8": b'{"name": "\xff"}',
    "a byte-order mark": b'\xef\xbb\xbf{"name": "a"}',
    "a hundred thousand brackets": b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "one level too deep": b'{"name": ' + b"[" * 64 + b"]" * 64 + b"}",
    "no end": b'{"name": "a"',
    "nothing": b"",
}


async def test_content_that_cannot_be_read(client: httpx.AsyncClient, jane: Any, subtests: pytest.Subtests) -> None:
    """Refused on both doors, in the body and in the variables, and never by a 500."""
    path = f"/api/users/{jane['id']}"
    headers = {"content-type": "application/json"}
    query = b"mutation P($id: ID!, $patch: PatchUserInput!) { patchUser(id: $id, patch: $patch) { __typename } }"
    for phrase, content in UNREADABLE.items():
        with subtests.test(msg=phrase):
            for method in ("PUT", "PATCH"):
                response = await client.request(method, path, content=content, headers=headers)
                assert (response.status_code, response.json()["code"]) == (400, "malformed"), response.text
            text = b'{"query": "' + query + b'", "variables": {"id": "%d", "patch": ' % jane["id"] + content + b"}}"
            twin = await client.post("/graphql", content=text, headers=headers)
            assert twin.status_code == 400
            assert "data" not in twin.json()
    assert (await client.get(path)).json() == jane


async def test_text_that_databases_take_differently(rest: Rest, graphql: Graphql, jane: Any) -> None:
    for door in (rest, graphql):
        nul = await door.merge_patch(USER, jane["id"], {"bio": "a\x00b"})
        assert {pointer for pointer, _ in wrong(nul)} == {"/bio"}
        # A newline at the end belongs to the text.
        assert (await door.merge_patch(USER, jane["id"], {"bio": f"{door.name}\n"})).accepted
        assert ((await rest.fetch(USER, jane["id"])).row or {})["bio"] == f"{door.name}\n"
        trailing = await door.create(USER, {"name": "n", "email": f"{door.name}@x\n"})
        assert (trailing.row or {})["email"] == f"{door.name}@x\n"


async def test_a_key_that_ends_in_a_newline_is_none(rest: Rest, graphql: Graphql) -> None:
    for door in (rest, graphql):
        assert {pointer for pointer, _ in wrong(await door.create(DOCUMENT, {"id": "key\n", "title": "t"}))} == {"/id"}
        assert {pointer for pointer, _ in wrong(await door.replace(DOCUMENT, "key\n", {"title": "t"}))} == {"/id"}
        assert (await door.fetch(DOCUMENT, "key\n")).code == "not_found"


async def test_space_after_the_json_is_fine(client: httpx.AsyncClient, jane: Any) -> None:
    response = await client.patch(f"/api/users/{jane['id']}", content=b' {"bio": "b"}\r\n\t ', headers={"content-type": "application/json"})
    assert response.status_code == 200
    twin = await client.post("/graphql", content=b'{"query": "{ __typename }"} \n', headers={"content-type": "application/json"})
    assert twin.json() == {"data": {"__typename": "Query"}}


MEDIA_TYPES = [
    ("POST", "/api/users", None),
    ("PUT", "/api/users/{}", "text/plain"),
    ("PUT", "/api/users/{}", MERGE_PATCH),
    ("PATCH", "/api/users/{}", "application/x-www-form-urlencoded"),
    ("PATCH", "/api/users/{}", "application/json; charset=utf-16"),
    ("POST", "/graphql", None),
    ("POST", "/graphql", "text/plain"),
    ("POST", "/graphql", "multipart/form-data; boundary=b"),
    ("POST", "/graphql", "application/json; charset=utf-16"),
]


async def test_media_types(client: httpx.AsyncClient, jane: Any, subtests: pytest.Subtests) -> None:
    """What a page of another site could send without asking ends here, on both doors."""
    content = b'{"query": "{ __typename }", "name": "n", "email": "e@x"}'
    for method, path, kind in MEDIA_TYPES:
        with subtests.test(msg=f"{method} {path} {kind}"):
            headers = {} if kind is None else {"content-type": kind}
            response = await client.request(method, path.format(jane["id"]), content=content, headers=headers)
            assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")
            assert response.headers["content-type"] == "application/problem+json"
            assert response.headers["accept-patch" if method == "PATCH" else "accept"]


async def test_a_wrong_type_is_told_before_an_unacceptable_answer(client: httpx.AsyncClient, jane: Any) -> None:
    """And before anything that is wrong inside: 415, then 406, then 400."""
    for method, path in (
        ("POST", "/api/users"),
        ("PUT", f"/api/users/{jane['id']}"),
        ("PATCH", f"/api/users/{jane['id']}"),
        ("POST", "/graphql"),
    ):
        headers = {"content-type": "text/plain", "accept": "text/html"}
        assert (await client.request(method, path, content=b"{", headers=headers)).status_code == 415, (method, path)
        headers["content-type"] = "application/json"
        assert (await client.request(method, path, content=b"{", headers=headers)).status_code == 406, (method, path)
        del headers["accept"]
        assert (await client.request(method, path, content=b"{", headers=headers)).status_code == 400, (method, path)
    assert (await client.get(f"/api/users/{jane['id']}")).json() == jane


WORD = "swordfish"


async def test_no_refusal_repeats_what_was_sent(rest: Rest, graphql: Graphql, client: httpx.AsyncClient, jane: Any) -> None:
    """An answer that quotes a request may not be writable at all, and puts a caller's words into somebody else's log."""
    key = jane["id"]
    long = WORD * 100
    operations = [{"op": "test", "path": "/name", "value": WORD}]
    for door in (rest, graphql):
        for answer, code in (
            (await door.create(USER, {"name": "n", "email": long}), "invalid"),
            (await door.replace(USER, key, {"name": "\x00" + WORD, "email": "e@x"}), "invalid"),
            (await door.merge_patch(USER, key, {"name": WORD + "\x00"}), "invalid"),
            (await door.json_patch(USER, key, operations), "patch_conflict"),
            (await door.json_patch(USER, key, [{"op": WORD, "path": "/name"}]), "patch_invalid"),
            (await door.list(USER, after=WORD), "invalid"),
        ):
            assert answer.code == code
            assert answer.response is not None
            assert WORD not in f"{answer.response.headers}{answer.response.text}"
    for content, media in (
        (f'{{"name": "{WORD}", "name": "{WORD}"}}', "application/json"),
        (f'{{"name": "{WORD}', "application/json"),
        (f"{WORD}", "application/json"),
        (f'{{"name": ["{WORD}"], "email": {{"{WORD}": 1}}}}', "application/json"),
        ("{}", f"text/{WORD}"),
    ):
        answers = [await client.put(f"/api/users/{key}", content=content, headers={"content-type": media})]
        if "[" not in content:
            answers.append(await client.post("/graphql", content=content, headers={"content-type": media}))
        for refused in answers:
            assert refused.status_code in (400, 415)
            assert WORD not in f"{refused.headers}{refused.text}"
