"""The REST door: a version travels as `If-Match: "n"`, version 0 as `If-None-Match: *`."""

from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import quote

import httpx

from diptych.app.bridge import Bridge
from diptych.http.asgi import Application
from diptych.resource.shape import ResourceShape
from diptych.semantics.principal import Principal
from diptych.testing.answers import Answer, Key, is_problem, refusal
from diptych.testing.doors import Document, Model, complete, shape_of
from diptych.testing.principals import client_of

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"


class RestDoor:
    """REST, spoken to an application in this process."""

    name = "rest"

    def __init__(self, bridge: Bridge, app: Application, principal: Principal | None = None) -> None:
        self._bridge = bridge
        self._app = app
        self.client = client_of(app, principal)

    def on_behalf_of(self, principal: Principal) -> Self:
        return type(self)(self._bridge, self._app, principal)

    async def create(self, model: Model, document: Document, *, version: int | None = None) -> Answer:
        return await self._ask(model, "POST", None, document, version=version)

    async def replace(self, model: Model, key: Key, document: Document, *, version: int | None = None) -> Answer:
        return await self._ask(model, "PUT", key, document, version=version)

    async def patch(self, model: Model, key: Key, patch: Document, *, version: int | None = None) -> Answer:
        return await self._ask(model, "PATCH", key, patch, MERGE_PATCH, version=version)

    async def json_patch(self, model: Model, key: Key, operations: Sequence[Document], *, version: int | None = None) -> Answer:
        return await self._ask(model, "PATCH", key, operations, JSON_PATCH, version=version)

    async def delete(self, model: Model, key: Key, *, version: int | None = None) -> Answer:
        shape = shape_of(self._bridge, model)
        return read_answer(shape, await self.client.delete(self._path(shape, key), headers=condition(version)))

    async def fetch(self, model: Model, key: Key) -> Answer:
        shape = shape_of(self._bridge, model)
        return read_answer(shape, await self.client.get(self._path(shape, key)))

    async def list(self, model: Model, *, limit: int | None = None, after: str | None = None, before: str | None = None) -> Answer:
        shape = shape_of(self._bridge, model)
        wanted = {"limit": limit, "after": after, "before": before}
        parameters = {name: value for name, value in wanted.items() if value is not None}
        return read_answer(shape, await self.client.get(self._path(shape), params=parameters))

    async def _ask(
        self, model: Model, method: str, key: Key | None, content: Any, kind: str = "application/json", *, version: int | None
    ) -> Answer:
        shape = shape_of(self._bridge, model)
        headers = {"content-type": kind, **condition(version)}
        return read_answer(shape, await self.client.request(method, self._path(shape, key), json=content, headers=headers))

    def _path(self, shape: ResourceShape, key: Key | None = None) -> str:
        collection = f"{self._bridge.api}/{shape.names.path}"
        return collection if key is None else f"{collection}/{quote(str(key), safe='')}"


def condition(version: int | None) -> dict[str, str]:
    """The field that names a version. Source: RFC 9110 sections 13.1.1, 13.1.2."""
    if version is None:
        return {}
    return {"if-none-match": "*"} if version == 0 else {"if-match": f'"{version}"'}


def read_answer(shape: ResourceShape, response: httpx.Response) -> Answer:
    """Read what REST said; raises AssertionError for an answer that is none of this door's."""
    if is_problem(response):
        said = refusal(response.json(), response)
        current = said.facts.get("current")
        return said if current is None else _with_current(said, complete(shape, current))
    if response.is_error:
        raise AssertionError(f"{response.request.method} {response.request.url.path} is answered {response.status_code}, not by diptych.")
    method = response.request.method
    if method == "DELETE":
        return Answer("deleted", response=response)
    body = response.json() if response.content else None
    if isinstance(body, dict) and "pageInfo" in body:
        return Answer("page", rows=tuple(complete(shape, row) for row in body["items"]), page=body["pageInfo"], response=response)
    row = None if body is None else complete(shape, body)
    code = "found" if method == "GET" else "created" if response.status_code == 201 else "written"
    # Somebody who may write a row and not read it gets its tag alone.
    version = int(response.headers["etag"].strip('"'))
    return Answer(code, None if row is None else row[shape.key_name], version, row, response=response)


def _with_current(said: Answer, current: dict[str, Any]) -> Answer:
    facts = {**said.facts, "current": current}
    return Answer(said.code, status=said.status, title=said.title, detail=said.detail, facts=facts, response=said.response)
