"""A set of several changes on PostgreSQL: all or none, in a transaction of its own."""

import sqlalchemy as sa

from diptych.semantics.change import ChangeSet, Committed, Raced
from diptych.store.change import Answer, conflict, make
from diptych.store.errors import VIOLATIONS, DatabaseAway, Failure, failure
from diptych.store.prepared import Prepared


def commit_in_transaction(connection: sa.Connection, prepared: Prepared, changes: ChangeSet) -> Answer:
    """Make every change of the set or none. Raises DatabaseAway where the connection broke before the commit was asked for."""
    try:
        connection.exec_driver_sql("BEGIN")
        answer = _make_all(connection, prepared, changes)
    except Exception as error:
        if failure(error) is Failure.LOST:
            raise DatabaseAway("The connection was lost before the commit.") from error
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT" if isinstance(answer, Committed) else "ROLLBACK")
    return answer


def _make_all(connection: sa.Connection, prepared: Prepared, changes: ChangeSet) -> Answer:
    rows = []
    for change in changes:
        connection.exec_driver_sql("SAVEPOINT one_change")
        try:
            row = make(connection, prepared, change)
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
