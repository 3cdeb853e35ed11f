"""A database with a streaming replica: reads go to the replica as far as their request allows, everything else to the primary."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

from diptych.resource.scope import Scope
from diptych.resource.shape import ResourceShape
from diptych.semantics.change import ChangeSet, Committed, Raced
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Forbidden, Page, Unavailable
from diptych.semantics.read import Window
from diptych.semantics.row import Facts, Key, Row
from diptych.semantics.sight import SIGHT, Sight, has_reached
from diptych.service.ports import Conflict, StoreError
from diptych.store.errors import DatabaseAway, DatabaseUrlError, TableMismatch, UnfitScope
from diptych.store.postgres_options import ISOLATION
from diptych.store.sql import SqlStore, Watcher
from diptych.store.url import PostgresServer, read_url

Told = TypeVar("Told")
Read: TypeAlias = Callable[[SqlStore], Coroutine[Any, Any, Told | Unavailable]]

_LOG: Final = logging.getLogger("diptych.store")

_NO_REPLICA: Final = (
    "A replica is a copy of a PostgreSQL server on another. Write postgresql://user:password@host/database for both of them."
)
_STRICT: Final = "A PostgreSQL replica cannot be read at serializable; leave default_transaction_isolation out of the replica's URL."

# Seconds from one look at a replica that is away to the next.
_LOOKED_AT: Final = 2.0
# Seconds after which a replica that does not find a row by its key is taken to be away. A search may take as long as any.
_PATIENCE: Final = 5.0


class ReplicatedStore:
    """Rows in a primary and a replica of it; implements `diptych.service.ports.Store`.

    A read goes to the replica where its request has a `Sight`, does not insist, and claims nothing that the replica has not reached.
    A replica that does not answer, or does not fit, is left alone until it does; the primary answers meanwhile, and a warning is logged.
    """

    def __init__(self, primary: SqlStore, replica: SqlStore) -> None:
        self.primary = primary
        self.replica = replica
        self._is_away = False
        self._looking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open both; raises what the primary raises. A replica that cannot be opened is away, no more."""
        await self.primary.open()
        try:
            await self.replica.open()
        except (StoreError, TableMismatch) as error:
            self._leave_alone(error)

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])
        self._looking, self._is_away = None, False
        await self.replica.close()
        await self.primary.close()

    def watch(self, watcher: Watcher) -> None:
        """Have what happens in the primary counted."""
        self.primary.watch(watcher)

    async def ready(self) -> bool:
        """Tell whether the primary answers now; without the replica everything is served."""
        return await self.primary.ready()

    def fetch(self, resource: ResourceShape, key: Key, scope: Scope | None = None) -> Coroutine[Any, Any, Facts | Unavailable]:
        return self._read(lambda store: store.fetch(resource, key, scope), _PATIENCE)

    def window(self, resource: ResourceShape, window: Window, scope: Scope | None = None) -> Coroutine[Any, Any, Page | Unavailable]:
        return self._read(lambda store: store.window(resource, window, scope))

    def rows(
        self, resource: ResourceShape, keys: Sequence[Key], fields: frozenset[str] | None, scope: Scope | None = None
    ) -> Coroutine[Any, Any, Sequence[Row | None] | Unavailable]:
        return self._read(lambda store: store.rows(resource, keys, fields, scope), _PATIENCE)

    def related(
        self, resource: ResourceShape, field: str, values: Sequence[JSON], window: Window, scope: Scope | None = None
    ) -> Coroutine[Any, Any, Mapping[JSON, Page] | Unavailable]:
        return self._read(lambda store: store.related(resource, field, values, window, scope))

    def commit(
        self, resource: ResourceShape, changes: ChangeSet, scope: Scope | None = None
    ) -> Coroutine[Any, Any, Committed | Raced | Conflict | Forbidden | Unavailable]:
        return self.primary.commit(resource, changes, scope)

    async def _read(self, read: Read[Told], patience: float | None = None) -> Told | Unavailable:
        sight = SIGHT.get()
        if sight is None:
            return await read(self.primary)
        if not sight.insists and not self._is_away:
            told = await self._ask_replica(read, sight, patience)
            if told is not None:
                return told
        # What is asked of the primary in one part of a request must not be older in the next.
        sight.insists = True
        return await read(self.primary)

    async def _ask_replica(self, read: Read[Told], sight: Sight, patience: float | None) -> Told | Unavailable | None:
        """Ask the replica, if it has come as far as the request has seen; None if it has not, or does not answer."""
        try:
            async with asyncio.timeout(_PATIENCE):
                is_reached = await self._has_reached(sight)
            async with asyncio.timeout(patience):
                told = await read(self.replica) if is_reached else None
        except UnfitScope:
            # Nothing is wrong with the replica; the primary has the same to say.
            return None
        except (StoreError, TableMismatch, TimeoutError) as error:
            self._leave_alone(error)
            return None
        if isinstance(told, Unavailable) and not await self.replica.ready():
            self._leave_alone(None)
            return None
        # Where the replica does answer, this was too much for it, and would only be too much for the primary as well.
        return told

    async def _has_reached(self, sight: Sight) -> bool:
        if sight.is_reached is None:
            found = await asyncio.gather(*(self.replica.fetch(cast(ResourceShape, claim.shape), claim.key) for claim in sight.claims))
            if any(isinstance(facts, Unavailable) for facts in found):
                raise DatabaseAway("The replica does not answer.")
            sight.is_reached = all(
                has_reached(claim, facts) for claim, facts in zip(sight.claims, found, strict=True) if not isinstance(facts, Unavailable)
            )
        return sight.is_reached

    def _leave_alone(self, error: Exception | None) -> None:
        if self._is_away:
            return
        self._is_away = True
        said = f" {error}" if isinstance(error, TableMismatch) else ""
        _LOG.warning("The replica does not answer, or does not fit; the primary is read meanwhile.%s", said)
        self._looking = asyncio.get_running_loop().create_task(self._look_again())

    async def _look_again(self) -> None:
        """Look at the replica until it answers; no request waits for that."""
        while True:
            await asyncio.sleep(_LOOKED_AT)
            if await self.replica.ready():
                break
        self._is_away = False
        _LOG.info("The replica answers again; reads go there.")


def checked_replica(primary: str, replica: str) -> str:
    """The URL of a replica; raises DatabaseUrlError, which never repeats it, where there can be none."""
    places = read_url(primary), read_url(replica)
    if not all(isinstance(place, PostgresServer) for place in places):
        raise DatabaseUrlError(_NO_REPLICA)
    if dict(parse_qsl(urlsplit(replica).query)).get(ISOLATION) == "serializable":
        raise DatabaseUrlError(_STRICT)
    return replica
