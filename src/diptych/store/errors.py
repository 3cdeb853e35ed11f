"""What a driver's error means, told once. No word of a driver leaves the store: it goes along as the cause, for the log."""

import sqlite3
from enum import Enum
from typing import Any, Final

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError

from diptych.service.ports import StoreError
from diptych.store.url import DatabaseUrlError as DatabaseUrlError


class DatabaseAway(StoreError):
    """The database cannot be reached or is too busy; nothing was written. Callers get Unavailable for it, `open` raises it."""


class UnfitScope(StoreError):
    """A condition of a scope that the store cannot ask its tables; the message says what stands in the way. Nothing was done."""


class OutsideScope(Exception):
    """A row that was just written is outside of the scope of the caller; whatever wrote it must be undone."""


class OutcomeUnknown(StoreError):
    """The connection was lost while a write was under way: it may have happened, or not."""


class TableMismatch(Exception):
    """Tables that are there do not fit the models. Nothing was changed; `differences` has one sentence for each."""

    def __init__(self, differences: list[str]) -> None:
        super().__init__("\n".join(["The database does not fit the models:", *(f"- {difference}" for difference in differences)]))
        self.differences = tuple(differences)


class Failure(Enum):
    """What kind of thing went wrong with a statement. All but LOST and BROKEN leave nothing written."""

    TAKEN = "a unique value or a key is taken"
    REFERENCE = "a reference has no target, or a row is referred to"
    REFUSED = "a CHECK or a not-null refused the row"
    OUTSIDE = "the row would be outside of the caller's scope"
    AGAIN = "a deadlock or a serialization failure; trying again may succeed"
    BUSY = "locked or at work for too long, out of connections, memory or disk, or starting up"
    LOST = "the connection broke"
    BROKEN = "anything else"


# The row breaks a rule of the database; a statement that is shared breaks it for one of its callers.
VIOLATIONS: Final = (Failure.TAKEN, Failure.REFERENCE, Failure.REFUSED, Failure.OUTSIDE)

# A statement of PostgreSQL undoes itself by reading this text as a number, which fails and repeats the text.
OUTSIDE_MARK: Final = "diptych: outside of the scope, at "

_SQLITE: Final = {
    "SQLITE_CONSTRAINT_UNIQUE": Failure.TAKEN,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Failure.TAKEN,
    "SQLITE_CONSTRAINT_ROWID": Failure.TAKEN,
    "SQLITE_CONSTRAINT_FOREIGNKEY": Failure.REFERENCE,
    "SQLITE_CONSTRAINT_CHECK": Failure.REFUSED,
    "SQLITE_CONSTRAINT_NOTNULL": Failure.REFUSED,
    "SQLITE_CONSTRAINT_TRIGGER": Failure.REFUSED,
    "SQLITE_FULL": Failure.BUSY,
    "SQLITE_INTERRUPT": Failure.BUSY,  # it took too long
}

# By code, else by class. Source: PostgreSQL, appendix A.
_POSTGRES: Final = {
    "23505": Failure.TAKEN,
    "23503": Failure.REFERENCE,
    "23001": Failure.REFERENCE,
    "23514": Failure.REFUSED,
    "23502": Failure.REFUSED,
    "54000": Failure.REFUSED,  # more text than an index takes
    "40P01": Failure.AGAIN,
    "40001": Failure.AGAIN,
    "55P03": Failure.BUSY,  # lock_timeout
    "57014": Failure.BUSY,  # statement_timeout
    "57P03": Failure.BUSY,  # it is starting up
    "25006": Failure.BUSY,  # it has become a standby
    "53": Failure.BUSY,
    "08": Failure.LOST,
    "57": Failure.LOST,  # 57P02 can come after the commit
}


# The server is shutting down, or this connection was ended. It says so to a statement only when it has undone it: nothing
# interrupts a commit, and after one the answer comes first.
_SHUTDOWN: Final = "57P01"
_UNREADABLE: Final = "22P02"


def failure(error: BaseException) -> Failure:
    """Say what went wrong with a statement that was sent."""
    if isinstance(error, DatabaseAway):
        return Failure.BUSY
    if isinstance(error, OutsideScope):
        return Failure.OUTSIDE
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(getattr(error, "sqlite_errorname", ""))
    if isinstance(error, asyncpg.PostgresError):
        return _of_postgres(error, error.sqlstate or "")
    if isinstance(error, DBAPIError):
        cause: Any = error.orig
        if (name := getattr(cause, "sqlite_errorname", None)) is not None:
            return _of_sqlite(name)
        if (state := getattr(cause, "sqlstate", None)) is not None:
            return _of_postgres(cause, state)
        return Failure.LOST if error.connection_invalidated or isinstance(cause.__cause__, _LOST) else Failure.BROKEN
    return Failure.LOST if isinstance(error, _LOST) else Failure.BROKEN


_POOLER: Final = (
    "A pooler refuses the settings of a session. Add ?statement_cache_size=0 to the database URL, which suits PgBouncer in transaction "
    "mode, or name them in the pooler's ignore_startup_parameters: lock_timeout, statement_timeout, default_transaction_isolation."
)


def failure_to_connect(error: BaseException) -> StoreError:
    """Say why there is no connection: away for now, or never to be had like this."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None) or ""
    if "unsupported startup parameter" in str(cause):
        return StoreError(_POOLER)
    if isinstance(cause, _LOST) or isinstance(getattr(cause, "__cause__", None), _LOST) or state[:2] in ("53", "57", "08"):
        return DatabaseAway("The database cannot be reached.")
    if getattr(cause, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return DatabaseAway("The database file is locked.")
    return StoreError("The database refuses the connection.")


def unforeseen(error: BaseException | None, scoped: object | None = None) -> StoreError:
    """What a caller's statement is answered with when it failed for a reason that nobody planned; with a scope that is likely it."""
    if scoped is None:
        answer = StoreError("The database refused a statement for a reason that nobody planned.")
    else:
        answer = UnfitScope(
            "The database refused a statement with a scope in it. Look whether every table that the condition on rows names is in the "
            "database, and whether what is compared can be."
        )
    answer.__cause__ = error
    return answer


_LOST: Final = (OSError, TimeoutError, EOFError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError)


def _states(error: BaseException | None) -> list[str]:
    """The SQLSTATE of an error and of what caused it: asyncpg wraps the server's last words into an error of its own."""
    states = []
    while error is not None:
        states.append(getattr(error, "sqlstate", None) or "")
        error = error.__cause__
    return states


def _of_postgres(error: BaseException, state: str) -> Failure:
    if isinstance(error, asyncpg.InvalidCachedStatementError | AsyncAdapt_asyncpg_dbapi.InvalidCachedStatementError):
        # Somebody has altered a column; the statement is parsed anew next time.
        return Failure.AGAIN
    if _SHUTDOWN in _states(error):
        return Failure.BUSY
    if state == _UNREADABLE and OUTSIDE_MARK in str(error):
        return Failure.OUTSIDE
    return _POSTGRES.get(state) or _POSTGRES.get(state[:2], Failure.BROKEN)


def _of_sqlite(name: str) -> Failure:
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Failure.BUSY
    return _SQLITE.get(name, Failure.BROKEN)
