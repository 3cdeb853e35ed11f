"""PostgreSQL through asyncpg: connections that lanes keep, at READ COMMITTED, each statement a transaction of its own."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from json import loads
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from diptych.service.ports import StoreError
from diptych.store.columns import json_text
from diptych.store.errors import DatabaseAway, Failure, TableMismatch, failure, failure_to_connect
from diptych.store.postgres_batch import commit_many
from diptych.store.prepared import KEPT_SEARCHES, KEPT_STATEMENTS

Result = TypeVar("Result")

# Taken while tables are created or checked, so that processes that start together do so one after the other. The number is ours.
_PREPARING: Final = 0x6469707479636800


class PostgresLine:
    """A connection that is kept; it lives in the event loop that first used it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None
        self._driver: Any = None

    async def run(self, work: Callable[[sa.Connection], Result]) -> Result:
        connection = self._connection
        if connection is None or connection.invalidated or self._driver.is_closed() or self._driver.is_in_transaction():
            connection = await self._connect()
        try:
            return await connection.run_sync(work)
        except Exception as error:
            if failure(error) is Failure.LOST:
                await self.close()
            raise

    async def close(self) -> None:
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            # A connection that is broken already has nothing more to say.
            with suppress(Exception):
                await connection.close()

    async def _connect(self) -> AsyncConnection:
        await self.close()
        try:
            self._connection = await self._engine.connect()
            self._driver = (await self._connection.get_raw_connection()).driver_connection
        except Exception as error:
            await self.close()
            raise failure_to_connect(error) from error
        return self._connection


class PostgresDatabase:
    """One database on a server."""

    dialect: Final = "postgresql"
    commit_many = staticmethod(commit_many)

    def __init__(self, dsn: str, *, busy_seconds: float, statement_seconds: float) -> None:
        in_url = parse_qs(urlsplit(dsn).query)
        settings = {
            "application_name": "diptych",
            "lock_timeout": str(round(busy_seconds * 1000)),
            "statement_timeout": str(round(statement_seconds * 1000)),
        }
        settings = {name: value for name, value in settings.items() if name not in in_url}
        self._engine = _engine(dsn, settings, busy_seconds, statement_seconds + busy_seconds, KEPT_STATEMENTS)
        self._searching = _engine(dsn, settings, busy_seconds, statement_seconds + busy_seconds, KEPT_SEARCHES)

    def reader(self) -> PostgresLine:
        return PostgresLine(self._engine)

    def searcher(self) -> PostgresLine:
        return PostgresLine(self._searching)

    def writer(self) -> PostgresLine:
        return PostgresLine(self._engine)

    async def open(self, prepare: Callable[[sa.Connection], None]) -> None:
        line = self.writer()
        try:
            await line.run(lambda connection: _prepare(connection, prepare))
        except (StoreError, TableMismatch):
            raise
        except Exception as error:
            if failure(error) in (Failure.LOST, Failure.BUSY, Failure.AGAIN):
                raise DatabaseAway("The database cannot be reached, or is busy.") from error
            raise StoreError("The tables cannot be created or read.") from error
        finally:
            await line.close()

    async def close(self) -> None:
        await self._engine.dispose()
        await self._searching.dispose()


def _prepare(connection: sa.Connection, prepare: Callable[[sa.Connection], None]) -> None:
    if connection.exec_driver_sql("SHOW server_encoding").scalar_one() != "UTF8":
        raise StoreError("The database does not store text as UTF-8; create it with ENCODING 'UTF8'.")
    connection.exec_driver_sql("BEGIN")
    try:
        # Whoever prepares now may have many tables to make.
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_PREPARING)))
        prepare(connection)
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def _engine(dsn: str, settings: Mapping[str, str], connect_seconds: float, answer_seconds: float, kept: int) -> AsyncEngine:
    return create_async_engine(
        "postgresql+asyncpg://",
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        query_cache_size=kept,
        json_serializer=json_text,
        json_deserializer=loads,
        connect_args={
            "dsn": dsn,
            "timeout": connect_seconds,
            # The server gives up first; this is for one that does not answer at all.
            "command_timeout": answer_seconds,
            "prepared_statement_cache_size": kept,
            # The guards are made for this isolation, whatever the database's own default is.
            "server_settings": {**settings, "default_transaction_isolation": "read committed"},
        },
    )
