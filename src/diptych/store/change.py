"""One change on one connection, on any database; and what to answer when the database refuses it."""

from typing import Any, TypeAlias, assert_never

import sqlalchemy as sa

from diptych.semantics.change import Change, ChangeSet, Committed, Insert, Raced, Remove, Update
from diptych.semantics.outcome import Forbidden, Invalid, ReferenceConflict, Unavailable, UniqueConflict, Violation
from diptych.semantics.pointer import WHOLE
from diptych.semantics.row import Row
from diptych.semantics.version import after
from diptych.service.ports import Conflict, StoreError
from diptych.store.errors import Failure, OutsideScope
from diptych.store.prepared import Prepared
from diptych.store.probes import Probe, stranger
from diptych.store.ruled import InScope
from diptych.store.statements import ABOVE, KEY, SEEN, UNLESS_SAME

# What one caller asks and what it is told; a StoreError is raised to that caller alone.
Ask: TypeAlias = tuple[Prepared, ChangeSet, InScope | None]
Answer: TypeAlias = Committed | Raced | Conflict | Forbidden | Unavailable | StoreError

_REFUSED = Invalid((Violation(WHOLE, "rejected", "The database refuses this document."),))


def make(connection: sa.Connection, prepared: Prepared, change: Change) -> Row | None:
    """Make one change; None where its guard missed, and nothing was written then. Raises what the driver raises."""
    stored = prepared.stored
    match change:
        case Update():
            bound = stored.parameters(change.values)
            bound[KEY], bound[SEEN], bound[UNLESS_SAME] = change.key, change.seen, change.unless_same
            written = prepared.update_one.first(connection, bound)
            return None if written is None else stored.written(change.key, written[0], change.values, written[1:])
        case Insert():
            return _insert(connection, prepared, change)
        case Remove():
            return _remove(connection, prepared, change)
        case _:
            assert_never(change)


def make_in_scope(connection: sa.Connection, prepared: Prepared, change: Change, scoped: InScope) -> Row | None:
    """Make one change inside a transaction; None where its guard missed, of which the scope is a part.

    Raises OutsideScope where the row, as it was written, is outside of the scope; whoever asked must undo it then.
    """
    stored, bound = prepared.stored, scoped.bound
    match change:
        case Update():
            bound |= stored.parameters(change.values)
            bound[KEY], bound[SEEN], bound[UNLESS_SAME] = change.key, change.seen, change.unless_same
            written = scoped.statements.update_one.first(connection, bound)
            row = None if written is None else stored.written(change.key, written[0], change.values, written[1:])
        case Insert():
            row = _insert(connection, prepared, change)
        case Remove():
            return _remove(connection, prepared, change, scoped)
        case _:
            assert_never(change)
    if row is not None and scoped.statements.inside_one.first(connection, {**scoped.bound, KEY: row.key}) is None:
        raise OutsideScope
    return row


def conflict(connection: sa.Connection, prepared: Prepared, change: Change, failure: Failure) -> Conflict | Forbidden | Raced:
    """Find the first constraint, in the order of declaration, that a refused change violates.

    Raced where none is found, since whatever stood in the way is gone again. A row outside of the scope is told as that only where
    its references have their targets, since on PostgreSQL a statement looks for those last.
    """
    if failure is Failure.REFUSED:
        return _REFUSED
    if failure is Failure.OUTSIDE and not isinstance(change, Remove):
        given = {**prepared.stored.parameters(change.values), KEY: change.key}
        missing = _first_violated(connection, prepared.targets, given)
        return Forbidden() if missing is None else ReferenceConflict(missing.resource, missing.fields)
    bound = {KEY: change.key} if isinstance(change, Remove) else {**prepared.stored.parameters(change.values), KEY: change.key}
    if isinstance(change, Insert) and change.key is not None and connection.execute(prepared.key_taken, bound).first() is not None:
        return Raced()
    if not isinstance(change, Remove):
        if (probe := _first_violated(connection, prepared.uniques, bound)) is not None:
            return UniqueConflict(probe.fields)
        if (probe := _first_violated(connection, prepared.targets, bound)) is not None:
            return ReferenceConflict(probe.resource, probe.fields)
    if not isinstance(change, Insert):
        if (probe := _first_violated(connection, prepared.referrers, bound)) is not None:
            return ReferenceConflict(probe.resource, probe.fields, still_referred=True)
        if (table := _referring_stranger(connection, prepared, bound)) is not None:
            return ReferenceConflict(table, (), still_referred=True)
    return Raced()


def _insert(connection: sa.Connection, prepared: Prepared, change: Insert) -> Row | None:
    stored = prepared.stored
    bound = stored.parameters(change.values)
    bound[ABOVE] = change.above
    if change.key is None and prepared.numbered:
        born = prepared.insert_numbered.all(connection, bound)[0]
        return stored.written(born[0], after(change.above), change.values, born[1:])
    key = prepared.minted_key() if change.key is None else change.key
    bound[KEY] = key
    taken = prepared.insert_keyed.first(connection, bound)
    return None if taken is None else stored.written(key, taken[0], change.values, taken[1:])


def _remove(connection: sa.Connection, prepared: Prepared, change: Remove, scoped: InScope | None = None) -> Row | None:
    stored = prepared.stored
    guard: dict[str, Any] = {KEY: change.key, SEEN: change.seen}
    bound = guard if scoped is None else {**guard, **scoped.bound}
    remove_one = prepared.remove_one if scoped is None else scoped.statements.remove_one
    gone = remove_one.first(connection, bound)
    if stored.ledger is not None:
        if stored.dialect == "sqlite" and gone is not None:
            connection.execute(prepared.remember_version, guard)
        elif gone is None and connection.execute(prepared.open_ledger, guard).first() is not None:
            # The ledger had no row to lock: another program has stored this one. Now it has.
            gone = remove_one.first(connection, bound)
    return None if gone is None else stored.row(gone)


def _first_violated(connection: sa.Connection, probes: tuple[Probe, ...], bound: dict[str, Any]) -> Probe | None:
    for probe in probes:
        # NULL equals nothing, so a constraint with one in it holds. A key still to be counted up is nobody's either.
        if all(bound[name] is not None for name in probe.needs) and connection.execute(probe.statement, bound).first() is not None:
            return probe
    return None


def _referring_stranger(connection: sa.Connection, prepared: Prepared, bound: dict[str, Any]) -> str | None:
    """The name of a table that is no resource and refers to the row; looked for only when no resource does."""
    ours = {other.table.name for other in prepared.others}
    for (_, table), keys in sa.inspect(connection).get_multi_foreign_keys().items():
        for key in keys:
            if table in ours or key["referred_table"] != prepared.stored.table.name:
                continue
            column, referred = key["constrained_columns"][0], key["referred_columns"][0]
            if connection.execute(stranger(prepared.stored, table, column, referred), bound).first() is not None:
                return table
    return None
