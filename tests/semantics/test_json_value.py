"""Sameness as JSON has it, which is not Python's (RFC 6902, section 4.6)."""

import pytest

from diptych.semantics.json_value import JSON, MISSING, is_integer, same


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(1, 1, True, id="equal-numbers"),
        pytest.param(1, 1.0, True, id="numbers-by-value"),
        pytest.param(0.0, -0.0, True, id="both-zeros"),
        pytest.param(10**400, 1.5, False, id="a-number-beyond-floats"),
        pytest.param(2**53 + 1, float(2**53), False, id="neighbours-that-a-float-cannot-tell"),
        pytest.param(True, 1, False, id="true-is-not-one"),
        pytest.param(0, False, False, id="zero-is-not-false"),
        pytest.param(True, True, True, id="true-is-true"),
        pytest.param(True, False, False, id="true-is-not-false"),
        pytest.param(None, False, False, id="null-is-not-false"),
        pytest.param(None, None, True, id="null-is-null"),
        pytest.param(None, 0, False, id="null-is-not-zero"),
        pytest.param("", None, False, id="empty-text-is-not-null"),
        pytest.param("1", 1, False, id="text-is-not-a-number"),
        pytest.param("é", "e\u0301", False, id="text-by-code-point"),
        pytest.param([], {}, False, id="array-is-not-object"),
        pytest.param({}, [], False, id="object-is-not-array"),
        pytest.param([], "", False, id="array-is-not-text"),
        pytest.param({}, None, False, id="object-is-not-null"),
        pytest.param([1, 2], [1, 2.0], True, id="arrays-member-by-member"),
        pytest.param([1, 2], [2, 1], False, id="arrays-have-an-order"),
        pytest.param([1], [1, 2], False, id="a-longer-array"),
        pytest.param([1, 2], [1], False, id="a-shorter-array"),
        pytest.param([True], [1], False, id="true-is-not-one-inside-an-array"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1.0}, True, id="members-in-any-order"),
        pytest.param({"a": 1}, {"a": 1, "b": 2}, False, id="one-member-more"),
        pytest.param({"a": 1, "b": 2}, {"a": 1}, False, id="one-member-less"),
        pytest.param({"a": None}, {"b": None}, False, id="null-is-not-absence"),
        pytest.param({"a": {"b": [True]}}, {"a": {"b": [1]}}, False, id="true-is-not-one-deep-inside"),
        pytest.param({"a": {"b": [0]}}, {"a": {"b": [0.0]}}, True, id="numbers-by-value-deep-inside"),
    ],
)
def test_same(one: JSON, other: JSON, expected: bool) -> None:
    assert same(one, other) is expected
    assert same(other, one) is expected


@pytest.mark.parametrize(
    ("value", "integer"),
    [
        pytest.param(7, True, id="an-integer"),
        pytest.param(7.0, True, id="an-integer-with-a-point"),
        pytest.param(1e300, True, id="a-large-one"),
        pytest.param(7.5, False, id="a-fraction"),
        pytest.param(True, False, id="true"),
        pytest.param("7", False, id="text"),
        pytest.param(b"7", False, id="bytes"),
        pytest.param(None, False, id="null"),
        pytest.param([7], False, id="an-array"),
        pytest.param({"a": 7}, False, id="an-object"),
    ],
)
def test_is_integer(value: JSON, integer: bool) -> None:
    assert is_integer(value) is integer


def test_missing_shows_its_name() -> None:
    assert repr(MISSING) == "MISSING"
