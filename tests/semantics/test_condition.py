"""Reading filters: what is a condition, and every way in which JSON is none, each told at its place."""

from collections.abc import Iterator
from typing import Any

import pytest

from diptych.semantics.condition import (
    DEEPEST_CONDITION,
    EVERYTHING,
    LONGEST_COMPARED,
    MOST_COMPARISONS,
    MOST_JOINED,
    MOST_VALUES,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Not,
    comparison,
    joined,
    read_condition,
)
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import MOST_VIOLATIONS, Invalid, Violation

from .conftest import MARKED as NOTES

RANK_1 = Compare("rank", "eq", 1)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        pytest.param({}, EVERYTHING, id="nothing"),
        pytest.param({"rank": {"eq": 1}}, RANK_1, id="one-comparison"),
        pytest.param({"rank": {"eq": 1.0}}, RANK_1, id="in-its-canonical-form"),
        pytest.param({"rank": {"in": [1, 2.0]}}, Compare("rank", "in", (1, 2)), id="a-list-of-values"),
        pytest.param({"rank": {"isNull": True}}, Compare("rank", "isNull", True), id="null"),
        pytest.param({"rank": {"gt": 1, "lt": 5}}, AllOf((Compare("rank", "gt", 1), Compare("rank", "lt", 5))), id="two-operators"),
        pytest.param({"rank": {"gt": 1}, "id": {"lt": 5}}, AllOf((Compare("rank", "gt", 1), Compare("id", "lt", 5))), id="two-fields"),
        pytest.param({"not": {"rank": {"eq": 1}}}, Not(RANK_1), id="not"),
        pytest.param({"not": {}}, Not(EVERYTHING), id="not-everything"),
        pytest.param({"and": [{"rank": {"eq": 1}}]}, AllOf((RANK_1,)), id="and"),
        pytest.param({"or": [{"rank": {"eq": 1}}, {}]}, AnyOf((RANK_1, EVERYTHING)), id="or"),
        pytest.param({"rank": {"eq": 1}, "or": [{"rank": {"eq": 1}}]}, AllOf((RANK_1, AnyOf((RANK_1,)))), id="members-must-hold-together"),
    ],
)
def test_conditions(where: JSON, expected: Condition) -> None:
    assert read_condition(where, NOTES) == expected


SAID_UNKNOWN = "There is no such operator for this field; there are eq, ne, in, nin, lt, lte, gt, gte, isNull."
SAID_NOT_ALLOWED = "Note is not filtered by this field; its declaration may allow it with Resource(filter_by=…)."


