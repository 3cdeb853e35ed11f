"""Requests to the GraphQL door, and what was refused of them."""

from typing import Any

import httpx

GRAPHQL = "application/graphql-response+json"


async def ask(http: httpx.AsyncClient, query: str | None, variables: Any = None, **more: Any) -> httpx.Response:
    """Send one operation; `more` are further members of the request."""
    body = {"query": query, "variables": variables, **more}
    given = {name: value for name, value in body.items() if value is not None}
    return await http.post("/graphql", json=given, headers={"accept": GRAPHQL})


def refused(answer: httpx.Response) -> dict[str, Any]:
    """The only error of a request that was not run."""
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert body.keys() == {"errors"}, body
    (error,) = body["errors"]
    found: dict[str, Any] = error
    return found
