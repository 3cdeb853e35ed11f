"""Runs operations: a document that was read, the variables that came with it, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import ExecutionResult, GraphQLError, execute, located_error
from strawberry.types import ExecutionResult as StrawberryResult

from diptych.graphql.context import Context
from diptych.graphql.documents import Document, Documents, Operation
from diptych.graphql.errors import planned
from diptych.graphql.plan import Plan, Planner
from diptych.graphql.prepared import prepared
from diptych.graphql.reach import Reach
from diptych.graphql.schema import is_plain
from diptych.resource.shape import ResourceShape
from diptych.semantics.json_value import JSON


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks. `variables` are JSON values by name."""

    query: str
    variables: Mapping[str, JSON]
    operation_name: str | None


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered, as JSON. `executed` is False for a request error, which has no `data`.

    Source: GraphQL, September 2025, section 7.1.
    """

    body: dict[str, JSON]
    executed: bool


class Operations:
    """Reads documents and runs their operations."""

    def __init__(self, schema: strawberry.Schema, resources: Sequence[ResourceShape]) -> None:
        self._schema = schema
        self._plain = is_plain(schema)
        self._planner = Planner(schema._schema, resources)
        self._reach = Reach(schema._schema, resources)
        self.documents = Documents(schema, resources)

    def select(self, request: Request) -> tuple[Document, Operation] | Response:
        """Find what is to be run, or answer with a request error."""
        document = self.documents.read(request.query)
        if not isinstance(document, Document):
            return request_error(*document)
        operation = document.select(request.operation_name)
        return request_error(operation) if isinstance(operation, GraphQLError) else (document, operation)

    async def run(self, document: Document, operation: Operation, request: Request, context: Context) -> Response:
        """Run one operation of a document; errors of fields are in the answer."""
        if operation.related and (refusal := self._reach.refuse(document.tree, operation.name, request.variables)) is not None:
            return request_error(refusal)
        if operation.own and self._plain:
            by_core = partial(self._run_on_core, document, request)
            plan = self._plan(document, operation)
            return _response(await (by_core(context) if plan is None else plan.run(request.variables, context, by_core)))
        # Whatever is not ours may count on Strawberry: extensions, directives, its own kinds of fields.
        token = prepared.set((document.text, document.tree))
        try:
            result = await self._schema.execute(
                document.text,
                variable_values=dict(request.variables),
                context_value=context,
                operation_name=operation.name,
            )
        finally:
            prepared.reset(token)
        for error in result.errors or ():
            # An extension failed, before or after the fields ran; nothing of the result can be relied on.
            if (cause := _unplanned(error)) is not None and not error.nodes:
                raise cause
        return _response(result)

    def _plan(self, document: Document, operation: Operation) -> Plan | None:
        """The plan of an operation, made on its first run; a document that is not remembered would make it in vain."""
        if operation.name not in document.plans:
            grown = partial(self.documents.grown, document)
            kept = self.documents.keeps(document)
            document.plans[operation.name] = self._planner.plan(document.tree, operation.name, grown) if kept else None
        return document.plans[operation.name]

    async def _run_on_core(self, document: Document, request: Request, context: Context) -> ExecutionResult:
        result = execute(
            self._schema._schema,
            document.tree,
            variable_values=dict(request.variables),
            context_value=context,
            operation_name=request.operation_name,
        )
        return await result if isawaitable(result) else result


def request_error(*errors: GraphQLError) -> Response:
    return Response({"errors": [error.formatted for error in errors]}, executed=False)


def _response(result: ExecutionResult | StrawberryResult) -> Response:
    errors = [_told(error) for error in result.errors or ()]
    body: dict[str, Any] = {}
    if errors:
        # First, so that it is seen before a long `data` (GraphQL, September 2025, section 7.1).
        body["errors"] = errors
    # An error that belongs to no field came before any field ran.
    executed = result.data is not None or not errors or any("path" in error for error in errors)
    if executed:
        body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    return Response(body, executed)


def _told(error: GraphQLError) -> Any:
    """Write an error. What a field of the user's did not mean to raise goes to the log, and its words no further."""
    cause = _unplanned(error) if error.path is not None else None
    if cause is None:
        return error.formatted
    return located_error(planned(cause), error.nodes, error.path).formatted


def _unplanned(error: GraphQLError) -> Exception | None:
    """The exception behind an error that nobody raised as a GraphQLError."""
    cause = error.original_error
    return None if isinstance(cause, GraphQLError) else cause
