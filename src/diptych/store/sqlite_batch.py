"""Many change sets in one transaction of SQLite: a plain loop, for one commit costs more than all of its statements."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from diptych.semantics.change import ChangeSet, Committed, Raced
from diptych.store.change import Answer, Ask, conflict, make, make_in_scope
from diptych.store.errors import Failure, OutcomeUnknown, failure, unforeseen
from diptych.store.prepared import Prepared
from diptych.store.ruled import InScope


def commit_many(connection: sa.Connection, asks: Sequence[Ask]) -> list[Answer]:
    """Commit every set that its own guards and constraints allow, durably, or raise, and then nothing was written.

    Raises OutcomeUnknown where the file could not be written at the very end, and what the driver raises otherwise.
    """
    # The lock is taken at once: from a reader's snapshot SQLite would refuse to write, whatever the timeout.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        answers = [_commit(connection, *ask) for ask in asks]
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


def _commit(connection: sa.Connection, prepared: Prepared, changes: ChangeSet, scoped: InScope | None) -> Answer:
    # A statement that fails undoes itself; what needs a point to go back to is a set of several changes, and a row that turns
    # out to be outside of the scope.
    if len(changes) == 1 and scoped is None:
        return _make_all(connection, prepared, changes, scoped)
    connection.exec_driver_sql("SAVEPOINT change_set")
    answer = _make_all(connection, prepared, changes, scoped)
    if not isinstance(answer, Committed):
        connection.exec_driver_sql("ROLLBACK TO change_set")
    connection.exec_driver_sql("RELEASE change_set")
    return answer


def _make_all(connection: sa.Connection, prepared: Prepared, changes: ChangeSet, scoped: InScope | None) -> Answer:
    rows = []
    for change in changes:
        try:
            row = make(connection, prepared, change) if scoped is None else make_in_scope(connection, prepared, change, scoped)
        except Exception as error:
            match failure(error):
                case (Failure.TAKEN | Failure.REFERENCE | Failure.REFUSED | Failure.OUTSIDE) as refused:
                    return conflict(connection, prepared, change, refused)
                case Failure.BROKEN if _in_transaction(connection):
                    return unforeseen(error, scoped)
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
