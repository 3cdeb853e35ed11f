"""Mutations, through the real door on a real database. Contract, sections 4 to 6."""

import asyncio
from typing import Any

import pytest

from diptych.semantics.change import Insert
from diptych.semantics.problems import PROBLEMS
from diptych.semantics.version import LAST, Version
from diptych.service.execute import Service
from tests.graphql_door.both import ran
from tests.graphql_door.client import Client

WRITTEN = "... on UserWritten { outcome version user { id name email role bio version } }"
PROBLEM = "... on Problem { type title status code detail }"
MISMATCH = "... on UserVersionMismatch { currentVersion current { name version } }"
INVALID = "... on Invalid { violations { pointer code message } }"
TOLD = f"{{ __typename {WRITTEN} {PROBLEM} {MISMATCH} {INVALID} }}"

CREATE = f"mutation ($input: CreateUserInput!, $version: Int) {{ createUser(input: $input, version: $version) {TOLD} }}"
AT = "$id: ID!, $version: Int"
REPLACE = f"mutation ({AT}, $input: ReplaceUserInput!) {{ replaceUser(id: $id, version: $version, input: $input) {TOLD} }}"
PATCH = f"mutation ({AT}, $patch: PatchUserInput!) {{ patchUser(id: $id, version: $version, patch: $patch) {TOLD} }}"
JSON_PATCH = (
    "mutation ($id: ID!, $version: Int, $operations: [JsonPatchOperation!]!) "
    f"{{ jsonPatchUser(id: $id, version: $version, operations: $operations) {TOLD[:-1]} "
    "... on PatchConflict { index pointer } ... on PatchInvalid { index pointer } } }"
)
DELETE = (
    "mutation ($id: ID!, $version: Int) { deleteUser(id: $id, version: $version) "
    f"{{ __typename ... on UserDeleted {{ id version }} ... on NotFound {{ key }} {PROBLEM} {MISMATCH} }} }}"
)
USER = "query ($id: ID!) { user(id: $id) { name email role bio version } }"

BOB = {"name": "Bob", "email": "bob@x"}


async def test_create(client: Client) -> None:
    made = await client.one(CREATE, {"input": BOB})
    key = made["user"]["id"]
    assert isinstance(key, str)
    row = {"name": "Bob", "email": "bob@x", "role": "user", "bio": None, "version": 1}
    assert made == {"__typename": "UserWritten", "outcome": "CREATED", "version": 1, "user": {"id": key, **row}}
    assert await client.one(USER, {"id": key}) == row


@pytest.mark.parametrize(
    "selected", ["__typename", "version", "outcome", "outcome version", "user { name }", "user { id version } outcome"]
)
async def test_every_selection_is_written_by_its_plan(client: Client, ada: str, selected: str) -> None:
    """Nothing of an ordinary write is left to graphql-core, which answers the same and takes far longer."""
    ran.clear()
    patch = f'mutation ($id: ID!) {{ patchUser(id: $id, patch: {{bio: "b"}}) {{ ... on UserWritten {{ {selected} }} }} }}'
    assert await client.one(patch, {"id": ada})
    assert dict(ran) == {"planned": 1}


async def test_every_effect(client: Client, ada: str) -> None:
    document = {"name": "Ada", "email": "ada@x", "role": "admin"}
    said = [
        await client.one(REPLACE, {"id": ada, "version": 1, "input": document}),
        await client.one(REPLACE, {"id": ada, "version": 2, "input": document}),
        await client.one(PATCH, {"id": ada, "patch": {"bio": "b"}}),
        await client.one(PATCH, {"id": ada, "patch": {"bio": "b"}}),
        await client.one(JSON_PATCH, {"id": ada, "operations": [{"op": "replace", "path": "/bio", "value": None}]}),
        await client.one(DELETE, {"id": ada, "version": 4}),
    ]
    assert [(one["__typename"], one.get("outcome"), one["version"]) for one in said] == [
        ("UserWritten", "REPLACED", 2),
        ("UserWritten", "UNCHANGED", 2),
        ("UserWritten", "PATCHED", 3),
        ("UserWritten", "UNCHANGED", 3),
        ("UserWritten", "PATCHED", 4),
        ("UserDeleted", None, 4),
    ]
    assert await client.one(DELETE, {"id": ada}) == {
        "__typename": "NotFound",
        "key": ada,
        "type": "/problems/not-found",
        "title": PROBLEMS["not_found"].title,
        "status": 404,
        "code": "not_found",
        "detail": "There is no User with this key.",
    }


