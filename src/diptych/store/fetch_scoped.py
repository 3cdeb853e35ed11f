"""Reading on one connection under scopes: the facts of many keys, each as its own caller may know them."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from diptych.semantics.row import UNKNOWN_TO_THE_STORE, Facts, Key
from diptych.semantics.version import NOTHING, Version
from diptych.service.ports import StoreError
from diptych.store.errors import Failure, failure, unforeseen
from diptych.store.gathered import GIVEN_KEYS
from diptych.store.prepared import Prepared
from diptych.store.reads import KEYS
from diptych.store.ruled import InScope
from diptych.store.scoped import arrays_of

AskedInScope: TypeAlias = tuple[Prepared, Key, InScope]


def fetch_all_scoped(connection: sa.Connection, asked: Sequence[AskedInScope]) -> list[Facts | StoreError]:
    """The facts of every key that is asked for, in the same order.

    On PostgreSQL those of one rule share a statement that is given the values of each; on SQLite only those whose values are the same.
    """
    together: dict[object, list[int]] = {}
    for place, (prepared, _, scoped) in enumerate(asked):
        together.setdefault(scoped.statements if prepared.stored.dialect == "postgresql" else scoped, []).append(place)
    facts: list[Facts | StoreError] = [UNKNOWN_TO_THE_STORE] * len(asked)
    for places in together.values():
        for place, found in zip(places, _fetch(connection, [asked[place] for place in places]), strict=True):
            facts[place] = found
    return facts


def _fetch(connection: sa.Connection, asked: Sequence[AskedInScope]) -> Sequence[Facts | StoreError]:
    try:
        return _fetch_together(connection, asked)
    except Exception as error:
        if failure(error) is not Failure.BROKEN:
            raise
        if len(asked) == 1:
            return [unforeseen(error, asked[0][2])]
        # One caller whose key or value cannot be asked for must not spoil it for the others.
        middle = len(asked) // 2
        return [*_fetch(connection, asked[:middle]), *_fetch(connection, asked[middle:])]


def _fetch_together(connection: sa.Connection, asked: Sequence[AskedInScope]) -> list[Facts]:
    prepared, _, first = asked[0]
    keys = [key for _, key, _ in asked]
    if prepared.stored.dialect == "postgresql":
        bound: dict[str, Any] = {GIVEN_KEYS: keys, **arrays_of([scoped for _, _, scoped in asked])}
        # Ordinals are counted from 1, places from 0.
        counted_from = 1
    else:
        bound, counted_from = {KEYS: prepared.bound_keys(keys), **first.bound}, 0
    facts = [UNKNOWN_TO_THE_STORE] * len(asked)
    for ordinal, seen, touched, last, *row in connection.execute(first.statements.fetch, bound).all():
        facts[ordinal - counted_from] = _facts(prepared, seen == 1, touched == 1, last or NOTHING, row)
    return facts


def _facts(prepared: Prepared, seen: bool, touched: bool, last: Version, found: Sequence[Any]) -> Facts:
    if found[0] is None:
        return Facts(None, last) if last else UNKNOWN_TO_THE_STORE
    if not seen:
        return Facts(None, max(last, found[1]), concealed=True)
    row = prepared.stored.row(found)
    return Facts(row, max(last, row.version), allowed=touched)
