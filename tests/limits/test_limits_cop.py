"""The checks that auditors of GraphQL endpoints make first, each as a client would see it. The ideas are those of graphql-cop."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from diptych import Limits
from tests.limits.asked import ask

Serving = Callable[..., httpx.AsyncClient]


async def test_alias_overloading(serving: Serving) -> None:
    query = "query cop { " + " ".join(f"alias{number}: __typename" for number in range(101)) + " }"
    assert "alias100" not in (await ask(serving(), query)).text


async def test_array_batching(serving: Serving) -> None:
    batch = [{"query": "query cop { __typename }"}] * 10
    answer = await serving().post("/graphql", json=batch)
    assert answer.status_code == 400
    assert isinstance(answer.json(), dict)
    assert answer.text.count("Query") == 0


async def test_directive_overloading(serving: Serving) -> None:
    answer = await ask(serving(), "query cop { __typename " + "@aa" * 10 + " }")
    assert len(answer.json()["errors"]) == 1


async def test_circular_introspection(serving: Serving) -> None:
    query = "query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }"
    assert "data" not in (await ask(serving(), query)).json()


async def test_field_duplication(serving: Serving) -> None:
    assert "data" not in (await ask(serving(), "query cop { " + "__typename \n" * 500 + "}")).json()


@pytest.mark.parametrize("query", ["mutation cop { __typename }", 'mutation { deleteUser(id: "1") { __typename } }'])
async def test_mutations_by_get(serving: Serving, query: str) -> None:
    http = serving()
    answer = await http.get("/graphql", params={"query": query})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert (await http.get("/api/users/1")).status_code == 200


async def test_posts_of_forms(serving: Serving) -> None:
    answer = await serving().post("/graphql", data={"query": "query cop { __typename }"})
    assert answer.status_code == 415


async def test_introspection(serving: Serving) -> None:
    query = "query cop { __schema { types { name fields { name } } } }"
    assert "errors" in (await ask(serving(limits=Limits(introspection=False)), query)).json()


@pytest.mark.parametrize("headers", [{}, {"x-apollo-tracing": "1"}, {"apollo-federation-include-trace": "ftv1"}])
async def test_tracing(serving: Serving, headers: Any) -> None:
    answer = await serving().post("/graphql", json={"query": "query cop { __typename }"}, headers=headers)
    assert answer.json().keys() == {"data"}


@pytest.mark.parametrize("path", ["/graphiql", "/playground", "/console", "/graphql", "/", "/docs"])
async def test_exposed_playgrounds(serving: Serving, path: str) -> None:
    answer = await serving(pages=False).get(path, headers={"accept": "text/html"})
    assert "text/html" not in answer.headers["content-type"]
    assert answer.status_code in (404, 406)


async def test_field_suggestions(serving: Serving) -> None:
    assert "Did you mean" not in (await ask(serving(limits=Limits(introspection=False)), "query cop { __schema { directive } usr }")).text
    assert "Did you mean" not in (await ask(serving(limits=Limits(introspection=False)), "query cop { usr }")).text
    assert "Did you mean" in (await ask(serving(), "query cop { usr }")).text, "with introspection they are wanted"


@pytest.mark.parametrize("query", ["qwerty cop { abc }", "{", "query cop { users(first: 99999999999999999999) { totalCount } }"])
async def test_unhandled_errors(serving: Serving, query: str) -> None:
    answer = await ask(serving(), query)
    assert answer.status_code == 400
    assert not {"exception", "stacktrace", "Traceback", "internal"} & set(answer.text.replace('"', " ").split())
