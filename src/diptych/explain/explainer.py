"""Explains: whatever was asked in the words of one door, in those of the other. Pure, no database is looked at."""

from collections.abc import Mapping, Sequence

import strawberry
from graphql import GraphQLError

from diptych.explain.answers import InGraphql, InRest
from diptych.explain.curl import read_curl, shell_words
from diptych.explain.errors import NotUnderstood
from diptych.explain.in_graphql import InGraphqlSpeller
from diptych.explain.in_rest import InRestSpeller
from diptych.explain.messages import Message, looks_like_a_message, read_message
from diptych.explain.operations import OperationReader
from diptych.explain.requests import Requests
from diptych.graphql.requests import read_get, read_post
from diptych.resource.shape import ResourceShape
from diptych.semantics.json_value import JSON
from diptych.semantics.limits import USUAL_LIMITS, Limits


class Explainer:
    """Knows the resources of one bridge, and where its doors are. Every method raises NotUnderstood."""

    def __init__(
        self,
        schema: strawberry.Schema,
        resources: Sequence[ResourceShape],
        *,
        api: str = "/api",
        graphql: str = "/graphql",
        limits: Limits = USUAL_LIMITS,
    ) -> None:
        self._graphql = graphql
        self._requests = Requests(resources, api, limits)
        self._reader = OperationReader(schema, resources, limits)
        self._in_rest = InRestSpeller(resources, api, self._requests)
        self._in_graphql = InGraphqlSpeller(schema, resources, graphql, self._reader)

    def explain(self, text: str, variables: Mapping[str, JSON] | None = None, name: str | None = None) -> InRest | InGraphql:
        """Explain text, which is a `curl` line, a request that starts with method and path, or else a GraphQL document.

        `variables` and `name` are those of the operation to explain.
        """
        if not text.strip():
            raise NotUnderstood("Nothing was given; give a GraphQL operation, a curl line, or a method and a path.")
        if text.split(maxsplit=1)[0] == "curl":
            return self.message(read_curl(shell_words(text)[1:]))
        return self.message(read_message(text)) if looks_like_a_message(text) else self.operation(text, variables, name)

    def operation(self, text: str, variables: Mapping[str, JSON] | None = None, name: str | None = None) -> InRest:
        """Explain an operation of a GraphQL document in REST's words; `name` says which, where there are several."""
        return InRest(tuple(map(self._in_rest.step, self._reader.read(text, variables or {}, name))))

    def message(self, message: Message) -> InRest | InGraphql:
        """Explain a request: to REST in GraphQL's words, and one that carries an operation in REST's."""
        if message.path == self._graphql:
            return self._carried(message)
        return self._in_graphql.answer(self._requests.read(message), message)

    def _carried(self, message: Message) -> InRest:
        if message.method not in ("GET", "POST"):
            raise NotUnderstood(f"{self._graphql} takes GET and POST; {message.method} is none of them.")
        request = read_post(message.content) if message.method == "POST" else read_get(message.query.encode())
        if isinstance(request, GraphQLError):
            raise NotUnderstood(request.message)
        return self.operation(request.query, request.variables, request.operation_name)
