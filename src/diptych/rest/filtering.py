"""Query parameters that filter: `role=admin`, `quantity[gte]=5`, and `where` with a condition as JSON."""

import re
from collections.abc import Sequence
from typing import Final

from diptych.resource.kinds import BigInteger, Boolean, Enumeration, Float, Integer, Json, Kind
from diptych.resource.shape import ResourceShape
from diptych.rest.query import Parameter
from diptych.semantics.condition import LONGEST_COMPARED, Condition, comparison, read_condition
from diptych.semantics.json_text import read_json
from diptych.semantics.json_value import JSON
from diptych.semantics.measure import DEEPEST
from diptych.semantics.outcome import Invalid, Malformed, Violation

EQUAL: Final = "eq"
# The operators that take several values: a parameter for each.
SEVERAL: Final = frozenset({"in", "nin"})

# No field's name has brackets: GraphQL could not name it.
_BRACKETED: Final = re.compile(r"([^\[\]]+)\[([^\[\]]*)\]")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS: Final = {"true": True, "false": False, "null": None}


def read_filters(parameters: Sequence[Parameter], shape: ResourceShape) -> tuple[list[Condition], list[Violation]]:
    """Read a comparison out of each parameter, or out of all those of one list; all of them must hold."""
    asked: dict[tuple[str, str], list[Parameter]] = {}
    for one in parameters:
        asked.setdefault(_split(one.name), []).append(one)
    conditions: list[Condition] = []
    violations: list[Violation] = []
    for (field, operator), given in asked.items():
        read = _read_filter(field, operator, given, shape)
        if isinstance(read, Invalid):
            violations.extend(read.violations)
        else:
            conditions.append(read)
    return conditions, violations


def read_where(text: str, shape: ResourceShape) -> Condition | Invalid:
    """Read `where`, which has the form of the GraphQL argument of that name."""
    where = read_json(text.encode(), shape.limits.json_depth)
    if isinstance(where, Malformed):
        return Invalid((Violation("/where", "format", f"Must be JSON text. {where.reason}."),))
    return read_condition(where, shape, "/where", shape.limits)


def json_of(text: str, kind: Kind | None, operator: str, deepest: int = DEEPEST) -> JSON | Malformed:
    """The JSON value that the text of a parameter stands for, by the kind of its field.

    What does not fit stays text, so that it is refused in the words that any other wrong value is refused in.
    """
    match Boolean() if operator == "isNull" else kind:
        case Boolean():
            return _WORDS.get(text, text)
        case Integer() | BigInteger() | Float():
            return _number(text)
        case Enumeration() as kind if not kind.holds_text:
            return _number(text)
        case Json():
            return read_json(text.encode(), deepest)
        case _:
            return text


def _split(name: str) -> tuple[str, str]:
    """The field and the operator that the name of a parameter stands for."""
    found = _BRACKETED.fullmatch(name)
    return (found[1], found[2]) if found is not None else (name, EQUAL)


def _read_filter(field: str, operator: str, given: Sequence[Parameter], shape: ResourceShape) -> Condition | Invalid:
    first = given[0]
    if first.name == field and field not in shape.readable_names:
        return Invalid((Violation(first.at, "unknown", "There is no such parameter."),))
    if len(given) > 1 and operator not in SEVERAL and field in shape.filters:
        return Invalid((Violation(given[1].at, "not_allowed", f"Must be given once; {field}[in] takes several values."),))
    filterable = shape.filters.get(field)
    kind = _kind(field, shape) if filterable is not None and operator in filterable.operators else None
    values = [json_of(one.value, kind, operator, shape.limits.json_depth) for one in given]
    if any(isinstance(value, Malformed) for value in values):
        return Invalid((Violation(first.at, "format", "Must be JSON text."),))
    return comparison(field, operator, values if operator in SEVERAL else values[0], shape, first.at, shape.limits)


def _kind(field: str, shape: ResourceShape) -> Kind | None:
    if field == shape.key_name:
        return shape.key.kind
    found = shape.by_json_name.get(field)
    return None if found is None else found.kind


def _number(text: str) -> JSON:
    if text == "null":
        return None
    number = read_json(text.encode()) if _NUMBER.fullmatch(text) else None
    # Text is refused here however long it is, and should be for what it is.
    return text[:LONGEST_COMPARED] if number is None or isinstance(number, Malformed) else number
