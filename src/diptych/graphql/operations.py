"""Runs operations: a document that was read, the variables that came with it, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
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
from diptych.graphql.silence import silenced
from diptych.graphql.trusted import Named, TrustedDocuments
from diptych.resource.shape import ResourceShape
from diptych.semantics.frozen import frozen
from diptych.semantics.json_value import JSON
from diptych.semantics.limits import USUAL_LIMITS, Limits


@frozen
class Request:
    """What a client asks. `variables` are JSON values by name."""

    query: str
    variables: Mapping[str, JSON]
    operation_name: str | None
    # What it names a trusted document by, in place of a text of its own, which is empty then.
    named: Named | None = None


@frozen
class Response:
    """What is answered, as JSON. `executed` is False for a request error, which has no `data`.

    Source: GraphQL, September 2025, section 7.1.
    """

    body: dict[str, JSON]
    executed: bool


class Operations:
    """Reads documents and runs their operations."""

    def __init__(
        self,
        schema: strawberry.Schema,
        resources: Sequence[ResourceShape],
        limits: Limits = USUAL_LIMITS,
        trusted: TrustedDocuments | None = None,
    ) -> None:
        self._schema = schema
        self._tell = _tell if limits.introspection else _tell_silently
        self._plain = is_plain(schema)
        self._planner = Planner(schema._schema, resources)
        self._reach = Reach(schema._schema, resources, limits)
        self.documents = Documents(schema, resources, limits)
        self._trusted = None if trusted is None else trusted.read(self.documents)

    def select(self, request: Request) -> tuple[Document, Operation] | Response:
        """Find what is to be run, or answer with a request error."""
        document = self.documents.read(request.query) if self._trusted is None else self._trusted.document(request.query, request.named)
        if not isinstance(document, Document):
            return request_error(*document)
        operation = document.select(request.operation_name)
        return request_error(operation) if isinstance(operation, GraphQLError) else (document, operation)

    def public_seconds(self, document: Document) -> int | None:
        """For how long a shared cache may keep what a trusted document answers; None where it may not."""
        return None if self._trusted is None else self._trusted.public_seconds(document)

    async def run(self, document: Document, operation: Operation, request: Request, context: Context) -> Response:
        """Run one operation of a document; errors of fields are in the answer."""
        judge = partial(self._reach.refuse, document.tree, operation.name, request.variables) if operation.related else None
        is_ours = operation.own and self._plain
        plan = self._plan(document, operation) if is_ours else None
        if plan is not None:
            by_core = partial(self._run_on_core, document, request)
            return _response(await plan.run(request.variables, context, by_core, judge), self._tell)
        if judge is not None and (refusal := judge()) is not None:
            return request_error(refusal)
        if is_ours:
            return _response(await self._run_on_core(document, request, context), self._tell)
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
        return _response(result, self._tell)

    def _plan(self, document: Document, operation: Operation) -> Plan | None:
        """The plan of an operation, made on its first run; a document that is not remembered would make it in vain."""
        plans, name = document.plans, operation.name
        if name not in plans:
            grown = partial(self.documents.grown, document)
            plans[name] = self._planner.plan(document.tree, name, grown) if self.documents.keeps(document) else None
        return plans[name]

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


def _response(result: ExecutionResult | StrawberryResult, tell: Callable[[Sequence[GraphQLError]], list[Any]]) -> Response:
    if not result.errors and not result.extensions:
        return Response({"data": result.data}, executed=True)
    errors = tell(result.errors or ())
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
    return _told_of(error).formatted


def _told_of(error: GraphQLError) -> GraphQLError:
    """What is told of an error. What a field of the user's did not mean to raise goes to the log, and its words no further."""
    cause = _unplanned(error) if error.path is not None else None
    return error if cause is None else located_error(planned(cause), error.nodes, error.path)


def _tell(errors: Sequence[GraphQLError]) -> list[Any]:
    return [_told(error) for error in errors]


def _tell_silently(errors: Sequence[GraphQLError]) -> list[Any]:
    """The same where introspection is off."""
    planned_for = [_told_of(error) for error in errors]
    return [error.formatted for error in silenced(planned_for)]


def _unplanned(error: GraphQLError) -> Exception | None:
    """The exception behind an error that nobody raised as a GraphQLError."""
    cause = error.original_error
    return None if isinstance(cause, GraphQLError) else cause
