"""Sizes and depths of JSON values, and the bound on how much is looked at."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.semantics import measure
from diptych.semantics.json_value import JSON
from diptych.semantics.measure import Measure, TooManyLooks

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def levels(value: JSON) -> int:
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(map(levels, value.values() if isinstance(value, dict) else value), default=0)


@given(VALUES)
def test_the_size_is_that_of_compact_text(value: JSON) -> None:
    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    assert Measure().of(value) == (len(compact), levels(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, (4, 0), id="null"),
        pytest.param(True, (4, 0), id="true"),
        pytest.param(False, (5, 0), id="false"),
        pytest.param(-12, (3, 0), id="an-integer"),
        pytest.param(1.5, (3, 0), id="a-float"),
        pytest.param("", (2, 0), id="empty-text"),
        pytest.param("é€😀", (11, 0), id="characters-in-utf-8"),
        pytest.param('"\\\n\x01', (14, 0), id="characters-that-json-escapes"),
        pytest.param("\ud800", (5, 0), id="half-a-character-which-is-refused-elsewhere"),
        pytest.param([], (2, 1), id="empty-array"),
        pytest.param([1], (3, 1), id="one-element"),
        pytest.param([1, 2], (5, 1), id="a-comma-between-two"),
        pytest.param({}, (2, 1), id="empty-object"),
        pytest.param({"a": 1}, (7, 1), id="one-member"),
        pytest.param({"a": 1, "b": [[]]}, (16, 3), id="the-deepest-member-counts"),
        pytest.param([[[]], []], (9, 3), id="not-only-the-last"),
    ],
)
def test_size_and_levels(value: JSON, expected: tuple[int, int]) -> None:
    assert Measure().of(value) == expected


def test_a_value_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten copies of an array of ten cost one look at each of the twenty values."""
    monkeypatch.setattr(measure, "MOST_LOOKS", 20)
    ruler = Measure()
    ruler.begin_count()
    once = list(range(10))
    assert ruler.of([once] * 10) == (221, 2)
    assert ruler.of(once) == (21, 1)
    with pytest.raises(TooManyLooks, match=r"^the patch rebuilds large values too often$"):
        ruler.of([1])


def test_looks_are_free_before_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "MOST_LOOKS", 0)
    ruler = Measure()
    row = [[1, 2], {"a": None}]
    assert ruler.of(row) == (18, 2)
    ruler.begin_count()
    assert ruler.of(row) == (18, 2)
    assert ruler.of({}) == (2, 1)
    with pytest.raises(TooManyLooks):
        ruler.of([0])


def test_a_new_value_is_never_taken_for_one_that_is_gone() -> None:
    """What was measured is kept, so that no later value can have its identity."""
    ruler = Measure()
    for length in range(200):
        assert ruler.of([0] * length)[0] == 2 * length + 1 + (length == 0)
