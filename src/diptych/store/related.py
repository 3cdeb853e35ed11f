"""Pages of the rows that refer to each of many values, all out of one statement."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from diptych.semantics.outcome import Page
from diptych.semantics.read import Window
from diptych.store.places import Step, steps_of
from diptych.store.scoped import Rule
from diptych.store.search import ASKED, Form, Search, projection, seen_by, stretch, surroundings
from diptych.store.tables import Stored

_PLACE = "place"
_VALUE = "value"


def search_among(stored: Stored, form: Form, among: str, rule: Rule | None = None) -> Search:
    """SELECT, for each of the values of ASKED, its place among them and what `search` selects, of the rows that have it in `among`."""
    steps = steps_of(form.order, stored.resource.key_name, stored.comparables)
    comparable = stored.comparables[among]
    columns, row = projection(stored, form.fields, form.order)
    listed, value, place = comparable.listed(ASKED)
    has_it = stored.table.c[comparable.field.column] == value
    around = surroundings(stored, form, steps, has_it, *seen_by(rule, stored.table), within=listed)
    # Not asked again for each row that comes out.
    asked = (
        sa.select(place.label(_PLACE), value.label(_VALUE), *around).select_from(listed).cte("diptych_asked").prefix_with("MATERIALIZED")
    )
    read = _read_lateral if stored.dialect == "postgresql" else _read_by_key
    joined, rows = read(stored, form, steps, columns, asked, comparable.field.column, rule)
    surrounding = [column for column in asked.c if column.name != _VALUE]
    statement = (
        sa.select(*surrounding, *(rows.c[column] for column in columns))
        .select_from(joined)
        .order_by(asked.c[_PLACE], *(step.sorted(rows, backwards=False) for step in steps))
    )
    return Search(statement, row, form.counted)


def pages(search: Search, window: Window, key_name: str, found: Sequence[Sequence[Any]]) -> list[Page]:
    """The page of each value, in the order of the values."""
    grouped: dict[int, list[Sequence[Any]]] = {}
    for place, *one in found:
        grouped.setdefault(place, []).append(one)
    return [search.page(window, key_name, grouped[place]) for place in sorted(grouped)]


def _read_lateral(
    stored: Stored, form: Form, steps: Sequence[Step], columns: Sequence[str], asked: sa.CTE, referring: str, rule: Rule | None
) -> tuple[sa.FromClause, sa.FromClause]:
    has_it = stored.table.c[referring] == asked.c[_VALUE]
    rows = (
        stretch(stored, form, steps, stored.table, columns, has_it, *seen_by(rule, stored.table)).correlate(asked).lateral("diptych_inside")
    )
    return asked.outerjoin(rows, sa.true()), rows


def _read_by_key(
    stored: Stored, form: Form, steps: Sequence[Step], columns: Sequence[str], asked: sa.CTE, referring: str, rule: Rule | None
) -> tuple[sa.FromClause, sa.FromClause]:
    # SQLite knows no LATERAL, but it looks up a handful of keys for each value.
    source = stored.table.alias("diptych_inside")
    has_it = source.c[referring] == asked.c[_VALUE]
    keys = stretch(stored, form, steps, source, [stored.key.name], has_it, *seen_by(rule, source)).correlate(asked)
    return asked.outerjoin(stored.table, stored.key.in_(keys)), stored.table
