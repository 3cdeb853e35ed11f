"""Statements of PostgreSQL that serve many callers at once: arrays in, the ordinal of each caller that was served out.

Rows come back in no order of ours, so each carries its ordinal, counted from 1; an ordinal that is missing is a guard that missed.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.types import TypeEngine

from diptych.semantics.version import LAST
from diptych.store.columns import value_type
from diptych.store.reads import told_in_scope
from diptych.store.scoped import Rule
from diptych.store.statements import ABOVE, ONE, SEEN, UNLESS_SAME, ZERO, assignments, echoed
from diptych.store.tables import Stored, parameter

GIVEN_KEYS = "keys"

_QUOTE = PGDialect().identifier_preparer.quote  # type: ignore[no-untyped-call]


def update_many(stored: Stored, rule: Rule | None = None) -> sa.Update:
    """UPDATE many rows, each only while it is at the version its decision was made on; ordinal, version and echoed columns come back.

    Under a rule each also only while it is in its caller's scope, and where the rule asks no tables the statement fails if a row
    would leave it.

    The rows are locked in key order first, so that two processes cannot deadlock each other. The lock is the weaker one, which
    lets others refer to the rows meanwhile: no update changes a key.
    """
    given = _given(stored, {GIVEN_KEYS: _key_type(stored), SEEN: sa.BigInteger(), UNLESS_SAME: sa.Boolean(), **_types(rule)})
    held = (
        sa.select(*given.c)
        .select_from(given.join(stored.table, sa.and_(stored.key == given.c[GIVEN_KEYS], stored.version == given.c[SEEN])))
        .where(*_in_scope(rule))
        .order_by(stored.key)
        .with_for_update(of=stored.table, key_share=True)
        .cte("held")
    )
    values = {field.column: held.c[parameter(field)] for field in stored.resource.columns}
    return (
        sa.update(stored.table)
        .values(assignments(stored, values, held.c[UNLESS_SAME]))
        .where(
            stored.key == held.c[GIVEN_KEYS],
            stored.version == held.c[SEEN],
            stored.version < sa.literal_column(str(LAST)),
        )
        .returning(held.c.ord, _unless_outside(rule, stored.version, stored.table), *echoed(stored))
    )


def insert_many_numbered(stored: Stored, rule: Rule | None = None) -> sa.Select[Any]:
    """INSERT many rows whose keys the database counts up; ordinal, key and echoed columns come back.

    Under a rule, which asks no tables, the statement fails if a row is outside of its caller's scope.

    The keys are drawn beside the ordinals, since the order in which an INSERT returns its rows is nobody's promise.
    """
    quoted = _QUOTE(stored.table.name)
    sequence = sa.select(sa.cast(sa.func.pg_get_serial_sequence(quoted, stored.key.name), postgresql.REGCLASS)).scalar_subquery()
    given = _given(stored, {ABOVE: sa.BigInteger(), **_types(rule)})
    drawn = sa.select(sa.func.nextval(sequence).label("drawn_key"), *given.c).cte("drawn")
    birth = sa.select(drawn.c.drawn_key, drawn.c[ABOVE] + ONE, *_values(stored, drawn))
    columns = [stored.key, stored.version, *stored.columns]
    told = [stored.key, *echoed(stored)]
    born = sa.insert(stored.table).from_select(columns, birth).returning(*(told if rule is None else columns)).cte("born")
    both = drawn.join(born, born.c[stored.key.name] == drawn.c.drawn_key)
    return sa.select(_unless_outside(rule, drawn.c.ord, born), *(born.c[column.name] for column in told)).select_from(both)


def insert_many_keyed(stored: Stored, rule: Rule | None = None) -> sa.Select[Any] | sa.UpdateBase:
    """INSERT many rows under keys that clients chose, each only while its key is free and its last version is ABOVE.

    Key, version and echoed columns come back. The ledger rows are locked in key order before anything else. Under a rule, which asks
    no tables, the statement fails if a row is outside of its caller's scope.
    """
    assert stored.ledger is not None
    ledger = stored.ledger
    given = _given(stored, {GIVEN_KEYS: _key_type(stored), ABOVE: sa.BigInteger(), **_types(rule)})
    asked = sa.select(*given.c).cte("asked")
    in_order = sa.select(asked.c[GIVEN_KEYS], ZERO).order_by(asked.c[GIVEN_KEYS])
    entry = postgresql.insert(ledger).from_select([ledger.c.key, ledger.c.version], in_order)
    entry = entry.on_conflict_do_update(index_elements=[ledger.c.key], set_={"version": ledger.c.version})
    locked = entry.returning(ledger.c.key, ledger.c.version).cte("locked")
    birth = (
        sa.select(locked.c.key, locked.c.version + ONE, *_values(stored, asked))
        .select_from(asked.join(locked, locked.c.key == asked.c[GIVEN_KEYS]))
        .where(locked.c.version == asked.c[ABOVE])
        .order_by(locked.c.key)
    )
    columns = [stored.key, stored.version, *stored.columns]
    born = postgresql.insert(stored.table).from_select(columns, birth).on_conflict_do_nothing(index_elements=[stored.key])
    told = [stored.key, stored.version, *echoed(stored)]
    if rule is None:
        statement: sa.Insert = born.returning(*told).add_cte(asked, locked)
        return statement
    written = born.returning(*columns).cte("written")
    both = asked.join(written, written.c[stored.key.name] == asked.c[GIVEN_KEYS])
    key, version, *others = (written.c[column.name] for column in told)
    return sa.select(key, rule.unless_outside(version, written), *others).select_from(both)


def remove_many(stored: Stored, rule: Rule | None = None) -> sa.Select[Any] | sa.UpdateBase:
    """DELETE many rows, each only while it is at SEEN, and in its caller's scope; the ordinal and the whole row come back.

    Where clients choose keys, the ledger rows are locked in key order before anything else, and keep the versions.
    """
    given = _given(stored, {GIVEN_KEYS: _key_type(stored), SEEN: sa.BigInteger(), **_types(rule)}, values=False)
    ledger = stored.ledger
    if ledger is None:
        asked = sa.select(*given.c).cte("asked")
    else:
        of_ledger = given.join(ledger, ledger.c.key == given.c[GIVEN_KEYS])
        asked = sa.select(*given.c).select_from(of_ledger).order_by(ledger.c.key).with_for_update(of=ledger).cte("asked")
    at_seen = sa.and_(stored.key == asked.c[GIVEN_KEYS], stored.version == asked.c[SEEN])
    of_table = asked.join(stored.table, at_seen)
    there = sa.select(*asked.c).select_from(of_table).where(*_in_scope(rule))
    held = there.order_by(stored.key).with_for_update(of=stored.table).cte("held")
    gone = (
        sa.delete(stored.table)
        .where(stored.key == held.c[GIVEN_KEYS], stored.version == held.c[SEEN])
        .returning(held.c.ord, stored.key, stored.version, *stored.columns)
        .cte("gone")
    )
    removed = sa.select(*gone.c)
    if ledger is None:
        return removed
    kept = sa.update(ledger).values(version=gone.c[stored.version.name]).where(ledger.c.key == gone.c[stored.key.name]).cte("kept")
    return removed.add_cte(kept)


def open_ledgers(stored: Stored) -> sa.Insert:
    """Make the ledger rows of many keys where another program stored the rows; the keys that had none come back."""
    assert stored.ledger is not None
    given = _given(stored, {GIVEN_KEYS: _key_type(stored)}, values=False)
    in_order = sa.select(given.c[GIVEN_KEYS], ZERO).order_by(given.c[GIVEN_KEYS])
    entry = postgresql.insert(stored.ledger).from_select([stored.ledger.c.key, stored.ledger.c.version], in_order)
    entry = entry.on_conflict_do_nothing(index_elements=[stored.ledger.c.key])
    statement: sa.Insert = entry.returning(stored.ledger.c.key)
    return statement


def inside_many(stored: Stored, rule: Rule) -> sa.Select[Any]:
    """SELECT the ordinals of those callers whose row, just written, is in their scope."""
    given = _given(stored, {GIVEN_KEYS: _key_type(stored), **_types(rule)}, values=False)
    there = given.join(stored.table, stored.key == given.c[GIVEN_KEYS])
    return sa.select(given.c.ord).select_from(there).where(rule.both(shared=True))


def fetch_in_scope(stored: Stored, rule: Rule) -> sa.Select[Any]:
    """SELECT, for each caller that finds something, its ordinal, what its scope says, its ledger's version, and the row.

    What a scope says is whether the row is there for the caller, and whether it may touch it.
    """
    given = _given(stored, {GIVEN_KEYS: _key_type(stored), **_types(rule)}, values=False)
    return told_in_scope(stored, given, given.c[GIVEN_KEYS], given.c.ord, rule, shared=True)


def _types(rule: Rule | None) -> dict[str, TypeEngine[Any]]:
    return {} if rule is None else {given.name: given.type for given in rule.given}


def _in_scope(rule: Rule | None) -> list[sa.ColumnElement[bool]]:
    return [] if rule is None else [rule.both(shared=True)]


def _unless_outside(rule: Rule | None, value: sa.ColumnElement[Any], source: sa.FromClause) -> sa.ColumnElement[Any]:
    return value if rule is None or rule.asks_tables else rule.unless_outside(value, source)


def _given(stored: Stored, leading: dict[str, TypeEngine[Any]], *, values: bool = True) -> sa.TableValuedAlias:
    """The arrays as a table: the leading columns, then, unless told otherwise, the values of a document, and the ordinal last."""
    types = dict(leading)
    if values:
        types |= {parameter(field): value_type(field.kind, stored.dialect) for field in stored.resource.columns}
    arrays = [sa.bindparam(name, type_=ARRAY(type_, dimensions=1)) for name, type_ in types.items()]
    columns = [sa.column(name, type_) for name, type_ in types.items()]
    return sa.func.unnest(*arrays).table_valued(*columns, with_ordinality="ord").render_derived(name="given")


def _values(stored: Stored, source: sa.CTE) -> list[sa.ColumnElement[Any]]:
    return [source.c[parameter(field)] for field in stored.resource.columns]


def _key_type(stored: Stored) -> TypeEngine[Any]:
    return value_type(stored.resource.key.kind, stored.dialect)
