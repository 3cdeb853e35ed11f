"""Conditions, written back into the JSON that they are read out of, and what two of them have in common."""

from collections.abc import Mapping

import pytest

from diptych.semantics.condition import EVERYTHING, AllOf, AnyOf, Compare, Condition, Not, read_condition
from diptych.semantics.condition_writing import compared_json, conjuncts, meaning, write_condition
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Invalid
from diptych.semantics.shape import Shape

ONE, TWO, ABOVE = Compare("rank", "eq", 1), Compare("rank", "eq", 2), Compare("rank", "gt", 0)
ID, IN = Compare("id", "eq", 1), Compare("id", "in", (1, 2))
NOTHING_JSON: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param(EVERYTHING, {}, id="everything"),
        pytest.param(ONE, {"rank": {"eq": 1}}, id="one comparison"),
        pytest.param(IN, {"id": {"in": [1, 2]}}, id="a list of values"),
        pytest.param(AllOf((ONE, ID)), {"rank": {"eq": 1}, "id": {"eq": 1}}, id="two fields"),
        pytest.param(AllOf((ONE, ABOVE)), {"rank": {"eq": 1, "gt": 0}}, id="two operators of one field"),
        pytest.param(AllOf((ONE, TWO)), {"rank": {"eq": 1}, "and": [{"rank": {"eq": 2}}]}, id="one operator twice"),
        pytest.param(
            AllOf((ONE, AllOf((TWO, AllOf((ID,)))))), {"rank": {"eq": 1}, "id": {"eq": 1}, "and": [{"rank": {"eq": 2}}]}, id="nested ands"
        ),
        pytest.param(AnyOf((ONE, ID)), {"or": [{"rank": {"eq": 1}}, {"id": {"eq": 1}}]}, id="either"),
        pytest.param(Not(ONE), {"not": {"rank": {"eq": 1}}}, id="the opposite"),
        pytest.param(
            AllOf((AnyOf((ONE,)), AnyOf((ID,)))), {"or": [{"rank": {"eq": 1}}], "and": [{"or": [{"id": {"eq": 1}}]}]}, id="two ors"
        ),
        pytest.param(AllOf((Not(ONE), Not(ID))), {"not": {"rank": {"eq": 1}}, "and": [{"not": {"id": {"eq": 1}}}]}, id="two opposites"),
    ],
)
def test_a_condition_is_written_so_that_it_is_read_again(condition: Condition, expected: JSON, shapes: Mapping[str, Shape]) -> None:
    assert write_condition(condition, NOTHING_JSON) == expected
    read = read_condition(expected, shapes["server"])
    assert not isinstance(read, Invalid)
    assert meaning(read) == meaning(condition)


@pytest.mark.parametrize(
    ("compare", "expected"),
    [
        pytest.param(Compare("details", "contains", '{"a":[1]}'), {"a": [1]}, id="what a JSON field contains"),
        pytest.param(Compare("title", "contains", '{"a":[1]}'), '{"a":[1]}', id="what a text contains"),
        pytest.param(Compare("details", "eq", "null"), "null", id="another operator of a JSON field"),
        pytest.param(Compare("details", "in", ("1",)), ["1"], id="values of a JSON field"),
    ],
)
def test_the_value_is_written_as_it_was_sent(compare: Compare, expected: JSON) -> None:
    assert compared_json(compare, frozenset({"details"})) == expected
    assert write_condition(compare, frozenset({"details"})) == {compare.field: {compare.operator: expected}}
    # In every place: beside another of its kind, in an `or`, and in a `not`.
    one = {compare.field: {compare.operator: expected}}
    assert write_condition(AllOf((compare, compare)), frozenset({"details"})) == {**one, "and": [one]}
    assert write_condition(AnyOf((compare,)), frozenset({"details"})) == {"or": [one]}
    assert write_condition(Not(compare), frozenset({"details"})) == {"not": one}


def test_what_must_hold_together_is_told_apart() -> None:
    assert list(conjuncts(AllOf((ONE, AllOf((ID, AnyOf((TWO,)))), Not(ABOVE))))) == [ONE, ID, AnyOf((TWO,)), Not(ABOVE)]
    assert list(conjuncts(EVERYTHING)) == []
    assert list(conjuncts(ONE)) == [ONE]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(AllOf((ONE, ID)), AllOf((ID, ONE)), id="and, in another order"),
        pytest.param(AllOf((ONE, AllOf((ID, ABOVE)))), AllOf((AllOf((ABOVE, ONE)), ID)), id="and, nested in another way"),
        pytest.param(AllOf((ONE, ONE)), ONE, id="and of the same"),
        pytest.param(AnyOf((ONE, ID)), AnyOf((ID, ONE, ONE)), id="or, in another order"),
        pytest.param(AnyOf((ONE,)), ONE, id="or of one"),
        pytest.param(Not(AllOf((ONE, ID))), Not(AllOf((ID, ONE))), id="inside of not"),
        pytest.param(AnyOf((AllOf((ONE, ID)), TWO)), AnyOf((TWO, AllOf((ID, ONE)))), id="inside of or"),
        pytest.param(AllOf((AnyOf((ONE, ID)), TWO)), AllOf((TWO, AnyOf((ID, ONE)))), id="or inside of and"),
    ],
)
def test_what_differs_in_order_alone_means_the_same(one: Condition, other: Condition) -> None:
    assert meaning(one) == meaning(other)


def test_what_differs_in_more_means_something_else() -> None:
    others: list[Condition] = [
        ONE,
        TWO,
        ID,
        IN,
        EVERYTHING,
        AnyOf(()),
        AllOf((ONE, ID)),
        AnyOf((ONE, ID)),
        Not(ONE),
        Not(ID),
        Not(Not(ONE)),
    ]
    assert len({meaning(one) for one in others}) == len(others)
    assert None not in {meaning(one) for one in others}
