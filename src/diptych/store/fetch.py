"""Reading on one connection: the facts of many keys, and what is seen through a window."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from diptych.semantics.outcome import Page
from diptych.semantics.read import Window
from diptych.semantics.row import UNKNOWN_TO_THE_STORE, Facts, Key
from diptych.semantics.version import NOTHING
from diptych.service.ports import StoreError
from diptych.store.errors import Failure, failure, unforeseen
from diptych.store.prepared import Prepared
from diptych.store.reads import AFTER, BEFORE, KEYS, SIZE

Asked: TypeAlias = tuple[Prepared, Key]


def fetch_all(connection: sa.Connection, asked: Sequence[Asked]) -> list[Facts | StoreError]:
    """The facts of every key that is asked for, in the same order."""
    if len({prepared for prepared, _ in asked}) == 1:
        facts = _fetch_many(connection, asked[0][0], [key for _, key in asked])
        return [facts.get(key, UNKNOWN_TO_THE_STORE) for _, key in asked]
    keys: dict[Prepared, list[Key]] = {}
    for prepared, key in asked:
        keys.setdefault(prepared, []).append(key)
    found = {prepared: _fetch_many(connection, prepared, some) for prepared, some in keys.items()}
    return [found[prepared].get(key, UNKNOWN_TO_THE_STORE) for prepared, key in asked]


def _fetch_many(connection: sa.Connection, prepared: Prepared, keys: list[Key]) -> Mapping[Key, Facts | StoreError]:
    try:
        return fetch_many(connection, prepared, keys)
    except Exception as error:
        if failure(error) is not Failure.BROKEN:
            raise
        if len(keys) == 1:
            return {keys[0]: unforeseen(error)}
        # One key that cannot be asked for must not spoil it for the others.
        middle = len(keys) // 2
        return {**_fetch_many(connection, prepared, keys[:middle]), **_fetch_many(connection, prepared, keys[middle:])}


def fetch_many(connection: sa.Connection, prepared: Prepared, keys: Sequence[Key]) -> dict[Key, Facts]:
    """The facts of many keys, from one snapshot; a key that is not in the answer is unknown to the store."""
    stored = prepared.stored
    found = prepared.fetch_many.all(connection, {KEYS: prepared.bound_keys(keys)})
    if stored.ledger is None:
        return {one[0]: Facts(stored.row(one), one[1]) for one in found}
    return {one[0]: _with_ledger(prepared, one) for one in found}


def _with_ledger(prepared: Prepared, found: Sequence[Any]) -> Facts:
    last = found[1] or NOTHING
    if found[2] is None:
        return Facts(None, last) if last else UNKNOWN_TO_THE_STORE
    row = prepared.stored.row(found[2:])
    return Facts(row, max(last, row.version))


def look(connection: sa.Connection, prepared: Prepared, window: Window) -> Page:
    """What is seen through a window, from one snapshot."""
    statement = prepared.windows[window.after is not None, window.before is not None, window.end]
    bound: dict[str, Any] = {SIZE: window.size + 1}
    if window.after is not None:
        bound[AFTER] = window.after.key
    if window.before is not None:
        bound[BEFORE] = window.before.key
    found = connection.execute(statement, bound).all()
    more_before, more_after = bool(found[0][0]), bool(found[0][1])
    rows = [prepared.stored.row(one[2:]) for one in found if one[2] is not None]
    # One row more than asked for was looked at, to know whether there is one.
    if len(rows) > window.size and window.end == "first":
        rows.pop()
        more_after = True
    elif len(rows) > window.size:
        del rows[0]
        more_before = True
    return Page(tuple(rows), has_next=more_after, has_previous=more_before, key_name=prepared.stored.resource.key_name)
