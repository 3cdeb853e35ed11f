"""The bridge: resources, a database, and the two doors over them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any

import strawberry
from fastapi import FastAPI
from starlette.routing import Route

from diptych.app.application import BridgeApplication
from diptych.app.doorkeeping import Doorkeeping
from diptych.app.health import add_health
from diptych.app.mounting import MountError, refuse_to_mount
from diptych.app.openapi import merge_openapi
from diptych.app.opening import Opened, open_with
from diptych.app.origins import checked_origins, crossing
from diptych.app.pages import SitePages
from diptych.app.rated import Rated
from diptych.app.rates import RateLimit
from diptych.app.sighted import Sighted
from diptych.graphql.http import GraphqlDoor
from diptych.graphql.schema import build_schema, print_sdl
from diptych.graphql.trusted import TrustedDocuments
from diptych.http.asgi import Application
from diptych.http.doorkeeper import Doorkeeper
from diptych.identity.authenticator import Authenticator
from diptych.observe.watching import Watching
from diptych.observe.watchpost import Watchpost
from diptych.pages.html import PAGE_HEADERS
from diptych.resource.declaration import Resource
from diptych.resource.reading import read_resources
from diptych.rest.door import RestDoor
from diptych.semantics.limits import USUAL_LIMITS, Limits, LimitsError
from diptych.semantics.principal import Caller
from diptych.service.acting import Acting, Rules
from diptych.service.execute import Service
from diptych.service.ports import StoreError
from diptych.store.errors import DatabaseAway, TableMismatch
from diptych.store.replicated import ReplicatedStore, checked_replica
from diptych.store.sql import SqlStore

log = logging.getLogger("diptych")


class Bridge:
    """Resources declared once and served through two doors.

    `database` is a URL as people know it, `sqlite:///shop.db` or `postgresql://user@host/name`. `api` and `graphql` are the paths
    of the doors. `query`, `mutation`, `types` and `extensions` are Strawberry's own and stand beside ours in the schema.
    `limits` bound what a request may ask for, `most_bytes` being short for one of them, and `rates` how often one caller may ask.
    With `trusted`, documents of a manifest run by name. Scripts of the `origins` named may use both doors.

    Tables that are missing are created when the bridge opens, unless `create_tables` is false; a table that is there is never
    changed, and one that does not fit is refused with TableMismatch. `on_open` runs once after that, in every process.
    `busy_seconds` bounds the wait for a lock or a connection. Without `pages` there is no console, playground or REST reference.
    Reads may be answered by a `replica` of the database, which is a PostgreSQL server and lags behind.

    The authenticator says who asks, for both doors; without one nobody is asked. With one, a request that says nothing of who asks
    is refused, unless `anonymous` lets it in for the policies to judge. What no rule of a policy speaks of is allowed, unless
    `deny_by_default` refuses it.

    Raises DeclarationError for a resource that cannot be served, DatabaseUrlError for a URL that is not one of ours.
    """

    def __init__(
        self,
        database: str,
        resources: Sequence[Resource],
        *,
        title: str = "diptych",
        api: str = "/api",
        graphql: str = "/graphql",
        query: type | None = None,
        mutation: type | None = None,
        types: Sequence[Any] = (),
        extensions: Sequence[Any] = (),
        most_bytes: int | None = None,
        create_tables: bool = True,
        on_open: Callable[[Service], Awaitable[None]] | None = None,
        authenticator: Authenticator | None = None,
        anonymous: bool = False,
        deny_by_default: bool = False,
        busy_seconds: float = 5.0,
        pages: bool = True,
        limits: Limits | None = None,
        rates: RateLimit | bool = True,
        trusted: TrustedDocuments | None = None,
        origins: Sequence[str] = (),
        replica: str | None = None,
    ) -> None:
        self.title = title
        self.api = _door_path("api", api)
        self.graphql = _door_path("graphql", graphql)
        self._build_schema = partial(build_schema, query=query, mutation=mutation, types=types, extensions=extensions)
        self._deny_by_default = deny_by_default
        self.resources = read_resources(resources)
        self._stand_within(_limits(limits, most_bytes))
        self.trusted = trusted
        self._origins = checked_origins(origins)
        self._create_tables = create_tables
        self.replica = replica
        self._on_open = on_open
        self.busy_seconds = busy_seconds
        self.pages = pages
        self._counted = self._traced = False
        self.authenticator = authenticator
        self.anonymous = anonymous
        self._keep_door(rates)
        self._stand_over(database)

    def at(
        self,
        database: str,
        *,
        busy_seconds: float | None = None,
        pages: bool | None = None,
        limits: Limits | None = None,
        rates: RateLimit | bool | None = None,
        replica: str | None = None,
    ) -> Bridge:
        """The same bridge over another database, or run in another way; None leaves what is. Another database has no replica yet."""
        other = copy(self)
        if limits is not None:
            other._stand_within(limits)
        if rates is not None:
            other._keep_door(rates)
        other.busy_seconds = self.busy_seconds if busy_seconds is None else busy_seconds
        other.pages = self.pages if pages is None else pages
        other.replica = replica if replica is not None or database != self.database else self.replica
        other._stand_over(database)
        return other

    def observe(self, *, metrics: bool = False, traces: bool = False) -> None:
        """Count commands for Prometheus, or send a span of each to OpenTelemetry, from now on; a second call switches on more.

        Counts are in prometheus-client's own registry. Raises ModuleNotFoundError where the extra for it is not installed.
        """
        self._counted, self._traced = self._counted or metrics, self._traced or traces
        if metrics:
            counts = self._watching.count()
            self.store.watch(counts)
            self._graphql.watch(counts)
        if traces:
            self._watching.trace(self.database)

    def _keep_door(self, rates: RateLimit | bool) -> None:
        """Build what stands before both doors."""
        self.rates = RateLimit() if rates is True else rates or None
        asking = None if self.authenticator is None else Doorkeeping(self.authenticator, anonymous=self.anonymous)
        self._doorkeeper: Doorkeeper | None = asking if self.rates is None else Rated(self.rates, asking)

    def _stand_within(self, limits: Limits) -> None:
        """Build what the limits are a part of."""
        self.limits = limits
        self.resources = tuple(replace(shape, limits=limits) for shape in self.resources)
        self.schema: strawberry.Schema = self._build_schema(self.resources)
        self.rules = Rules(self.resources, deny=self._deny_by_default)

    def _stand_over(self, database: str) -> None:
        """Build what belongs to one database; everything above it is the same over any."""
        self.database = database
        self._opening = asyncio.Lock()
        self.is_open = False
        # True once no more requests should be sent here; whoever stops the server says so.
        self.is_stopping = False
        store = self._store(database, create_tables=self._create_tables)
        replica = None if self.replica is None else self._store(checked_replica(database, self.replica), create_tables=False)
        self.service = Service(store if replica is None else ReplicatedStore(store, replica), self.limits.body_bytes)
        self._watching = Watching()
        self._pages = SitePages(self, self._doorkeeper)
        self.act: Callable[[Caller], Acting] = self._watching.acting(self.service, self.rules)
        self._rest = RestDoor(
            self.service,
            self.resources,
            base=self.api,
            limits=self.limits,
            act=self.act,
            doorkeeper=self._doorkeeper,
        )
        self._graphql = GraphqlDoor(
            self.service,
            self.schema,
            self.resources,
            page=self._pages.playground if self.pages else None,
            page_fields=PAGE_HEADERS,
            path=self.graphql,
            limits=self.limits,
            trusted=self.trusted,
            act=self.act,
            doorkeeper=self._doorkeeper,
        )
        self.observe(metrics=self._counted, traces=self._traced)

    def _store(self, database: str, *, create_tables: bool) -> SqlStore:
        return SqlStore(
            database,
            self.resources,
            create_tables=create_tables,
            busy_seconds=self.busy_seconds,
            statement_seconds=self.limits.statement_seconds,
            most_waiting=self.limits.waiting,
        )

    async def open(self) -> None:
        """Connect, check or create the tables, and run `on_open`; a second call does nothing.

        Raises TableMismatch for a table that does not fit its model, and DatabaseAway where the database cannot be reached.
        """
        async with self._opening:
            if self.is_open:
                return
            await self.store.open()
            if self.authenticator is not None:
                await self.authenticator.open()
            if self._on_open is not None:
                await self._on_open(self.service)
            self.is_open = True

    async def close(self) -> None:
        """Wait for the work under way and let the database go; the bridge may be opened again."""
        async with self._opening:
            self.is_open = False
            await self.store.close()
            if self.authenticator is not None:
                await self.authenticator.close()
            if self.rates is not None:
                await self.rates.close()

    async def ready(self) -> bool:
        """Tell whether the database answers now and the tables fit; what is wrong goes to the log."""
        try:
            await self.open()
        except DatabaseAway:
            return False
        except (TableMismatch, StoreError) as error:
            log.error("the bridge cannot be opened: %s", error)
            return False
        return await self.store.ready()

    @property
    def store(self) -> SqlStore | ReplicatedStore:
        store = self.service.store
        assert isinstance(store, SqlStore | ReplicatedStore)
        return store

    def sdl(self) -> str:
        """The GraphQL schema as text, for `schema.graphql` and for code generators."""
        return print_sdl(self.schema)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document of `app()`."""
        return self.app().openapi()

    def app(self, *, root_path: str = "", **settings: Any) -> FastAPI:
        """A FastAPI application with both doors, their documentation and the pages.

        `root_path` is a prefix that a proxy in front takes away. `settings` are FastAPI's own, `middleware` or `lifespan` for
        example. Routes and middleware can be added as to any other.
        `dependencies` are refused, since they would not run for the doors: use middleware.
        """
        if settings.get("dependencies"):
            raise MountError("dependencies= would not run for the doors; use middleware, which runs for every request.")
        application = BridgeApplication(self, **{"title": self.title, "docs_url": None, "redoc_url": None, **settings})
        # FastAPI warns of its argument of this name, and reads the attribute.
        application.root_path = root_path
        self._pages.add_site(application)
        self.mount(application, health=True)
        return application

    def mount(self, app: FastAPI, *, beside_dependencies: bool = False, health: bool = False) -> None:
        """Put both doors into an application that is already there; its own routes and error shapes stay as they are.

        They become routes of the application, so that its middleware applies; the paths are `api`, `graphql`, `/problems`
        and `/diptych/assets`, with `health` also `/healthz` and `/readyz`. Its OpenAPI document gains ours, and its lifespan opens and
        closes the bridge.
        Raises MountError where one of its routes already answers at such a path, and where it has dependencies of its own
        (`FastAPI(dependencies=…)`), which FastAPI does not run for our routes, unless `beside_dependencies` says that this is meant.
        """
        refuse_to_mount(app, self, beside_dependencies=beside_dependencies)
        for path, door in self.doors():
            app.router.routes.append(Route(path, door))
            app.router.routes.append(Route(path + "/{rest:path}", door))
        self._pages.add_shared(app)
        if health:
            add_health(app, self)
        merge_openapi(app, self)
        open_with(app, self)

    def doors(self) -> tuple[tuple[str, Application], ...]:
        """Both doors, each with its path and what stands before it."""
        return (
            (self.api, crossing(Watchpost(self._opened(self._rest), "rest", self._watching), self._origins)),
            (self.graphql, crossing(Watchpost(self._opened(self._graphql), "graphql", self._watching), self._origins)),
        )

    def _opened(self, door: Application) -> Application:
        return Opened(self, door if self.replica is None else Sighted(door, self.resources))


def _limits(limits: Limits | None, most_bytes: int | None) -> Limits:
    if most_bytes is None:
        return limits or USUAL_LIMITS
    if limits is not None:
        raise LimitsError("Bridge(most_bytes=…, limits=…): write Limits(body_bytes=…) alone.")
    return Limits(body_bytes=most_bytes)


def _door_path(name: str, path: str) -> str:
    if not path.startswith("/") or path.endswith("/") or "{" in path or "//" in path:
        raise ValueError(f'Bridge({name}={path!r}): a door\'s path starts with a slash and does not end with one, such as "/{name}".')
    return path
