"""The GraphQL door: a version travels as the argument of that name, and a refusal is a member of the result union."""

from collections.abc import Sequence
from typing import Any, Literal, Self

import httpx

from diptych.app.bridge import Bridge
from diptych.http.asgi import Application
from diptych.resource.shape import ResourceShape
from diptych.semantics.principal import Principal
from diptych.testing.answers import Answer, Key, error, is_problem, refusal
from diptych.testing.documents import Documents
from diptych.testing.doors import Document, Model, shape_of
from diptych.testing.principals import client_of
from diptych.testing.spelling import from_graphql, into_graphql, key_from_text


class GraphqlDoor:
    """GraphQL, spoken to an application in this process."""

    name = "graphql"

    def __init__(self, bridge: Bridge, app: Application, principal: Principal | None = None, documents: Documents | None = None) -> None:
        self._bridge = bridge
        self._app = app
        self._documents = documents or Documents(bridge)
        self.client = client_of(app, principal)

    def on_behalf_of(self, principal: Principal) -> Self:
        return type(self)(self._bridge, self._app, principal, self._documents)

    async def create(self, model: Model, document: Document, *, version: int | None = None) -> Answer:
        shape = shape_of(self._bridge, model)
        return await self._write(shape, "create", version, input=into_graphql(shape, document))

    async def replace(self, model: Model, key: Key, document: Document, *, version: int | None = None) -> Answer:
        shape = shape_of(self._bridge, model)
        return await self._write(shape, "replace", version, id=str(key), input=into_graphql(shape, document))

    async def patch(self, model: Model, key: Key, patch: Document, *, version: int | None = None) -> Answer:
        shape = shape_of(self._bridge, model)
        return await self._write(shape, "patch", version, id=str(key), patch=into_graphql(shape, patch))

    async def json_patch(self, model: Model, key: Key, operations: Sequence[Document], *, version: int | None = None) -> Answer:
        # The operations work on REST's representation, on this door too.
        return await self._write(shape_of(self._bridge, model), "jsonPatch", version, id=str(key), operations=operations)

    async def delete(self, model: Model, key: Key, *, version: int | None = None) -> Answer:
        return await self._write(shape_of(self._bridge, model), "delete", version, id=str(key))

    async def fetch(self, model: Model, key: Key) -> Answer:
        shape = shape_of(self._bridge, model)
        answer = await self._ask("query", shape.names.singular, id=str(key))
        if isinstance(answer, Answer):
            return answer
        response, row = answer
        if row is None:
            # A missing row is null here, so it is told in REST's words.
            facts = {"key": key_from_text(shape, str(key))}
            return error("not_found", f"There is no {shape.name} with this key.", facts, response)
        found = from_graphql(shape, row)
        return Answer("found", found[shape.key_name], found["version"], found, response=response)

    async def list(self, model: Model, *, limit: int | None = None, after: str | None = None, before: str | None = None) -> Answer:
        shape = shape_of(self._bridge, model)
        backwards = before is not None and after is None
        size = {"last": self._bridge.limits.usual_page if limit is None else limit} if backwards else {"first": limit}
        wanted = {**size, "after": after, "before": before}
        answer = await self._ask("query", shape.names.plural, **{name: value for name, value in wanted.items() if value is not None})
        if isinstance(answer, Answer):
            return answer
        response, page = answer
        rows = tuple(from_graphql(shape, edge["node"]) for edge in page["edges"])
        return Answer("page", rows=rows, page=page["pageInfo"], response=response)

    async def _write(self, shape: ResourceShape, verb: str, version: int | None, **arguments: Any) -> Answer:
        if version is not None:
            arguments["version"] = version
        answer = await self._ask("mutation", f"{verb}{shape.name}", **arguments)
        return answer if isinstance(answer, Answer) else _read_result(shape, *answer)

    async def _ask(self, root: Literal["query", "mutation"], name: str, **arguments: Any) -> Answer | tuple[httpx.Response, Any]:
        """Send one root field; what it answers, or what was said in its place."""
        document = self._documents.operation(root, name, arguments)
        response = await self.client.post(
            self._bridge.graphql, json={"query": document, "variables": arguments}, headers={"accept": "application/json"}
        )
        if is_problem(response):
            return refusal(response.json(), response)
        try:
            body = response.json()
        except ValueError:
            raise AssertionError(f"POST {self._bridge.graphql} is answered {response.status_code}, not by diptych.") from None
        if errors := body.get("errors"):
            told = errors[0].get("extensions") or {}
            return error(told.get("code", ""), errors[0]["message"], told, response)
        return response, body["data"]["asked"]


def _read_result(shape: ResourceShape, response: httpx.Response, result: Any) -> Answer:
    """Read one member of a result union."""
    if result["__typename"] == f"{shape.name}Deleted":
        return Answer("deleted", effect="deleted", response=response)
    if result["__typename"] == f"{shape.name}Written":
        shown = result[shape.names.singular]
        row = None if shown is None else from_graphql(shape, shown)
        effect = str(result["outcome"]).lower()
        code = "created" if effect == "created" else "written"
        return Answer(code, None if row is None else row[shape.key_name], result["version"], row, effect=effect, response=response)
    if result.get("current") is not None:
        result["current"] = from_graphql(shape, result["current"])
    if "key" in result:
        result["key"] = key_from_text(shape, result["key"])
    return refusal(result, response)
