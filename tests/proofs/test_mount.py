"""Both doors inside an application that is already there: its routes, errors, lifespan and middleware stay its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from starlette.middleware import Middleware

from diptych import Bridge, MountError
from diptych.demo import demo_bridge
from diptych.demo.models import RESOURCES
from tests.doors.door import USER, Graphql, Rest

JANE = {"name": "Jane", "email": "jane@example.com"}


def asking(app: Any, prefix: str = "") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, root_path=""), base_url=f"http://test{prefix}")


def own_application(**settings: Any) -> FastAPI:
    app = FastAPI(**settings)

    @app.get("/own/{number}")
    async def own(number: int) -> dict[str, int]:
        if number == 0:
            raise HTTPException(418, "no zero")
        return {"number": number}

    return app


async def test_own_routes_and_error_shapes_stay(sqlite_url: str) -> None:
    app = own_application()
    bridge = demo_bridge(sqlite_url)
    bridge.mount(app)
    async with asking(app) as client:
        assert (await client.get("/own/5")).json() == {"number": 5}
        assert (await client.get("/own/0")).json() == {"detail": "no zero"}
        assert (await client.get("/own/x")).status_code == 422
        assert (await client.get("/nowhere")).json() == {"detail": "Not Found"}
        assert (await client.post("/own/5")).json() == {"detail": "Method Not Allowed"}
        # The doors' own paths, and whatever lies beneath them, have the doors' shape.
        for path in ("/api", "/api/", "/api/nowhere", "/api/users/", "/api/users/1/x", "/graphql/", "/graphql/x"):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path
            assert answer.json()["code"] == "not_found"
        assert (await client.put("/api/users")).status_code == 405
        made = await Rest(client).create(USER, JANE)
        assert (await Graphql(client).fetch(USER, made.key)).row == made.row
        assert (await client.get("/problems/version-mismatch")).status_code == 200
        document = (await client.get("/openapi.json")).json()
        assert {"/own/{number}", "/api/users", "/api/users/{id}"} <= document["paths"].keys()
        assert (await client.get("/docs")).status_code == 200
    await bridge.close()


async def test_its_lifespan_runs_around_ours(sqlite_url: str) -> None:
    order: list[str] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, int]]:
        order.append("its own begins")
        yield {"kept": 7}
        order.append("its own ends")

    app = own_application(lifespan=lifespan)
    bridge = demo_bridge(sqlite_url)
    bridge.mount(app)
    async with app.router.lifespan_context(app) as state:
        assert state == {"kept": 7}
        order.append("served")
        assert await bridge.store.ready()
        async with asking(app) as client:
            assert (await client.get("/api/users")).status_code == 200
    assert order == ["its own begins", "served", "its own ends"]
    assert not await bridge.store.ready()


async def test_its_middleware_sees_the_doors(sqlite_url: str) -> None:
    seen: list[str] = []
    app = own_application()

    @app.middleware("http")
    async def watch(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        seen.append(request.url.path)
        if "x-intruder" in request.headers:
            return Response(status_code=403)
        response = await proceed(request)
        response.headers["x-watched"] = "yes"
        return response

    bridge = demo_bridge(sqlite_url)
    bridge.mount(app)
    async with asking(app) as client:
        for method, path in (("GET", "/api/users"), ("POST", "/graphql"), ("DELETE", "/api/users/1"), ("OPTIONS", "/api/users")):
            assert (await client.request(method, path, headers={"x-intruder": "1"})).status_code == 403
        assert (await client.get("/api/users/1")).headers["x-watched"] == "yes"
    assert seen == ["/api/users", "/graphql", "/api/users/1", "/api/users", "/api/users/1"]
    await bridge.close()


class Shield:
    """A plain ASGI middleware that lets nobody through."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize("when", ["as a setting", "before the first request", "around it"])
async def test_the_short_cut_is_never_taken_past_middleware(sqlite_url: str, when: str) -> None:
    bridge = demo_bridge(sqlite_url)
    served: Any
    if when == "as a setting":
        served = bridge.app(middleware=[Middleware(Shield)])
    elif when == "before the first request":
        served = bridge.app()
        served.add_middleware(Shield)
    else:
        served = Shield(bridge.app())
    async with asking(served) as client:
        for path in ("/api/users", "/api/users/1", "/api", "/graphql", "/graphql/", "/docs", "/", "/nowhere"):
            for method in ("GET", "POST", "PUT", "OPTIONS"):
                assert (await client.request(method, path)).status_code == 401, (method, path)
    await bridge.close()