@pytest.mark.parametrize(
    ("where", "pointer", "code", "message"),
    [
        pytest.param([], "/where", "type", "Must be an object.", id="no-object"),
        pytest.param({"or": [1]}, "/where/or/0", "type", "Must be an object.", id="no-object-inside"),
        pytest.param({"nobody": {"eq": 1}}, "/where/nobody", "unknown", "There is no such field.", id="no-such-field"),
        pytest.param({"a/b~": {"eq": 1}}, "/where/a~1b~0", "unknown", "There is no such field.", id="names-are-escaped"),
        pytest.param({"secret": {"eq": 1}}, "/where/secret", "unknown", "There is no such field.", id="a-hidden-field-is-not-told"),
        pytest.param({"title": {"eq": "x"}}, "/where/title", "not_allowed", SAID_NOT_ALLOWED, id="not-filtered-by"),
        pytest.param({"rank": 1}, "/where/rank", "type", "Must be an object of operators and values.", id="a-bare-value"),
        pytest.param({"rank": {}}, "/where/rank", "too_short", "Must have at least one operator.", id="no-operator"),
        pytest.param({"rank": {"like": 1}}, "/where/rank/like", "unknown", SAID_UNKNOWN, id="no-such-operator"),
        pytest.param({"rank": {"contains": "1"}}, "/where/rank/contains", "unknown", SAID_UNKNOWN, id="an-operator-of-others"),
        pytest.param({"rank": {"eq": "1"}}, "/where/rank/eq", "type", "Must be an integer.", id="the-wrong-type"),
        pytest.param({"rank": {"in": [1, "2"]}}, "/where/rank/in/1", "type", "Must be an integer.", id="the-wrong-type-in-a-list"),
        pytest.param({"rank": {"in": 1}}, "/where/rank/in", "type", "Must be an array of values.", id="no-list"),
        pytest.param({"rank": {"nin": []}}, "/where/rank/nin", "too_short", "Must have at least one value.", id="an-empty-list"),
        pytest.param({"rank": {"eq": None}}, "/where/rank/eq", "null", "Must not be null; ask for null with isNull.", id="null"),
        pytest.param(
            {"rank": {"in": [None]}}, "/where/rank/in/0", "null", "Must not be null; ask for null with isNull.", id="null-in-a-list"
        ),
        pytest.param({"rank": {"isNull": None}}, "/where/rank/isNull", "type", "Must be true or false.", id="is-null-null"),
        pytest.param({"rank": {"isNull": 1}}, "/where/rank/isNull", "type", "Must be true or false.", id="is-null-of-a-number"),
        pytest.param({"and": []}, "/where/and", "too_short", "Must have at least one condition.", id="an-empty-and"),
        pytest.param({"or": []}, "/where/or", "too_short", "Must have at least one condition.", id="an-empty-or"),
        pytest.param({"or": {}}, "/where/or", "type", "Must be an array of conditions.", id="or-of-an-object"),
        pytest.param({"not": []}, "/where/not", "type", "Must be an object.", id="not-of-a-list"),
        pytest.param(
            {"not": {"or": [{}, {"rank": {"eq": ""}}]}}, "/where/not/or/1/rank/eq", "type", "Must be an integer.", id="deep-inside"
        ),
    ],
)
def test_refusals(where: JSON, pointer: str, code: str, message: str) -> None:
    assert read_condition(where, NOTES) == Invalid((Violation(pointer, code, message),))


def test_everything_wrong_is_told_at_once() -> None:
    refused = read_condition({"title": {"eq": 1}, "rank": {"eq": None, "like": 1}, "or": []}, NOTES, "/filter")
    assert isinstance(refused, Invalid)
    assert [one.pointer for one in refused.violations] == ["/filter/title", "/filter/rank/eq", "/filter/rank/like", "/filter/or"]


def nested(levels: int) -> JSON:
    where: JSON = {"rank": {"eq": 1}}
    for _ in range(levels - 1):
        where = {"not": where}
    return where


def codes(where: JSON) -> list[tuple[str, str]]:
    read = read_condition(where, NOTES)
    return [(one.pointer, one.code) for one in read.violations] if isinstance(read, Invalid) else []


def test_depth() -> None:
    assert codes(nested(DEEPEST_CONDITION)) == []
    assert codes(nested(DEEPEST_CONDITION + 1)) == [("/where" + "/not" * DEEPEST_CONDITION, "too_large")]


@pytest.mark.parametrize("name", ["and", "or"])
def test_lists_nest_no_deeper(name: str) -> None:
    where: JSON = {}
    for _ in range(DEEPEST_CONDITION):
        where = {name: [where]}
    assert codes(where) == [("/where" + f"/{name}/0" * DEEPEST_CONDITION, "too_large")]


