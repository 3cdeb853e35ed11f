"""Operations, read as the GraphQL door reads them: each root field with its command and what it selects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import strawberry
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    get_argument_values,
    get_named_type,
    get_variable_values,
)

from diptych.explain.errors import NotUnderstood
from diptych.explain.selections import Rows, Selections
from diptych.graphql.documents import Document, Documents, Operation
from diptych.graphql.fields import FieldTypes
from diptych.graphql.page_arguments import PageArguments
from diptych.graphql.plan.collection import Collector
from diptych.graphql.plan.limits import Unplannable
from diptych.graphql.plan.roots import Root, roots_of
from diptych.graphql.reach import Reach
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import Command, FetchMany
from diptych.semantics.json_value import JSON
from diptych.semantics.limits import Limits
from diptych.semantics.outcome import Invalid

_INTROSPECTION: Final = frozenset({"__schema", "__type"})
_TYPENAME: Final = "__typename"


@dataclass(frozen=True, slots=True)
class RootField:
    """One root field under its response name; Invalid where the service would refuse what it asks."""

    name: str
    resource: ResourceShape
    command: Command | FetchMany | Invalid
    rows: Rows


@dataclass(frozen=True, slots=True)
class ForeignField:
    """A root field of the application's own, which no resource stands behind."""

    name: str
    field: str


class OperationReader:
    """Reads operations of one schema."""

    def __init__(self, schema: strawberry.Schema, resources: Sequence[ResourceShape], limits: Limits) -> None:
        self._schema = schema._schema
        self._documents = Documents(schema, resources, limits)
        self._reach = Reach(self._schema, resources, limits)
        self._roots: Mapping[tuple[OperationType, str], Root] = roots_of(resources)
        self._resources = {resource.name: resource for resource in resources}
        fields = FieldTypes(resources)
        self._arguments = {resource.name: PageArguments(resource, fields) for resource in resources}

    def read(self, text: str, variables: Mapping[str, JSON], name: str | None) -> list[RootField | ForeignField]:
        """Read one operation of a document. Raises NotUnderstood for what the door refuses before anything runs, in its words."""
        document = self._documents.read(text)
        if not isinstance(document, Document):
            if any(isinstance(node, OperationDefinitionNode) and _subscribes(node) for error in document for node in error.nodes or ()):
                raise NotUnderstood("A subscription has no REST spelling; queries and mutations have.")
            raise NotUnderstood("; ".join(map(_said, document)))
        operation = document.select(name)
        if isinstance(operation, GraphQLError):
            names = ", ".join(one.name for one in document.operations if one.name)
            raise NotUnderstood(f"{operation.message} {f'There are {names}.' if names else 'It has no named operation.'}")
        try:
            fields = list(self._fields(document, operation, variables))
        except GraphQLError as error:
            raise NotUnderstood(_said(error)) from None
        except (Unplannable, RecursionError):
            raise NotUnderstood("The operation selects too much, or has a directive that is not known here.") from None
        if not fields:
            raise NotUnderstood("The operation selects nothing but __typename; no row is read or written.")
        return fields

    def _fields(self, document: Document, operation: Operation, given: Mapping[str, JSON]) -> Iterator[RootField | ForeignField]:
        if operation.related and (refusal := self._reach.refuse(document.tree, operation.name, given)) is not None:
            raise refusal
        definitions = document.tree.definitions
        fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
        nodes = (node for node in definitions if isinstance(node, OperationDefinitionNode))
        node = next(node for node in nodes if (node.name.value if node.name else None) == operation.name)
        variables: Any = get_variable_values(self._schema, node.variable_definitions or (), dict(given))
        if isinstance(variables, list):
            raise NotUnderstood("; ".join(map(_said, variables)))
        root_type = self._schema.get_root_type(node.operation)
        assert root_type is not None

        def read(definition: Any, field: FieldNode) -> Mapping[str, Any]:
            return get_argument_values(definition, field, variables)

        collector = Collector(self._schema, fragments, variables.coerced, lenient=True)
        selections = Selections(collector, read, self._resources, self._arguments)
        for name, inner in collector.collect(root_type, [node.selection_set]).items():
            field = inner[0].name.value
            if field in _INTROSPECTION:
                raise NotUnderstood(f"{field} asks about the schema; what REST has of it is its OpenAPI document.")
            if field == _TYPENAME:
                continue
            root = self._roots.get((node.operation, field))
            if root is None:
                yield ForeignField(name, field)
                continue
            definition = root_type.fields[field]
            type_ = get_named_type(definition.type)
            command = root.reading(collector, definition.type, inner)(read(definition, inner[0]))
            yield RootField(name, root.resource, command, selections.of(type_, inner, root.resource))


def _subscribes(node: OperationDefinitionNode) -> bool:
    return node.operation is OperationType.SUBSCRIPTION


def _said(error: GraphQLError) -> str:
    places = error.locations or ()
    where = f" (line {places[0].line}, column {places[0].column})" if places else ""
    return f"{error.message}{where}"
