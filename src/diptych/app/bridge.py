"""The bridge: resources, a database, and the two doors over them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

import strawberry
from fastapi import FastAPI
from starlette.routing import Match, Route

from diptych.app.openapi import merge_openapi
from diptych.app.pages import SitePages
from diptych.graphql.http import GraphqlDoor
from diptych.graphql.schema import build_schema, print_sdl
from diptych.http.answer import problem_answer, send_answer
from diptych.http.asgi import Application, Receive, Scope, Send
from diptych.http.asgi import root_path as root_path_of
from diptych.http.doorkeeper import Doorkeeper
from diptych.pages.html import PAGE_HEADERS
from diptych.resource.declaration import Resource
from diptych.resource.reading import read_resources
from diptych.rest.door import RestDoor
from diptych.semantics.principal import Caller
from diptych.semantics.problems import problem
from diptych.service.acting import Acting, Rules
from diptych.service.execute import Service
from diptych.store.errors import DatabaseAway
from diptych.store.sql import SqlStore

if TYPE_CHECKING:
    from diptych.identity.authenticator import Authenticator

MOST_BYTES = 1 << 20


class MountError(ValueError):
    """The application has something in the place of a door, or something that a door would silently pass by."""


class Bridge:
    """Resources declared once and served through two doors.

    `database` is a URL as people know it, `sqlite:///shop.db` or `postgresql://user@host/name`. `api` and `graphql` are the paths
    of the doors. `query`, `mutation`, `types` and `extensions` are Strawberry's own and stand beside ours in the schema.
    `most_bytes` bounds the content of a request. Tables that are missing are created when the bridge opens, unless
    `create_tables` is false; a table that is there is never changed, and one that does not fit is refused with TableMismatch.
    `on_open` runs once after that, in every process.

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
        most_bytes: int = MOST_BYTES,
        create_tables: bool = True,
        on_open: Callable[[Service], Awaitable[None]] | None = None,
        authenticator: Authenticator | None = None,
        anonymous: bool = False,
        deny_by_default: bool = False,
    ) -> None:
        self.title = title
        self.api = _door_path("api", api)
        self.graphql = _door_path("graphql", graphql)
        self.resources = read_resources(resources)
        self.schema: strawberry.Schema = build_schema(self.resources, query=query, mutation=mutation, types=types, extensions=extensions)
        self._most_bytes = most_bytes
        self._create_tables = create_tables
        self._on_open = on_open
        self.authenticator = authenticator
        self.rules = Rules(self.resources, deny=deny_by_default)
        self._doorkeeper: Doorkeeper | None = None
        if authenticator is not None:
            from diptych.app.doorkeeping import Doorkeeping

            self._doorkeeper = Doorkeeping(authenticator, anonymous=anonymous)
        self._stand_over(database)

    def at(self, database: str) -> Bridge:
        """The same bridge over another database."""
        other = copy(self)
        other._stand_over(database)
        return other

    def _stand_over(self, database: str) -> None:
        """Build what belongs to one database; everything above it is the same over any."""
        self.database = database
        self._opening = asyncio.Lock()
        self._is_open = False
        self.service = Service(SqlStore(database, self.resources, create_tables=self._create_tables), self._most_bytes)
        self._pages = SitePages(self)
        self.act: Callable[[Caller], Acting] = partial(Acting, self.service, self.rules)
        self._rest = RestDoor(
            self.service,
            self.resources,
            base=self.api,
            most_bytes=self._most_bytes,
            act=self.act,
            doorkeeper=self._doorkeeper,
        )
        self._graphql = GraphqlDoor(
            self.service,
            self.schema,
            self.resources,
            page=self._pages.playground,
            page_fields=PAGE_HEADERS,
            path=self.graphql,
            most_bytes=self._most_bytes,
            act=self.act,
            doorkeeper=self._doorkeeper,
        )

    async def open(self) -> None:
        """Connect, check or create the tables, and run `on_open`; a second call does nothing.

        Raises TableMismatch for a table that does not fit its model, and DatabaseAway where the database cannot be reached.
        """
        async with self._opening:
            if self._is_open:
                return
            await self.store.open()
            if self.authenticator is not None:
                await self.authenticator.open()
            if self._on_open is not None:
                await self._on_open(self.service)
            self._is_open = True

    async def close(self) -> None:
        """Wait for the work under way and let the database go; the bridge may be opened again."""
        async with self._opening:
            self._is_open = False
            await self.store.close()
            if self.authenticator is not None:
                await self.authenticator.close()

    @property
    def store(self) -> SqlStore:
        store = self.service.store
        assert isinstance(store, SqlStore)
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
        self.mount(application)
        return application

    def mount(self, app: FastAPI, *, beside_dependencies: bool = False) -> None:
        """Put both doors into an application that is already there; its own routes and error shapes stay as they are.

        They become routes of the application, so that its middleware applies; the paths are `api`, `graphql`, `/problems`
        and `/diptych/assets`. Its OpenAPI document gains ours, and its lifespan opens and closes the bridge.
        Raises MountError where one of its routes already answers at such a path, and where it has dependencies of its own
        (`FastAPI(dependencies=…)`), which FastAPI does not run for our routes, unless `beside_dependencies` says that this is meant.
        """
        if app.router.dependencies and not beside_dependencies:
            raise MountError(
                "The application has dependencies= that would not run for the doors. Use middleware instead, "
                "or mount(app, beside_dependencies=True) if they guard nothing."
            )
        collections = [f"{self.api}/{shape.names.path}" for shape in self.resources]
        # An item's path too: a route such as /users/{name} would answer there before the door.
        paths = [self.graphql, *collections, *(f"{path}/1" for path in collections)]
        for path in paths:
            for route in app.routes:
                match, _ = route.matches({"type": "http", "path": path, "method": "GET", "headers": [], "root_path": ""})
                if match is not Match.NONE:
                    raise MountError(
                        f"The application already answers at {path}. Give Bridge another api= or graphql=, or drop that route."
                    )
        for path, door in self._doors():
            app.router.routes.append(Route(path, door))
            app.router.routes.append(Route(path + "/{rest:path}", door))
        self._pages.add_shared(app)
        merge_openapi(app, self)
        _open_with(app, self)

    def _doors(self) -> tuple[tuple[str, Application], ...]:
        return (self.api, Opened(self, self._rest)), (self.graphql, Opened(self, self._graphql))


