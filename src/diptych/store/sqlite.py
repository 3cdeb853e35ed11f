"""SQLite: a thread for each connection, write-ahead logging, and every commit on disk before it is acknowledged."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from diptych.service.ports import StoreError
from diptych.store.columns import json_text
from diptych.store.errors import DatabaseAway, DatabaseUrlError, Failure, failure, failure_to_connect
from diptych.store.prepared import KEPT_SEARCHES, KEPT_STATEMENTS
from diptych.store.sqlite_batch import commit_many
from diptych.store.sqlite_functions import teach

Result = TypeVar("Result")

# Seconds from one interrupt to the next, while work goes on that has taken too long.
_INTERRUPTED_AGAIN: Final = 0.1


class SqliteLine:
    """A connection and the thread that it lives in. Work that takes longer than `seconds`, None for no bound, is interrupted."""

    def __init__(self, engine: sa.Engine, *, read_only: bool, seconds: float | None = None) -> None:
        self._engine = engine
        self._read_only = read_only
        self._seconds = seconds
        self._thread: ThreadPoolExecutor | None = None
        self._connection: sa.Connection | None = None
        self._driver: sqlite3.Connection | None = None

    async def run(self, work: Callable[[sa.Connection], Result]) -> Result:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "diptych-sqlite")
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._thread, self._run, work)
        if self._seconds is None:
            return await running
        self._timer = loop.call_later(self._seconds, self._interrupt)
        try:
            return await running
        finally:
            self._timer.cancel()

    async def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, self._let_go)
            thread.shutdown(wait=False)

    def _run(self, work: Callable[[sa.Connection], Result]) -> Result:
        try:
            return work(self._connection or self._connect())
        except Exception as error:
            if failure(error) in (Failure.LOST, Failure.BROKEN):
                self._let_go()
            raise

    def _connect(self) -> sa.Connection:
        try:
            self._connection = self._engine.connect()
            self._driver = cast(sqlite3.Connection, self._connection.connection.driver_connection)
            self._connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if self._read_only else 'OFF'}")
        except DBAPIError as error:
            self._let_go()
            raise failure_to_connect(error) from error
        return self._connection

    def _interrupt(self) -> None:
        if (driver := self._driver) is not None:
            # Its thread may be closing it just now.
            with suppress(sqlite3.ProgrammingError):
                driver.interrupt()
        # An interrupt between two statements is without effect, so the next one needs another.
        self._timer = asyncio.get_running_loop().call_later(_INTERRUPTED_AGAIN, self._interrupt)

    def _let_go(self) -> None:
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            connection.close()


class SqliteDatabase:
    """One database file, which several processes may use at the same time."""

    dialect: Final = "sqlite"
    commit_many = staticmethod(commit_many)

    def __init__(self, path: Path, *, busy_seconds: float, statement_seconds: float) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._statement_seconds = statement_seconds
        self._engine = self._make_engine(KEPT_STATEMENTS)
        self._searching = self._make_engine(KEPT_SEARCHES)

    def reader(self) -> SqliteLine:
        return SqliteLine(self._engine, read_only=True, seconds=self._statement_seconds)

    def searcher(self) -> SqliteLine:
        return SqliteLine(self._searching, read_only=True, seconds=self._statement_seconds)

    def writer(self) -> SqliteLine:
        # Writes find their rows by indexes, and wait for others no longer than the busy timeout.
        return SqliteLine(self._engine, read_only=False)

    async def open(self, prepare: Callable[[sa.Connection], None]) -> None:
        if not self._path.parent.is_dir():
            raise DatabaseUrlError(f"There is no folder {self._path.parent} for the database file; make it first.")
        line = self.writer()
        try:
            await line.run(self._switch_to_wal)
            await line.run(lambda connection: _prepare(connection, prepare))
        except DBAPIError as error:
            if failure(error) is Failure.BUSY:
                raise DatabaseAway("The database file is locked, or its disk is full.") from error
            raise StoreError("The database file cannot be used.") from error
        finally:
            await line.close()

    async def close(self) -> None:
        self._engine.dispose()
        self._searching.dispose()

    def _make_engine(self, kept: int) -> sa.Engine:
        engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(self._path)),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            # What goes wrong is logged; what people have written is not.
            hide_parameters=True,
            query_cache_size=kept,
            # Named parameters are bound once even where a statement mentions them twice.
            paramstyle="named",
            json_serializer=json_text,
            json_deserializer=json.loads,
            connect_args={"timeout": self._busy_seconds, "check_same_thread": False, "cached_statements": kept},
        )
        sa.event.listen(engine, "connect", _configure)
        return engine

    def _switch_to_wal(self, connection: sa.Connection) -> None:
        # Two processes that switch a new file at once can lock each other out, and the busy timeout does not cover that.
        patience = time.monotonic() + self._busy_seconds
        while (mode := _try_wal(connection)) is None and time.monotonic() < patience:
            time.sleep(0.01)
        if mode is None:
            raise DatabaseAway("The database file is locked.")
        if mode != "wal":
            raise StoreError("The database file is on a file system without write-ahead logging; put it on a local disk.")


def _try_wal(connection: sa.Connection) -> str | None:
    """The journal mode that the file is in now; None while others have it locked."""
    try:
        return str(connection.exec_driver_sql("PRAGMA journal_mode = WAL").scalar_one())
    except DBAPIError as error:
        if failure(error) is not Failure.BUSY:
            raise
        return None


def _prepare(connection: sa.Connection, prepare: Callable[[sa.Connection], None]) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        prepare(connection)
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def _configure(driver: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # FULL: a commit is in the file when it returns, and survives the loss of power.
    driver.execute("PRAGMA synchronous = FULL")
    driver.execute("PRAGMA foreign_keys = ON")
    teach(driver)
