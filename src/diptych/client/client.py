"""The clients: an address, a door to speak through, and the resources behind it."""

from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Any, TypeVar, overload

import httpx
from pydantic import BaseModel

from diptych.client.async_resource import AsyncResource
from diptych.client.codec import Codec, PlainCodec, codec_of
from diptych.client.connecting import Connection, Language, fields_of
from diptych.client.json_names import GraphqlNames
from diptych.client.resource import Resource
from diptych.client.retries import Retries
from diptych.semantics.json_value import JSON

ModelT = TypeVar("ModelT", bound=BaseModel)
Auth = httpx.Auth | tuple[str, str]


class Client:
    """Speaks to a server of diptych's, by REST or by GraphQL, for callers that wait.

    `token` is sent as `Authorization: Bearer …`; `auth` is httpx's. `timeout` are seconds for one try, `retries` bounds all of them
    together. `rest_path` and `graphql_path` are where the server has its doors. Close it, or use it in a `with`.
    Raises ValueError for an argument that cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        speak: Language = "rest",
        token: str | None = None,
        auth: Auth | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        retries: Retries | None = None,
        rest_path: str = "/api",
        graphql_path: str = "/graphql",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._connection = Connection(url, speak, rest_path, graphql_path, timeout, retries or Retries())
        fields = fields_of(token, auth, headers)
        self._http = httpx.Client(base_url=url, headers=fields, auth=auth, timeout=timeout, transport=transport)

    @overload
    def resource(
        self, model: type[ModelT], path: str, *, key: str = "id", names: GraphqlNames | None = None, read_only: Collection[str] = ()
    ) -> Resource[ModelT]: ...

    @overload
    def resource(
        self, model: None = None, *, path: str, key: str = "id", names: GraphqlNames | None = None, read_only: Collection[str] = ()
    ) -> Resource[dict[str, JSON]]: ...

    def resource(
        self,
        model: type[BaseModel] | None = None,
        path: str = "",
        *,
        key: str = "id",
        names: GraphqlNames | None = None,
        read_only: Collection[str] = (),
    ) -> Resource[Any]:
        """One resource, its rows read into `model`, or into dicts without one.

        `path` is its own, such as "users". `key` and `read_only` are fields of the model; the latter are never sent. `names` are the
        schema's own, where they are not those that the model's name and the path lead to. Raises ValueError, TypeError.
        """
        codec, type_name = _codec(model)
        return Resource(*self._connection.talk(codec, path, type_name, names, key, frozenset(read_only)), self._http)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self._connection.origin!r}, speak={self._connection.speak!r})"


class AsyncClient:
    """The same for callers that await; its resources have the same methods, to be awaited."""

    def __init__(
        self,
        url: str,
        *,
        speak: Language = "rest",
        token: str | None = None,
        auth: Auth | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        retries: Retries | None = None,
        rest_path: str = "/api",
        graphql_path: str = "/graphql",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._connection = Connection(url, speak, rest_path, graphql_path, timeout, retries or Retries())
        fields = fields_of(token, auth, headers)
        self._http = httpx.AsyncClient(base_url=url, headers=fields, auth=auth, timeout=timeout, transport=transport)

    @overload
    def resource(
        self, model: type[ModelT], path: str, *, key: str = "id", names: GraphqlNames | None = None, read_only: Collection[str] = ()
    ) -> AsyncResource[ModelT]: ...

    @overload
    def resource(
        self, model: None = None, *, path: str, key: str = "id", names: GraphqlNames | None = None, read_only: Collection[str] = ()
    ) -> AsyncResource[dict[str, JSON]]: ...

    def resource(
        self,
        model: type[BaseModel] | None = None,
        path: str = "",
        *,
        key: str = "id",
        names: GraphqlNames | None = None,
        read_only: Collection[str] = (),
    ) -> AsyncResource[Any]:
        """One resource, as in `Client.resource`."""
        codec, type_name = _codec(model)
        return AsyncResource(*self._connection.talk(codec, path, type_name, names, key, frozenset(read_only)), self._http)

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncClient({self._connection.origin!r}, speak={self._connection.speak!r})"


def _codec(model: type[BaseModel] | None) -> tuple[Codec[Any], str | None]:
    return (PlainCodec(), None) if model is None else (codec_of(model), model.__name__)
