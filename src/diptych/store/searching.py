"""Searching on one connection: what is seen through any window, rows by their keys, and pages of rows that refer to others."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from diptych.semantics.condition import EVERYTHING
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Page
from diptych.semantics.read import Window
from diptych.semantics.row import Key, Row
from diptych.store.prepared import Prepared
from diptych.store.reads import KEYS
from diptych.store.related import pages
from diptych.store.ruled import InScope
from diptych.store.search import ASKED, form_of


def is_quick(window: Window) -> bool:
    """Whether the index of the keys leads to the rows of a window; another may have to read the whole table."""
    return window.where == EVERYTHING and not window.order and not window.counted


def is_plain(window: Window) -> bool:
    """Whether a window shows whole rows by key alone, for which every statement there can be is kept."""
    return is_quick(window) and window.fields is None


def search(connection: sa.Connection, prepared: Prepared, window: Window, scoped: InScope | None = None) -> Page:
    """What is seen through a window, from one snapshot."""
    form, bound = form_of(prepared.stored, window)
    bound |= bound_of(scoped)
    searching = prepared.search(form, scoped)
    return searching.page(window, prepared.stored.resource.key_name, connection.execute(searching.statement, bound).all())


def rows_of(
    connection: sa.Connection, prepared: Prepared, keys: Sequence[Key], fields: frozenset[str] | None, scoped: InScope | None = None
) -> dict[Key, Row]:
    """The rows that are stored under some keys, from one snapshot."""
    searching = prepared.rows(fields, scoped)
    bound = {KEYS: prepared.stored.comparables[prepared.stored.resource.key_name].many(keys), **bound_of(scoped)}
    return {row.key: row for row in map(searching.row, connection.execute(searching.statement, bound).all())}


def look_among(
    connection: sa.Connection, prepared: Prepared, field: str, values: Sequence[JSON], window: Window, scoped: InScope | None = None
) -> Mapping[JSON, Page]:
    """For each value, what is seen through a window of the rows that have it in a field, all from one snapshot."""
    form, bound = form_of(prepared.stored, window, field)
    bound |= bound_of(scoped)
    searching = prepared.search(form, scoped)
    bound[ASKED] = prepared.stored.comparables[field].many(values)
    found = pages(searching, window, prepared.stored.resource.key_name, connection.execute(searching.statement, bound).all())
    return dict(zip(values, found, strict=True))


def bound_of(scoped: InScope | None) -> Mapping[str, Any]:
    """What a statement binds for the scope of a caller, if it has one."""
    return {} if scoped is None else scoped.bound
