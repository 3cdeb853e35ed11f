"""Conditions on rows: what a list is filtered by. One meaning on both doors and in every database.

A condition holds for a row or it does not; there is no third answer. A field that is null equals nothing, lies neither below nor
above anything and contains nothing; `ne` and `nin` are the opposites of `eq` and `in`, so they hold for null.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Literal, Protocol, TypeAlias, get_args

from diptych.semantics.json_value import JSON
from diptych.semantics.limits import USUAL_LIMITS, Limits
from diptych.semantics.outcome import MOST_VIOLATIONS, Invalid, Violation
from diptych.semantics.pointer import escape

Operator: TypeAlias = Literal[
    "eq",
    "ne",
    "in",
    "nin",
    "lt",
    "lte",
    "gt",
    "gte",
    "isNull",
    "contains",
    "startsWith",
    "endsWith",
    "containsInsensitive",
    "startsWithInsensitive",
    "endsWithInsensitive",
]
OPERATORS: Final[tuple[Operator, ...]] = get_args(Operator)
AND: Final = "and"
OR: Final = "or"
NOT: Final = "not"
JOINING: Final = frozenset({AND, OR, NOT})

# Unless limits say otherwise: comparisons that one filter may have, wherever they stand; the values of one list; and how deep a
# filter may nest.
MOST_COMPARISONS: Final = USUAL_LIMITS.comparisons
MOST_VALUES: Final = USUAL_LIMITS.compared_values
# Conditions that may stand in its `and`s and `or`s together, those that compare nothing among them.
MOST_JOINED: Final = USUAL_LIMITS.joined
DEEPEST_CONDITION: Final = USUAL_LIMITS.filter_depth
# Characters that a text to look for may have.
LONGEST_COMPARED: Final = USUAL_LIMITS.compared_characters


@dataclass(frozen=True, slots=True)
class Compare:
    """One field, by JSON name, held against a value in its canonical form.

    The value is a tuple for `in` and `nin`, a truth for `isNull`, and JSON text for the containment of a JSON field, so that
    conditions that are equal mean the same. Case is ignored among the letters A to Z alone.
    """

    field: str
    operator: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of these holds."""

    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these holds."""

    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold."""

    condition: "Condition"


Condition: TypeAlias = Compare | AllOf | AnyOf | Not
# Filters nothing.
EVERYTHING: Final = AllOf(())


class Filterable(Protocol):
    """What is known of a field that a list may be filtered by."""

    @property
    def operators(self) -> frozenset[Operator]:
        """Those that can be used on it."""

    def read(self, value: JSON, operator: Operator) -> Any | Violation:
        """Read one value into its canonical form, hashable, or say what is wrong with it, at the pointer of the whole."""


class Filters(Protocol):
    """One resource, as far as conditions are concerned."""

    @property
    def name(self) -> str: ...

    @property
    def filters(self) -> Mapping[str, Filterable]:
        """The fields that a list may be filtered by, by JSON name."""

    @property
    def readable_names(self) -> frozenset[str]:
        """All that a reader gets, by JSON name."""


def read_condition(where: JSON, filters: Filters, at: str = "/where", limits: Limits = USUAL_LIMITS) -> Condition | Invalid:
    """Read a condition out of its JSON form, `at` being the pointer to it.

    `{"role": {"eq": "admin"}, "or": [{…}, {…}]}`: fields with their operators, and `and`, `or`, `not`; all members must hold,
    so that an object without any holds for every row. Invalid has everything that is wrong.
    """
    reading = _Reading(filters, limits)
    condition = reading.condition(where, at, 1)
    return Invalid(tuple(reading.violations)) if reading.violations else condition


def comparison(field: str, operator: str, value: JSON, filters: Filters, at: str, limits: Limits = USUAL_LIMITS) -> Compare | Invalid:
    """Read one comparison, `at` being the pointer to its value."""
    reading = _Reading(filters, limits)
    found = list(reading.comparisons(field, {operator: value}, at, at))
    return Invalid(tuple(reading.violations)) if reading.violations else found[0]


