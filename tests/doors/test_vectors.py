"""The vectors of RFC 7396 and RFC 6902, over HTTP through both doors, on a resource with one free JSON column.

The column sits at `/free`, so the pointers of the suite are moved beneath it. The whole document of a vector is then the
value of the column, whatever its type.
"""

import json
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import JSON
from sqlmodel import Field

from diptych import Bridge, Resource, Versioned
from tests.doors.door import Answer, Door, Graphql, Rest, Subject

TESTS = Path(__file__).parents[1]
SUITE = TESTS / "npm" / "node_modules" / "json-patch-test-suite"
LIVE = 91


class Leaf(Versioned, table=True):
    """One free JSON value."""

    __tablename__ = "doors_leaf"
    id: int | None = Field(default=None, primary_key=True)
    free: Any = Field(default=None, sa_type=JSON, nullable=True)


LEAF = Subject("Leaf", "/api/leaves", "leaves", frozenset({"id"}))


@pytest.fixture
async def bridge(database_url: str) -> AsyncIterator[Bridge]:
    bridge = Bridge(database_url, [Resource(Leaf, versions="optional", path="leaves", plural="leaves")])
    await bridge.open()
    yield bridge
    await bridge.close()


async def test_merge_patch_appendix(door: Door, other: Door, subtests: pytest.Subtests) -> None:
    """All fifteen rows of RFC 7396 appendix A; those that change nothing leave the version as it is."""
    rows = json.loads((TESTS / "data" / "merge_patch.json").read_text())
    assert len(rows) == 15
    for document, patch, result in rows:
        with subtests.test(msg=json.dumps([document, patch])):
            made = await door.create(LEAF, {"free": document})
            assert (made.code, (made.row or {})["free"]) == ("created", document)
            answer = await door.merge_patch(LEAF, made.key, {"free": patch}, version=1)
            assert answer.row == {"id": made.key, "free": result, "version": 2}
            assert (await other.fetch(LEAF, made.key)).row == answer.row
            # Sent again, it changes nothing more: every row of the appendix comes to rest.
            assert (await other.merge_patch(LEAF, made.key, {"free": patch})).row == answer.row


def live_cases() -> list[Any]:
    if not SUITE.is_dir():
        pytest.fail("json-patch-test-suite is not installed; `make test` does it, or `npm ci` in tests/npm.")
    cases = [case for name in ("tests.json", "spec_tests.json") for case in json.loads((SUITE / name).read_text())]
    live = [case for case in cases if not case.get("disabled")]
    assert len(live) == LIVE
    return live


@pytest.mark.node
async def test_json_patch_suite(door: Door, other: Door, subtests: pytest.Subtests) -> None:
    """All 91 live cases; one that fails leaves row, version and tag as they were."""
    for number, case in enumerate(live_cases()):
        with subtests.test(msg=case.get("comment") or json.dumps(case["patch"]), number=number):
            await run(case, door, other)


async def run(case: Any, door: Door, other: Door) -> None:
    made = await door.create(LEAF, {"free": case["doc"]})
    assert made.code == "created"
    answer = await door.json_patch(LEAF, made.key, moved(case["patch"]))
    after = await other.fetch(LEAF, made.key)
    if door.name == "graphql" and not has_input_type(case["patch"]):
        # The input type of an operation refuses what REST hands to RFC 6902, unknown members among it, before anything runs.
        assert answer.code == "request_error"
        assert after.row == made.row
    elif "error" in case:
        assert answer.code in ("patch_conflict", "patch_invalid")
        assert (answer.code == "patch_conflict") is (is_test_that_can_be_read(case["patch"][answer.facts["index"]]))
        assert after.row == made.row
        await assert_tag(after, door, made.key)
    else:
        expected = case.get("expected", case["doc"])
        assert answer.code == "written"
        assert answer.row == after.row
        assert exact(after.row) == exact({"id": made.key, "free": expected, "version": 1 if expected == case["doc"] else 2})


async def assert_tag(after: Answer, door: Door, key: Any) -> None:
    """The row still has its first version, by tag and by number."""
    assert after.version == 1
    if isinstance(door, Rest):
        assert (await door.client.get(f"{LEAF.path}/{key}")).headers["etag"] == '"1"'


async def test_a_pointer_that_is_not_text_is_patch_invalid(rest: Rest) -> None:
    made = await rest.create(LEAF, {"free": {"a": 1}})
    paths: list[Any] = [7, None, ["/free"], {}, "free", "/free/~2", "/free/~"]
    for path in paths:
        answer = await rest.json_patch(LEAF, made.key, [{"op": "add", "path": path, "value": 1}])
        assert (answer.code, answer.status, answer.facts["index"]) == ("patch_invalid", 422, 0), path
    operations: list[Any] = [7, None, [], "add", {"op": 7, "path": "/free"}]
    for operation in operations:
        answer = await rest.json_patch(LEAF, made.key, [{"op": "test", "path": "/free/a", "value": 1}, operation])
        assert (answer.code, answer.facts["index"]) == ("patch_invalid", 1), operation
    bodies: list[Any] = [{}, "[]", 1, True]
    for body in bodies:
        answer = await rest.json_patch(LEAF, made.key, body)
        assert (answer.code, answer.facts["violations"][0]["pointer"]) == ("invalid", "")
    assert (await rest.fetch(LEAF, made.key)).row == made.row


