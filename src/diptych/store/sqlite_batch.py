"""Many change sets in one transaction of SQLite: a plain loop, for one commit costs more than all of its statements."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from diptych.semantics.change import ChangeSet, Committed, Raced
from diptych.store.change import Answer, Ask, conflict, make
from diptych.store.errors import Failure, OutcomeUnknown, failure, unforeseen
from diptych.store.prepared import Prepared


def commit_many(connection: sa.Connection, asks: Sequence[Ask]) -> list[Answer]:
    """Commit every set that its own guards and constraints allow, durably, or raise, and then nothing was written.

    Raises OutcomeUnknown where the file could not be written at the very end, and what the driver raises otherwise.
    """
    # The lock is taken at once: from a reader's snapshot SQLite would refuse to write, whatever the timeout.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        answers = [_commit(connection, prepared, changes) for prepared, changes in asks]
    except BaseException:
        _roll_back(connection)
        raise
    try:
        connection.exec_driver_sql("COMMIT")
    except DBAPIError as error:
        _roll_back(connection)
        if failure(error) is Failure.BUSY and not _is_full(error):
            raise
        # The commit record may have reached the file although the file could not be synced.
        raise OutcomeUnknown("The commit failed, and may have happened.") from error
    return answers


def _commit(connection: sa.Connection, prepared: Prepared, changes: ChangeSet) -> Answer:
    # A statement that fails undoes itself; only a set of several changes needs a point to go back to.
    if len(changes) == 1:
        return _make_all(connection, prepared, changes)
    connection.exec_driver_sql("SAVEPOINT change_set")
    answer = _make_all(connection, prepared, changes)
    if not isinstance(answer, Committed):
        connection.exec_driver_sql("ROLLBACK TO change_set")
    connection.exec_driver_sql("RELEASE change_set")
    return answer


def _make_all(connection: sa.Connection, prepared: Prepared, changes: ChangeSet) -> Answer:
    rows = []
    for change in changes:
        try:
            row = make(connection, prepared, change)
        except Exception as error:
            match failure(error):
                case (Failure.TAKEN | Failure.REFERENCE | Failure.REFUSED) as refused:
                    return conflict(connection, prepared, change, refused)
                case Failure.BROKEN if _in_transaction(connection):
                    return unforeseen(error)
                case _:
                    # Locked, full or unreadable: the others cannot do better.
                    raise
        if row is None:
            return Raced()
        rows.append(row)
    return Committed(tuple(rows))


def _in_transaction(connection: sa.Connection) -> bool:
    """Whether SQLite still has the transaction open: some errors end it."""
    driver = connection.connection.dbapi_connection
    return bool(getattr(driver, "in_transaction", False))


def _roll_back(connection: sa.Connection) -> None:
    if _in_transaction(connection):
        connection.exec_driver_sql("ROLLBACK")


def _is_full(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlite_errorname", None) == "SQLITE_FULL"
