"""One transaction on the database of a bridge, while no other deployment and no opening bridge is at the tables."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

import sqlalchemy as sa
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from diptych.migrations.errors import MigrationError, from_alembic, from_driver
from diptych.store.columns import Dialect
from diptych.store.errors import DatabaseAway, DatabaseUrlError, failure_to_connect
from diptych.store.postgres_options import read_options
from diptych.store.url import PostgresServer, SqliteFile, read_url

Result = TypeVar("Result")

# The store takes the same lock while it creates or checks tables, so that a bridge never opens in the middle of a migration.
PREPARING: Final = 0x6469707479636800

# An engine that speaks PostgreSQL's protocol and has no such lock: undefined_function, feature_not_supported.
_NO_SUCH_LOCK: Final = ("42883", "0A000")

WAIT: Final = 10.0


def connect(database: str, work: Callable[[sa.Connection], Result], *, wait: float = WAIT) -> Result:
    """Do work in one transaction, committed when it returns and undone when it raises.

    `wait` bounds, in seconds, how long a statement waits for a lock that others hold on a table; for another migration it waits
    as long as that takes on PostgreSQL. Raises MigrationError, and DatabaseUrlError for a URL that is not one of ours.
    """
    try:
        match read_url(database):
            case SqliteFile(path):
                if not path.parent.is_dir():
                    raise DatabaseUrlError(f"There is no folder {path.parent} for the database file; make it first.")
                return _on_sqlite(str(path), work, wait)
            case PostgresServer(dsn):
                return asyncio.run(_on_postgres(dsn, work, wait))
    except DBAPIError as error:
        raise from_driver(error) from error
    except CommandError as error:
        raise from_alembic(error) from error
    except DatabaseAway as error:
        raise MigrationError(str(error)) from error


def dialect_of(database: str) -> Dialect:
    return "sqlite" if isinstance(read_url(database), SqliteFile) else "postgresql"


def _on_sqlite(path: str, work: Callable[[sa.Connection], Result], wait: float) -> Result:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=path), poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"timeout": wait}
    )
    with engine.connect() as connection:
        # A table that is rebuilt is dropped first, which would take the rows along that refer to it. No transaction may be open.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            orphans = _orphans(connection)
            result = work(connection)
            if lost := _orphans(connection) - orphans:
                tables = ", ".join(sorted({str(table) for table, *_ in lost}))
                raise MigrationError(f"Rows of {tables} would refer to rows that are not there; nothing was changed.")
        except BaseException:
            if _in_transaction(connection):
                connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")
        return result


def _orphans(connection: sa.Connection) -> set[tuple[object, ...]]:
    # The number of the foreign key within its table is left out: a rebuilt table may count them anew.
    return {tuple(row)[:3] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}


def _in_transaction(connection: sa.Connection) -> bool:
    driver = connection.connection.dbapi_connection
    return bool(getattr(driver, "in_transaction", False))


async def _on_postgres(dsn: str, work: Callable[[sa.Connection], Result], wait: float) -> Result:
    engine = create_async_engine(
        "postgresql+asyncpg://",
        poolclass=NullPool,
        connect_args={
            "dsn": read_options(dsn, wait, wait).dsn,
            "timeout": wait,
            "server_settings": {"application_name": "diptych migrate"},
            # Nothing stays parsed: tables change under it, and a pooler may stand in front.
            "prepared_statement_cache_size": 0,
            "statement_cache_size": 0,
            "prepared_statement_name_func": str,
        },
    )
    try:
        connection = await engine.connect()
    except Exception as error:
        raise MigrationError(str(failure_to_connect(error))) from error
    try:
        async with connection.begin():
            await _alone(connection, wait)
            return await connection.run_sync(work)
    finally:
        await connection.close()
        await engine.dispose()


async def _alone(connection: AsyncConnection, wait: float) -> None:
    """Wait until no other migration and no opening bridge is at the tables, however long that takes."""
    await connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    await connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    await connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
    try:
        async with connection.begin_nested():
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(PREPARING)))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _NO_SUCH_LOCK:
            raise
    # While a statement waits for a table, everybody who comes later waits behind it.
    await connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(wait * 1000)}")