# Null and absent, the eight cells: what becomes of `name` (required) and `bio` (nullable) of a user who has both.

THERE = {"name": "Ada", "email": "ada@x", "bio": "b"}


@pytest.mark.parametrize(
    ("mutation", "argument", "change", "expected"),
    [
        pytest.param(REPLACE, "input", {"name": "Z"}, {"name": "Z", "bio": None}, id="replace-nullable-absent-is-its-default"),
        pytest.param(REPLACE, "input", {"name": "Z", "bio": None}, {"name": "Z", "bio": None}, id="replace-nullable-null"),
        pytest.param(PATCH, "patch", {}, {"name": "Ada", "bio": "b"}, id="patch-both-absent-keeps"),
        pytest.param(PATCH, "patch", {"bio": None}, {"name": "Ada", "bio": None}, id="patch-nullable-null-clears"),
        pytest.param(PATCH, "patch", {"name": None}, ["/name", "null"], id="patch-required-null-is-invalid"),
        pytest.param(REPLACE, "input", {}, None, id="replace-required-absent-is-a-request-error"),
        pytest.param(REPLACE, "input", {"name": None}, None, id="replace-required-null-is-a-request-error"),
        pytest.param(REPLACE, "input", {"name": "Z", "role": None}, None, id="replace-null-for-a-default-is-a-request-error"),
        pytest.param(PATCH, "patch", {"nothing": 1}, None, id="unknown-field-is-a-request-error"),
        pytest.param(PATCH, "patch", {"name": True}, None, id="true-for-text-is-a-request-error"),
        pytest.param(PATCH, "patch", {"name": "a\0b"}, ["/name", "not_allowed"], id="nul-is-invalid"),
        pytest.param(PATCH, "patch", {"id": "1"}, None, id="key-is-not-in-the-input"),
        pytest.param(PATCH, "patch", {"version": 1}, None, id="version-is-not-in-the-input"),
    ],
)
async def test_null_and_absent(client: Client, ada: str, mutation: str, argument: str, change: Any, expected: Any) -> None:
    await client.one(REPLACE, {"id": ada, "input": THERE})
    document = {"email": "ada@x", **change} if argument == "input" else change
    answer = await client.post(mutation, {"id": ada, argument: document})
    if expected is None:
        assert answer.status_code == 400
        assert answer.json().keys() == {"errors"}
        return
    (said,) = answer.json()["data"].values()
    if isinstance(expected, list):
        (violation,) = said["violations"]
        assert [violation["pointer"], violation["code"]] == expected
        assert await client.one(USER, {"id": ada}) == {**THERE, "role": "user", "version": 2}
    else:
        assert {name: said["user"][name] for name in expected} == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, {"name": "Ada", "bio": "b"}, id="variable-not-given-is-a-field-left-out"),
        pytest.param({"bio": None}, {"name": "Ada", "bio": None}, id="variable-null-is-a-null"),
        pytest.param({"bio": "c"}, {"name": "Ada", "bio": "c"}, id="variable-given"),
    ],
)
async def test_variables_inside_an_input(client: Client, ada: str, given: Any, expected: Any) -> None:
    """Source: GraphQL, September 2025, section 3.10, Input Coercion."""
    await client.one(REPLACE, {"id": ada, "input": THERE})
    query = f"mutation ($id: ID!, $bio: String) {{ patchUser(id: $id, patch: {{bio: $bio}}) {TOLD} }}"
    said = await client.one(query, {"id": ada, **given})
    assert {name: said["user"][name] for name in expected} == expected


