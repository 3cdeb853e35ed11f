"""JSON Patch (RFC 6902): each operation, hidden members, limits, and agreement with other implementations."""

import copy
import json
import time
from pathlib import Path
from typing import Any

import jsonpatch
import jsonpointer
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from diptych.semantics import json_patch
from diptych.semantics.json_patch import MOST_OPERATIONS, Patched, apply
from diptych.semantics.json_value import JSON, same
from diptych.semantics.outcome import PatchConflict, PatchInvalid
from diptych.semantics.pointer import pointer


def add(path: str, value: JSON) -> JSON:
    return {"op": "add", "path": path, "value": value}


def remove(path: str) -> JSON:
    return {"op": "remove", "path": path}


def replace(path: str, value: JSON) -> JSON:
    return {"op": "replace", "path": path, "value": value}


def move(source: str, path: str) -> JSON:
    return {"op": "move", "from": source, "path": path}


def copied(source: str, path: str) -> JSON:
    return {"op": "copy", "from": source, "path": path}


def check(path: str, value: JSON) -> JSON:
    return {"op": "test", "path": path, "value": value}


@pytest.mark.parametrize(
    ("document", "operations", "result"),
    [
        pytest.param({"a": 1}, [], {"a": 1}, id="nothing-to-do"),
        pytest.param({"a": 1}, [add("/b", 2)], {"a": 1, "b": 2}, id="add-a-member"),
        pytest.param({"a": 1}, [add("/a", 2)], {"a": 2}, id="add-replaces-a-member"),
        pytest.param({"a": 1}, [add("/", 2)], {"a": 1, "": 2}, id="add-the-member-without-a-name"),
        pytest.param({"a": {}}, [add("/a/~0~1", None)], {"a": {"~/": None}}, id="add-under-an-escaped-name"),
        pytest.param([1, 2], [add("/1", 9)], [1, 9, 2], id="add-inserts-before-an-index"),
        pytest.param([1, 2], [add("/2", 9)], [1, 2, 9], id="add-at-the-length"),
        pytest.param([1, 2], [add("/-", 9)], [1, 2, 9], id="add-at-the-end"),
        pytest.param([], [add("/0", 9)], [9], id="add-to-an-empty-array"),
        pytest.param({"a": [{"b": [1]}]}, [add("/a/0/b/0", 0)], {"a": [{"b": [0, 1]}]}, id="add-deep-inside"),
        pytest.param({"a": 1}, [add("", [])], [], id="add-the-whole"),
        pytest.param({"a": 1}, [{**add("/b", 2), "note": 3}], {"a": 1, "b": 2}, id="other-members-of-an-operation-are-ignored"),
        pytest.param({"a": 1, "b": 2}, [remove("/a")], {"b": 2}, id="remove-a-member"),
        pytest.param([1, 2, 3], [remove("/1")], [1, 3], id="remove-an-element"),
        pytest.param({"a": [{"b": 1}]}, [remove("/a/0/b")], {"a": [{}]}, id="remove-deep-inside"),
        pytest.param({"a": 1}, [remove("")], None, id="remove-the-whole-leaves-null"),
        pytest.param({"a": 1}, [remove(""), add("", {"b": 1}), add("/c", 2)], {"b": 1, "c": 2}, id="remove-the-whole-and-begin-again"),
        pytest.param({"a": 1}, [replace("/a", None)], {"a": None}, id="replace-a-member-by-null"),
        pytest.param([1, 2], [replace("/0", 9)], [9, 2], id="replace-an-element"),
        pytest.param({"a": {"b": [1, 2]}}, [replace("/a/b/1", 9)], {"a": {"b": [1, 9]}}, id="replace-deep-inside"),
        pytest.param({"a": 1}, [replace("", 7)], 7, id="replace-the-whole"),
        pytest.param({"a": 1}, [move("/a", "/b")], {"b": 1}, id="move-renames"),
        pytest.param({"a": 1, "b": 2}, [move("/a", "/b")], {"b": 1}, id="move-onto-a-member"),
        pytest.param({"a": 1}, [move("/a", "/a")], {"a": 1}, id="move-nowhere"),
        pytest.param({"a": 1}, [move("", "")], {"a": 1}, id="move-the-whole-nowhere"),
        pytest.param([1, 2, 3], [move("/0", "/2")], [2, 3, 1], id="move-counts-after-the-removal"),
        pytest.param([1, 2, 3], [move("/2", "/-")], [1, 2, 3], id="move-to-the-end"),
        pytest.param({"a": {"b": 1}}, [move("/a/b", "/a")], {"a": 1}, id="move-a-child-onto-its-parent"),
        pytest.param({"a": {"b": 1}}, [move("/a", "")], {"b": 1}, id="move-to-the-root"),
        pytest.param({"a": 1, "ab": {}}, [move("/a", "/ab/c")], {"ab": {"c": 1}}, id="move-into-a-neighbour-of-similar-name"),
        pytest.param({"a": [1]}, [copied("/a", "/b"), add("/b/-", 2)], {"a": [1], "b": [1, 2]}, id="copies-change-apart"),
        pytest.param({"a": 1}, [copied("", "/b")], {"a": 1, "b": {"a": 1}}, id="copy-the-whole-into-itself"),
        pytest.param({"a": {"b": 1}}, [copied("/a", "")], {"b": 1}, id="copy-to-the-root"),
        pytest.param({"a": 1}, [check("/a", 1.0)], {"a": 1}, id="test-by-value"),
        pytest.param({"a": {"b": [], "c": 1}}, [check("/a", {"c": 1, "b": []})], {"a": {"b": [], "c": 1}}, id="test-in-any-order"),
        pytest.param({"a": 1}, [check("", {"a": 1})], {"a": 1}, id="test-the-whole"),
        pytest.param({"a": None}, [check("/a", None)], {"a": None}, id="test-null"),
    ],
)
def test_applies(document: JSON, operations: list[JSON], result: JSON) -> None:
    before = copy.deepcopy((document, operations))
    applied = apply(document, operations)
    assert isinstance(applied, Patched)
    assert json.dumps(applied.document, sort_keys=True) == json.dumps(result, sort_keys=True)
    assert applied.hidden == {}
    assert (document, operations) == before


