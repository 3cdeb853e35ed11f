"""The order of refusals: a request that is wrong in every way is told one thing at a time (contract, section 5).

Each staircase begins with a request that has every fault and mends them one by one, from the first that is told to the last.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from diptych.semantics.change import Insert, Remove, Update
from diptych.semantics.command import Create, Delete, JsonPatch, MergePatch, Replace, Unaddressable
from diptych.semantics.decide import Decision, decide_create, decide_delete, decide_json_patch, decide_merge_patch, decide_replace
from diptych.semantics.outcome import (
    AlreadyExists,
    Effect,
    Invalid,
    Malformed,
    NotFound,
    PatchConflict,
    PatchInvalid,
    PreconditionRequired,
    VersionExhausted,
    VersionMismatch,
    Written,
)
from diptych.semantics.precondition import Absent, Exists, IsAt, IsNotAt
from diptych.semantics.row import UNKNOWN_TO_THE_STORE, Facts, Row
from diptych.semantics.shape import Shape
from diptych.semantics.version import LAST, NOTHING, Version

V3, V6, V7 = Version(3), Version(6), Version(7)
NOW: dict[str, Any] = {"title": "now", "rank": None, "details": {}}
THEN = {**NOW, "title": "then"}
BAD = {"title": 1, "nonsense": 2}
UNREADABLE = Malformed("The content is not JSON", 0)

ROW = Row(1, V7, NOW)
THERE = Facts(ROW, V7)
EXHAUSTED = Facts(Row(1, LAST, NOW), LAST)
GONE = Facts(None, V3)
KEYED_ROW = Row("a", V7, NOW)
KEYED = Facts(KEYED_ROW, V7)

AT_6, AT_7, NOT_AT_6, NOT_AT_7 = IsAt(frozenset({V6})), IsAt(frozenset({V7})), IsNotAt(frozenset({V6})), IsNotAt(frozenset({V7}))
STALE, LATE = VersionMismatch(V7, ROW, "condition"), VersionMismatch(V7, ROW, "document")
KEYED_STALE, KEYED_LATE = VersionMismatch(V7, KEYED_ROW, "condition"), VersionMismatch(V7, KEYED_ROW, "document")
NO_ROW, NO_ROW_LATE = VersionMismatch(NOTHING, None, "condition"), VersionMismatch(NOTHING, None, "document")


def told(decision: Decision) -> Any:
    """A decision for a table: for an Invalid where and how, for everything else itself."""
    return [(v.pointer, v.code) for v in decision.violations] if isinstance(decision, Invalid) else decision


WRONG_TYPES = [("/nonsense", "unknown"), ("/title", "type")]
CONTRADICTION = [("/version", "not_allowed"), *WRONG_TYPES]

# The address, the conditions, the content and the facts; and what is told. The same for a replace and a merge patch of a row.
CHANGES = [
    pytest.param(1, [AT_6, Absent()], UNREADABLE, UNKNOWN_TO_THE_STORE, NotFound(1), id="absence-before-all-else"),
    pytest.param(Unaddressable("x"), [AT_6], UNREADABLE, UNKNOWN_TO_THE_STORE, NotFound("x"), id="a-key-that-no-row-can-have"),
    pytest.param(1, [AT_6], UNREADABLE, THERE, STALE, id="a-stale-condition-before-unreadable-content"),
    pytest.param(1, [AT_7, Absent()], UNREADABLE, THERE, STALE, id="if-match-holds-if-none-match-does-not"),
    pytest.param(1, [AT_6, NOT_AT_6], UNREADABLE, THERE, STALE, id="if-none-match-holds-if-match-does-not"),
    pytest.param(1, [IsAt(frozenset())], UNREADABLE, THERE, STALE, id="weak-and-foreign-tags-never-match"),
    pytest.param(1, [NOT_AT_7], UNREADABLE, THERE, STALE, id="a-false-condition-that-protects-nothing-is-a-mismatch"),
    pytest.param(1, [NOT_AT_6], UNREADABLE, THERE, PreconditionRequired(), id="a-true-condition-that-protects-nothing"),
    pytest.param(1, [], UNREADABLE, THERE, PreconditionRequired(), id="no-condition-before-unreadable-content"),
    pytest.param(1, [], [], THERE, PreconditionRequired(), id="no-condition-before-content-of-another-kind"),
    pytest.param(1, [], BAD, THERE, PreconditionRequired(), id="no-condition-before-bad-content"),
    pytest.param(1, [], {**BAD, "version": 6}, THERE, LATE, id="the-documents-version-is-a-condition"),
    pytest.param(1, [NOT_AT_6], {**BAD, "version": 6}, THERE, LATE, id="the-documents-version-beside-one-that-protects-nothing"),
    pytest.param(1, [], {**BAD, "version": 0}, THERE, LATE, id="the-document-says-that-nothing-is-there"),
    pytest.param(1, [], {**BAD, "version": -1}, THERE, LATE, id="a-negative-version-is-stale"),
    pytest.param(1, [], {**BAD, "version": 1e300}, THERE, LATE, id="a-version-that-no-row-will-have"),
    pytest.param(1, [Exists()], {**BAD, "version": 6}, THERE, LATE, id="star-names-no-version-to-contradict"),
    pytest.param(1, [IsAt(frozenset({V6, V7}))], {**BAD, "version": 6}, THERE, LATE, id="one-of-the-tags-but-not-the-current-one"),
    pytest.param(1, [AT_7], UNREADABLE, THERE, UNREADABLE, id="unreadable-content"),
    pytest.param(1, [AT_7], [1], THERE, [("", "type")], id="content-that-is-no-object"),
    pytest.param(1, [AT_7], None, THERE, [("", "type")], id="content-that-is-null"),
    pytest.param(1, [AT_7], {**BAD, "version": 6}, THERE, CONTRADICTION, id="a-version-that-if-match-does-not-name-and-more"),
    pytest.param(1, [AT_7], {**BAD, "version": 0}, THERE, CONTRADICTION, id="nothing-there-against-if-match"),
    pytest.param(
        1, [], {**BAD, "version": "7"}, THERE, [("/nonsense", "unknown"), ("/version", "type"), ("/title", "type")], id="a-version-in-text"
    ),
    pytest.param(1, [], {"version": None, **THEN}, THERE, [("/version", "type")], id="a-version-of-null"),
    pytest.param(1, [], {"version": True, **THEN}, THERE, [("/version", "type")], id="a-version-of-true"),
    pytest.param(1, [], {"version": 7.5, **THEN}, THERE, [("/version", "type")], id="half-a-version"),
    pytest.param(1, [AT_7], BAD, THERE, WRONG_TYPES, id="bad-content"),
    pytest.param(1, [AT_7], {**THEN, "id": 2}, THERE, [("/id", "not_allowed")], id="another-key"),
    pytest.param(1, [AT_7], {**THEN, "id": "1"}, THERE, [("/id", "not_allowed")], id="the-key-in-text"),
    pytest.param(1, [IsAt(frozenset({LAST}))], THEN, EXHAUSTED, VersionExhausted(1), id="out-of-versions"),
    pytest.param(1, [AT_7], THEN, THERE, (Update(1, V7, THEN),), id="a-change"),
    pytest.param(1, [Exists(), NOT_AT_6], THEN, THERE, (Update(1, V7, THEN),), id="a-change-under-star"),
    pytest.param(1, [], {**THEN, "version": 7.0, "id": 1.0}, THERE, (Update(1, V7, THEN),), id="a-change-under-the-documents-version"),
    pytest.param(
        1, [IsAt(frozenset({V6, V7}))], {**THEN, "version": 7}, THERE, (Update(1, V7, THEN),), id="a-change-that-names-its-version-twice"
    ),
]


@pytest.mark.parametrize(("key", "conditions", "content", "facts", "expected"), CHANGES)
def test_replace(shapes: Mapping[str, Shape], key: Any, conditions: Any, content: Any, facts: Facts, expected: Any) -> None:
    assert told(decide_replace(Replace(key, content, conditions), shapes["server-required"], facts, {})) == expected


@pytest.mark.parametrize(("key", "conditions", "content", "facts", "expected"), CHANGES)
def test_merge_patch(shapes: Mapping[str, Shape], key: Any, conditions: Any, content: Any, facts: Facts, expected: Any) -> None:
    assert told(decide_merge_patch(MergePatch(key, content, conditions), shapes["server-required"], facts)) == expected


@pytest.mark.parametrize(
    ("key", "conditions", "content", "facts", "expected"),
    [
        pytest.param("a", [AT_7], UNREADABLE, GONE, NO_ROW, id="a-tag-where-nothing-is"),
        pytest.param("a", [Exists()], UNREADABLE, GONE, NO_ROW, id="star-where-nothing-is"),
        pytest.param(Unaddressable("?"), [AT_7], UNREADABLE, GONE, NO_ROW, id="a-tag-at-a-key-that-no-row-can-have"),
        pytest.param("a", [Absent()], UNREADABLE, KEYED, KEYED_STALE, id="nothing-expected-where-a-row-is"),
        pytest.param("a", [], UNREADABLE, GONE, PreconditionRequired(), id="no-condition"),
        pytest.param("a", [NOT_AT_6], BAD, GONE, PreconditionRequired(), id="a-true-condition-that-protects-nothing"),
        pytest.param(Unaddressable("?"), [], BAD, GONE, PreconditionRequired(), id="no-condition-at-a-key-that-no-row-can-have"),
        pytest.param("a", [Absent()], UNREADABLE, GONE, UNREADABLE, id="unreadable-content"),
        pytest.param("a", [Absent()], {**BAD, "version": 7}, GONE, NO_ROW_LATE, id="the-document-expects-a-row"),
        pytest.param("a", [], {**BAD, "version": 7}, GONE, NO_ROW_LATE, id="the-document-alone-expects-a-row"),
        pytest.param("a", [], {**BAD, "version": 0}, KEYED, KEYED_LATE, id="the-document-expects-nothing-where-a-row-is"),
        pytest.param("a", [Absent()], BAD, GONE, WRONG_TYPES, id="bad-content"),
        pytest.param(Unaddressable("?"), [Absent()], BAD, GONE, [("/id", "pattern"), *WRONG_TYPES], id="a-key-that-no-row-can-have"),
        pytest.param(Unaddressable("A"), [Absent()], THEN, GONE, [("/id", "format")], id="a-key-spelled-as-only-documents-may"),
        pytest.param("a", [Absent()], {**THEN, "id": "b"}, GONE, [("/id", "not_allowed")], id="another-key-in-the-document"),
        pytest.param("a", [Absent()], THEN, Facts(None, LAST), VersionExhausted("a"), id="a-key-out-of-versions"),
        pytest.param("a", [Absent()], THEN, GONE, (Insert("a", THEN, V3),), id="a-birth-above-the-last-version"),
        pytest.param("a", [], {**THEN, "id": "a", "version": 0}, GONE, (Insert("a", THEN, V3),), id="a-birth-under-the-documents-zero"),
        pytest.param("a", [AT_7], THEN, KEYED, (Update("a", V7, THEN),), id="a-change-of-what-is-there"),
    ],
)
def test_upsert(shapes: Mapping[str, Shape], key: Any, conditions: Any, content: Any, facts: Facts, expected: Any) -> None:
    """A replace where the client chooses keys knows no absence: conditions judge that nothing is there."""
    assert told(decide_replace(Replace(key, content, conditions), shapes["client-required"], facts, {})) == expected


TESTED = {"op": "test", "path": "/title", "value": "other"}
RENAMED = {"op": "replace", "path": "/title", "value": "then"}


@pytest.mark.parametrize(
    ("key", "conditions", "content", "facts", "expected"),
    [
        pytest.param(1, [AT_6], UNREADABLE, UNKNOWN_TO_THE_STORE, NotFound(1), id="absence-before-all-else"),
        pytest.param(1, [AT_6], UNREADABLE, THERE, STALE, id="a-stale-condition"),
        pytest.param(1, [NOT_AT_7], UNREADABLE, THERE, STALE, id="a-false-condition-that-protects-nothing"),
        pytest.param(1, [NOT_AT_6], UNREADABLE, THERE, PreconditionRequired(), id="a-true-condition-that-protects-nothing"),
        pytest.param(1, [], [RENAMED], THERE, PreconditionRequired(), id="no-condition"),
        pytest.param(1, [], {"version": 7}, THERE, PreconditionRequired(), id="a-version-where-operations-belong-says-nothing"),
        pytest.param(1, [], [{"op": "test", "path": "/version", "value": 7}], THERE, PreconditionRequired(), id="a-test-is-no-condition"),
        pytest.param(1, [AT_7], UNREADABLE, THERE, UNREADABLE, id="unreadable-content"),
        pytest.param(1, [AT_7], {}, THERE, [("", "type")], id="content-that-is-no-array"),
        pytest.param(1, [AT_7], [TESTED, 1], THERE, PatchConflict(0, "/title"), id="a-test-that-does-not-hold"),
        pytest.param(1, [AT_7], [1, TESTED], THERE, PatchInvalid(0, "", "an operation is an object"), id="a-malformed-operation"),
        pytest.param(1, [AT_7], [{**RENAMED, "value": 1}], THERE, [("/title", "type")], id="a-result-that-is-no-document"),
        pytest.param(1, [Exists()], [RENAMED], EXHAUSTED, VersionExhausted(1), id="out-of-versions"),
        pytest.param(1, [AT_7], [RENAMED], THERE, (Update(1, V7, THEN),), id="a-change"),
    ],
)
def test_json_patch(shapes: Mapping[str, Shape], key: Any, conditions: Any, content: Any, facts: Facts, expected: Any) -> None:
    assert told(decide_json_patch(JsonPatch(key, content, conditions), shapes["server-required"], facts, 1000)) == expected


@pytest.mark.parametrize(
    ("key", "conditions", "facts", "expected"),
    [
        pytest.param(1, [AT_6], UNKNOWN_TO_THE_STORE, NotFound(1), id="absence-before-all-else"),
        pytest.param(Unaddressable("x"), [], UNKNOWN_TO_THE_STORE, NotFound("x"), id="a-key-that-no-row-can-have"),
        pytest.param(1, [AT_6], THERE, STALE, id="a-stale-condition"),
        pytest.param(1, [Absent()], THERE, STALE, id="nothing-expected-where-a-row-is"),
        pytest.param(1, [NOT_AT_6], THERE, PreconditionRequired(), id="a-true-condition-that-protects-nothing"),
        pytest.param(1, [], THERE, PreconditionRequired(), id="no-condition"),
        pytest.param(1, [AT_7], THERE, (Remove(1, V7),), id="the-row-goes"),
        pytest.param(1, [Exists()], EXHAUSTED, (Remove(1, LAST),), id="a-row-out-of-versions-may-go"),
    ],
)
def test_delete(shapes: Mapping[str, Shape], key: Any, conditions: Any, facts: Facts, expected: Any) -> None:
    assert decide_delete(Delete(key, conditions), shapes["server-required"], facts) == expected


@pytest.mark.parametrize(
    ("conditions", "content", "facts", "expected"),
    [
        pytest.param([AT_7], UNREADABLE, KEYED, NO_ROW, id="a-tag-never-holds-before-creation"),
        pytest.param([Exists()], UNREADABLE, KEYED, NO_ROW, id="star-never-holds-before-creation"),
        pytest.param([Absent()], UNREADABLE, KEYED, UNREADABLE, id="unreadable-content"),
        pytest.param([], [], KEYED, [("", "type")], id="content-that-is-no-object"),
        pytest.param([], {**BAD, "version": 7}, KEYED, NO_ROW_LATE, id="a-version-in-the-document-even-the-current-one"),
        pytest.param([Absent()], {**BAD, "version": 7}, GONE, NO_ROW_LATE, id="a-version-in-the-document-under-a-condition"),
        pytest.param(
            [],
            {**BAD, "version": "0"},
            GONE,
            [("/id", "required"), ("/nonsense", "unknown"), ("/version", "type"), ("/title", "type")],
            id="all-at-once",
        ),
        pytest.param([], {**THEN, "id": 1}, GONE, [("/id", "type")], id="a-key-of-another-type"),
        pytest.param([], {**THEN, "id": None}, GONE, [("/id", "type")], id="a-key-of-null"),
        pytest.param([], {**BAD, "id": "a"}, KEYED, WRONG_TYPES, id="bad-content-before-a-taken-key"),
        pytest.param([], {**THEN, "id": "a"}, KEYED, AlreadyExists("a", V7, "document"), id="a-taken-key"),
        pytest.param(
            [NOT_AT_6],
            {**THEN, "id": "a", "version": 0},
            KEYED,
            AlreadyExists("a", V7, "document"),
            id="a-taken-key-under-the-documents-zero",
        ),
        pytest.param(
            [Absent()], {**THEN, "id": "a"}, KEYED, AlreadyExists("a", V7, "condition"), id="a-taken-key-under-if-none-match-star"
        ),
        pytest.param(
            [],
            {**THEN, "id": "a"},
            Facts(Row("a", LAST, NOW), LAST),
            AlreadyExists("a", LAST, "document"),
            id="taken-by-a-row-out-of-versions",
        ),
        pytest.param([], {**THEN, "id": "a"}, Facts(None, LAST), VersionExhausted("a"), id="a-key-out-of-versions"),
        pytest.param(
            [], {**THEN, "id": "a"}, GONE, (Insert("a", THEN, V3),), id="a-birth-needs-no-condition-even-where-versions-are-required"
        ),
        pytest.param([Absent()], {**THEN, "id": "A", "version": 0}, GONE, (Insert("a", THEN, V3),), id="the-key-in-its-one-spelling"),
    ],
)
def test_create(shapes: Mapping[str, Shape], conditions: Any, content: Any, facts: Facts, expected: Any) -> None:
    assert told(decide_create(Create(content, conditions), shapes["client-required"], facts, {})) == expected


CASES: list[tuple[str, Callable[[Shape], Decision]]] = [
    ("replace", lambda shape: decide_replace(Replace(1, THEN), shape, THERE, {})),
    ("merge-patch", lambda shape: decide_merge_patch(MergePatch(1, THEN), shape, THERE)),
    ("json-patch", lambda shape: decide_json_patch(JsonPatch(1, [RENAMED]), shape, THERE, 1000)),
]


@pytest.mark.parametrize("decide", [pytest.param(decide, id=name) for name, decide in CASES])
def test_where_versions_are_optional_none_is_needed(shapes: Mapping[str, Shape], decide: Callable[[Shape], Decision]) -> None:
    # What was decided with the row in view is not compared again by the statement.
    assert decide(shapes["server"]) == (Update(1, V7, THEN, unless_same=False),)
    assert decide(shapes["server-required"]) == PreconditionRequired()


def test_a_delete_needs_no_version_where_versions_are_optional(shapes: Mapping[str, Shape]) -> None:
    assert decide_delete(Delete(1), shapes["server"], THERE) == (Remove(1, V7),)


@pytest.mark.parametrize("facts", [pytest.param(THERE, id="in-the-middle"), pytest.param(EXHAUSTED, id="out-of-versions")])
def test_nothing_happened(shapes: Mapping[str, Shape], facts: Facts) -> None:
    """A write that asks for what is there changes nothing, even where no further change is possible (contract, section 4)."""
    shape, row = shapes["server"], facts.row
    assert row is not None
    unchanged = Written(row, Effect.UNCHANGED)
    assert decide_replace(Replace(1, {"details": {}, "title": "now"}), shape, facts, {}) == unchanged
    assert decide_merge_patch(MergePatch(1, {}), shape, facts) == unchanged
    assert decide_merge_patch(MergePatch(1, {"rank": None}), shape, facts) == unchanged
    assert decide_json_patch(JsonPatch(1, []), shape, facts, 1000) == unchanged
    assert decide_json_patch(JsonPatch(1, [{"op": "test", "path": "/version", "value": row.version}]), shape, facts, 1000) == unchanged


def test_a_stale_write_is_refused_even_when_it_asks_for_what_is_there(shapes: Mapping[str, Shape]) -> None:
    assert decide_replace(Replace(1, NOW, [AT_6]), shapes["server"], THERE, {}) == STALE
    assert decide_merge_patch(MergePatch(1, {"version": 6}), shapes["server"], THERE) == LATE
