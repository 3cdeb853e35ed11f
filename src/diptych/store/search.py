"""Windows of every sort: what is alike in two that differ in values alone, and the statement that serves all such."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import sqlalchemy as sa

from diptych.semantics.json_value import JSON
from diptych.semantics.order import Order
from diptych.semantics.outcome import Page
from diptych.semantics.read import Window
from diptych.semantics.row import Row
from diptych.store.conditions import holds
from diptych.store.places import Known, Step, beyond, outside, split_place, steps_of
from diptych.store.reads import KEYS
from diptych.store.scoped import Rule
from diptych.store.tables import Stored
from diptych.store.terms import ALWAYS, Term, split

ReadRow: TypeAlias = Callable[[Sequence[Any]], Row]

ONE_MORE: Final = "one_more_than_size"
ASKED: Final = "asked_values"
BELOW, ABOVE, TOTAL = "below", "above", "total"


@dataclass(frozen=True, slots=True)
class Form:
    """Everything of a window but its values. `among` is the field whose values a page is asked for each, None for one page."""

    where: Term
    order: tuple[Order, ...]
    after: Known | None
    before: Known | None
    end: Literal["first", "last"]
    counted: bool
    fields: frozenset[str] | None
    among: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """A statement for all windows of one form, and how its rows are read."""

    statement: sa.Select[Any]
    row: ReadRow
    counted: bool

    def page(self, window: Window, key_name: str, found: Sequence[Sequence[Any]]) -> Page:
        """The page that the rows of a statement tell; there is always one, its row's part empty where the page is."""
        below, above = bool(found[0][0]), bool(found[0][1])
        first = 3 if self.counted else 2
        rows = [self.row(one[first:]) for one in found if one[first] is not None]
        # One row more than asked for was looked at, to know whether there is one.
        if len(rows) > window.size and window.end == "first":
            rows.pop()
            above = True
        elif len(rows) > window.size:
            del rows[0]
            below = True
        return Page(tuple(rows), above, below, window.order, key_name, found[0][2] if self.counted else None)


def form_of(stored: Stored, window: Window, among: str | None = None) -> tuple[Form, dict[str, Any]]:
    """A window's form, and its values as parameters."""
    bound: dict[str, Any] = {}
    where = split(window.where, stored.comparables, bound)
    steps = steps_of(window.order, stored.resource.key_name, stored.comparables)
    after = None if window.after is None else split_place(window.after, steps, "after", bound)
    before = None if window.before is None else split_place(window.before, steps, "before", bound)
    bound[ONE_MORE] = window.size + 1
    return Form(where, window.order, after, before, window.end, window.counted, window.fields, among), bound


def search(stored: Stored, form: Form, rule: Rule | None = None) -> Search:
    """SELECT a stretch of rows, and first in each row whether any stands at or beyond the lower and the upper end, and the count.

    Under a rule there are only the rows that are there for the caller.
    """
    steps = steps_of(form.order, stored.resource.key_name, stored.comparables)
    columns, row = projection(stored, form.fields, form.order)
    seen = seen_by(rule, stored.table)
    inside = stretch(stored, form, steps, stored.table, columns, *seen).subquery("diptych_inside")
    around = sa.select(*surroundings(stored, form, steps, *seen)).subquery("diptych_around")
    statement = (
        sa.select(*around.c, *inside.c)
        .select_from(around.outerjoin(inside, sa.true()))
        .order_by(*(step.sorted(inside, backwards=False) for step in steps))
    )
    return Search(statement, row, form.counted)


def search_keys(stored: Stored, fields: frozenset[str] | None, rule: Rule | None = None) -> Search:
    """SELECT the rows under KEYS that are there for the caller."""
    columns, row = projection(stored, fields)
    key = stored.comparables[stored.resource.key_name]
    statement = sa.select(*(stored.table.c[column] for column in columns)).where(key.among(stored.key, KEYS, negated=False))
    statement = statement.where(*seen_by(rule, stored.table))
    return Search(statement, row, counted=False)


def seen_by(rule: Rule | None, source: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    """The condition that a row of `source` is there for the caller, if it has a scope."""
    return [] if rule is None else [rule.seen(source)]


def stretch(
    stored: Stored, form: Form, steps: Sequence[Step], source: sa.FromClause, columns: Sequence[str], *also: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    """SELECT the rows between the ends for which the condition and `also` hold, as many as are asked for, from the end asked for."""
    rows = sa.select(*(source.c[column] for column in columns)).select_from(source).where(*also)
    if form.where != ALWAYS:
        rows = rows.where(holds(form.where, source, stored.comparables))
    if form.after is not None:
        rows = rows.where(beyond(steps, form.after, "after", source))
    if form.before is not None:
        rows = rows.where(beyond(steps, form.before, "before", source))
    rows = rows.order_by(*(step.sorted(source, backwards=form.end == "last") for step in steps))
    return rows.limit(sa.bindparam(ONE_MORE, type_=sa.Integer()))


def surroundings(
    stored: Stored, form: Form, steps: Sequence[Step], *also: sa.ColumnElement[bool], within: sa.FromClause | None = None
) -> list[sa.ColumnElement[Any]]:
    """Whether any row for which the condition and `also` hold stands at or beyond each end, and how many rows there are in all.

    `also` may ask for columns of `within`.
    """
    table = stored.table
    there = [*also] if form.where == ALWAYS else [*also, holds(form.where, table, stored.comparables)]

    def rows(*conditions: sa.ColumnElement[bool], counted: bool = False) -> sa.Select[Any]:
        found = sa.select(sa.func.count() if counted else sa.literal_column("1")).select_from(table).where(*there, *conditions)
        return found if within is None else found.correlate(within)

    below = sa.false() if form.after is None else rows(outside(steps, form.after, "after", table)).exists()
    above = sa.false() if form.before is None else rows(outside(steps, form.before, "before", table)).exists()
    found: list[sa.ColumnElement[Any]] = [below.label(BELOW), above.label(ABOVE)]
    return [*found, rows(counted=True).scalar_subquery().label(TOTAL)] if form.counted else found


def projection(stored: Stored, fields: frozenset[str] | None, order: Sequence[Order] = ()) -> tuple[list[str], ReadRow]:
    """The columns to read, by name, and how a row is made of their values: those of some fields, and of those ordered by."""
    whole = [stored.key.name, stored.version.name]
    if fields is None:
        return [*whole, *(column.name for column in stored.columns)], stored.row
    wanted = fields.union(one.field for one in order)
    chosen = [field for field in stored.resource.columns if field.json_name in wanted]
    names = tuple(field.json_name for field in chosen)
    outs = tuple((name, out) for name, out in stored.outs if name in wanted)

    def row(found: Sequence[Any]) -> Row:
        values: dict[str, JSON] = dict(zip(names, found[2:], strict=True))
        for name, out in outs:
            if values[name] is not None:
                values[name] = out(values[name])
        return Row(found[0], found[1], values)

    return [*whole, *(field.column for field in chosen)], row
