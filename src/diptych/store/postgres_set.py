"""A set of several changes on PostgreSQL: all or none, in a transaction of its own."""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from diptych.semantics.change import ChangeSet, Committed, Raced
from diptych.store.change import Answer, conflict, make, make_in_scope
from diptych.store.errors import VIOLATIONS, DatabaseAway, Failure, failure
from diptych.store.prepared import Prepared
from diptych.store.ruled import InScope

Result = TypeVar("Result")


def commit_in_transaction(connection: sa.Connection, prepared: Prepared, changes: ChangeSet, scoped: InScope | None) -> Answer:
    """Make every change of the set or none. Raises what `in_transaction` does."""
    return in_transaction(
        connection, lambda: _make_all(connection, prepared, changes, scoped), keep=lambda answer: isinstance(answer, Committed)
    )


def in_transaction(connection: sa.Connection, work: Callable[[], Result], *, keep: Callable[[Result], bool]) -> Result:
    """Do work in a transaction, which is kept as `keep` says.

    Raises DatabaseAway where the connection broke before the commit was asked for, and otherwise what the work raises, which is undone.
    """
    try:
        connection.exec_driver_sql("BEGIN")
        answer = work()
    except Exception as error:
        if failure(error) is Failure.LOST:
            raise DatabaseAway("The connection was lost before the commit.") from error
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT" if keep(answer) else "ROLLBACK")
    return answer


def _make_all(connection: sa.Connection, prepared: Prepared, changes: ChangeSet, scoped: InScope | None) -> Answer:
    rows = []
    for change in changes:
        connection.exec_driver_sql("SAVEPOINT one_change")
        try:
            row = make(connection, prepared, change) if scoped is None else make_in_scope(connection, prepared, change, scoped)
        except Exception as error:
            if (kind := failure(error)) not in VIOLATIONS:
                raise
            # Asked before everything is undone, since an earlier change of the same set may stand in the way.
            connection.exec_driver_sql("ROLLBACK TO one_change")
            return conflict(connection, prepared, change, kind)
        if row is None:
            return Raced()
        rows.append(row)
    return Committed(tuple(rows))
