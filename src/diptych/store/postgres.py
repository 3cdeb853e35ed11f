"""PostgreSQL through asyncpg: connections that lanes keep, each statement a transaction of its own.

At READ COMMITTED unless the URL says otherwise. No statement goes by what an earlier one left in the session, so a pooler may hand
each transaction to another connection.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from json import loads
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from diptych.service.ports import StoreError
from diptych.store.columns import json_text
from diptych.store.errors import DatabaseAway, Failure, TableMismatch, failure, failure_to_connect
from diptych.store.postgres_batch import commit_many
from diptych.store.postgres_options import PostgresOptions, read_options
from diptych.store.postgres_prepare import prepare_in_turn
from diptych.store.prepared import KEPT_SEARCHES, KEPT_STATEMENTS

Result = TypeVar("Result")


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
        options = read_options(dsn, busy_seconds, statement_seconds)
        self._engine = _engine(options, busy_seconds, statement_seconds + busy_seconds, KEPT_STATEMENTS)
        self._searching = _engine(options, busy_seconds, statement_seconds + busy_seconds, KEPT_SEARCHES)

    def reader(self) -> PostgresLine:
        return PostgresLine(self._engine)

    def searcher(self) -> PostgresLine:
        return PostgresLine(self._searching)

    def writer(self) -> PostgresLine:
        return PostgresLine(self._engine)

    async def open(self, prepare: Callable[[sa.Connection], None]) -> None:
        line = self.writer()
        try:
            await line.run(lambda connection: prepare_in_turn(connection, prepare))
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


def _engine(options: PostgresOptions, connect_seconds: float, answer_seconds: float, kept: int) -> AsyncEngine:
    return create_async_engine(
        "postgresql+asyncpg://",
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        # What goes wrong is logged; what people have written is not.
        hide_parameters=True,
        query_cache_size=kept,
        json_serializer=json_text,
        json_deserializer=loads,
        connect_args={
            "dsn": options.dsn,
            "timeout": connect_seconds,
            # The server gives up first; this is for one that does not answer at all.
            "command_timeout": answer_seconds,
            "server_settings": dict(options.settings),
            **_keeping(kept if options.most_kept is None else min(kept, options.most_kept)),
        },
    )


def _keeping(kept: int) -> Mapping[str, Any]:
    """How many statements stay parsed on a connection; with none, none is given a name that another session would not know."""
    if kept:
        return {"prepared_statement_cache_size": kept}
    return {"prepared_statement_cache_size": 0, "statement_cache_size": 0, "prepared_statement_name_func": str}
