"""An SQLite file for one contestant."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .databases import ADMINS, BIO, STATE, State

# The tables of PostgreSQL; no case asks for documents here, so there are none.
_SCHEMA: Final = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    name VARCHAR(200) NOT NULL,
    email VARCHAR(320) NOT NULL,
    role VARCHAR NOT NULL DEFAULT 'user',
    bio VARCHAR,
    UNIQUE (email)
);
CREATE INDEX ix_users_role ON users (role);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    title VARCHAR(200) NOT NULL,
    owner_id INTEGER REFERENCES users (id)
);
CREATE INDEX ix_documents_owner_id ON documents (owner_id);
"""


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
            connection.executescript(_SCHEMA)

    def reset(self, rows: int) -> None:
        with closing(self._open()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM users")
            seeds = (
                (number, f"n0 {number}", f"user{number}@example.com", "user" if number % ADMINS else "admin", BIO)
                for number in range(1, rows + 1)
            )
            connection.executemany("INSERT INTO users (id, version, name, email, role, bio) VALUES (?, 1, ?, ?, ?, ?)", seeds)
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def state(self, rows: int) -> State:
        with closing(self._open()) as connection:
            return State(*connection.execute(STATE.format(rows=rows)).fetchone())

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, isolation_level=None, timeout=30)
