"""Conditions, written back into the JSON that they are read out of."""

import json
from collections.abc import Iterator
from typing import Any, assert_never

from diptych.semantics.condition import AND, NOT, OR, AllOf, AnyOf, Compare, Condition, Not
from diptych.semantics.json_value import JSON


def conjuncts(condition: Condition) -> Iterator[Condition]:
    """The conditions that must all hold, as far as they can be told apart; none for one that holds for every row."""
    if isinstance(condition, AllOf):
        for one in condition.conditions:
            yield from conjuncts(one)
    else:
        yield condition


def write_condition(condition: Condition, holds_json: frozenset[str]) -> dict[str, JSON]:
    """The JSON form of a condition, as REST has it; reading it gives one that holds for the same rows.

    `holds_json` names the fields whose columns are JSON: what they contain is text in a condition, and the value itself here.
    """
    written: dict[str, JSON] = {}
    # What has no place of its own any more, since its member is taken.
    others: list[JSON] = []
    for one in conjuncts(condition):
        match one:
            case Compare(field, operator):
                operators = written.setdefault(field, {})
                if operator in operators:
                    others.append({field: {operator: compared_json(one, holds_json)}})
                else:
                    operators[operator] = compared_json(one, holds_json)
            case AnyOf(conditions):
                _place(OR, [write_condition(each, holds_json) for each in conditions], written, others)
            case Not(inner):
                _place(NOT, write_condition(inner, holds_json), written, others)
            case AllOf():
                raise AssertionError("conditions that must all hold were told apart")
            case _:
                assert_never(one)
    return {**written, AND: others} if others else written


def compared_json(compare: Compare, holds_json: frozenset[str]) -> JSON:
    """The value of one comparison, as JSON has it."""
    value: Any = compare.value
    if isinstance(value, tuple):
        return list(value)
    return json.loads(value) if compare.operator == "contains" and compare.field in holds_json else value


def meaning(condition: Condition) -> object:
    """What two conditions have in common that differ only in the order of what they join, or in how `and` stands in `and`.

    Others may hold for the same rows as well; that is not looked for.
    """
    match condition:
        case Compare():
            return condition
        case AllOf():
            parts = frozenset(map(meaning, conjuncts(condition)))
            return next(iter(parts)) if len(parts) == 1 else ("all", parts)
        case AnyOf(conditions):
            found = frozenset(map(meaning, conditions))
            return next(iter(found)) if len(found) == 1 else ("any", found)
        case Not(inner):
            return ("not", meaning(inner))
        case _:
            assert_never(condition)


def _place(member: str, value: JSON, written: dict[str, JSON], others: list[JSON]) -> None:
    if member in written:
        others.append({member: value})
    else:
        written[member] = value
