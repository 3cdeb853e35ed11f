"""Orders in SQL, and what lies beyond a place in one. Null is above every value in both databases; the key decides ties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa

from diptych.semantics.order import Order, Place
from diptych.store.comparable import Comparable

Side: TypeAlias = Literal["after", "before"]

# Whether a place has a value for each step of an order; null has none.
Known: TypeAlias = tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One part of an order, whose last part is the key: no two rows are equal in all of them."""

    comparable: Comparable
    descending: bool

    def sorted(self, source: sa.FromClause, *, backwards: bool) -> sa.ColumnElement[Any]:
        operand = self.comparable.operand(source)
        descending = self.descending != backwards
        ordered = operand.desc() if descending else operand.asc()
        if not self.comparable.field.nullable:
            return ordered
        return ordered.nulls_first() if descending else ordered.nulls_last()


def steps_of(order: Sequence[Order], key_name: str, comparables: Mapping[str, Comparable]) -> tuple[Step, ...]:
    """The parts of an order; after the key, no other part is ever asked."""
    steps = []
    for one in order:
        steps.append(Step(comparables[one.field], one.descending))
        if one.field == key_name:
            return tuple(steps)
    return (*steps, Step(comparables[key_name], descending=False))


def split_place(place: Place, steps: Sequence[Step], side: Side, bound: dict[str, Any]) -> Known:
    """Take the values out of a place and into `bound`, as parameters."""
    values = (*place.values, place.key)[: len(steps)]
    for number, (value, step) in enumerate(zip(values, steps, strict=True)):
        if value is not None:
            bound[_name(side, number)] = step.comparable.one(value)
    return tuple(value is not None for value in values)


def beyond(steps: Sequence[Step], known: Known, side: Side, source: sa.FromClause) -> sa.ColumnElement[bool]:
    """Say in SQL whether a row of `source` stands after a window's place `after`, or before its place `before`."""
    lying = _Lying(steps, known, side, side, source)
    return sa.and_(lying.roughly(), lying.beyond())


def outside(steps: Sequence[Step], known: Known, side: Side, source: sa.FromClause) -> sa.ColumnElement[bool]:
    """Say in SQL whether a row of `source` stands at a window's place `after` or before it; or at its place `before` or after it."""
    lying = _Lying(steps, known, side, "before" if side == "after" else "after", source)
    return sa.and_(lying.roughly(), sa.or_(lying.beyond(), sa.and_(*map(lying.is_equal, range(len(steps))))))


@dataclass(frozen=True, slots=True)
class _Lying:
    """How rows lie to the place `of` a window, seen in the direction `side`."""

    steps: Sequence[Step]
    known: Known
    of: Side
    side: Side
    source: sa.FromClause

    def roughly(self) -> sa.ColumnElement[bool]:
        """What the first step alone says, where an index understands it; it is true of every row at the place or beyond."""
        operand, given = self._sides(0)
        first, is_above = self.steps[0], _is_above(self.steps[0], self.side)
        if not self.known[0] or (first.comparable.field.nullable and is_above):
            return sa.true()
        return operand >= given if is_above else operand <= given

    def beyond(self, number: int = 0) -> sa.ColumnElement[bool]:
        """Whether a row lies beyond the place by the steps from this one on."""
        strictly = self._is_beyond(number)
        if number == len(self.steps) - 1:
            return strictly
        return sa.or_(strictly, sa.and_(self.is_equal(number), self.beyond(number + 1)))

    def is_equal(self, number: int) -> sa.ColumnElement[bool]:
        operand, given = self._sides(number)
        return operand == given if self.known[number] else operand.is_(None)

    def _is_beyond(self, number: int) -> sa.ColumnElement[bool]:
        """Whether a row lies beyond the place by one step alone; unknown, and so not, for a null that has not been asked for."""
        operand, given = self._sides(number)
        step, is_known = self.steps[number], self.known[number]
        if not _is_above(step, self.side):
            return operand < given if is_known else operand.is_not(None)
        if not is_known:
            return sa.false()
        return sa.or_(operand > given, operand.is_(None)) if step.comparable.field.nullable else operand > given

    def _sides(self, number: int) -> tuple[sa.ColumnElement[Any], sa.BindParameter[Any]]:
        comparable = self.steps[number].comparable
        return comparable.operand(self.source), comparable.parameter(_name(self.of, number))


def _is_above(step: Step, side: Side) -> bool:
    """Whether what lies on this side has greater values."""
    return (side == "after") != step.descending


def _name(of: Side, number: int) -> str:
    return f"{of}_{number}"