# Versions


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        pytest.param({}, "UserWritten", id="left-out"),
        pytest.param({"version": None}, "UserWritten", id="null"),
        pytest.param({"version": 1}, "UserWritten", id="current"),
        pytest.param({"version": 1.0}, "UserWritten", id="current-as-a-float"),
        pytest.param({"version": 2}, "UserVersionMismatch", id="other"),
        pytest.param({"version": 0}, "UserVersionMismatch", id="nothing-is-there"),
        pytest.param({"version": -1}, "UserVersionMismatch", id="negative"),
    ],
)
@pytest.mark.parametrize("mutation", [REPLACE, PATCH, JSON_PATCH, DELETE], ids=["replace", "patch", "json-patch", "delete"])
async def test_version_argument(client: Client, ada: str, mutation: str, version: Any, expected: str) -> None:
    contents: dict[str, Any] = {REPLACE: {"input": BOB}, PATCH: {"patch": {"bio": "b"}}, JSON_PATCH: {"operations": []}}
    said = await client.one(mutation, {"id": ada, **version, **contents.get(mutation, {})})
    if expected != "UserVersionMismatch":
        assert said["__typename"] in (expected, "UserDeleted")
        return
    assert said["__typename"] == expected
    assert (said["status"], said["code"]) == (412, "version_mismatch")
    assert (said["currentVersion"], said["current"]) == (1, {"name": "Ada", "version": 1})


@pytest.mark.parametrize(
    ("version", "expected"),
    [({}, "UserWritten"), ({"version": None}, "UserWritten"), ({"version": 0}, "UserWritten"), ({"version": 1}, "UserVersionMismatch")],
)
async def test_version_of_a_create(client: Client, version: Any, expected: str) -> None:
    said = await client.one(CREATE, {"input": BOB, **version})
    assert said["__typename"] == expected
    if expected == "UserVersionMismatch":
        assert (said["currentVersion"], said["current"]) == (0, None)


async def test_stale_comes_before_invalid_and_missing_before_both(client: Client, ada: str) -> None:
    stale = await client.one(REPLACE, {"id": ada, "version": 7, "input": {"name": "", "email": ""}})
    assert stale["code"] == "version_mismatch"
    missing = await client.one(REPLACE, {"id": "4711", "version": 7, "input": {"name": "", "email": ""}})
    assert missing["code"] == "not_found"
    wrong = await client.one(REPLACE, {"id": ada, "version": 1, "input": {"name": "", "email": ""}})
    assert {(one["pointer"], one["code"]) for one in wrong["violations"]} == {("/name", "too_short"), ("/email", "too_short")}


async def test_the_last_version(client: Client, service: Service, shapes: Any) -> None:
    """GraphQL's Int has 32 bits; the row refuses its next change rather than break the answer."""
    values = {"sku": "LAST", "name": "n", "quantity": 1, "location": None}
    committed: Any = await service.store.commit(shapes[2], (Insert(None, values, above=Version(LAST - 1)),))
    key = str(committed.rows[0].key)
    assert (await client.one("query ($id: ID!) { stockItem(id: $id) { version } }", {"id": key}))["version"] == LAST
    patch = """mutation ($id: ID!, $v: Int!, $name: String) { patchStockItem(id: $id, version: $v, patch: {name: $name}) {
        __typename ... on StockItemWritten { outcome version } ... on VersionExhausted { key status } } }"""
    assert await client.one(patch, {"id": key, "v": LAST, "name": "m"}) == {"__typename": "VersionExhausted", "key": key, "status": 409}
    assert await client.one(patch, {"id": key, "v": LAST, "name": "n"}) == {
        "__typename": "StockItemWritten",
        "outcome": "UNCHANGED",
        "version": LAST,
    }
    delete = "mutation ($id: ID!, $v: Int!) { deleteStockItem(id: $id, version: $v) { ... on StockItemDeleted { id version } } }"
    assert await client.one(delete, {"id": key, "v": LAST}) == {"id": key, "version": LAST}


# Keys and references