def all_of(conditions: Sequence[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else AllOf(tuple(conditions))


def joined(conditions: Sequence[Condition], at: str, limits: Limits = USUAL_LIMITS) -> Condition | Invalid:
    """One condition out of several that were read apart, all of which must hold; together they are bound as one is.

    `at` points to what has them all.
    """
    whole = all_of(conditions)
    within = sum(1 for _ in islice(compared(whole), limits.comparisons + 1)) <= limits.comparisons
    return whole if within else Invalid((Violation(at, "too_large", _too_many(limits)),))


def compared(condition: Condition) -> Iterator[str]:
    """The fields that a condition compares, by JSON name."""
    match condition:
        case Compare(field):
            yield field
        case AllOf(conditions) | AnyOf(conditions):
            for one in conditions:
                yield from compared(one)
        case Not(inner):
            yield from compared(inner)


def _too_many(limits: Limits) -> str:
    return f"A filter has at most {limits.comparisons} comparisons."


class _Reading:
    """Reads one filter; `violations` grows meanwhile."""

    def __init__(self, filters: Filters, limits: Limits) -> None:
        self._filters = filters
        self._limits = limits
        self._comparisons = 0
        self._joins = 0
        self.violations: list[Violation] = []

    def condition(self, where: JSON, at: str, depth: int) -> Condition:
        if not isinstance(where, dict):
            return self._wrong(at, "type", "Must be an object.")
        if depth > self._limits.filter_depth:
            return self._wrong(at, "too_large", f"Must not be nested deeper than {self._limits.filter_depth} levels.")
        found: list[Condition] = []
        for name, value in where.items():
            here = f"{at}/{escape(name)}"
            if self._comparisons > self._limits.comparisons:
                break
            if name in (AND, OR):
                found.append(self._joined(name, value, here, depth))
            elif name == NOT:
                found.append(Not(self.condition(value, here, depth + 1)))
            elif not isinstance(value, dict):
                self._wrong(here, "type", "Must be an object of operators and values.")
            else:
                found.extend(self.comparisons(name, value, here, None))
        return all_of(found)

    def comparisons(self, field: str, operators: Mapping[str, JSON], at: str, value_at: str | None) -> Iterator[Compare]:
        """One comparison for each operator; the values stand at `value_at`, or below `at` under the operator's name."""
        filterable = self._filters.filters.get(field)
        if filterable is None:
            self._unknown(field, at)
            return
        if not operators:
            self._wrong(at, "too_short", "Must have at least one operator.")
        for operator, value in operators.items():
            here = value_at or f"{at}/{escape(operator)}"
            self._comparisons += 1
            if self._comparisons > self._limits.comparisons:
                self._too_many(at, _too_many(self._limits))
                return
            known: Operator | None = next((one for one in OPERATORS if one == operator and one in filterable.operators), None)
            if known is None:
                usable = ", ".join(one for one in OPERATORS if one in filterable.operators)
                self._wrong(here, "unknown", f"There is no such operator for this field; there are {usable}.")
            else:
                yield Compare(field, known, self._value(value, known, filterable, here))

    def _joined(self, name: str, value: JSON, at: str, depth: int) -> Condition:
        if not isinstance(value, list):
            return self._wrong(at, "type", "Must be an array of conditions.")
        if not value:
            # Whether nothing holds or everything does, half of the readers would guess wrong.
            return self._wrong(at, "too_short", "Must have at least one condition.")
        conditions: list[Condition] = []
        for number, one in enumerate(value):
            # Conditions without any comparison count too: lists of them, in lists of lists, would be as long as the request allows.
            self._joins += 1
            if self._joins > self._limits.joined:
                self._too_many(at, f"A filter has at most {self._limits.joined} conditions in its `and` and `or` together.")
                break
            conditions.append(self.condition(one, f"{at}/{number}", depth + 1))
        return AllOf(tuple(conditions)) if name == AND else AnyOf(tuple(conditions))

    def _value(self, value: JSON, operator: Operator, filterable: Filterable, at: str) -> Any:
        if operator == "isNull":
            return value if isinstance(value, bool) else self._wrong(at, "type", "Must be true or false.")
        if operator not in ("in", "nin"):
            return self._single(value, operator, filterable, at)
        if not isinstance(value, list):
            return self._wrong(at, "type", "Must be an array of values.")
        if not value:
            return self._wrong(at, "too_short", "Must have at least one value.")
        if len(value) > self._limits.compared_values:
            return self._wrong(at, "too_large", f"Must have at most {self._limits.compared_values} values.")
        return tuple(self._single(one, operator, filterable, f"{at}/{number}") for number, one in enumerate(value))

    def _single(self, value: JSON, operator: Operator, filterable: Filterable, at: str) -> Any:
        if value is None:
            return self._wrong(at, "null", "Must not be null; ask for null with isNull.")
        if isinstance(value, str) and len(value) > self._limits.compared_characters:
            return self._wrong(at, "too_long", f"Must be text of at most {self._limits.compared_characters} characters.")
        read = filterable.read(value, operator)
        return self._wrong(at + read.pointer, read.code, read.message) if isinstance(read, Violation) else read

    def _unknown(self, field: str, at: str) -> None:
        if field in self._filters.readable_names:
            said = f"{self._filters.name} is not filtered by this field; its declaration may allow it with Resource(filter_by=…)."
            self._wrong(at, "not_allowed", said)
        else:
            self._wrong(at, "unknown", "There is no such field.")

    def _too_many(self, at: str, message: str) -> None:
        if all(violation.message != message for violation in self.violations):
            self.violations.append(Violation(at, "too_large", message))

    def _wrong(self, at: str, code: str, message: str) -> Condition:
        """Note a violation; what is returned stands for a value that will not be used."""
        if len(self.violations) < MOST_VIOLATIONS:
            self.violations.append(Violation(at, code, message))
        return EVERYTHING
