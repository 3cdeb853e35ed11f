"""JSON Merge Patch (RFC 7396), and its one difference at the top of a row."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.semantics.json_value import JSON
from diptych.semantics.merge_patch import merge, merge_members

# Appendix A of RFC 7396: document, patch, result.
APPENDIX = json.loads((Path(__file__).parents[1] / "data" / "merge_patch.json").read_text())


def test_the_appendix_is_whole() -> None:
    assert len(APPENDIX) == 15


@pytest.mark.parametrize(("target", "patch", "result"), [pytest.param(*row, id=json.dumps(row[1])) for row in APPENDIX])
def test_appendix(target: JSON, patch: JSON, result: JSON) -> None:
    before = copy.deepcopy((target, patch))
    assert merge(target, patch) == result
    assert (target, patch) == before


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_a_merge_made_twice_is_made_once(target: JSON, patch: JSON) -> None:
    merged = merge(target, patch)
    assert merge(merged, patch) == merged


@pytest.mark.parametrize(
    ("current", "patch", "result"),
    [
        pytest.param({"a": 1, "b": 2}, {}, {"a": 1, "b": 2}, id="absent-leaves"),
        pytest.param({"a": 1, "b": 2}, {"b": 3}, {"a": 1, "b": 3}, id="a-value-replaces"),
        pytest.param({"a": 1}, {"a": None}, {"a": None}, id="null-at-the-top-stays-one"),
        pytest.param({"a": {"x": 1, "y": 2}}, {"a": {"x": None, "z": 3}}, {"a": {"y": 2, "z": 3}}, id="null-inside-a-column-deletes"),
        pytest.param({"a": {"x": 1}}, {"a": {"x": {"y": None}}}, {"a": {"x": {}}}, id="an-object-replaces-a-value-without-its-nulls"),
        pytest.param({"a": None}, {"a": {"x": 1, "y": None}}, {"a": {"x": 1}}, id="an-object-onto-null"),
        pytest.param({"a": [1, 2]}, {"a": [None]}, {"a": [None]}, id="arrays-are-replaced-whole-nulls-and-all"),
        pytest.param({}, {"a": {"x": None}}, {"a": {}}, id="an-object-where-nothing-was"),
    ],
)
def test_members(current: dict[str, JSON], patch: dict[str, JSON], result: dict[str, JSON]) -> None:
    before = copy.deepcopy((current, patch))
    assert merge_members(current, patch) == result
    assert (current, patch) == before