DOCUMENT = "... on DocumentWritten { outcome version document { id title content tags metadata ownerId } }"
CREATE_DOCUMENT = f"""mutation ($input: CreateDocumentInput!, $version: Int) {{ createDocument(input: $input, version: $version) {{
    __typename {DOCUMENT} {PROBLEM} {INVALID}
    ... on AlreadyExists {{ key currentVersion }}
    ... on ReferenceConflict {{ resource fields }}
}} }}"""
REPLACE_DOCUMENT = f"""mutation ({AT}, $input: ReplaceDocumentInput!) {{ replaceDocument(id: $id, version: $version, input: $input) {{
    __typename {DOCUMENT} {PROBLEM} {INVALID}
    ... on DocumentVersionMismatch {{ currentVersion current {{ title }} }}
}} }}"""


@pytest.mark.parametrize("key", ["01", "+1", " 1", "1.0", "x", "", "0x1", "١", "99999999999999999999", "9" * 5000, "a/b", "\0"])
async def test_a_key_that_no_row_can_have(client: Client, ada: str, key: str) -> None:
    said = await client.one(DELETE, {"id": key})
    assert (said["__typename"], said["key"]) == ("NotFound", key)
    assert await client.one(USER, {"id": key}) is None


async def test_a_key_as_a_number(client: Client, ada: str) -> None:
    """An ID takes an integer, literal or variable. Source: GraphQL, September 2025, section 3.5.5."""
    assert await client.one(USER, {"id": int(ada)}) is not None
    assert await client.one(f"{{ user(id: {ada}) {{ name }} }}") == {"name": "Ada"}


async def test_client_chosen_key(client: Client) -> None:
    made = await client.one(CREATE_DOCUMENT, {"input": {"id": "a.b", "title": "t"}})
    row: dict[str, Any] = {"id": "a.b", "title": "t", "content": "", "tags": [], "metadata": {}, "ownerId": None}
    assert made == {"__typename": "DocumentWritten", "outcome": "CREATED", "version": 1, "document": row}
    for version in ({}, {"version": 0}):
        taken = await client.one(CREATE_DOCUMENT, {"input": {"id": "a.b", "title": "u"}, **version})
        assert (taken["__typename"], taken["key"], taken["currentVersion"], taken["status"]) == ("AlreadyExists", "a.b", 1, 409)


@pytest.mark.parametrize("key", ["", "a b", "a/b", ".", "..", "x" * 65, "ä"])
async def test_client_chosen_key_that_is_invalid(client: Client, key: str) -> None:
    said = await client.one(CREATE_DOCUMENT, {"input": {"id": key, "title": "t"}})
    assert {violation["pointer"] for violation in said["violations"]} == {"/id"}


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        pytest.param({}, "DocumentWritten", id="left-out"),
        pytest.param({"version": 0}, "DocumentWritten", id="nothing-is-there"),
        pytest.param({"version": 1}, "DocumentVersionMismatch", id="a-state-it-is-not-in"),
    ],
)
async def test_replace_creates_where_the_client_chooses_keys(client: Client, version: Any, expected: str) -> None:
    said = await client.one(REPLACE_DOCUMENT, {"id": "new", "input": {"title": "t"}, **version})
    assert said["__typename"] == expected
    assert said.get("outcome") == ("CREATED" if expected == "DocumentWritten" else None)


@pytest.mark.parametrize("reference", ["x", "01", "1.5", "", "9" * 300])
async def test_a_reference_that_is_no_key(client: Client, reference: str) -> None:
    said = await client.one(CREATE_DOCUMENT, {"input": {"id": "d", "title": "t", "ownerId": reference}})
    assert {violation["pointer"] for violation in said["violations"]} == {"/ownerId"}


async def test_references(client: Client, ada: str) -> None:
    made = await client.one(CREATE_DOCUMENT, {"input": {"id": "d", "title": "t", "ownerId": ada}})
    assert made["document"]["ownerId"] == ada
    nobody = await client.one(CREATE_DOCUMENT, {"input": {"id": "e", "title": "t", "ownerId": "4711"}})
    assert (nobody["code"], nobody["resource"], nobody["fields"]) == ("reference_conflict", "Document", ["ownerId"])
    query = "mutation ($id: ID!) { deleteUser(id: $id) { __typename ... on ReferenceConflict { resource fields status } } }"
    kept = await client.one(query, {"id": ada})
    assert kept == {"__typename": "ReferenceConflict", "resource": "Document", "fields": ["ownerId"], "status": 409}