async def test_two_op_members_are_malformed(rest: Rest, graphql: Graphql, client: httpx.AsyncClient) -> None:
    """The suite's disabled case A.13: no parser that keeps the last member can notice it; ours does."""
    made = await rest.create(LEAF, {"free": {"baz": 1}})
    text = '[{"op": "add", "path": "/free/baz", "value": "qux", "op": "remove"}]'
    headers = {"content-type": "application/json-patch+json"}
    response = await client.patch(f"{LEAF.path}/{made.key}", content=text, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")
    query = "mutation J($id: ID!, $o: [JsonPatchOperation!]!) { jsonPatchLeaf(id: $id, operations: $o) { __typename } }"
    body = f'{{"query": "{query}", "variables": {{"id": "{made.key}", "o": {text}}}}}'
    twin = await client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert (twin.status_code, "data" in twin.json()) == (400, False)
    assert (await graphql.fetch(LEAF, made.key)).row == made.row


async def test_one_patch_beyond_the_free_column(door: Door, other: Door) -> None:
    """The working document is the whole representation: the root, the key and the version are in reach, to be tested."""
    made = await door.create(LEAF, {"free": {"a": [1]}})
    whole = made.row
    held = await door.json_patch(LEAF, made.key, [{"op": "test", "path": "", "value": whole}])
    assert (held.code, held.row) == ("written", whole)
    moved_over = await door.json_patch(
        LEAF, made.key, [{"op": "test", "path": "/id", "value": made.key}, {"op": "test", "path": "/version", "value": 1}]
    )
    assert moved_over.row == whole
    replaced = await other.json_patch(LEAF, made.key, [{"op": "replace", "path": "", "value": {"free": 7}}])
    assert replaced.row == {"id": made.key, "free": 7, "version": 2}
    gone = await door.json_patch(LEAF, made.key, [{"op": "remove", "path": "/free"}, {"op": "remove", "path": "/id"}])
    assert gone.row == {"id": made.key, "free": None, "version": 3}
    scalar = await door.json_patch(LEAF, made.key, [{"op": "replace", "path": "", "value": "text"}])
    assert (scalar.code, scalar.facts["violations"][0]["pointer"]) == ("invalid", "")
    # What is left of a removed root is no object either.
    nothing = await door.json_patch(LEAF, made.key, [{"op": "remove", "path": ""}])
    assert (nothing.code, nothing.facts["violations"][0]["pointer"]) == ("invalid", "")
    other_key = await door.json_patch(LEAF, made.key, [{"op": "replace", "path": "/version", "value": 9}])
    assert {(one["pointer"], one["code"]) for one in other_key.facts["violations"]} == {("/version", "not_allowed")}
    assert (await other.fetch(LEAF, made.key)).row == gone.row


def moved(patch: Any) -> Any:
    """The patch with its pointers moved beneath `/free`. One that is no pointer stays as it is."""
    patch = deepcopy(patch)
    for operation in patch:
        for name in ("path", "from"):
            pointer = operation.get(name)
            if isinstance(pointer, str) and (pointer == "" or pointer.startswith("/")):
                operation[name] = "/free" + pointer
    return patch


def has_input_type(patch: Any) -> bool:
    """Whether GraphQL's input type can hold every operation: it has the members of the RFC and no others."""
    return all(operation.keys() <= {"op", "path", "from", "value"} for operation in patch)


def is_test_that_can_be_read(operation: Any) -> bool:
    return operation["op"] == "test" and "value" in operation


def exact(value: Any) -> Any:
    """A value in which true is not 1."""
    return json.dumps(value, sort_keys=True)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(12345678901234567890, id="beyond-64-bits"),
        pytest.param(2**70 + 1, id="beyond-every-float"),
        pytest.param(1e300, id="large-float"),
        pytest.param(0.1, id="fraction"),
        pytest.param(-5e-324, id="smallest"),
    ],
)
async def test_a_lone_number_keeps_its_digits(door: Door, number: float) -> None:
    """A column that holds any JSON holds a number as well, and gives it back; sent again it changes nothing."""
    made = await door.create(LEAF, {"free": number})
    assert (made.row or {})["free"] == number
    again = await door.merge_patch(LEAF, made.key, {"free": number}, version=1)
    assert again.row == {"id": made.key, "free": number, "version": 1}


async def test_a_small_body_makes_no_huge_row(door: Door) -> None:
    """Numbers such as 1e300 are written out in full, so many of them in one document are refused."""
    made = await door.create(LEAF, {"free": [1e300] * 10_000})
    assert (made.code, [(wrong["pointer"], wrong["code"]) for wrong in made.facts["violations"]]) == ("invalid", [("", "too_large")])
    assert (await door.create(LEAF, {"free": [1e300] * 100})).code == "created"
