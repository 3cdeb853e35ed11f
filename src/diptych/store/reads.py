"""Statements that read: rows and ledgers of many keys at once, and the window of a page. Each is one statement, so one snapshot."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from diptych.resource.kinds import Uuid
from diptych.semantics.row import Key
from diptych.store.columns import value_type
from diptych.store.scoped import Rule
from diptych.store.statements import ONE, ZERO, key_parameter
from diptych.store.tables import Stored

BoundKeys: TypeAlias = Callable[[Sequence[Key]], Any]

KEYS = "keys"
AFTER = "after_key"
BEFORE = "before_key"
SIZE = "one_more_than_size"


def fetch_many(stored: Stored) -> sa.Select[Any]:
    """SELECT the rows under KEYS: key, version, columns, and first, where clients choose keys, the key asked for and its ledger's version.

    With a ledger a row comes for every key, its part empty where nothing is stored; without one, only for keys that are stored.
    """
    whole = (stored.key, stored.version, *stored.columns)
    if stored.ledger is None:
        return sa.select(*whole).where(_among_keys(stored))
    asked, key = _asked_keys(stored)
    joined = asked.outerjoin(stored.ledger, stored.ledger.c.key == key).outerjoin(stored.table, stored.key == key)
    return sa.select(key, stored.ledger.c.version, *whole).select_from(joined)


def fetch_in_scope(stored: Stored, rule: Rule) -> sa.Select[Any]:
    """SELECT, on SQLite, for each of KEYS its place, what the scope says of its row, the last version it had, and the row."""
    asked, key = _asked_keys(stored)
    return told_in_scope(stored, asked, key, asked.c.key, rule, shared=False)


def told_in_scope(
    stored: Stored, asked: sa.FromClause, key: sa.ColumnElement[Any], place: sa.ColumnElement[int], rule: Rule, *, shared: bool
) -> sa.Select[Any]:
    """SELECT for each key that is asked for its place, whether its row is seen and may be touched, the last version, and the row.

    A condition that is neither true nor false counts as false.
    """
    seen = sa.case((rule.seen(shared=shared), ONE), else_=ZERO)
    touched = sa.case((rule.touched(shared=shared), ONE), else_=ZERO)
    joined: sa.FromClause = asked.outerjoin(stored.table, stored.key == key)
    if stored.ledger is not None:
        joined = joined.outerjoin(stored.ledger, stored.ledger.c.key == key)
    last = stored.version if stored.ledger is None else stored.ledger.c.version
    told = (seen.label("diptych_seen"), touched.label("diptych_touched"), last.label("diptych_last"))
    return sa.select(place, *told, stored.key, stored.version, *stored.columns).select_from(joined)


def window(stored: Stored, *, after: bool, before: bool, end: Literal["first", "last"]) -> sa.Select[Any]:
    """SELECT a stretch of rows in key order, and first in each row whether any stands at or beyond the lower and the upper end.

    At least one row comes, its part empty where the window is. `after` and `before` tell which ends are there.
    """
    lower, upper = key_parameter(stored, AFTER), key_parameter(stored, BEFORE)
    inside = sa.select(stored.key, stored.version, *stored.columns)
    if after:
        inside = inside.where(stored.key > lower)
    if before:
        inside = inside.where(stored.key < upper)
    ordered = inside.order_by(stored.key if end == "first" else stored.key.desc()).limit(sa.bindparam(SIZE, type_=sa.Integer()))
    rows = ordered.subquery("inside_window")
    beyond = sa.select(
        (sa.exists().where(stored.key <= lower) if after else sa.false()).label("below"),
        (sa.exists().where(stored.key >= upper) if before else sa.false()).label("above"),
    ).subquery("beyond")
    both = beyond.outerjoin(rows, sa.true())
    return sa.select(beyond.c.below, beyond.c.above, *rows.c).select_from(both).order_by(rows.c[stored.key.name])


def bound_keys(stored: Stored) -> BoundKeys:
    """How keys are given to KEYS: as an array on PostgreSQL, as JSON text on SQLite, which has no arrays."""
    if stored.dialect == "postgresql":
        return lambda keys: keys
    if isinstance(stored.resource.key.kind, Uuid):
        # SQLAlchemy stores UUIDs there without dashes, which JSON text has to be told.
        return lambda keys: json.dumps([str(key).replace("-", "") for key in keys])
    return json.dumps


def _among_keys(stored: Stored) -> sa.ColumnElement[bool]:
    if stored.dialect == "postgresql":
        return stored.key == sa.any_(sa.bindparam(KEYS, type_=ARRAY(value_type(stored.resource.key.kind, "postgresql"), dimensions=1)))
    _, key = _asked_keys(stored)
    return stored.key.in_(sa.select(key))


def _asked_keys(stored: Stored) -> tuple[sa.TableValuedAlias, sa.ColumnElement[Any]]:
    """KEYS as a table, and its column."""
    kind = value_type(stored.resource.key.kind, stored.dialect)
    if stored.dialect == "postgresql":
        unnested = sa.func.unnest(sa.bindparam(KEYS, type_=ARRAY(kind, dimensions=1)))
        asked = unnested.table_valued(sa.column("key", kind)).render_derived(name="asked")
        return asked, asked.c.key
    listed = sa.func.json_each(sa.bindparam(KEYS, type_=sa.String()))
    asked = listed.table_valued(sa.column("value", kind), sa.column("key", sa.Integer()), name="asked")
    return asked, asked.c.value