async def test_unique_conflict(client: Client, ada: str) -> None:
    query = "mutation ($input: CreateUserInput!) { createUser(input: $input) { __typename ... on UniqueConflict { fields status } } }"
    said = await client.one(query, {"input": {"name": "x", "email": "ada@x"}})
    assert said == {"__typename": "UniqueConflict", "fields": ["email"], "status": 409}


# JSON columns and JSON Patch


async def test_json_takes_literals_and_variables(client: Client) -> None:
    query = """mutation ($deep: JSON, $word: String) { createDocument(input: {id: "j", title: "t",
        metadata: {a: [1, 2.5, null, true, {b: "c"}], deep: $deep, word: $word, e: ENUM}}) {
        ... on DocumentWritten { document { metadata } } } }"""
    said = await client.one(query, {"deep": {"x": [2**60, 0.1]}, "word": "w"})
    metadata = {"a": [1, 2.5, None, True, {"b": "c"}], "deep": {"x": [2**60, 0.1]}, "word": "w", "e": "ENUM"}
    assert said["document"]["metadata"] == metadata


async def test_merge_patch_reaches_into_json(client: Client) -> None:
    await client.one(CREATE_DOCUMENT, {"input": {"id": "j", "title": "t", "metadata": {"a": 1, "b": {"c": 2, "d": [1, None]}}}})
    query = f'mutation ($m: JSON) {{ patchDocument(id: "j", patch: {{metadata: $m}}) {{ {DOCUMENT} }} }}'
    said = await client.one(query, {"m": {"a": None, "b": {"d": [None]}}})
    assert said["document"]["metadata"] == {"b": {"c": 2, "d": [None]}}


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        pytest.param([{"op": "replace", "path": "/bio", "value": "b"}], ("UserWritten", None, None), id="replace"),
        pytest.param([{"op": "test", "path": "/version", "value": 1}], ("UserWritten", None, None), id="test-of-the-version"),
        pytest.param([{"op": "move", "from": "/name", "path": "/bio"}], ("Invalid", None, None), id="move-of-a-required-field"),
        pytest.param([{"op": "copy", "from": "/name", "path": "/bio"}], ("UserWritten", None, None), id="copy"),
        pytest.param({"op": "copy", "from": "/name", "path": "/bio"}, ("UserWritten", None, None), id="one-operation-for-a-list"),
        pytest.param([{"op": "test", "path": "/name", "value": "Bob"}], ("PatchConflict", 0, "/name"), id="test-fails"),
        pytest.param([{"op": "test", "path": "/nothing", "value": 1}], ("PatchConflict", 0, "/nothing"), id="test-of-what-is-not-there"),
        pytest.param([{"op": "test", "path": "/version", "value": True}], ("PatchConflict", 0, "/version"), id="true-is-not-1"),
        pytest.param(
            [{"op": "test", "path": "/name", "value": "Ada"}, {"op": "remove", "path": "/x"}], ("PatchInvalid", 1, "/x"), id="path-missing"
        ),
        pytest.param([{"op": "spam", "path": "/name"}], ("PatchInvalid", 0, ""), id="unknown-op"),
        pytest.param([{"op": "", "path": "/name"}], ("PatchInvalid", 0, ""), id="empty-op"),
        pytest.param([{"op": "add", "path": "/bio"}], ("PatchInvalid", 0, "/bio"), id="value-missing"),
        pytest.param([{"op": "add", "path": "/bio", "value": None}], ("UserWritten", None, None), id="value-null"),
        pytest.param([{"op": "move", "path": "/bio"}], ("PatchInvalid", 0, ""), id="from-missing"),
        pytest.param([{"op": "move", "path": "/bio", "from": None}], ("PatchInvalid", 0, ""), id="from-null"),
        pytest.param([{"op": "add", "path": "bio", "value": 1}], ("PatchInvalid", 0, ""), id="no-pointer"),
        pytest.param([{"op": "test", "path": "/name", "value": "Ada"}] * 257, ("PatchInvalid", 256, ""), id="too-many"),
        pytest.param([], ("UserWritten", None, None), id="none"),
    ],
)
async def test_json_patch(client: Client, ada: str, operations: Any, expected: Any) -> None:
    said = await client.one(JSON_PATCH, {"id": ada, "operations": operations})
    assert (said["__typename"], said.get("index"), said.get("pointer")) == expected
    if said["__typename"] != "UserWritten":
        assert (await client.one(USER, {"id": ada}))["version"] == 1


