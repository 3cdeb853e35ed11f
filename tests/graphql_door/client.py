"""A client of a GraphQL door in this process."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import strawberry

from diptych.graphql import GraphqlDoor
from diptych.resource.shape import ResourceShape
from diptych.service.execute import Service

GRAPHQL = "application/graphql-response+json"


@dataclass(frozen=True)
class Client:
    """Sends operations to a door."""

    http: httpx.AsyncClient

    async def post(self, query: str, variables: Any = None, operation_name: str | None = None, accept: str = GRAPHQL) -> httpx.Response:
        body = {"query": query, "variables": variables, "operationName": operation_name}
        return await self.http.post("/graphql", json=body, headers={"accept": accept})

    async def run(self, query: str, variables: Any = None) -> Any:
        """The data of an operation that must have no error."""
        answer = (await self.post(query, variables)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def one(self, query: str, variables: Any = None) -> Any:
        """What the only root field answers."""
        (value,) = (await self.run(query, variables)).values()
        return value


def serve(service: Service, schema: strawberry.Schema, shapes: Sequence[ResourceShape], **settings: Any) -> httpx.AsyncClient:
    door: Any = GraphqlDoor(service, schema, shapes, **settings)
    return httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://test")