class Opened:
    """A door behind which the bridge is open, also where the server runs no lifespan or the database comes late."""

    def __init__(self, bridge: Bridge, door: Application) -> None:
        self._bridge = bridge
        self._door = door

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Not a coroutine itself: each one that lies between a request and what it waits for costs on every step.
        return self._door(scope, receive, send) if self._bridge._is_open else self._open_first(scope, receive, send)

    async def _open_first(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._bridge.open()
        except DatabaseAway:
            refusal = problem("unavailable", "The database is away; nothing was written. Try again soon.")
            answer = problem_answer(refusal, root_path_of(scope), [(b"retry-after", b"1")])
            await send_answer(send, answer, head=scope["method"] == "HEAD")
        else:
            await self._door(scope, receive, send)


class BridgeApplication(FastAPI):
    """A FastAPI application whose doors stand in front of it, as long as nobody has put middleware between."""

    def __init__(self, bridge: Bridge, **settings: Any) -> None:
        super().__init__(**settings)
        self._fronts = tuple((path, path + "/", door) for path, door in bridge._doors())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A user's middleware must never be passed by, so the short cut is for applications without any.
        if scope["type"] == "http" and not self.user_middleware and not scope.get("root_path"):
            path: str = scope["path"]
            for exact, beneath, door in self._fronts:
                if path == exact or path.startswith(beneath):
                    if self.root_path:
                        scope["root_path"] = self.root_path
                    return await door(scope, receive, send)
        return await super().__call__(scope, receive, send)


def _door_path(name: str, path: str) -> str:
    if not path.startswith("/") or path.endswith("/") or "{" in path or "//" in path:
        raise ValueError(f'Bridge({name}={path!r}): a door\'s path starts with a slash and does not end with one, such as "/{name}".')
    return path


def _open_with(app: FastAPI, bridge: Bridge) -> None:
    """Open the bridge when the application starts and close it when it stops, inside the lifespan that it already has."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[Any]:
        async with inner(application) as state:
            await bridge.open()
            try:
                yield state
            finally:
                await bridge.close()

    app.router.lifespan_context = lifespan
