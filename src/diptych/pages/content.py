"""What the plain pages tell, as values; the caller fills them, `html` writes them.

Addresses are paths from the root of the application; the prefix it is mounted under is added when a page is written.
In prose, text between backticks is shown as code and an empty line begins a new paragraph.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResourceEntry:
    """One resource, as a row of the index."""

    name: str
    path: str  # of its collection: /api/users
    queries: Sequence[str]  # names of GraphQL fields: user, users
    mutations: Sequence[str]
    about: str = ""  # prose


@dataclass(frozen=True, slots=True)
class IndexLink:
    """One place that the index leads to."""

    path: str
    label: str
    about: str  # prose


PLACES = (
    IndexLink("/graphql", "GraphQL playground", "Write a query or a mutation and run it; the schema is beside it."),
    IndexLink("/docs", "REST reference", "Every route, its parameters and its answers, to be tried in place."),
    IndexLink("/openapi.json", "OpenAPI document", "The same for programs, as OpenAPI 3.1."),
    IndexLink("/problems", "Problems", "Each refusal this service gives, how it looks on each door and what to do next."),
)


@dataclass(frozen=True, slots=True)
class Index:
    """What the page at `/` says where no script runs."""

    title: str
    resources: Sequence[ResourceEntry]
    about: str = ""  # prose
    places: Sequence[IndexLink] = PLACES


@dataclass(frozen=True, slots=True)
class Console:
    """What the scripts of console and playgrounds are told of the bridge that they stand before.

    `api` is the path of the REST door below `prefix`; the other addresses have the prefix. `asks_who`: requests need a credential.
    """

    title: str
    prefix: str
    api: str
    graphql: str
    openapi: str
    explain: str
    asks_who: bool
    resources: Sequence[Mapping[str, str | bool | list[str]]]

    def to_json(self) -> dict[str, object]:
        return {
            "title": self.title,
            "prefix": self.prefix,
            "api": self.api,
            "graphql": self.graphql,
            "openapi": self.openapi,
            "explain": self.explain,
            "asksWho": self.asks_who,
            "resources": [dict(resource) for resource in self.resources],
        }


@dataclass(frozen=True, slots=True)
class ProblemHelp:
    """What the page of one error code says. `graphql` is None where GraphQL cannot give this refusal."""

    code: str  # version_mismatch
    title: str
    status: int  # of the REST answer
    happened: str  # prose
    rest: str  # an example as it goes over the wire
    graphql: str | None
    next: Sequence[str]  # prose, one step each
    graphql_note: str = ""  # prose: what to know of the GraphQL example, or why there is none

    @property
    def path(self) -> str:
        """Where this page is, the `type` of the problem: /problems/version-mismatch."""
        return f"/problems/{self.code.replace('_', '-')}"