@pytest.mark.parametrize(
    "operation", [{"path": "/a"}, {"op": "test"}, {"op": 1, "path": "/a"}, {"op": "test", "path": "/a", "more": 1}, None]
)
async def test_an_operation_that_the_schema_refuses(client: Client, ada: str, operation: Any) -> None:
    answer = await client.post(JSON_PATCH, {"id": ada, "operations": [operation]})
    assert (answer.status_code, answer.json().keys()) == (400, {"errors"})


# Several mutations in one document


async def test_mutations_run_in_order_each_a_write_of_its_own(client: Client, ada: str) -> None:
    """Source: GraphQL, September 2025, section 6.2.2."""
    query = f"""mutation ($id: ID!) {{
        one: patchUser(id: $id, version: 1, patch: {{bio: "1"}}) {TOLD}
        two: patchUser(id: $id, version: 2, patch: {{bio: "2"}}) {TOLD}
        stale: patchUser(id: $id, version: 1, patch: {{bio: "3"}}) {TOLD}
        three: patchUser(id: $id, version: 3, patch: {{bio: "4"}}) {TOLD}
    }}"""
    said = await client.run(query, {"id": ada})
    assert {name: one["__typename"] for name, one in said.items()} == {
        "one": "UserWritten",
        "two": "UserWritten",
        "stale": "UserVersionMismatch",
        "three": "UserWritten",
    }
    assert said["stale"]["current"]["version"] == 3
    assert await client.one(USER, {"id": ada}) == {"name": "Ada", "email": "ada@x", "role": "user", "bio": "4", "version": 4}


async def test_equal_names_are_one_execution(client: Client, ada: str) -> None:
    """Source: GraphQL, September 2025, section 5.3.2."""
    field = 'patchUser(id: $id, version: 1, patch: {bio: "1"})'
    said = await client.run(
        f"mutation ($id: ID!) {{ {field} {{ __typename }} ...F }} fragment F on Mutation {{ {field} {TOLD} }}", {"id": ada}
    )
    assert said["patchUser"]["version"] == 2
    assert (await client.one(USER, {"id": ada}))["version"] == 2


@pytest.mark.parametrize("skip", [True, False])
async def test_a_mutation_may_be_skipped(client: Client, ada: str, skip: bool) -> None:
    query = "mutation ($id: ID!, $skip: Boolean!) { deleteUser(id: $id) @skip(if: $skip) { __typename } }"
    assert (await client.run(query, {"id": ada, "skip": skip})) == ({} if skip else {"deleteUser": {"__typename": "UserDeleted"}})
    assert (await client.one(USER, {"id": ada}) is not None) == skip


async def test_of_many_writers_of_one_version_one_wins(client: Client, ada: str) -> None:
    said = await asyncio.gather(*(client.one(PATCH, {"id": ada, "version": 1, "patch": {"bio": str(writer)}}) for writer in range(20)))
    assert sorted(one["__typename"] for one in said) == ["UserVersionMismatch"] * 19 + ["UserWritten"]


async def test_words_are_those_of_the_table(client: Client, ada: str) -> None:
    for mutation, variables in (
        (DELETE, {"id": "0"}),
        (PATCH, {"id": ada, "version": 9, "patch": {}}),
        (PATCH, {"id": ada, "patch": {"name": ""}}),
    ):
        said = await client.one(mutation, variables)
        kind = PROBLEMS[said["code"]]
        assert (said["__typename"].removeprefix("User"), said["title"], said["status"], said["type"]) == (
            kind.graphql_type,
            kind.title,
            kind.status,
            kind.path,
        )
        assert said["detail"]
