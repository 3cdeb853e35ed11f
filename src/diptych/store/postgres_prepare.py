"""Making or checking the tables on PostgreSQL, one process after the other."""

import logging
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from diptych.service.ports import StoreError
from diptych.store.errors import Failure, failure

_LOG: Final = logging.getLogger("diptych.store")

# Taken while tables are created or checked, so that processes that start together do so one after the other. The number is ours.
_PREPARING: Final = 0x6469707479636800

# The engine has no advisory locks: undefined_function, feature_not_supported. Source: PostgreSQL, appendix A.
_NO_SUCH_LOCK: Final = ("42883", "0A000")
# Another process has just made the same table, or the same type for it: duplicate_table, duplicate_object, unique_violation.
_MADE_MEANWHILE: Final = ("42P07", "42710", "23505")
_ATTEMPTS: Final = 10


def prepare_in_turn(connection: sa.Connection, prepare: Callable[[sa.Connection], None]) -> None:
    """Run `prepare` in a transaction, while no other process does.

    Where an engine has no advisory locks, processes that make the same tables at once run into each other, and try again.
    """
    if connection.exec_driver_sql("SHOW server_encoding").scalar_one() != "UTF8":
        raise StoreError("The database does not store text as UTF-8; create it with ENCODING 'UTF8'.")
    _warn_of_no_bounds(connection)
    has_lock = True
    for left in reversed(range(_ATTEMPTS)):
        try:
            _prepare(connection, prepare, has_lock=has_lock)
            return
        except _NoLock:
            has_lock = False
        except Exception as error:
            # At a strict isolation who waited for the lock still sees what was there before it waited.
            if not left or not (failure(error) is Failure.AGAIN or _state(error) in _MADE_MEANWHILE):
                raise


class _NoLock(Exception):
    """The engine knows no advisory locks; nothing was done."""


def _prepare(connection: sa.Connection, prepare: Callable[[sa.Connection], None], *, has_lock: bool) -> None:
    connection.exec_driver_sql("BEGIN")
    try:
        if has_lock:
            _wait_for_turn(connection)
        prepare(connection)
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def _wait_for_turn(connection: sa.Connection) -> None:
    # Whoever prepares now may have many tables to make.
    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
    try:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_PREPARING)))
    except DBAPIError as error:
        if _state(error) in _NO_SUCH_LOCK:
            raise _NoLock from error
        raise


def _warn_of_no_bounds(connection: sa.Connection) -> None:
    """Say that nothing bounds a wait: a pooler that takes no settings leaves them to the role, where they are easily forgotten."""
    boundless = [name for name in ("lock_timeout", "statement_timeout") if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "0"]
    if boundless:
        _LOG.warning(
            "The database's sessions have no %s. Set what bounds a wait for the role: ALTER ROLE … SET lock_timeout = '5s', "
            "and statement_timeout = '30s'.",
            " and no ".join(boundless),
        )


def _state(error: BaseException) -> str:
    cause: Any = error.orig if isinstance(error, DBAPIError) else None
    return getattr(cause, "sqlstate", None) or ""