ABSENT = "nothing is there"
UNKNOWN_OPERATION = "`op` is one of add, remove, replace, move, copy, test"


@pytest.mark.parametrize(
    ("document", "operation", "at", "reason"),
    [
        pytest.param({}, 7, "", "an operation is an object", id="an-operation-that-is-no-object"),
        pytest.param({}, [], "", "an operation is an object", id="an-operation-that-is-an-array"),
        pytest.param({}, {}, "", UNKNOWN_OPERATION, id="no-op"),
        pytest.param({}, {"op": "Add", "path": "/a", "value": 1}, "", UNKNOWN_OPERATION, id="op-in-capitals"),
        pytest.param({}, {"op": ["add"], "path": "/a", "value": 1}, "", UNKNOWN_OPERATION, id="op-that-is-no-text"),
        pytest.param({}, {"op": "add", "value": 1}, "", "`path` is missing or not text", id="no-path"),
        pytest.param({}, {"op": "add", "path": 1, "value": 1}, "", "`path` is missing or not text", id="path-that-is-no-text"),
        pytest.param({}, add("a", 1), "", "`path` is not a JSON Pointer", id="path-without-a-slash"),
        pytest.param({}, check("/~", 1), "", "`path` is not a JSON Pointer", id="test-of-a-bad-path-is-malformed"),
        pytest.param({}, {"op": "add", "path": "/a"}, "/a", "`value` is missing", id="add-without-value"),
        pytest.param({"a": 1}, {"op": "replace", "path": "/a"}, "/a", "`value` is missing", id="replace-without-value"),
        pytest.param({"a": 1}, {"op": "test", "path": "/a"}, "/a", "`value` is missing", id="test-without-value"),
        pytest.param({}, {"op": "test", "path": "/a"}, "/a", "`value` is missing", id="test-without-value-at-nothing"),
        pytest.param({"a": 1}, {"op": "move", "path": "/b"}, "", "`from` is missing or not text", id="move-without-from"),
        pytest.param({"a": 1}, {"op": "copy", "path": "/b"}, "", "`from` is missing or not text", id="copy-without-from"),
        pytest.param({"a": 1}, move("a", "/b"), "", "`from` is not a JSON Pointer", id="from-without-a-slash"),
        pytest.param({"a": 1}, copied("/a", "b"), "", "`path` is not a JSON Pointer", id="copy-to-a-bad-path"),
        pytest.param({}, add("/a/b", 1), "/a/b", ABSENT, id="add-without-a-parent"),
        pytest.param({"a": 1}, add("/a/b", 1), "/a/b", "nothing can be added there", id="add-into-a-number"),
        pytest.param({"a": "xy"}, add("/a/0", 1), "/a/0", "nothing can be added there", id="add-into-text"),
        pytest.param([1], add("/2", 1), "/2", "nothing can be added there", id="add-beyond-the-end"),
        pytest.param([1], add("/01", 1), "/01", "nothing can be added there", id="add-at-a-leading-zero"),
        pytest.param([1], add("/a", 1), "/a", "nothing can be added there", id="add-a-member-to-an-array"),
        pytest.param([[1]], add("/-/0", 1), "/-/0", ABSENT, id="add-into-the-element-after-the-last"),
        pytest.param({}, remove("/a"), "/a", ABSENT, id="remove-nothing"),
        pytest.param([1], remove("/1"), "/1", ABSENT, id="remove-beyond-the-end"),
        pytest.param([1], remove("/-"), "/-", ABSENT, id="remove-the-element-after-the-last"),
        pytest.param({"a": "xy"}, remove("/a/0"), "/a/0", ABSENT, id="remove-from-text"),
        pytest.param({}, replace("/a", 1), "/a", ABSENT, id="replace-nothing"),
        pytest.param([1], replace("/-", 1), "/-", ABSENT, id="replace-the-element-after-the-last"),
        pytest.param({}, move("/a", "/b"), "/a", ABSENT, id="move-nothing"),
        pytest.param({"a": 1}, move("/a", "/b/c"), "/b/c", ABSENT, id="move-to-nowhere"),
        pytest.param({"a": {"b": 1}}, move("/a", "/a/b"), "/a/b", "a value cannot be moved into itself", id="move-into-itself"),
        pytest.param({"a": 1}, move("", "/b"), "/b", "a value cannot be moved into itself", id="move-the-whole-into-itself"),
        pytest.param([1], move("/0", "/1"), "/1", "nothing can be added there", id="move-beyond-what-is-left"),
        pytest.param({}, copied("/a", "/b"), "/a", ABSENT, id="copy-nothing"),
        pytest.param({"a": 1}, copied("/a", "/b/c"), "/b/c", ABSENT, id="copy-to-nowhere"),
    ],
)
def test_cannot_apply(document: JSON, operation: JSON, at: str, reason: str) -> None:
    """The refusal names the operation, and nothing of what went before it is kept."""
    before = copy.deepcopy(document)
    assert apply(document, [operation]) == PatchInvalid(0, at, reason)
    assert apply(document, [add("", []), add("", document), operation, {}]) == PatchInvalid(2, at, reason)
    assert document == before


