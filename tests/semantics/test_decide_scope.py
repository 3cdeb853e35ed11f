"""Rows that the caller may not touch, or not even see: what a write is told of them, and before what else."""

from collections.abc import Mapping
from typing import Any

import pytest

from diptych.semantics.command import Create, Delete, JsonPatch, MergePatch, Replace
from diptych.semantics.decide import decide_create, decide_delete, decide_json_patch, decide_merge_patch, decide_replace
from diptych.semantics.outcome import AlreadyExists, Forbidden, Invalid, Malformed, NotFound, PreconditionRequired, UniqueConflict
from diptych.semantics.precondition import Absent, IsAt
from diptych.semantics.row import Facts, Row
from diptych.semantics.shape import Shape
from diptych.semantics.version import LAST, Version

V6, V7 = Version(6), Version(7)
GOOD = {"title": "then"}
UNREADABLE = Malformed("The content is not JSON", 0)
KEPT = Facts(Row("a", V7, {"title": "now", "rank": None, "details": {}}), V7, allowed=False)
CONCEALED = Facts(None, V7, concealed=True)
TAKEN = UniqueConflict(("id",))


@pytest.mark.parametrize(
    "conditions",
    [
        pytest.param([], id="no-condition"),
        pytest.param([IsAt(frozenset({V7}))], id="the-version-that-is-there"),
        pytest.param([IsAt(frozenset({V6}))], id="a-stale-version"),
        pytest.param([Absent()], id="nothing-expected"),
    ],
)
def test_a_row_that_may_be_seen_and_not_touched(shapes: Mapping[str, Shape], conditions: Any) -> None:
    """Nothing else is told of it: neither its version nor what is wrong with the content."""
    shape = shapes["client-required"]
    for content in (GOOD, UNREADABLE, {**GOOD, "version": 6}):
        assert decide_replace(Replace("a", content, conditions), shape, KEPT, {}) == Forbidden()
        assert decide_merge_patch(MergePatch("a", content, conditions), shape, KEPT) == Forbidden()
        assert decide_json_patch(JsonPatch("a", content, conditions), shape, KEPT, 1000) == Forbidden()
    assert decide_delete(Delete("a", conditions), shape, KEPT) == Forbidden()


def test_a_row_that_may_be_seen_keeps_its_key(shapes: Mapping[str, Shape]) -> None:
    created = decide_create(Create({**GOOD, "id": "a"}), shapes["client"], KEPT, {})
    assert created == AlreadyExists("a", V7, "document")


def test_a_row_that_may_not_be_seen_is_not_there(shapes: Mapping[str, Shape]) -> None:
    """Whatever is asked of a row whose key the server chose, and a patch or a delete of any."""
    server, client = shapes["server"], shapes["client"]
    assert decide_replace(Replace(1, GOOD), server, CONCEALED, {}) == NotFound(1)
    assert decide_merge_patch(MergePatch("a", GOOD), client, CONCEALED) == NotFound("a")
    assert decide_json_patch(JsonPatch("a", []), client, CONCEALED, 1000) == NotFound("a")
    assert decide_delete(Delete("a"), client, CONCEALED) == NotFound("a")


@pytest.mark.parametrize(
    "facts",
    [pytest.param(CONCEALED, id="at-some-version"), pytest.param(Facts(None, LAST, concealed=True), id="at-its-last-version")],
)
def test_its_key_is_taken_as_a_unique_value_is(shapes: Mapping[str, Shape], facts: Facts) -> None:
    shape = shapes["client"]
    for conditions in ([], [Absent()]):
        assert decide_create(Create({**GOOD, "id": "a"}, conditions), shape, facts, {}) == TAKEN
        assert decide_replace(Replace("a", GOOD, conditions), shape, facts, {}) == TAKEN


def test_that_its_key_is_taken_is_told_last(shapes: Mapping[str, Shape]) -> None:
    shape = shapes["client-required"]
    assert decide_replace(Replace("a", GOOD), shape, CONCEALED, {}) == PreconditionRequired()
    for content in ({"title": 1}, {**GOOD, "x": 1}):
        assert isinstance(decide_create(Create({**content, "id": "a"}), shape, CONCEALED, {}), Invalid)
        assert isinstance(decide_replace(Replace("a", content, [Absent()]), shape, CONCEALED, {}), Invalid)
