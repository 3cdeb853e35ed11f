"""Two bridges over two databases that begin alike: one is asked in GraphQL, the other in REST, and both must come to the same."""

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import httpx

from diptych import Bridge, Resource
from diptych.demo.models import RESOURCES as DEMO
from diptych.explain import Explainer
from diptych.graphql.spelling import Operation
from diptych.resource import kinds
from diptych.resource.shape import Field, ResourceShape
from diptych.rest.spelling import Request
from tests.doors.specimens import Blank, Meter, Parcel, Shelf, Specimen

ALL: Final = frozenset(Blank.model_fields) - {"version", "id"}
SORTED: Final = ALL - {"colour", "level", "labels", "counts", "colours", "notes", "address", "blob"}
RESOURCES: Final = (
    *DEMO,
    Resource(Specimen, versions="optional"),
    Resource(Blank, versions="optional", filter_by=ALL, order_by=SORTED),
    Resource(Parcel, versions="optional", keys="client"),
    Resource(Shelf, versions="optional", keys="client", path="shelves", plural="shelves", hidden={"room"}),
    Resource(Meter, versions="optional", keys="client"),
)


def bridge_over(path: Path) -> Bridge:
    return Bridge(f"sqlite:///{path}", RESOURCES, rates=False)


class Twins:
    """`asked` is the twin that GraphQL speaks to, `told` the one that REST speaks to."""

    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.bridges = [bridge_over(folder / f"{name}.db") for name in ("asked", "told")]
        self.shapes = {shape.name: shape for shape in self.bridges[0].resources}
        self.explainer = Explainer(self.bridges[0].schema, self.bridges[0].resources)
        self.asked, self.told = (
            httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") for bridge in self.bridges
        )
        for bridge in self.bridges:
            self.runner.run(bridge.open())

    def close(self) -> None:
        for client in (self.asked, self.told):
            self.runner.run(client.aclose())
        for bridge in self.bridges:
            self.runner.run(bridge.close())
        self.runner.close()

    def both(self, request: Request) -> None:
        """Make a request to REST of both twins, so that they stay alike."""
        one, other = self.send(request, self.asked), self.send(request)
        assert (one.status_code, one.text) == (other.status_code, other.text)

    def send(self, request: Request, client: httpx.AsyncClient | None = None) -> httpx.Response:
        client = client or self.told
        # The path as it is: httpx would encode the brackets of an operator, which means the same.
        return self.runner.run(client.request(request.method, request.target, headers=dict(request.headers), content=request.content))

    def ask(self, operation: Operation) -> Any:
        return self.run(operation.query, operation.variables, operation.name)

    def run(self, query: str, variables: Any = None, name: str | None = None) -> Any:
        """What GraphQL answers to an operation, errors and all."""
        body = {"query": query, "variables": dict(variables or {}), "operationName": name}
        answer = self.runner.run(self.asked.post("/graphql", json=body))
        return json.loads(answer.content)

    def states(self) -> list[str]:
        """All rows of each twin with their versions, as REST spells them."""
        pages = [f"/api/{shape.names.path}?limit=100" for shape in self.shapes.values()]
        return ["\n".join(self.runner.run(client.get(page)).text for page in pages) for client in (self.asked, self.told)]


def graphql_value(value: Any, field: Field | None, *, is_id: bool = False) -> Any:
    """A value of REST's as GraphQL answers it."""
    if value is None or field is None:
        return value
    if is_id or (field.reference is not None and field.reference.resource is not None):
        return str(value)
    match field.kind:
        case kinds.Enumeration(enum):
            return enum(value).name
        case kinds.Json(items=kinds.Enumeration(enum)):
            return [enum(item).name for item in value]
        case _:
            return value


def graphql_row(row: dict[str, Any], shape: ResourceShape) -> dict[str, Any]:
    return {
        name: graphql_value(value, shape.key if name == shape.key_name else shape.by_json_name.get(name), is_id=name == shape.key_name)
        for name, value in row.items()
    }