@pytest.mark.parametrize(
    ("document", "path", "value"),
    [
        pytest.param({"a": 1}, "/a", 2, id="another-value"),
        pytest.param({"a": True}, "/a", 1, id="true-is-not-one"),
        pytest.param({"a": None}, "/a", False, id="null-is-not-false"),
        pytest.param({"a": [1, 2]}, "/a", [2, 1], id="another-order"),
        pytest.param({"a": 1}, "/b", None, id="what-is-not-there-is-not-null"),
        pytest.param({"a": 1}, "/a/b", 1, id="inside-a-number"),
        pytest.param([1], "/-", 1, id="the-element-after-the-last"),
        pytest.param([1], "/00", 1, id="an-index-with-a-leading-zero"),
        pytest.param({"a": 1}, "", {}, id="the-whole"),
    ],
)
def test_a_test_that_does_not_hold(document: JSON, path: str, value: JSON) -> None:
    assert apply(document, [add("", []), add("", document), check(path, value), {}]) == PatchConflict(2, path)


HIDDEN = frozenset({"secret", "pin"})
ONLY_SET = "a hidden member can only be set, by add or replace"


@pytest.mark.parametrize(
    ("operations", "document", "hidden"),
    [
        pytest.param([add("/secret", "s")], {"a": {}}, {"secret": "s"}, id="add"),
        pytest.param([replace("/secret", "s")], {"a": {}}, {"secret": "s"}, id="replace-whether-it-is-there-or-not"),
        pytest.param([add("/secret", None)], {"a": {}}, {"secret": None}, id="null-is-a-value"),
        pytest.param(
            [add("/secret", 1), replace("/secret", 2), add("/pin", 3)], {"a": {}}, {"secret": 2, "pin": 3}, id="the-last-one-counts"
        ),
        pytest.param([add("", {"b": 1, "secret": 2})], {"b": 1}, {"secret": 2}, id="add-the-whole"),
        pytest.param([replace("", {"b": 1, "pin": 2})], {"b": 1}, {"pin": 2}, id="replace-the-whole"),
        pytest.param([add("", {"pin": 1, "secret": 2})], {}, {"secret": 2, "pin": 1}, id="nothing-but-hidden-members"),
        pytest.param([add("/a/secret", 1)], {"a": {"secret": 1}}, {}, id="a-name-deep-inside-is-another-matter"),
        pytest.param(
            [add("/a/secret", 1), copied("/a", "/b"), move("/a", "/b/a")],
            {"b": {"secret": 1, "a": {"secret": 1}}},
            {},
            id="what-has-the-name-deep-inside-goes-anywhere-but-to-the-root",
        ),
        pytest.param(
            [check("/a", {}), add("/secret", 1), check("", {"a": {}})], {"a": {}}, {"secret": 1}, id="the-document-never-shows-it"
        ),
        pytest.param([add("", [{"secret": 1}])], [{"secret": 1}], {}, id="only-members-of-the-document-itself"),
    ],
)
def test_hidden_members_are_set(operations: list[JSON], document: JSON, hidden: dict[str, JSON]) -> None:
    assert apply({"a": {}}, operations, hidden=HIDDEN) == Patched(document, hidden)


