"""How much an operation with relations may read: counted before anything runs, by the sizes that it asks for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    get_variable_values,
    is_object_type,
    is_union_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from diptych.graphql.depth import field_of, too_large
from diptych.graphql.errors import error_of
from diptych.graphql.fields import FieldTypes
from diptych.graphql.page_arguments import PageArguments
from diptych.graphql.plan.collection import Collector
from diptych.graphql.plan.limits import Unplannable
from diptych.graphql.resolvers import query_names
from diptych.resource.shape import ResourceShape
from diptych.semantics.json_value import JSON
from diptych.semantics.limits import USUAL_LIMITS, Limits
from diptych.semantics.outcome import Invalid
from diptych.semantics.problems import describe
from diptych.semantics.read import decide_window

# Rows that the pages of all relations in one operation may have together, as far as their sizes tell; and so those of its root.
MOST_ROWS: Final = USUAL_LIMITS.rows
# Values that such an operation may answer, again as far as sizes tell.
MOST_VALUES: Final = USUAL_LIMITS.values


class Reach:
    """Knows the lists of some resources under one schema, those of relations included."""

    def __init__(self, schema: GraphQLSchema, resources: Sequence[ResourceShape], limits: Limits = USUAL_LIMITS) -> None:
        self._schema = schema
        self._limits = limits
        fields = FieldTypes(resources)
        self._lists: dict[tuple[str, str], _List] = {}
        by_name = {resource.name: (resource, PageArguments(resource, fields)) for resource in resources}
        for resource in resources:
            _, many, _ = query_names(resource)
            self._lists["Query", many] = _List(*by_name[resource.name])
            for relation in resource.relations:
                if relation.many:
                    self._lists[resource.name, relation.name] = _List(*by_name[relation.target])

    def refuse(self, tree: DocumentNode, operation_name: str | None, given: Mapping[str, JSON]) -> GraphQLError | None:
        """Refuse an operation whose relations have invalid arguments, or that would read too much, with these variables.

        The list of rows at the root is judged when it runs, as it is where there are no relations.
        """
        fragments = {node.name.value: node for node in tree.definitions if isinstance(node, FragmentDefinitionNode)}
        operations = [node for node in tree.definitions if isinstance(node, OperationDefinitionNode)]
        operation = next(node for node in operations if operation_name is None or (node.name and node.name.value == operation_name))
        variables = get_variable_values(self._schema, operation.variable_definitions or (), dict(given))
        if not isinstance(variables, VariableValues):
            # What is wrong with them is told when the operation runs.
            return None
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        collector = Collector(self._schema, fragments, variables.coerced, lenient=True)
        try:
            _Count(self._lists, collector, variables, self._schema, self._limits).of(root, [operation.selection_set], 1)
        except GraphQLError as refusal:
            return refusal
        except (Unplannable, RecursionError):
            return too_large("An operation with relations selects too much.", [operation])
        return None


class _List:
    """A field that answers pages of a resource."""

    def __init__(self, resource: ResourceShape, arguments: PageArguments) -> None:
        self._resource = resource
        self._arguments = arguments

    def size(self, given: Mapping[str, Any]) -> int | Invalid:
        command = self._arguments.read(given)
        if isinstance(command, Invalid):
            return command
        window = decide_window(command, self._resource)
        return window if isinstance(window, Invalid) else command.size

    def refusal(self, invalid: Invalid) -> GraphQLError:
        return error_of(describe(invalid, self._resource))


class _Count:
    """Counts the rows and the values of one operation; raises GraphQLError where there are too many."""

    def __init__(
        self,
        lists: Mapping[tuple[str, str], _List],
        collector: Collector,
        variables: VariableValues,
        schema: GraphQLSchema,
        limits: Limits,
    ) -> None:
        self._lists = lists
        self._collector = collector
        self._variables = variables
        self._schema = schema
        self._limits = limits
        self._roots = 0
        self._rows = 0
        self._values = 0

    def of(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode], rows: int) -> None:
        """Count what so many values of a type have under these selections."""
        for nodes in self._collector.collect(type_, sets).values():
            definition = field_of(type_, nodes[0])
            if definition is None:
                continue
            self._values += rows
            if self._values > self._limits.values:
                raise too_large(f"An operation with relations answers at most {self._limits.values} values; this may be more.", nodes)
            inner = [node.selection_set for node in nodes if node.selection_set is not None]
            named = get_named_type(definition.type)
            for member in self._objects(named) if inner else ():
                self.of(member, inner, self._size(type_, definition, nodes, rows))

    def _size(self, type_: GraphQLObjectType, definition: GraphQLField, nodes: Sequence[FieldNode], rows: int) -> int:
        """How many rows stand behind a field of so many values."""
        found = self._lists.get((type_.name, nodes[0].name.value))
        is_root = type_ is self._schema.query_type
        if found is None and not (is_root and "ids" in definition.args):
            return rows
        try:
            given = get_argument_values(definition, nodes[0], self._variables)
        except GraphQLError:
            # It is told when the field runs, and nothing lies behind it then.
            return 0
        if found is None:
            return self._root_rows(len(given["ids"]), nodes)
        size = found.size(given)
        if isinstance(size, Invalid):
            if is_root:
                return 0
            refusal = found.refusal(size)
            raise GraphQLError(refusal.message, nodes, extensions=refusal.extensions)
        if is_root:
            return self._root_rows(size, nodes)
        self._rows += rows * size
        if self._rows > self._limits.rows:
            raise too_large(f"The pages of relations may have {self._limits.rows} rows together; ask for fewer at each level.", nodes)
        return rows * size

    def _root_rows(self, size: int, nodes: Sequence[FieldNode]) -> int:
        self._roots += size
        if self._roots > self._limits.rows:
            raise too_large(f"The lists of an operation may have {self._limits.rows} rows together; ask for fewer of each.", nodes)
        return size

    def _objects(self, type_: Any) -> Iterable[GraphQLObjectType]:
        if is_object_type(type_):
            return (type_,)
        return type_.types if is_union_type(type_) else ()
