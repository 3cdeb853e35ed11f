"""Statements on one row, built from the tables alone, so that a test reads the SQL of both databases without either.

Every change carries its guard: `WHERE key = … AND version = …`, and whether a row comes back decides.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from diptych.resource.kinds import Json
from diptych.resource.shape import Field
from diptych.semantics.version import LAST
from diptych.store.columns import value_type
from diptych.store.tables import Stored, parameter

KEY = "the_key"
SEEN = "seen"
ABOVE = "above"
UNLESS_SAME = "unless_same"

# Written into the SQL: a parameter would be sent with every row.
ZERO: sa.ColumnClause[int] = sa.literal_column("0", sa.BigInteger())
ONE: sa.ColumnClause[int] = sa.literal_column("1", sa.BigInteger())


def key_parameter(stored: Stored, name: str = KEY) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=value_type(stored.resource.key.kind, stored.dialect))


def value_parameter(stored: Stored, field: Field) -> sa.BindParameter[Any]:
    return sa.bindparam(parameter(field), type_=value_type(field.kind, stored.dialect))


def insert_numbered(stored: Stored) -> sa.Insert:
    """INSERT a row whose key the database counts up, at the version after ABOVE; the key and the echoed columns come back."""
    values: dict[str, Any] = {field.column: value_parameter(stored, field) for field in stored.resource.columns}
    born = sa.bindparam(ABOVE, type_=sa.BigInteger()) + ONE
    return sa.insert(stored.table).values({**values, stored.version.name: born}).returning(stored.key, *echoed(stored))


def insert_keyed(stored: Stored) -> sa.Insert:
    """INSERT a row under a key that is given, only while the key is free and its last version is ABOVE; the echoed columns come back.

    PostgreSQL locks the ledger row first, which waits for a delete that is under way and then sees its outcome. SQLite has one
    writer at a time, so the question is enough.
    """
    above = sa.bindparam(ABOVE, type_=sa.BigInteger())
    if stored.ledger is not None and stored.dialect == "postgresql":
        locked = _locked_ledger(stored, stored.ledger)
        birth = sa.select(locked.c.key, locked.c.version + ONE, *_parameters(stored)).where(locked.c.version == above)
        return _unless_taken(stored, birth).add_cte(locked)
    birth = sa.select(key_parameter(stored), above + ONE, *_parameters(stored))
    if stored.ledger is None:
        # SQLite needs some WHERE to tell ON CONFLICT from a join.
        return _unless_taken(stored, birth.where(sa.true()))
    last = sa.select(stored.ledger.c.version).where(stored.ledger.c.key == key_parameter(stored)).scalar_subquery()
    return _unless_taken(stored, birth.where(sa.func.coalesce(last, ZERO) == above))


def update_one(stored: Stored, *also: sa.ColumnElement[bool]) -> sa.Update:
    """UPDATE a row, only while it is at SEEN and `also` holds; its new version and the echoed columns come back.

    With UNLESS_SAME a row that has these values already keeps its version, and its spelling of them.
    """
    given = {field.column: value_parameter(stored, field) for field in stored.resource.columns}
    return (
        sa.update(stored.table)
        .values(assignments(stored, given, sa.bindparam(UNLESS_SAME, type_=sa.Boolean())))
        .where(
            stored.key == key_parameter(stored),
            stored.version == sa.bindparam(SEEN, type_=sa.BigInteger()),
            stored.version < sa.literal_column(str(LAST)),
            *also,
        )
        .returning(stored.version, *echoed(stored))
    )


def assignments(stored: Stored, given: dict[str, Any], unless_same: sa.ColumnElement[Any]) -> dict[str, Any]:
    """What an UPDATE sets: every column to what is given for it, and the version one up, unless nothing changes."""
    unchanged = [unless_same, *(_same(stored, field, given[field.column]) for field in stored.resource.columns)]
    assigned: dict[str, Any] = dict(given)
    for field in stored.echoed:
        # Values that are the same as JSON may be spelled differently; a state that keeps its version keeps its bytes.
        spelled = given[field.column]
        assigned[field.column] = sa.case((sa.and_(unless_same, _same(stored, field, spelled)), stored.table.c[field.column]), else_=spelled)
    assigned[stored.version.name] = stored.version + sa.case((sa.and_(*unchanged), ZERO), else_=ONE)
    return assigned


def remove_one(stored: Stored, *also: sa.ColumnElement[bool]) -> sa.Select[Any] | sa.UpdateBase:
    """DELETE a row, only while it is at SEEN and `also` holds; the whole row comes back.

    Under a key that a client chose, on PostgreSQL, the ledger is locked first and keeps the version in the same statement.
    On SQLite `remember_version` follows in the same transaction.
    """
    at_seen = sa.and_(stored.key == key_parameter(stored), stored.version == sa.bindparam(SEEN, type_=sa.BigInteger()), *also)
    whole = (stored.key, stored.version, *stored.columns)
    if stored.ledger is None or stored.dialect == "sqlite":
        return sa.delete(stored.table).where(at_seen).returning(*whole)
    ledger = stored.ledger
    locked = sa.select(ledger.c.key).where(ledger.c.key == key_parameter(stored)).with_for_update().cte("locked")
    gone = sa.delete(stored.table).where(at_seen, stored.key == locked.c.key).returning(*whole).cte("gone")
    kept = sa.update(ledger).values(version=gone.c[stored.version.name]).where(ledger.c.key == gone.c[stored.key.name]).cte("kept")
    return sa.select(*gone.c).add_cte(kept)


def remember_version(stored: Stored) -> sa.Insert:
    """Write into the ledger, on SQLite, the version that a deleted row had."""
    assert stored.ledger is not None
    entry = sqlite.insert(stored.ledger).values(key=key_parameter(stored), version=sa.bindparam(SEEN, type_=sa.BigInteger()))
    return entry.on_conflict_do_update(index_elements=[stored.ledger.c.key], set_={"version": entry.excluded.version})


def open_ledger(stored: Stored) -> sa.Insert:
    """Make the ledger row of a key, on PostgreSQL, where another program stored the row; it comes back if it was missing."""
    assert stored.ledger is not None
    entry = postgresql.insert(stored.ledger).values(key=key_parameter(stored), version=ZERO)
    return entry.on_conflict_do_nothing(index_elements=[stored.ledger.c.key]).returning(stored.ledger.c.key)


def echoed(stored: Stored) -> list[sa.Column[Any]]:
    return [stored.table.c[field.column] for field in stored.echoed]


def _locked_ledger(stored: Stored, ledger: sa.Table) -> sa.CTE:
    # An update that changes nothing takes the lock and reads what is committed by then, unlike a select in a snapshot.
    entry = postgresql.insert(ledger).values(key=key_parameter(stored), version=ZERO)
    entry = entry.on_conflict_do_update(index_elements=[ledger.c.key], set_={"version": ledger.c.version})
    return entry.returning(ledger.c.key, ledger.c.version).cte("locked")


def _unless_taken(stored: Stored, birth: sa.Select[Any]) -> sa.Insert:
    make = postgresql.insert if stored.dialect == "postgresql" else sqlite.insert
    columns = [stored.key, stored.version, *stored.columns]
    entry = make(stored.table).from_select(columns, birth).on_conflict_do_nothing(index_elements=[stored.key])
    returned: sa.Insert = entry.returning(stored.version, *echoed(stored))
    return returned


def _parameters(stored: Stored) -> Iterable[sa.BindParameter[Any]]:
    return (value_parameter(stored, field) for field in stored.resource.columns)


def _same(stored: Stored, field: Field, given: Any) -> sa.ColumnElement[bool]:
    column = stored.table.c[field.column]
    if isinstance(field.kind, Json) and stored.dialect == "sqlite":
        # SQLite has JSON as text, which two spellings of one value would make different.
        return sa.func.diptych_same_json(column, given, type_=sa.Boolean())
    return column.is_not_distinct_from(given)