@pytest.mark.parametrize(
    ("operation", "at", "reason"),
    [
        pytest.param(remove("/secret"), "/secret", ONLY_SET, id="remove"),
        pytest.param(check("/secret", "s"), "/secret", ONLY_SET, id="test"),
        pytest.param(check("/secret/a", "s"), "/secret/a", ONLY_SET, id="test-into"),
        pytest.param(remove("/secret/a"), "/secret/a", ONLY_SET, id="remove-into"),
        pytest.param(copied("/secret", "/a/b"), "/secret", ONLY_SET, id="copy-from"),
        pytest.param(copied("/secret/a", "/a/b"), "/secret/a", ONLY_SET, id="copy-from-inside"),
        pytest.param(copied("/a", "/secret"), "/secret", ONLY_SET, id="copy-to"),
        pytest.param(move("/secret", "/a/b"), "/secret", ONLY_SET, id="move-from"),
        pytest.param(move("/a", "/secret"), "/secret", ONLY_SET, id="move-to"),
        pytest.param(move("/secret", "/secret"), "/secret", ONLY_SET, id="move-nowhere"),
        pytest.param(add("/secret/a", 1), "/secret/a", "a hidden member can only be set whole", id="add-into"),
        pytest.param(replace("/secret/~1", 1), "/secret/~1", "a hidden member can only be set whole", id="replace-into"),
        pytest.param({"op": "add", "path": "/secret"}, "/secret", "`value` is missing", id="add-without-value"),
        pytest.param(copied("/a", ""), "", ONLY_SET, id="copy-a-member-of-that-name-to-the-root"),
        pytest.param(move("/a", ""), "", ONLY_SET, id="move-a-member-of-that-name-to-the-root"),
    ],
)
def test_hidden_members_are_only_set(operation: JSON, at: str, reason: str) -> None:
    document = {"a": {"secret": "guess"}}
    assert apply(document, [operation], hidden=HIDDEN) == PatchInvalid(0, at, reason)
    assert apply(document, [add("/secret", {"a": 1}), operation], hidden=HIDDEN) == PatchInvalid(1, at, reason)