@pytest.mark.parametrize("name", ["and", "or"])
def test_number_of_comparisons(name: str) -> None:
    one = {"rank": {"eq": 1}}
    assert codes({name: [one] * MOST_COMPARISONS}) == []
    assert codes({name: [one] * (MOST_COMPARISONS + 1)}) == [(f"/where/{name}/{MOST_COMPARISONS}/rank", "too_large")]
    assert codes({name: [{"rank": {"gt": 1, "lt": 2}, "id": {"gt": 1}}] * (MOST_COMPARISONS // 3)}) == []
    assert [code for _, code in codes({name: [{"rank": {"gt": 1, "lt": 2}, "id": {"gt": 1}}] * MOST_COMPARISONS})] == ["too_large"]


def test_number_of_comparisons_of_several_conditions_together() -> None:
    """However they are joined: none of them is too large by itself."""
    half = AnyOf((RANK_1,) * (MOST_COMPARISONS // 2))
    assert joined([half, Not(half)], "/query") == AllOf((half, Not(half)))
    assert joined([half, Not(half), RANK_1], "/query") == Invalid(
        (Violation("/query", "too_large", "A filter has at most 100 comparisons."),)
    )
    assert (joined([], ""), joined([RANK_1], "")) == (EVERYTHING, RANK_1)


class Watched(tuple[Condition, ...]):
    """Conditions that count how many of them were looked at."""

    looked = 0

    def __iter__(self) -> Iterator[Condition]:
        for one in super().__iter__():
            self.looked += 1
            yield one


def test_conditions_are_looked_at_until_there_are_too_many() -> None:
    """One more than there may be says enough; who sends a thousand times as many is answered no later."""
    many = Watched((RANK_1,) * (MOST_COMPARISONS * 1000))
    assert isinstance(joined([AnyOf(many)], "/query"), Invalid)
    assert many.looked == MOST_COMPARISONS + 1


def test_number_of_conditions_that_compare_nothing() -> None:
    """Within few bytes there are many of them."""
    assert codes({"or": [{}] * MOST_JOINED}) == []
    assert codes({"or": [{}] * (MOST_JOINED + 1)}) == [("/where/or", "too_large")]
    assert codes({"or": [{"or": [{}] * 9}] * 20}) == []
    assert [code for _, code in codes({"or": [{"or": [{}] * 20}] * 20})] == ["too_large"]


def test_number_of_values() -> None:
    assert codes({"rank": {"in": [1] * MOST_VALUES}}) == []
    assert codes({"rank": {"in": [1] * (MOST_VALUES + 1)}}) == [("/where/rank/in", "too_large")]


def test_length_of_text() -> None:
    """It is looked at before the field's own reading, which here takes no text at all."""
    assert codes({"rank": {"eq": "x" * LONGEST_COMPARED}}) == [("/where/rank/eq", "type")]
    assert codes({"rank": {"eq": "x" * (LONGEST_COMPARED + 1)}}) == [("/where/rank/eq", "too_long")]


def test_a_hostile_filter_is_answered_with_a_bounded_number_of_violations() -> None:
    assert len(codes({str(number): {"eq": 1} for number in range(5000)})) == MOST_VIOLATIONS
    assert len(codes({"rank": {"in": ["x"] * MOST_VALUES}, "id": {"in": ["x"] * MOST_VALUES}})) == MOST_VIOLATIONS


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        pytest.param("rank", "gte", 1, Compare("rank", "gte", 1), id="good"),
        pytest.param("rank", "like", 1, Invalid((Violation("/rank.like", "unknown", SAID_UNKNOWN),)), id="no-such-operator"),
        pytest.param("rank", "eq", "x", Invalid((Violation("/rank.like", "type", "Must be an integer."),)), id="the-wrong-type"),
        pytest.param("nobody", "eq", 1, Invalid((Violation("/rank.like", "unknown", "There is no such field."),)), id="no-such-field"),
    ],
)
def test_one_comparison_that_stands_alone(field: str, operator: str, value: Any, expected: Any) -> None:
    assert comparison(field, operator, value, NOTES, "/rank.like") == expected


def test_limits() -> None:
    """As the reference has them."""
    assert (MOST_COMPARISONS, MOST_JOINED, MOST_VALUES, DEEPEST_CONDITION, LONGEST_COMPARED) == (100, 200, 1000, 8, 4096)


def test_limits_are_told_in_words() -> None:
    wrong: list[JSON] = [{"or": [{"rank": {"eq": 1}}] * 101}, {"or": [{}] * 201}]
    told = [read_condition(where, NOTES) for where in wrong]
    assert [found.message for refusal in told if isinstance(refusal, Invalid) for found in refusal.violations] == [
        "A filter has at most 100 comparisons.",
        "A filter has at most 200 conditions in its `and` and `or` together.",
    ]
