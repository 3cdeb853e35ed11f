"""Conditions without their values: what is alike in two filters that differ in values alone, and so is one statement."""

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import Any, Final, Literal, TypeAlias, assert_never

from diptych.semantics.condition import AllOf, AnyOf, Compare, Condition, Not
from diptych.store.comparable import Comparable

# What a statement can ask of a field; the rest are opposites of these, or these in lower case.
Test: TypeAlias = Literal["eq", "in", "lt", "lte", "gt", "gte", "isNull", "has", "starts", "ends", "within"]

Looking: TypeAlias = Literal["contains", "startsWith", "endsWith", "containsInsensitive", "startsWithInsensitive", "endsWithInsensitive"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One test of a field, or its opposite; `name` is the parameter with the value."""

    field: str
    test: Test
    negated: bool
    name: str = ""
    lowered: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    terms: "tuple[Term, ...]"


@dataclass(frozen=True, slots=True)
class Some:
    terms: "tuple[Term, ...]"


Term: TypeAlias = Asked | Every | Some
ALWAYS: Final = Every(())
NEVER: Final = Some(())

_INSENSITIVE: Final = ("containsInsensitive", "startsWithInsensitive", "endsWithInsensitive")
_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)
_LAST: Final = 0x10FFFF
_BEFORE_SURROGATES: Final = 0xD7FF
_AFTER_SURROGATES: Final = 0xE000


def split(condition: Condition, comparables: dict[str, Comparable], bound: dict[str, Any]) -> Term:
    """Take the values out of a condition and into `bound`, as parameters.

    Negations are moved down to the fields, where alone it is known what null means for them.
    """
    return _split(condition, False, comparables, bound)


def _split(condition: Condition, negated: bool, comparables: dict[str, Comparable], bound: dict[str, Any]) -> Term:
    match condition:
        case Compare():
            return _asked(condition, negated, comparables[condition.field], bound)
        case Not(inner):
            return _split(inner, not negated, comparables, bound)
        case AllOf(conditions):
            terms = [_split(one, negated, comparables, bound) for one in conditions]
            return _some(terms) if negated else _every(terms)
        case AnyOf(conditions):
            terms = [_split(one, negated, comparables, bound) for one in conditions]
            return _every(terms) if negated else _some(terms)
        case _:
            assert_never(condition)


def _every(terms: list[Term]) -> Term:
    kept = [term for term in terms if term != ALWAYS]
    return NEVER if NEVER in kept else kept[0] if len(kept) == 1 else Every(tuple(kept))


def _some(terms: list[Term]) -> Term:
    kept = [term for term in terms if term != NEVER]
    return ALWAYS if ALWAYS in kept else kept[0] if len(kept) == 1 else Some(tuple(kept))


def _asked(compare: Compare, negated: bool, comparable: Comparable, bound: dict[str, Any]) -> Asked:
    field, operator, value = compare.field, compare.operator, compare.value
    # Each comparison adds at least one, so the name is new.
    name = f"where_{len(bound)}"
    match operator:
        case "isNull":
            return Asked(field, "isNull", negated == value)
        case "eq" | "ne":
            bound[name] = comparable.one(value)
            return Asked(field, "eq", negated != (operator == "ne"), name)
        case "in" | "nin":
            bound[name] = comparable.many(value)
            return Asked(field, "in", negated != (operator == "nin"), name)
        case "lt" | "lte" | "gt" | "gte":
            bound[name] = comparable.one(value)
            return Asked(field, operator, negated, name)
        case _:
            return _looked_for(operator, compare, negated, name, comparable, bound)


def _looked_for(operator: Looking, compare: Compare, negated: bool, name: str, comparable: Comparable, bound: dict[str, Any]) -> Asked:
    field = compare.field
    if comparable.is_json:
        bound[name] = compare.value
        return Asked(field, "has", negated, name)
    lowered = operator in _INSENSITIVE
    text = bound[name] = compare.value.translate(_LOWER) if lowered else compare.value
    match operator:
        case "contains" | "containsInsensitive":
            return Asked(field, "within", negated, name, lowered)
        case "endsWith" | "endsWithInsensitive":
            return Asked(field, "ends", negated, name, lowered)
        case "startsWith" | "startsWithInsensitive":
            if (beyond := beyond_prefix(text)) is None:
                return Asked(field, "gte", negated, name, lowered)
            bound[beyond_name(name)] = beyond
            return Asked(field, "starts", negated, name, lowered)
        case _:
            assert_never(operator)


def beyond_name(name: str) -> str:
    return f"{name}_beyond"


def beyond_prefix(prefix: str) -> str | None:
    """The first text, by code point, after all that begin with a prefix; None where there is none.

    So texts that begin with it are those from the prefix up to this, which an index can find.
    """
    kept = prefix.rstrip(chr(_LAST))
    if not kept:
        return None
    last = ord(kept[-1])
    return kept[:-1] + chr(_AFTER_SURROGATES if last == _BEFORE_SURROGATES else last + 1)
