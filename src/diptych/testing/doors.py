"""What every door can be asked, by the model that it is about."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self

import httpx
from sqlmodel import SQLModel

from diptych.app.bridge import Bridge
from diptych.resource.shape import ResourceShape
from diptych.semantics.principal import Principal
from diptych.testing.answers import Answer, Key

Model = type[SQLModel]
Document = Mapping[str, Any]


class Door(Protocol):
    """One door of the bridge under test; what is not accepted comes back as an answer too, and nothing is raised.

    `version` names the state that the command is for, 0 that nothing is there; None names none. Documents are JSON, with JSON's names.
    """

    @property
    def name(self) -> str:
        """`rest` or `graphql`."""
        ...

    @property
    def client(self) -> httpx.AsyncClient:
        """What sends the requests, for one that is not of the usual kind."""
        ...

    async def create(self, model: Model, document: Document, *, version: int | None = None) -> Answer: ...

    async def replace(self, model: Model, key: Key, document: Document, *, version: int | None = None) -> Answer: ...

    async def patch(self, model: Model, key: Key, patch: Document, *, version: int | None = None) -> Answer:
        """Merge a patch into a row. Source: RFC 7396."""
        ...

    async def json_patch(self, model: Model, key: Key, operations: Sequence[Document], *, version: int | None = None) -> Answer:
        """Apply operations in order, all or none. Source: RFC 6902."""
        ...

    async def delete(self, model: Model, key: Key, *, version: int | None = None) -> Answer: ...

    async def fetch(self, model: Model, key: Key) -> Answer: ...

    async def list(self, model: Model, *, limit: int | None = None, after: str | None = None, before: str | None = None) -> Answer:
        """A page of rows, behind one cursor or back from the other."""
        ...

    def on_behalf_of(self, principal: Principal) -> Self:
        """The same door, used by somebody; see the fixture `as_principal`."""
        ...


def shape_of(bridge: Bridge, model: Model) -> ResourceShape:
    """The resource that a model declares; raises ValueError for one that the bridge does not serve."""
    for shape in bridge.resources:
        if shape.model is model:
            return shape
    served = ", ".join(shape.name for shape in bridge.resources)
    raise ValueError(f"{model.__name__} is not served by this bridge, which serves {served}.")


def complete(shape: ResourceShape, row: Document) -> dict[str, Any]:
    """A row in which a field that the caller may not read is None; REST leaves it out, and GraphQL says null."""
    return {**{field.json_name: None for field in shape.readable if field.masked}, **row}
