"""Many changes of one kind, of one resource, by one statement of PostgreSQL; for each the row it left, None where its guard missed."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from diptych.semantics.change import Change, ChangeSet, Insert, Remove, Update
from diptych.semantics.row import Row
from diptych.semantics.version import after
from diptych.store.errors import Failure, OutsideScope, failure
from diptych.store.gathered import GIVEN_KEYS
from diptych.store.postgres_set import in_transaction
from diptych.store.prepared import Prepared
from diptych.store.ruled import InScope, Ruled
from diptych.store.scoped import arrays_of
from diptych.store.statements import ABOVE, SEEN, UNLESS_SAME

# The scopes are those of the changes, all of one rule, or none at all.
MakeMany: TypeAlias = Callable[[sa.Connection, Prepared, Sequence[Any], Sequence[InScope]], list[Row | None]]


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


def update_many(connection: sa.Connection, prepared: Prepared, changes: Sequence[Update], scopes: Sequence[InScope]) -> list[Row | None]:
    return _inside(connection, scopes, lambda: _update_many(connection, prepared, changes, scopes))


def insert_many_numbered(
    connection: sa.Connection, prepared: Prepared, changes: Sequence[Insert], scopes: Sequence[InScope]
) -> list[Row | None]:
    return _inside(connection, scopes, lambda: _insert_many_numbered(connection, prepared, changes, scopes))


def insert_many_keyed(
    connection: sa.Connection, prepared: Prepared, changes: Sequence[Insert], scopes: Sequence[InScope]
) -> list[Row | None]:
    return _inside(connection, scopes, lambda: _insert_many_keyed(connection, prepared, changes, scopes))


def _update_many(connection: sa.Connection, prepared: Prepared, changes: Sequence[Update], scopes: Sequence[InScope]) -> list[Row | None]:
    stored = prepared.stored
    bound = _arrays(prepared, changes) | arrays_of(scopes)
    bound[GIVEN_KEYS] = [change.key for change in changes]
    bound[SEEN] = [change.seen for change in changes]
    bound[UNLESS_SAME] = [change.unless_same for change in changes]
    rows: list[Row | None] = [None] * len(changes)
    for ordinal, version, *echoed in _ruled(prepared, scopes).update_many.all(connection, bound):
        change = changes[ordinal - 1]
        rows[ordinal - 1] = stored.written(change.key, version, change.values, echoed)
    return rows


def _insert_many_numbered(
    connection: sa.Connection, prepared: Prepared, changes: Sequence[Insert], scopes: Sequence[InScope]
) -> list[Row | None]:
    stored, looked_at = prepared.stored, _looked_at(scopes)
    bound = _arrays(prepared, changes) | arrays_of(looked_at)
    bound[ABOVE] = [change.above for change in changes]
    rows: list[Row | None] = [None] * len(changes)
    for ordinal, key, *echoed in _ruled(prepared, looked_at).insert_many_numbered.all(connection, bound):
        change = changes[ordinal - 1]
        rows[ordinal - 1] = stored.written(key, after(change.above), change.values, echoed)
    return rows


def _insert_many_keyed(
    connection: sa.Connection, prepared: Prepared, changes: Sequence[Insert], scopes: Sequence[InScope]
) -> list[Row | None]:
    stored, looked_at = prepared.stored, _looked_at(scopes)
    bound = _arrays(prepared, changes) | arrays_of(looked_at)
    bound[GIVEN_KEYS] = [change.key for change in changes]
    bound[ABOVE] = [change.above for change in changes]
    made = _ruled(prepared, looked_at).insert_many_keyed.all(connection, bound)
    born = {key: (version, echoed) for key, version, *echoed in made}
    return [
        stored.written(change.key, born[change.key][0], change.values, born[change.key][1]) if change.key in born else None
        for change in changes
        if change.key is not None
    ]


def remove_many(connection: sa.Connection, prepared: Prepared, changes: Sequence[Remove], scopes: Sequence[InScope]) -> list[Row | None]:
    rows = _removed(connection, prepared, changes, scopes)
    missed = [place for place, row in enumerate(rows) if row is None]
    if missed and prepared.stored.ledger is not None:
        try:
            again = _opened(connection, prepared, changes, missed)
            if again:
                some = [scopes[place] for place in again] if scopes else scopes
                for place, row in zip(again, _removed(connection, prepared, [changes[place] for place in again], some), strict=True):
                    rows[place] = row
        except Exception as error:
            # The rest is gone, durably, and must be told so: only who has missed decides anew.
            if len(missed) == len(changes) or failure(error) is Failure.LOST:
                raise
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


def _opened(connection: sa.Connection, prepared: Prepared, changes: Sequence[Remove], missed: Sequence[int]) -> list[int]:
    """Open the ledgers of those that missed for want of one to lock, since another program has stored their rows; which these are."""
    keys = {GIVEN_KEYS: [changes[place].key for place in missed]}
    opened = {key for (key,) in prepared.open_ledgers.all(connection, keys)}
    return [place for place in missed if changes[place].key in opened]


def _removed(connection: sa.Connection, prepared: Prepared, changes: Sequence[Remove], scopes: Sequence[InScope]) -> list[Row | None]:
    rows: list[Row | None] = [None] * len(changes)
    bound = {GIVEN_KEYS: [change.key for change in changes], SEEN: [change.seen for change in changes], **arrays_of(scopes)}
    for ordinal, *row in _ruled(prepared, scopes).remove_many.all(connection, bound):
        rows[ordinal - 1] = prepared.stored.row(row)
    return rows


def _inside(connection: sa.Connection, scopes: Sequence[InScope], make: Callable[[], list[Row | None]]) -> list[Row | None]:
    """Make changes under a rule that asks tables, looking at the rows when they are written. Raises OutsideScope, and nothing is then."""
    if not scopes or not scopes[0].rule.asks_tables:
        return make()

    def make_and_look() -> list[Row | None]:
        rows = make()
        written = [(row.key, scope) for row, scope in zip(rows, scopes, strict=True) if row is not None]
        if written:
            bound = {GIVEN_KEYS: [key for key, _ in written], **arrays_of([scope for _, scope in written])}
            if len(scopes[0].statements.inside_many.all(connection, bound)) != len(written):
                raise OutsideScope
        return rows

    return in_transaction(connection, make_and_look, keep=lambda _: True)


def _ruled(prepared: Prepared, scopes: Sequence[InScope]) -> Prepared | Ruled:
    return scopes[0].statements if scopes else prepared


def _looked_at(scopes: Sequence[InScope]) -> Sequence[InScope]:
    """The scopes that a statement looks at by itself when it makes rows; under a rule that asks tables none."""
    return () if scopes and scopes[0].rule.asks_tables else scopes


def _arrays(prepared: Prepared, changes: Sequence[Insert | Update]) -> dict[str, list[Any]]:
    return prepared.stored.arrays([change.values for change in changes])
