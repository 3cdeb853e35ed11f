"""Many changes of one kind, of one resource, by one statement of PostgreSQL; for each the row it left, None where its guard missed."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from diptych.semantics.change import Change, ChangeSet, Insert, Remove, Update
from diptych.semantics.row import Row
from diptych.semantics.version import after
from diptych.store.gathered import GIVEN_KEYS
from diptych.store.prepared import Prepared
from diptych.store.statements import ABOVE, SEEN, UNLESS_SAME

MakeMany: TypeAlias = Callable[[sa.Connection, Prepared, Sequence[Any]], list[Row | None]]


def way_to_share(prepared: Prepared, changes: ChangeSet) -> MakeMany | None:
    """How a change set shares a statement with others like it; None where it must be alone."""
    if len(changes) != 1:
        return None
    match changes[0]:
        case Update():
            return update_many
        case Insert(key=None) if prepared.numbered:
            return insert_many_numbered
        case Insert() if prepared.stored.ledger is not None:
            return insert_many_keyed
        case Remove():
            return remove_many
        case _:
            return None


def update_many(connection: sa.Connection, prepared: Prepared, changes: Sequence[Update]) -> list[Row | None]:
    stored = prepared.stored
    bound = _arrays(prepared, changes)
    bound[GIVEN_KEYS] = [change.key for change in changes]
    bound[SEEN] = [change.seen for change in changes]
    bound[UNLESS_SAME] = [change.unless_same for change in changes]
    rows: list[Row | None] = [None] * len(changes)
    for ordinal, version, *echoed in connection.execute(prepared.update_many, bound).all():
        change = changes[ordinal - 1]
        rows[ordinal - 1] = stored.written(change.key, version, change.values, echoed)
    return rows


def insert_many_numbered(connection: sa.Connection, prepared: Prepared, changes: Sequence[Insert]) -> list[Row | None]:
    stored = prepared.stored
    bound = _arrays(prepared, changes)
    bound[ABOVE] = [change.above for change in changes]
    rows: list[Row | None] = [None] * len(changes)
    for ordinal, key, *echoed in connection.execute(prepared.insert_many_numbered, bound).all():
        change = changes[ordinal - 1]
        rows[ordinal - 1] = stored.written(key, after(change.above), change.values, echoed)
    return rows


def insert_many_keyed(connection: sa.Connection, prepared: Prepared, changes: Sequence[Insert]) -> list[Row | None]:
    stored = prepared.stored
    bound = _arrays(prepared, changes)
    bound[GIVEN_KEYS] = [change.key for change in changes]
    bound[ABOVE] = [change.above for change in changes]
    born = {key: (version, echoed) for key, version, *echoed in connection.execute(prepared.insert_many_keyed, bound).all()}
    return [
        stored.written(change.key, born[change.key][0], change.values, born[change.key][1]) if change.key in born else None
        for change in changes
        if change.key is not None
    ]


def remove_many(connection: sa.Connection, prepared: Prepared, changes: Sequence[Remove]) -> list[Row | None]:
    rows = _removed(connection, prepared, changes)
    missed = [place for place, row in enumerate(rows) if row is None]
    if missed and prepared.stored.ledger is not None:
        keys = {GIVEN_KEYS: [changes[place].key for place in missed]}
        opened = {key for (key,) in connection.execute(prepared.open_ledgers, keys).all()}
        # The ledger had no row to lock, since another program has stored these. Now it has.
        again = [place for place in missed if changes[place].key in opened]
        if again:
            for place, row in zip(again, _removed(connection, prepared, [changes[place] for place in again]), strict=True):
                rows[place] = row
    return rows


def known_to_miss(change: Change, earlier: Change, left: Row | None) -> bool:
    """Whether a guard is certain to miss: an earlier change of the same key had the same one, and missed it too or moved the row on.

    `left` is the row that the earlier change left, None if it missed.
    """
    match change, earlier:
        case Update(seen=seen), Update(seen=known):
            return seen == known and (left is None or left.version != seen)
        case Insert(above=above), Insert(above=known):
            return above == known
        case Remove(seen=seen), Remove(seen=known):
            return seen == known
        case _:
            return False


def _removed(connection: sa.Connection, prepared: Prepared, changes: Sequence[Remove]) -> list[Row | None]:
    rows: list[Row | None] = [None] * len(changes)
    bound = {GIVEN_KEYS: [change.key for change in changes], SEEN: [change.seen for change in changes]}
    for ordinal, *row in connection.execute(prepared.remove_many, bound).all():
        rows[ordinal - 1] = prepared.stored.row(row)
    return rows


def _arrays(prepared: Prepared, changes: Sequence[Insert | Update]) -> dict[str, list[Any]]:
    return prepared.stored.arrays([change.values for change in changes])