def test_a_test_of_the_whole_tells_nothing_of_hidden_members() -> None:
    operations = [add("/secret", "s"), check("", {"a": 1, "secret": "s"})]
    assert apply({"a": 1}, operations, hidden=HIDDEN) == PatchConflict(1, "")


def test_at_most_256_operations() -> None:
    assert MOST_OPERATIONS == 256
    assert apply([], [add("/-", 0)] * 256) == Patched([0] * 256, {})
    assert apply([], [{}] * 257) == PatchInvalid(256, "", "a patch has at most 256 operations")


def nested(levels: int) -> JSON:
    return json.loads("[" * levels + "]" * levels)


@pytest.mark.parametrize(
    ("document", "operation", "at"),
    [
        pytest.param({}, add("/a", nested(64)), "/a", id="add-a-member"),
        pytest.param([], add("/-", nested(64)), "/-", id="add-an-element"),
        pytest.param({}, add("", nested(65)), "", id="add-the-whole"),
        pytest.param({"a": 1}, replace("/a", nested(64)), "/a", id="replace"),
        pytest.param({"a": nested(63), "b": {}}, copied("/a", "/b/c"), "/b/c", id="copy"),
        pytest.param({"a": nested(63), "b": {}}, move("/a", "/b/c"), "/b/c", id="move"),
    ],
)
def test_at_most_64_levels(document: JSON, operation: JSON, at: str) -> None:
    assert apply(document, [operation]) == PatchInvalid(0, at, "the result is nested deeper than 64 levels")
    value = operation.get("value", nested(62))
    shallower = {**operation, "value": value[0]} if value else operation
    less = {"a": value, "b": {}} if "from" in operation else document
    assert isinstance(apply(less, [shallower]), Patched)


