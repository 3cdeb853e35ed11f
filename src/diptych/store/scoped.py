"""Scopes in SQL: which rows there are for a caller, as conditions that join the store's own statements.

A rule is what is alike in two scopes that differ in values alone, such as who asks. Callers of one rule may share a statement
that is given the values of each; callers of different rules never do.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.sql import selectable, visitors

from diptych.resource.fields import table_of
from diptych.resource.scope import Scope
from diptych.store.errors import OUTSIDE_MARK, UnfitScope
from diptych.store.scope_reading import Reading, expression_of, structure_of
from diptych.store.scope_tables import Tables
from diptych.store.scope_values import Given
from diptych.store.tables import Stored

# Rules are written by developers, so there are few; one that is asked for anew is read again.
KEPT_RULES: Final = 128

Statements = TypeVar("Statements")


class Rule:
    """The conditions of a scope on one resource without their values, in the terms of the store's tables.

    `given` are the values, in order. `asks_tables` tells whether a subquery is among the conditions.
    """

    def __init__(self, stored: Stored, seen: Any | None, touched: Any | None, tables: Tables) -> None:
        """Raises UnfitScope."""
        self._stored = stored
        first = None if seen is None else Reading(seen, stored, tables)
        second = None if touched is None else Reading(touched, stored, tables, 0 if first is None else first.taken)
        readings = [one for one in (first, second) if one is not None]
        self.given: tuple[Given, ...] = tuple(given for one in readings for given in one.given)
        self.asks_tables = any(one.asks_tables for one in readings)
        self._seen: sa.ColumnElement[bool] = sa.true() if first is None else first.said
        self._touched: sa.ColumnElement[bool] = sa.true() if second is None else second.said

    def seen(self, source: sa.FromClause | None = None, *, shared: bool = False) -> sa.ColumnElement[bool]:
        """Whether a row of `source`, else of the table itself, is there for the caller; unknown counts as not.

        In a `shared` statement the values are columns of the arrays that it is given.
        """
        return self._adapted(self._seen, source, shared)

    def touched(self, source: sa.FromClause | None = None, *, shared: bool = False) -> sa.ColumnElement[bool]:
        """Whether the caller may touch a row that is there for it."""
        return self._adapted(self._touched, source, shared)

    def both(self, source: sa.FromClause | None = None, *, shared: bool = False) -> sa.ColumnElement[bool]:
        return sa.and_(self.seen(source, shared=shared), self.touched(source, shared=shared))

    def unless_outside(self, value: sa.ColumnElement[Any], source: sa.FromClause) -> sa.ColumnElement[Any]:
        """An integer that a shared statement of PostgreSQL returns of a row that it wrote; the whole statement fails if one is outside.

        Only where no tables are asked: what is returned is computed of the tables as they were before the statement.
        """
        # Made of the value itself, or the planner would read the text before there is any row.
        text = sa.literal_column(f"'{OUTSIDE_MARK}'", sa.String()) + sa.cast(value, sa.String())
        return sa.case((self.both(source, shared=True), value), else_=sa.cast(text, sa.BigInteger())).label(value.key)

    def _adapted(self, condition: sa.ColumnElement[bool], source: sa.FromClause | None, shared: bool) -> sa.ColumnElement[bool]:
        if not shared and (source is None or source is self._stored.table):
            return condition
        given = {one.name: one for one in self.given} if shared else {}

        def other(element: Any, **_: Any) -> Any:
            if isinstance(element, sa.BindParameter) and element.key in given:
                # Without its table: a subquery would take that into its own FROM.
                return sa.literal_column(element.key, given[element.key].type)
            if isinstance(element, selectable.Alias):
                return element
            if isinstance(element, sa.Column) and element.table is self._stored.table:
                return element if source is None else source.c[element.name]
            return source if element is self._stored.table else None

        adapted: sa.ColumnElement[bool] = visitors.replacement_traverse(condition, {}, other)
        return adapted


@dataclass(frozen=True, slots=True)
class Scoped(Generic[Statements]):
    """One caller's scope: the statements of its rule, known by identity, and the caller's own values."""

    statements: Statements
    rule: Rule
    values: tuple[Hashable, ...]

    @property
    def bound(self) -> dict[str, Any]:
        """What a statement for this caller alone binds."""
        return {given.name: value for given, value in zip(self.rule.given, self.values, strict=True)}


def arrays_of(scopes: Sequence[Scoped[Any]]) -> dict[str, list[Any]]:
    """What a shared statement binds: an array for each value of the rule."""
    given = scopes[0].rule.given if scopes else ()
    return {one.name: [scope.values[place] for scope in scopes] for place, one in enumerate(given)}


class Rules(Generic[Statements]):
    """The rules of one store that were asked for lately, with the statements that `make` makes for each."""

    def __init__(self, tables: Sequence[Stored], make: Callable[[Stored, Rule], Statements], kept: int = KEPT_RULES) -> None:
        self._tables: Mapping[Any, Stored] = {table_of(stored.resource.model): stored for stored in tables}
        self._make = make
        self._kept = kept
        self._known: OrderedDict[Hashable, tuple[Statements, Rule]] = OrderedDict()

    def scoped(self, stored: Stored, scope: Scope) -> Scoped[Statements] | None:
        """What a scope says for one caller; None where every row is there and may be touched. Raises UnfitScope."""
        if scope.seen is None and scope.touched is None:
            return None
        seen, touched = (None if one is None else expression_of(one, stored) for one in (scope.seen, scope.touched))
        keys = [None if one is None else structure_of(one, stored) for one in (seen, touched)]
        binds = [bind for key in keys if key is not None for bind in key.bindparams]
        # How many rows a subquery takes is a part of its statement.
        limits = tuple(bind.value for bind in binds if isinstance(bind, selectable._OffsetLimitParam))
        structure = (stored.resource.name, *(None if key is None else key.key for key in keys), limits)
        found = self._known.get(structure)
        if found is None:
            rule = Rule(stored, seen, touched, self._tables)
            found = self._known[structure] = self._make(stored, rule), rule
            if len(self._known) > self._kept:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(structure)
        statements, rule = found
        values = [bind for bind in binds if not isinstance(bind, selectable._OffsetLimitParam)]
        return Scoped(statements, rule, tuple(given.read(_value_of(bind)) for given, bind in zip(rule.given, values, strict=True)))


def _value_of(bind: Any) -> Any:
    if bind.required:
        raise UnfitScope(f"The parameter {bind.key!r} of a condition has no value.")
    return bind.effective_value
