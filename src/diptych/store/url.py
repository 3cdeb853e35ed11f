"""Database addresses as people write them; which driver is used is the library's own affair."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urlsplit


class DatabaseUrlError(ValueError):
    """The address of a database cannot be used; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A database in one file."""

    path: Path


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A database on a PostgreSQL server; `dsn` is a libpq URL, query parameters included."""

    dsn: str


Place: TypeAlias = SqliteFile | PostgresServer

_EXPECTED = "Write sqlite:///shop.db, sqlite:////folder/shop.db or postgresql://user:password@host/database."


def read_url(url: str) -> Place:
    """Say where a database is; raises DatabaseUrlError, which never repeats the address, for it may hold a password."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise DatabaseUrlError(f"This is no database URL. {_EXPECTED}")
    match scheme.lower():
        case "sqlite":
            return _sqlite(rest)
        case "postgresql" | "postgres":
            return _postgres(rest)
        case other if "+" in other:
            raise DatabaseUrlError(f"A database URL names no driver here: leave out everything from the plus sign on. {_EXPECTED}")
        case _:
            raise DatabaseUrlError(f"Only SQLite and PostgreSQL are supported. {_EXPECTED}")


def _sqlite(rest: str) -> SqliteFile:
    path, question, _ = rest.partition("?")
    if question:
        raise DatabaseUrlError(f"An SQLite URL takes no parameters here. {_EXPECTED}")
    if path and not path.startswith("/"):
        raise DatabaseUrlError(f"An SQLite URL has no host: three slashes before a relative path, four before an absolute one. {_EXPECTED}")
    name = unquote(path[1:])
    # A database in memory would have to be one connection's alone, and would keep no promise of durability.
    if name in ("", ":memory:"):
        raise DatabaseUrlError("An SQLite URL must name a file, since a database in memory forgets. Write sqlite:///shop.db.")
    return SqliteFile(Path(name))


def _postgres(rest: str) -> PostgresServer:
    dsn = f"postgresql://{rest}"
    try:
        parts = urlsplit(dsn)
        _ = parts.port
    except ValueError:
        raise DatabaseUrlError(f"The host or port of this database URL cannot be read. {_EXPECTED}") from None
    if not parts.path.strip("/"):
        raise DatabaseUrlError(f"A PostgreSQL URL must name a database. {_EXPECTED}")
    return PostgresServer(dsn)
