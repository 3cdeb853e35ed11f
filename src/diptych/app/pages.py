"""The pages for people: console, playground, REST reference, and one page for each problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.routing import Route

from diptych.app.explaining import EXPLAIN, Explaining
from diptych.app.problem_pages import problem_help
from diptych.http.answer import Answer, problem_answer, send_answer
from diptych.http.asgi import Application, Receive, Scope, Send, root_path, segments
from diptych.http.doorkeeper import Doorkeeper
from diptych.pages.assets import Assets
from diptych.pages.content import Console, Index, ResourceEntry
from diptych.pages.html import PAGE_HEADERS, console_page, graphiql_page, problem_page, problems_index_page, swagger_page
from diptych.semantics.problems import PROBLEMS, problem

if TYPE_CHECKING:
    from diptych.app.bridge import Bridge

ASSETS: Final = "/diptych/assets"
PROBLEM_PAGES: Final = "/problems"
OPENAPI: Final = "/openapi.json"


class Page:
    """A page as a plain ASGI callable: `write` makes its bytes for a request, or None where there is no such page."""

    def __init__(self, write: Callable[[Scope], bytes | None]) -> None:
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            refusal = problem("method_not_allowed", "A page can only be read.")
            return await send_answer(send, problem_answer(refusal, root_path(scope), [(b"allow", b"GET, HEAD")]))
        body = self._write(scope)
        if body is None:
            nowhere = problem("not_found", "There is no such page.")
            return await send_answer(send, problem_answer(nowhere, root_path(scope)), head=scope["method"] == "HEAD")
        return await send_answer(send, Answer(200, PAGE_HEADERS, body), head=scope["method"] == "HEAD")


class SitePages:
    """Writes the pages of one bridge."""

    def __init__(self, bridge: Bridge, doorkeeper: Doorkeeper | None) -> None:
        self._bridge = bridge
        self._explaining = Explaining(bridge, doorkeeper)
        self._assets = Assets(ASSETS)
        self._help = {kind.code: problem_help(kind) for kind in PROBLEMS.values()}

    def add_shared(self, app: FastAPI) -> None:
        """The pages that the doors themselves lead to: the problems, and what the playground loads."""
        _serve(app, PROBLEM_PAGES, Page(self._problems))
        _serve(app, PROBLEM_PAGES + "/{rest:path}", Page(self._problems))
        _serve(app, ASSETS + "/{rest:path}", self._assets)
        if self._bridge.pages:
            _serve(app, EXPLAIN, self._explaining)

    def add_site(self, app: FastAPI) -> None:
        """The pages of an application that is all ours, and a problem where it serves nothing."""
        if self._bridge.pages:
            _serve(app, "/", Page(self._console))
            _serve(app, "/docs", Page(self._reference))
        # FastAPI would answer in a shape of its own, and redirect a trailing slash to an address taken from the Host field.
        app.router.redirect_slashes = False
        app.router.default = _nowhere

    def playground(self, scope: Scope) -> bytes:
        prefix = root_path(scope)
        title = f"{self._bridge.title} · GraphQL"
        return graphiql_page(prefix + self._bridge.graphql, prefix + self._assets.url, title, console=self._about(prefix))

    def _reference(self, scope: Scope) -> bytes:
        prefix = root_path(scope)
        title = f"{self._bridge.title} · REST"
        return swagger_page(prefix + OPENAPI, prefix + self._assets.url, title, console=self._about(prefix))

    def _console(self, scope: Scope) -> bytes:
        prefix = root_path(scope)
        entries = [
            ResourceEntry(
                shape.name,
                f"{self._bridge.api}/{shape.names.path}",
                (shape.names.singular, shape.names.plural),
                tuple(f"{verb}{shape.name}" for verb in ("create", "replace", "patch", "jsonPatch", "delete")),
                shape.description,
            )
            for shape in self._bridge.resources
        ]
        about = "Every resource has two doors, REST and GraphQL, and one check behind them: no update is lost through either."
        index = Index(self._bridge.title, entries, about)
        return console_page(self._about(prefix), prefix + self._assets.url, index, root=prefix)

    def _about(self, prefix: str) -> Console:
        """What the scripts of the pages are told; an address that they ask has every prefix, one in a document of ours has none."""
        bridge = self._bridge
        return Console(
            title=bridge.title,
            prefix=prefix,
            api=bridge.api,
            graphql=prefix + bridge.graphql,
            openapi=prefix + OPENAPI,
            explain=prefix + EXPLAIN,
            asks_who=bridge.authenticator is not None,
            resources=tuple(
                {
                    "name": shape.name,
                    "path": shape.names.path,
                    "singular": shape.names.singular,
                    "key": shape.key_name,
                    "clientKeyed": shape.client_keyed,
                    "versionsRequired": shape.versions_required,
                    "readOnly": sorted(shape.read_only),
                    "about": shape.description,
                }
                for shape in bridge.resources
            ),
        )

    def _problems(self, scope: Scope) -> bytes | None:
        match segments(scope):
            case (_,):
                return problems_index_page(tuple(self._help.values()), root=root_path(scope))
            case (_, name) if (page := self._help.get(name.replace("-", "_"))) is not None and "_" not in name:
                return problem_page(page, root=root_path(scope))
            case _:
                return None


def _serve(app: FastAPI, path: str, page: Application) -> None:
    app.router.routes.append(Route(path, page, include_in_schema=False))


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer where nothing is served, to HTTP as a problem; a WebSocket is closed."""
    if scope["type"] == "websocket":
        return await send({"type": "websocket.close"})
    refusal = problem("not_found", "Nothing is served at this path.")
    return await send_answer(send, problem_answer(refusal, root_path(scope)), head=scope["method"] == "HEAD")
