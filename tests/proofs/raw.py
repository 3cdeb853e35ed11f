"""A database connection of our own, beside the store's: to hold locks, and to take rows away between examples."""

import sqlite3
from typing import Any

import asyncpg

# Takes every row of the demo away but the one at the last version, and every key's history.
EMPTY_DEMO = (
    "DELETE FROM documents",
    "DELETE FROM documents_ledger",
    "DELETE FROM users",
    "DELETE FROM stock_items WHERE version < 2147483647",
)


class RawConnection:
    """One connection in one transaction at a time, on either database. Statements are plain SQL without parameters."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sqlite: sqlite3.Connection | None = None
        self._postgres: asyncpg.Connection | None = None

    @property
    def is_sqlite(self) -> bool:
        return self._url.startswith("sqlite:")

    async def open(self) -> "RawConnection":
        if self.is_sqlite:
            self._sqlite = sqlite3.connect(self._url.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
        else:
            self._postgres = await asyncpg.connect(self._url)
        return self

    async def close(self) -> None:
        if self._sqlite is not None:
            self._sqlite.close()
        if self._postgres is not None:
            await self._postgres.close()

    async def begin(self) -> None:
        await self.run("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")

    async def run(self, *statements: str) -> None:
        for statement in statements:
            if self._sqlite is not None:
                self._sqlite.execute(statement)
            else:
                assert self._postgres is not None
                await self._postgres.execute(statement)

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        if self._sqlite is not None:
            return self._sqlite.execute(query).fetchall()
        assert self._postgres is not None
        return [tuple(row.values()) for row in await self._postgres.fetch(query)]
