"""API keys in a table of a database, so that they can be given and revoked while servers run."""

import asyncio
import re
import sqlite3
import time
from collections.abc import Callable
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from diptych.identity.api_key_source import KeysAway, KnownKey
from diptych.identity.challenge import LOG
from diptych.identity.recent import Recent
from diptych.semantics.principal import Principal

# Seconds for which a key is known without another look; a key that is revoked works no longer than that.
_REMEMBERED: Final = 5.0
_MOST_REMEMBERED: Final = 4096
# Seconds until a database that does not answer counts as away.
_PATIENCE: Final = 5.0

_NAME: Final = re.compile(r"(?:([A-Za-z_]\w*)\.)?([A-Za-z_]\w*)", re.ASCII)
# As a driver gives it; the columns are of somebody else's making.
_Row: TypeAlias = sa.Row[Any, Any, Any, Any]


class ApiKeyTable:
    """A table with the columns `hash`, `subject`, `roles` (with spaces between), `expires` (in seconds since 1970) and `revoked`.

    `url` is `sqlite:///…` or `postgresql://…`. The table is made by whoever runs the database; nothing is ever written to it.
    """

    def __init__(self, url: str, table: str = "api_keys", *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._url = _read_url(url)
        named = _NAME.fullmatch(table)
        if named is None:
            raise ValueError('table= is the name of a table, such as "api_keys" or "private.api_keys".')
        self._name = table
        self._monotonic = monotonic
        keys = sa.table(named[2], *map(sa.column, ("hash", "subject", "roles", "expires", "revoked")), schema=named[1])
        self._find = sa.select(keys.c.subject, keys.c.roles, keys.c.expires, keys.c.revoked).where(keys.c.hash == sa.bindparam("hash"))
        self._remembered: Recent[tuple[float, KnownKey]] = Recent(_MOST_REMEMBERED)
        self._engine: sa.Engine | AsyncEngine | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def find(self, hash: str) -> KnownKey | None:
        digest = bytes.fromhex(hash)
        now = self._monotonic()
        remembered = self._remembered.get(digest)
        if remembered is not None and 0 <= now - remembered[0] < _REMEMBERED:
            return remembered[1]
        known = _known(await self._ask(hash))
        if known is None:
            self._remembered.drop(digest)
        else:
            self._remembered.put(digest, (now, known))
        return known

    async def close(self) -> None:
        engine, self._engine = self._engine, None
        self._remembered.clear()
        match engine:
            case AsyncEngine():
                await engine.dispose()
            case sa.Engine():
                engine.dispose()
            case None:
                pass

    async def _ask(self, hash: str) -> _Row | None:
        """The row of a hash; raises KeysAway."""
        try:
            async with asyncio.timeout(_PATIENCE):
                match self._engine_here():
                    case AsyncEngine() as engine:
                        async with engine.connect() as connection:
                            return (await connection.execute(self._find, {"hash": hash})).first()
                    case engine:
                        return await asyncio.to_thread(self._ask_here, engine, hash)
        except (sa.exc.SQLAlchemyError, OSError, TimeoutError) as error:
            # A driver's words may repeat the statement's parameters or the address.
            LOG.warning("The table of API keys could not be asked: %s.", type(error).__name__)
            raise KeysAway from None

    def _ask_here(self, engine: sa.Engine, hash: str) -> _Row | None:
        with engine.connect() as connection:
            return connection.execute(self._find, {"hash": hash}).first()

    def _engine_here(self) -> sa.Engine | AsyncEngine:
        """The engine of this event loop, whose connections are of no use in another."""
        loop = asyncio.get_running_loop()
        if self._engine is None or self._loop is not loop:
            self._loop = loop
            if self._url.drivername == "sqlite":
                self._engine = sa.create_engine("sqlite://", creator=self._open_file, poolclass=sa.NullPool)
            else:
                self._engine = create_async_engine(self._url, pool_pre_ping=True, hide_parameters=True)
        return self._engine

    def _open_file(self) -> sqlite3.Connection:
        # Only to read: a file that is not there must not be made by looking into it.
        return sqlite3.connect(f"file:{quote(self._url.database or '')}?mode=ro", uri=True, timeout=_PATIENCE)

    def __repr__(self) -> str:
        return f"ApiKeyTable({self._name!r})"


def _known(row: _Row | None) -> KnownKey | None:
    if row is None:
        return None
    subject, roles, expires, revoked = row
    # Anything but a plain "no" is a yes: a NULL was not meant to let somebody in.
    if revoked is None or revoked or not subject:
        return None
    # SQLite stores text in a column of numbers without a word.
    if not isinstance(expires, int | float | None):
        LOG.warning("A row of the table of API keys has no number in expires; its key is not believed.")
        return None
    return KnownKey(Principal(subject, frozenset((roles or "").split())), expires)


def _read_url(url: str) -> URL:
    """The address for SQLAlchemy; raises ValueError, which never repeats it, for it may hold a password."""
    expected = "ApiKeyTable(url) is sqlite:///shop.db or postgresql://user:password@host/database."
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError(expected) from None
    match parsed.drivername:
        case "sqlite" if parsed.database not in (None, "", ":memory:"):
            return parsed
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+asyncpg")
        case _:
            raise ValueError(expected)