def compact(value: JSON) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    ("document", "operations"),
    [
        pytest.param({}, [add("/a", "é")], id="the-first-member"),
        pytest.param({"a": 1}, [add("/b\n", [1, 2])], id="another-member"),
        pytest.param({"a": "long", "b": 1}, [add("/a", "longer")], id="a-member-again"),
        pytest.param([], [add("/0", 1)], id="the-first-element"),
        pytest.param([1], [add("/0", 2)], id="another-element"),
        pytest.param([1], [add("", [1, 2, 3])], id="the-whole"),
        pytest.param({"a": [1]}, [replace("/a/0", 123)], id="replace"),
        pytest.param({"a": [1]}, [replace("", {"b": 1234})], id="replace-the-whole"),
        pytest.param({"a": [1, 2]}, [copied("/a", "/b")], id="copy"),
        pytest.param({"a": 1, "b": 2}, [move("/a", "/long")], id="move-to-a-longer-name"),
        pytest.param({"a": 1}, [move("/a", "/long")], id="move-the-only-member"),
        pytest.param({"a": "x", "b": "yy"}, [move("/a", "/b"), add("/c", 1)], id="move-onto-a-member"),
        pytest.param([[1], 2], [move("/1", "/0/0")], id="move-between-arrays"),
        pytest.param({"a": 1, "b": 2}, [remove("/a"), add("/cd", 1)], id="after-removing-one-of-two-members"),
        pytest.param({"a": "long"}, [remove("/a"), add("/b", "longer")], id="after-removing-the-only-member"),
        pytest.param([1, 23], [remove("/1"), add("/0", 456)], id="after-removing-one-of-two-elements"),
        pytest.param([1], [remove("/0"), add("/0", 12)], id="after-removing-the-only-element"),
        pytest.param({"a": {"b": 1, "c": 2}}, [remove("/a/b"), add("/a/def", 1)], id="after-removing-deep-inside"),
        pytest.param([1], [remove(""), add("", [1, 2])], id="after-removing-the-whole"),
        pytest.param([1], [remove(""), replace("", [1, 2])], id="after-removing-the-whole-and-replacing-null"),
        pytest.param({"a": [1, 2]}, [add("/a/0", 0), remove("/a"), add("/b", [1, 2, 3, 4])], id="after-removing-what-was-changed"),
    ],
)
def test_the_result_is_bounded_to_the_byte(document: JSON, operations: list[JSON]) -> None:
    """What is as large as allowed goes through; with one byte less, the last operation is refused."""
    applied = apply(document, operations)
    assert isinstance(applied, Patched)
    size = compact(applied.document)
    assert apply(document, operations, most_bytes=size) == applied
    refused = apply(document, operations, most_bytes=size - 1)
    assert isinstance(refused, PatchInvalid)
    assert (refused.index, refused.reason) == (len(operations) - 1, f"the result is larger than {size - 1} bytes")
    assert refused.pointer == operations[-1]["path"]


def test_a_mebibyte_unless_told_otherwise() -> None:
    assert isinstance(apply([], [add("/0", "x" * (2**20 - 4))]), Patched)
    assert isinstance(apply([], [add("/0", "x" * (2**20 - 3))]), PatchInvalid)


def test_a_large_row_may_be_made_smaller() -> None:
    assert apply(["x" * 50], [check("/0", "x" * 50), remove("/0")], most_bytes=10) == Patched([], {})


NUMBERS = [0] * 100_000
HOSTILE: list[Any] = [
    pytest.param({"a": [0]}, [copied("/a", "/a/-")] * 256, id="an-array-doubled-again-and-again"),
    pytest.param({"a": [0]}, [copied("", "/a/-")] * 256, id="the-whole-into-itself-again-and-again"),
    pytest.param({"a": {"m": NUMBERS}}, [copied("/a", "/b"), add("/b/m/0", 1), remove("/b")] * 85, id="copies-rebuilt-and-removed"),
    pytest.param({"a": NUMBERS}, [add("/a/0", 1), move("/a", "/b"), move("/b", "/a")] * 85, id="an-array-rebuilt-and-moved"),
    pytest.param({"a": NUMBERS}, [add("/a/0", 1), replace("/a", NUMBERS)] * 128, id="an-array-rebuilt-and-replaced"),
    pytest.param({"a": NUMBERS}, [replace("/a/0", 1), copied("/a", "/b"), add("/b", 0)] * 85, id="an-array-rebuilt-and-replaced-by-add"),
]


@pytest.mark.parametrize(("document", "operations"), HOSTILE)
def test_hostile_patches_are_noticed_before_they_cost(document: JSON, operations: list[JSON]) -> None:
    begin = time.process_time()
    assert isinstance(apply(document, operations), PatchInvalid)
    assert time.process_time() - begin < 3


def test_what_is_rebuilt_too_often_is_refused_at_its_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diptych.semantics.measure.MOST_LOOKS", 5)
    operations = [add("/a/0", 1), copied("/a", "/b"), remove("/a/0")]
    assert isinstance(apply({"a": [1, 2, 3, 4]}, operations), Patched)
    assert apply({"a": [1, 2, 3, 4]}, [*operations, copied("/a", "/b")]) == PatchInvalid(3, "", "the patch rebuilds large values too often")


