"""The rules of merging and of differences, as tables."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.client import MISSING, Conflict, Conflicts, Known, MaybeWritten, Merged, VersionMismatch, merge
from diptych.client.difference import Difference, difference
from diptych.client.doubt import settle
from diptych.client.likeness import Likeness, compare, likeness
from diptych.client.refusals import Told
from diptych.client.write import Write
from diptych.semantics import json_patch
from diptych.semantics.json_value import same
from diptych.semantics.merge_patch import merge_members

MERGED = {
    "nobody": ({"a": 1}, {"a": 1}, {"a": 1}, {"a": 1}),
    "only-mine": ({"a": 1}, {"a": 2}, {"a": 1}, {"a": 2}),
    "only-theirs": ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}),
    "both-alike": ({"a": 1}, {"a": 2}, {"a": 2}, {"a": 2}),
    "both-elsewhere": ({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 2}),
    "inside-of-objects": ({"o": {"a": 1, "b": 1}}, {"o": {"a": 2, "b": 1}}, {"o": {"a": 1, "b": 2}}, {"o": {"a": 2, "b": 2}}),
    "a-member-taken-away": ({"o": {"a": 1, "b": 1}}, {"o": {"b": 1}}, {"o": {"a": 1, "b": 2}}, {"o": {"b": 2}}),
    "members-added": ({"o": {}}, {"o": {"a": 1}}, {"o": {"b": 1}}, {"o": {"a": 1, "b": 1}}),
    "null-is-a-value": ({"a": 1, "b": 1}, {"a": None, "b": 1}, {"a": 1, "b": None}, {"a": None, "b": None}),
    "a-list-whole": ({"l": [1]}, {"l": [1, 2]}, {"l": [1]}, {"l": [1, 2]}),
    "one-and-one-point-nothing": ({"a": 1}, {"a": 1.0}, {"a": 2}, {"a": 2}),
}


@pytest.mark.parametrize(("base", "mine", "theirs", "expected"), [pytest.param(*case, id=name) for name, case in MERGED.items()])
def test_merged(base: Any, mine: Any, theirs: Any, expected: Any) -> None:
    assert merge(base, mine, theirs) == Merged(expected)


CONFLICTS = {
    "two-values": ({"a": 1}, {"a": 2}, {"a": 3}, Conflict("/a", 1, 2, 3)),
    "two-lists": ({"l": [1]}, {"l": [1, 2]}, {"l": [0, 1]}, Conflict("/l", [1], [1, 2], [0, 1])),
    "true-is-not-one": ({"a": 0}, {"a": True}, {"a": 1}, Conflict("/a", 0, True, 1)),
    "taken-away-and-changed": ({"o": {"a": 1}}, {"o": {}}, {"o": {"a": 2}}, Conflict("/o/a", 1, MISSING, 2)),
    "an-object-and-a-value": ({"o": {"a": 1}}, {"o": {"a": 2}}, {"o": 3}, Conflict("/o", {"a": 1}, {"a": 2}, 3)),
    "a-name-with-slashes": ({"o": {}}, {"o": {"a/b~": 1}}, {"o": {"a/b~": 2}}, Conflict("/o/a~1b~0", MISSING, 1, 2)),
}


@pytest.mark.parametrize(("base", "mine", "theirs", "place"), [pytest.param(*case, id=name) for name, case in CONFLICTS.items()])
def test_conflicts(base: Any, mine: Any, theirs: Any, place: Conflict) -> None:
    assert merge(base, mine, theirs) == Conflicts((place,), theirs)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "a/b~"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "a/b~"]), inner, max_size=3),
    max_leaves=8,
)
documents = st.fixed_dictionaries({"x": values, "y/~": values, "z": values})


@given(documents, documents, documents)
def test_merging_is_fair(base: Any, mine: Any, theirs: Any) -> None:
    """Neither side counts for more: swapped, the same places contradict each other, and the same comes out where none do."""
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    if isinstance(one, Merged) and isinstance(other, Merged):
        assert same(one.value, other.value)
    else:
        assert isinstance(one, Conflicts)
        assert isinstance(other, Conflicts)
        assert [place.pointer for place in one.places] == [place.pointer for place in other.places] or len(one.places) == len(other.places)
    assert same(merge(base, mine, base).value, mine)
    assert same(merge(base, base, theirs).value, theirs)


@given(documents, documents)
def test_a_difference_makes_the_one_of_the_other(before: Any, after: Any) -> None:
    found = difference(before, after)
    match found:
        case None:
            assert same(before, after)
        case Difference("patch", patch):
            assert same(merge_members(before, patch), after)
        case Difference(_, operations):
            done = json_patch.apply(before, operations)
            assert isinstance(done, json_patch.Patched)
            assert same(done.document, after)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        pytest.param({"a": 1}, {"a": None}, "patch", id="a-field-cleared"),
        pytest.param({"o": {"a": 1}}, {"o": {}}, "patch", id="a-member-taken-away"),
        pytest.param({"o": {"a": 1}}, {"o": {"a": None}}, "json_patch", id="a-member-set-to-null"),
        pytest.param({"o": 1}, {"o": {"a": {"b": None}}}, "json_patch", id="a-new-object-with-null"),
        pytest.param({"l": [1]}, {"l": [None]}, "patch", id="null-in-a-list"),
    ],
)
def test_how_a_difference_is_sent(before: Any, after: Any, kind: str) -> None:
    found = difference(before, after)
    assert found is not None
    assert found.kind == kind


SPELLED = {
    "a-decimal": ("1.5", "1.50"),
    "a-moment": ("2026-11-22T10:30:00+01:00", "2026-11-22T09:30:00Z"),
    "a-time": ("09:30", "09:30:00"),
    "a-duration": ("PT90M", "PT1H30M"),
    "a-uuid": ("123E4567-E89B-12D3-A456-426614174000", "123e4567-e89b-12d3-a456-426614174000"),
    "space-around": (" Ann ", "Ann"),
    "a-number": (1, 1.0),
    "inside": ({"a": ["1.5"]}, {"a": ["1.50"]}),
}


@pytest.mark.parametrize(("sent", "stored"), [pytest.param(*case, id=name) for name, case in SPELLED.items()])
def test_spelled_in_two_ways(sent: Any, stored: Any) -> None:
    assert compare(sent, stored) is Likeness.SAME


@pytest.mark.parametrize(("sent", "stored"), list(itertools.permutations([1, True, "1", None, [1], {"a": 1}, "2", "b", [], 2], 2)))
def test_unlike(sent: Any, stored: Any) -> None:
    assert compare(sent, stored) is Likeness.OTHER


ROW = {"id": 1, "a": 1, "o": {"x": 1, "y": 2}, "version": 3}
BASE = {"id": 1, "a": 0, "o": {"x": 1, "y": 2}, "version": 2}

COMPARED = {
    "all-of-it": (Write("replace", 1, 2, {"a": 1}), Likeness.SAME),
    "another-value": (Write("replace", 1, 2, {"a": 2}), Likeness.OTHER),
    "a-hidden-field": (Write("replace", 1, 2, {"a": 1, "secret": 2}), Likeness.UNKNOWN),
    "a-hidden-field-alone": (Write("patch", 1, 2, {"secret": 2}), Likeness.UNKNOWN),
    "a-hidden-field-beside-another-value": (Write("patch", 1, 2, {"a": 2, "secret": 2}), Likeness.OTHER),
    "defaults-that-were-filled-in": (Write("replace", 1, 2, {"o": {"x": 1}}), Likeness.UNKNOWN),
    "a-member-that-is-not-there": (Write("replace", 1, 2, {"o": {"z": 1}}), Likeness.OTHER),
    "a-patch-of-a-member": (Write("patch", 1, 2, {"o": {"x": 1}}), Likeness.SAME),
    "a-patch-of-nothing": (Write("patch", 1, 2, {}), Likeness.UNKNOWN),
    "operations": (Write("json_patch", 1, 2, [{"op": "replace", "path": "/a", "value": 1}], BASE), Likeness.SAME),
    "operations-with-another-result": (Write("json_patch", 1, 2, [{"op": "replace", "path": "/a", "value": 5}], BASE), Likeness.OTHER),
    "operations-that-remove": (Write("json_patch", 1, 2, [{"op": "remove", "path": "/a"}], BASE), Likeness.UNKNOWN),
    "operations-without-a-base": (Write("json_patch", 1, 2, [{"op": "replace", "path": "/a", "value": 1}]), Likeness.UNKNOWN),
}


@pytest.mark.parametrize(("write", "expected"), [pytest.param(*case, id=name) for name, case in COMPARED.items()])
def test_what_can_be_seen_of_a_write(write: Write, expected: Likeness) -> None:
    assert likeness(write, ROW) is expected


@pytest.mark.parametrize(
    ("write", "version", "maybe"),
    [
        pytest.param(Write("patch", 1, 2, {"a": 1}), 3, True, id="one-on-and-the-same"),
        pytest.param(Write("patch", 1, 2, {"a": 2}), 3, None, id="one-on-and-another"),
        pytest.param(Write("patch", 1, 2, {"a": 2}), 4, False, id="two-on-and-another"),
        pytest.param(Write("patch", 1, 2, {"a": 1}), 4, True, id="two-on-and-the-same"),
        pytest.param(Write("patch", 1, 2, {"secret": 1}), 3, False, id="one-on-and-hidden"),
        pytest.param(Write("replace", 1, 0, {"a": 2}), 1, None, id="born-as-another"),
        pytest.param(Write("delete", 1, 2, None), 3, False, id="born-again-after-a-delete"),
    ],
)
def test_what_a_mismatch_means_after_a_lost_answer(write: Write, version: int, maybe: bool | None) -> None:
    """True and False are what MaybeWritten says of sameness; None is the mismatch itself."""
    told = Told("version_mismatch", "Version mismatch", 412, "", {"currentVersion": version})
    row = {**ROW, "version": version}
    refusal = VersionMismatch(told, current=Known(row, 1, version, row), yours=write.version, sent=write.body)
    settled = settle(write, refusal)
    assert (settled is refusal) is (maybe is None)
    assert maybe is None or (isinstance(settled, MaybeWritten) and settled.same is maybe)
