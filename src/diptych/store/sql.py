"""The store that keeps rows in an SQL database; callers that wait at the same time share statements and commits."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, Final, Protocol, TypeAlias, TypeVar, assert_never

import sqlalchemy as sa

from diptych.resource.scope import Scope
from diptych.resource.shape import ResourceShape
from diptych.semantics.change import ChangeSet, Committed, Raced
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Forbidden, Page, Unavailable
from diptych.semantics.read import Window
from diptych.semantics.row import Facts, Key, Row
from diptych.service.ports import Conflict, StoreError
from diptych.store.change import Answer, Ask
from diptych.store.errors import DatabaseAway, Failure, failure, unforeseen
from diptych.store.fetch import Asked, fetch_all, look
from diptych.store.fetch_scoped import AskedInScope, fetch_all_scoped
from diptych.store.fit import fit_or_create
from diptych.store.lanes import Lane, LaneWatch
from diptych.store.lines import Database, Line
from diptych.store.postgres import PostgresDatabase
from diptych.store.prepared import Prepared, prepare
from diptych.store.ruled import InScope, Ruled
from diptych.store.scoped import Rules
from diptych.store.searching import is_plain, is_quick, look_among, rows_of, search
from diptych.store.sqlite import SqliteDatabase
from diptych.store.tables import build_tables
from diptych.store.url import PostgresServer, SqliteFile, read_url

Result = TypeVar("Result")
Asking = TypeVar("Asking")
Told = TypeVar("Told")
AskedWindow: TypeAlias = tuple[Prepared, Window, InScope | None]
AskedRows: TypeAlias = tuple[Prepared, frozenset[str] | None, InScope | None, Sequence[Key]]
AskedRelated: TypeAlias = tuple[Prepared, str, Window, InScope | None, Sequence[JSON]]

# A read that finds its connection broken is asked again on a new one; it has changed nothing.
_READ_ATTEMPTS: Final = 3
_WINDOW_LINES: Final = 2


class Watcher(Protocol):
    """Gives out what watches the batches of a kind of work, by its name."""

    def lane(self, name: str) -> LaneWatch: ...


class SqlStore:
    """Rows of some resources in one database; implements `diptych.service.ports.Store`.

    `create_tables` makes missing tables when the store opens; a table that is there is never altered, and must fit its model.
    `busy_seconds` bounds how long a statement waits for a lock, `statement_seconds` how long one may take; after either the
    callers in it are told Unavailable. At most `most_waiting` callers are queued for each kind of work, and at most
    `largest_batch` share one statement or commit. Use a store in one event loop at a time.
    """

    def __init__(
        self,
        url: str,
        resources: Sequence[ResourceShape],
        *,
        create_tables: bool = True,
        busy_seconds: float = 5.0,
        statement_seconds: float = 30.0,
        most_waiting: int = 4096,
        largest_batch: int = 128,
    ) -> None:
        """Read the URL and build the statements; nothing is connected yet. Raises DatabaseUrlError."""
        self._database = _database(url, busy_seconds, statement_seconds)
        self._tables = build_tables(resources, self._database.dialect)
        self._prepared = prepare(self._tables)
        self._rules = Rules(self._tables, Ruled)
        self._create_tables = create_tables
        self._patience = busy_seconds
        self._opening = asyncio.Lock()
        self._is_open = False
        self._is_closed = False

        self._lines: list[Line] = []
        self._commits: Lane[Ask, Committed | Raced | Conflict | Forbidden | Unavailable] = Lane(
            partial(self._commit_all, self._line(self._database.writer())),
            most_waiting=most_waiting,
            largest=largest_batch,
            settles=True,
        )
        self._fetches: Lane[Asked, Facts | Unavailable] = Lane(
            partial(self._fetch_all, self._line(self._database.reader())), most_waiting=most_waiting, largest=largest_batch
        )
        # Rules may be many, so their statements are kept where those of searches are.
        self._scoped_fetches: Lane[AskedInScope, Facts | Unavailable] = Lane(
            partial(self._fetch_all_scoped, self._line(self._database.searcher())), most_waiting=most_waiting, largest=largest_batch
        )
        self._windows: Lane[AskedWindow, Page | Unavailable] = Lane(
            *(
                partial(self._look, self._line(self._database.searcher()), self._line(self._database.reader()))
                for _ in range(_WINDOW_LINES)
            ),
            most_waiting=most_waiting,
            largest=largest_batch,
            alike=_as_it_is,
        )
        self._searches: Lane[AskedWindow, Page | Unavailable] = Lane(
            *(partial(self._search, self._line(self._database.searcher())) for _ in range(_WINDOW_LINES)),
            most_waiting=most_waiting,
            largest=largest_batch,
            alike=_as_it_is,
        )
        self._related: Lane[AskedRelated, Mapping[JSON, Page] | Unavailable] = Lane(
            partial(self._look_among, self._line(self._database.searcher())),
            most_waiting=most_waiting,
            largest=largest_batch,
            alike=lambda ask: ask[:4],
        )
        self._rows: Lane[AskedRows, Sequence[Row | None] | Unavailable] = Lane(
            partial(self._fetch_rows, self._line(self._database.searcher())),
            most_waiting=most_waiting,
            largest=largest_batch,
            alike=lambda ask: ask[:3],
        )
        self._pulses: Lane[None, bool] = Lane(
            partial(self._feel_pulse, self._line(self._database.reader())), most_waiting=most_waiting, largest=largest_batch
        )

    async def open(self) -> None:
        """Connect, and create or check the tables; a second call does nothing. The first use opens the store as well.

        Raises TableMismatch, DatabaseUrlError for a folder that is not there, DatabaseAway, or StoreError for anything unforeseen.
        """
        self._is_closed = False
        await self._ensure_open()

    async def close(self) -> None:
        """Answer every caller that is queued, then let the connections go. Until `open` is called again, callers get Unavailable."""
        self._is_closed = True
        async with self._opening:
            self._is_open = False
            for lane in (self._commits, self._fetches, self._scoped_fetches, self._windows, self._searches, self._related, self._rows):
                await lane.finish()
            await self._pulses.finish()
            for line in self._lines:
                await line.close()
            await self._database.close()

    def watch(self, watcher: Watcher) -> None:
        """Let the batches of each kind of work be watched."""
        self._commits.watch = watcher.lane("commit")
        self._fetches.watch = watcher.lane("fetch")
        self._scoped_fetches.watch = watcher.lane("scoped_fetch")
        self._windows.watch = watcher.lane("window")
        self._searches.watch = watcher.lane("search")
        self._related.watch = watcher.lane("related")
        self._rows.watch = watcher.lane("rows")

    async def ready(self) -> bool:
        """Tell whether the database answers now."""
        try:
            async with asyncio.timeout(self._patience):
                return await self._opened() is None and await self._pulses.serve(None) is True
        except Exception:
            return False

    def fetch(self, resource: ResourceShape, key: Key, scope: Scope | None = None) -> Coroutine[Any, Any, Facts | Unavailable]:
        prepared = self._prepared[resource.names.type]
        if scope is None:
            return self._serve(self._fetches, (prepared, key))
        return self._fetch_in_scope(prepared, key, scope)

    def window(self, resource: ResourceShape, window: Window, scope: Scope | None = None) -> Coroutine[Any, Any, Page | Unavailable]:
        prepared = self._prepared[resource.names.type]
        if scope is not None:
            return self._in_scope(self._searches, prepared, scope, lambda scoped: (prepared, window, scoped))
        # Those that may take long wait for their like alone; under a scope any may.
        lane = self._windows if is_quick(window) else self._searches
        return self._serve(lane, (prepared, window, None))

    def rows(
        self, resource: ResourceShape, keys: Sequence[Key], fields: frozenset[str] | None, scope: Scope | None = None
    ) -> Coroutine[Any, Any, Sequence[Row | None] | Unavailable]:
        prepared = self._prepared[resource.names.type]
        if scope is None:
            return self._serve(self._rows, (prepared, fields, None, keys))
        return self._in_scope(self._rows, prepared, scope, lambda scoped: (prepared, fields, scoped, keys))

    def related(
        self, resource: ResourceShape, field: str, values: Sequence[JSON], window: Window, scope: Scope | None = None
    ) -> Coroutine[Any, Any, Mapping[JSON, Page] | Unavailable]:
        prepared = self._prepared[resource.names.type]
        if scope is None:
            return self._serve(self._related, (prepared, field, window, None, values))
        return self._in_scope(self._related, prepared, scope, lambda scoped: (prepared, field, window, scoped, values))

    def commit(
        self, resource: ResourceShape, changes: ChangeSet, scope: Scope | None = None
    ) -> Coroutine[Any, Any, Committed | Raced | Conflict | Forbidden | Unavailable]:
        prepared = self._prepared[resource.names.type]
        if scope is None:
            return self._serve(self._commits, (prepared, changes, None))
        return self._in_scope(self._commits, prepared, scope, lambda scoped: (prepared, changes, scoped))

    async def _fetch_in_scope(self, prepared: Prepared, key: Key, scope: Scope) -> Facts | Unavailable:
        scoped = self._rules.scoped(prepared.stored, scope)
        if scoped is None:
            return await self._serve(self._fetches, (prepared, key))
        return await self._serve(self._scoped_fetches, (prepared, key, scoped))

    async def _in_scope(
        self, lane: Lane[Asking, Told], prepared: Prepared, scope: Scope, ask: Callable[[InScope | None], Asking]
    ) -> Told | Unavailable:
        """Serve a caller with a scope; one that the database cannot be asked is raised to the caller before anybody waits."""
        return await self._serve(lane, ask(self._rules.scoped(prepared.stored, scope)))

    def _serve(self, lane: Lane[Asking, Told], ask: Asking) -> Coroutine[Any, Any, Told | Unavailable]:
        # Not a coroutine: each one between a caller and the lane would cost every caller.
        if self._is_open:
            return lane.serve(ask)
        return self._open_first(lane, ask)

    async def _open_first(self, lane: Lane[Asking, Told], ask: Asking) -> Told | Unavailable:
        refusal = await self._opened()
        return await lane.serve(ask) if refusal is None else refusal

    async def _opened(self) -> Unavailable | None:
        """Open the store for a caller who found it closed; a refusal if that cannot be done now."""
        if self._is_closed:
            return Unavailable()
        try:
            await self._ensure_open()
        except DatabaseAway:
            return Unavailable()
        return None

    async def _ensure_open(self) -> None:
        async with self._opening:
            if self._is_open:
                return
            await self._database.open(partial(fit_or_create, tables=self._tables, create=self._create_tables))
            self._is_open = True

    async def _commit_all(self, line: Line, asks: Sequence[Ask]) -> Sequence[Answer]:
        try:
            return await line.run(lambda connection: self._database.commit_many(connection, asks))
        except DatabaseAway:
            return [Unavailable()] * len(asks)
        except Exception as error:
            # What a batch raises as a whole has written nothing, unless it says that this is unknown.
            if not isinstance(error, StoreError) and failure(error) is Failure.BUSY:
                return [Unavailable()] * len(asks)
            raise

    async def _fetch_all(self, line: Line, asked: Sequence[Asked]) -> Sequence[Facts | Unavailable | StoreError]:
        facts = await _read(line, lambda connection: fetch_all(connection, asked))
        return [facts] * len(asked) if isinstance(facts, Unavailable) else facts

    async def _fetch_all_scoped(self, line: Line, asked: Sequence[AskedInScope]) -> Sequence[Facts | Unavailable | StoreError]:
        facts = await _read(line, lambda connection: fetch_all_scoped(connection, asked))
        return [facts] * len(asked) if isinstance(facts, Unavailable) else facts

    async def _look(self, searcher: Line, reader: Line, asked: Sequence[AskedWindow]) -> Sequence[Page | Unavailable]:
        prepared, window, _ = asked[0]
        if not is_plain(window):
            return await self._search(searcher, asked)
        return [await _read(reader, partial(look, prepared=prepared, window=window))] * len(asked)

    async def _search(self, line: Line, asked: Sequence[AskedWindow]) -> Sequence[Page | Unavailable]:
        prepared, window, scoped = asked[0]
        return [await _read(line, partial(search, prepared=prepared, window=window, scoped=scoped), scoped)] * len(asked)

    async def _look_among(self, line: Line, asked: Sequence[AskedRelated]) -> Sequence[Mapping[JSON, Page] | Unavailable]:
        prepared, field, window, scoped, _ = asked[0]
        values = list(dict.fromkeys(value for ask in asked for value in ask[4]))
        pages = await _read(line, lambda connection: look_among(connection, prepared, field, values, window, scoped), scoped)
        if isinstance(pages, Unavailable):
            return [pages] * len(asked)
        return [{value: pages[value] for value in ask[4]} for ask in asked]

    async def _fetch_rows(self, line: Line, asked: Sequence[AskedRows]) -> Sequence[Sequence[Row | None] | Unavailable]:
        prepared, fields, scoped, _ = asked[0]
        keys = list(dict.fromkeys(key for ask in asked for key in ask[3]))
        rows = await _read(line, lambda connection: rows_of(connection, prepared, keys, fields, scoped), scoped)
        if isinstance(rows, Unavailable):
            return [rows] * len(asked)
        return [[rows.get(key) for key in ask[3]] for ask in asked]

    async def _feel_pulse(self, line: Line, asked: Sequence[None]) -> Sequence[bool]:
        answer = await _read(line, lambda connection: connection.exec_driver_sql("SELECT 1").scalar_one())
        return [answer == 1] * len(asked)

    def _line(self, line: Line) -> Line:
        self._lines.append(line)
        return line


async def _read(line: Line, work: Callable[[sa.Connection], Result], scoped: InScope | None = None) -> Result | Unavailable:
    for _ in range(_READ_ATTEMPTS):
        try:
            return await line.run(work)
        except Exception as error:
            match failure(error):
                case Failure.LOST | Failure.AGAIN:
                    continue
                case Failure.BUSY:
                    return Unavailable()
                case _ if scoped is not None:
                    raise unforeseen(error, scoped) from error
                case _:
                    raise
    return Unavailable()


def _as_it_is(ask: Asking) -> Asking:
    return ask


def _database(url: str, busy_seconds: float, statement_seconds: float) -> Database:
    match read_url(url):
        case SqliteFile(path):
            return SqliteDatabase(path, busy_seconds=busy_seconds, statement_seconds=statement_seconds)
        case PostgresServer(dsn):
            return PostgresDatabase(dsn, busy_seconds=busy_seconds, statement_seconds=statement_seconds)
        case unknown:
            assert_never(unknown)