def test_long_paths_cost_no_more_than_their_length() -> None:
    begin = time.process_time()
    for path in ("/" * 100_000, "/" + "~0" * 50_000, "/" + "9" * 100_000, "/a" * 50_000):
        apply({"a": []}, [check(path, 1)])
        apply({"a": []}, [add(path, 1)])
        apply({"a": []}, [move(path, path + "/b")])
    assert time.process_time() - begin < 2


NAMES = st.sampled_from(["a", "b", "0", "1", "-", "~", "/", ""])
SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, "", "a"])
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=10)


@st.composite
def paths(draw: st.DrawFn, document: JSON) -> str:
    """A path that mostly is there, and then perhaps one step off."""
    parts: list[str] = []
    while isinstance(document, dict | list) and document and draw(st.integers(0, 3)):
        name = draw(st.sampled_from(list(document) if isinstance(document, dict) else list(range(len(document)))))
        parts.append(str(name))
        document = document[name]
    if not draw(st.integers(0, 2)):
        parts.append(draw(NAMES | st.just("01") | st.just("3")))
    return pointer(*parts)


@st.composite
def steps(draw: st.DrawFn) -> tuple[JSON, JSON]:
    document = draw(st.dictionaries(NAMES, VALUES, max_size=3) | st.lists(VALUES, max_size=3))
    name = draw(st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]))
    operation: dict[str, JSON] = {"op": name, "path": draw(paths(document))}
    if name in ("move", "copy"):
        operation["from"] = draw(paths(document))
    elif name != "remove":
        operation["value"] = draw(VALUES)
    return document, operation


@given(steps())
def test_each_operation_agrees_with_the_oracle(step: tuple[JSON, JSON]) -> None:
    document, operation = step
    # RFC 6902 does not say what is left when the whole is removed; the oracle refuses it, here it is null.
    assume(operation["op"] != "remove" or operation["path"] != "")
    ours = apply(document, [operation])
    try:
        theirs = jsonpatch.JsonPatch([operation]).apply(copy.deepcopy(document))
    except jsonpatch.JsonPatchTestFailed:
        assert isinstance(ours, PatchConflict)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException):
        assert isinstance(ours, PatchInvalid)
    else:
        assert isinstance(ours, Patched)
        assert same(ours.document, theirs)


@given(steps())
def test_a_step_is_bounded_to_the_byte(step: tuple[JSON, JSON]) -> None:
    document, operation = step
    applied = apply(document, [operation])
    assume(isinstance(applied, Patched) and operation["op"] not in ("test", "remove") and operation.get("from") != operation["path"])
    assert isinstance(applied, Patched)
    size = compact(applied.document)
    assert apply(document, [operation], most_bytes=size) == applied
    assert isinstance(apply(document, [operation], most_bytes=size - 1), PatchInvalid)


SUITE = Path(__file__).parents[1] / "npm" / "node_modules" / "json-patch-test-suite"


def vectors() -> list[Any]:
    """The cases of the suite that are not disabled; one that says so where the suite is not installed."""
    found = []
    for file in ("tests.json", "spec_tests.json"):
        if not (SUITE / file).exists():
            return [pytest.param(None, id="not-installed")]
        for number, case in enumerate(json.loads((SUITE / file).read_text())):
            if "patch" in case and not case.get("disabled"):
                found.append(pytest.param(case, id=f"{file}-{number}-{case.get('comment', case.get('error', ''))}"))
    return found


def need_suite() -> None:
    if not SUITE.exists():
        pytest.fail("json-patch-test-suite is not installed: `make test` does it, or `npm ci` in tests/npm")


def test_the_suite_is_whole() -> None:
    need_suite()
    assert len(vectors()) == 91


@pytest.mark.parametrize("case", vectors())
def test_suite(case: Any) -> None:
    need_suite()
    applied = json_patch.apply(case["doc"], case["patch"])
    if "error" in case:
        assert isinstance(applied, PatchInvalid | PatchConflict), case["error"]
    else:
        assert isinstance(applied, Patched)
        if "expected" in case:
            assert same(applied.document, case["expected"])