async def test_a_browser_of_another_origin_reads_the_tag(sqlite_url: str) -> None:
    app = own_application()
    bridge = demo_bridge(sqlite_url)
    bridge.mount(app)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["http://other"],
        allow_methods=["PUT", "PATCH", "DELETE"],
        allow_headers=["If-Match", "Content-Type"],
        expose_headers=["ETag", "Location", "Link", "Preference-Applied", "Retry-After", "Accept-Patch"],
    )
    async with asking(app) as client:
        preflight = await client.options(
            "/api/users/1",
            headers={"origin": "http://other", "access-control-request-method": "PUT", "access-control-request-headers": "if-match"},
        )
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, "http://other")
        assert "PUT" in preflight.headers["access-control-allow-methods"]
        read = await client.get("/api/users/1", headers={"origin": "http://other"})
        assert read.headers["etag"] == '"1"'
        assert "ETag" in read.headers["access-control-expose-headers"]
        # A plain OPTIONS is no preflight: it is the door that answers.
        plain = await client.options("/api/users/1")
        assert plain.status_code == 204
        assert "accept-patch" in plain.headers
        refused = await client.put("/api/users/1", json={}, headers={"origin": "http://other", "if-match": '"9"'})
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (412, "http://other")
    await bridge.close()


@pytest.mark.parametrize("how", ["mounted", "root_path"])
async def test_under_a_prefix_every_address_carries_it(sqlite_url: str, how: str) -> None:
    bridge = demo_bridge(sqlite_url)
    if how == "mounted":
        app = own_application()
        app.mount("/v1", bridge.app())
        client = asking(app, "/v1")
    else:
        # A proxy in front takes the prefix away before the request comes here.
        client = asking(bridge.app(root_path="/v1"))
    async with client:
        made = await client.post("/api/users", json=JANE)
        assert made.headers["location"] == f"/v1/api/users/{made.json()['id']}"
        put = await client.put(f"/api/users/{made.json()['id']}", json={**JANE, "bio": "b"})
        assert put.headers["content-location"] == made.headers["location"]
        page = await client.get("/api/users?limit=1")
        assert "</v1/api/users?limit=1" in page.headers["link"]
        missing = await client.get("/api/users/999999")
        assert missing.json()["type"] == "/v1/problems/not-found"
        query = 'mutation { deleteUser(id: "999999") { ... on Problem { type } } }'
        twin = await client.post("/graphql", json={"query": query})
        assert twin.json() == {"data": {"deleteUser": {"type": "/v1/problems/not-found"}}}
        assert (await client.get("/problems/not-found")).status_code == 200
        assert '"/v1/' in (await client.get("/docs")).text
        assert "/v1/graphql" in (await client.get("/graphql", headers={"accept": "text/html"})).text
    await bridge.close()


async def test_an_own_path_for_each_door(sqlite_url: str) -> None:
    app = own_application()
    bridge = Bridge(sqlite_url, RESOURCES, api="/rest/v2", graphql="/gql")
    bridge.mount(app)
    async with asking(app) as client:
        made = await client.post("/rest/v2/users", json=JANE)
        assert made.headers["location"].startswith("/rest/v2/users/")
        assert (await client.post("/gql", json={"query": "{ __typename }"})).json() == {"data": {"__typename": "Query"}}
        assert (await client.get("/api/users")).json() == {"detail": "Not Found"}
    await bridge.close()


@pytest.mark.parametrize("taken", ["/api/users", "/api/users/{user_id}", "/graphql", "/api/{rest:path}", "/{anything:path}"])
def test_a_path_that_the_application_has_already_is_refused(sqlite_url: str, taken: str) -> None:
    app = FastAPI()

    @app.get(taken)
    async def own() -> None: ...

    with pytest.raises(MountError, match="already answers"):
        demo_bridge(sqlite_url).mount(app)


def test_dependencies_that_would_not_run_are_refused(sqlite_url: str) -> None:
    def guard() -> None: ...

    with pytest.raises(MountError, match="dependencies"):
        demo_bridge(sqlite_url).mount(FastAPI(dependencies=[Depends(guard)]))
    with pytest.raises(MountError, match="dependencies"):
        demo_bridge(sqlite_url).app(dependencies=[Depends(guard)])
    demo_bridge(sqlite_url).mount(FastAPI(dependencies=[Depends(guard)]), beside_dependencies=True)
