"""Makes plans of operations, under one schema."""

from collections.abc import Callable, Mapping, Sequence

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    is_non_null_type,
)

from diptych.graphql.plan.collection import Collector, Fragments, switches
from diptych.graphql.plan.limits import Unplannable
from diptych.graphql.plan.links import relations_of
from diptych.graphql.plan.plan import Plan
from diptych.graphql.plan.roots import roots_of
from diptych.graphql.plan.selection import TYPENAME, Selections
from diptych.graphql.plan.terms import arguments
from diptych.graphql.plan.variables import Coercers, Variables
from diptych.graphql.plan.variant import Field, Variant
from diptych.graphql.plan.views import views_of
from diptych.resource.shape import ResourceShape
from diptych.semantics.json_value import JSON


class Planner:
    """Knows the root fields of some resources."""

    def __init__(self, schema: GraphQLSchema, resources: Sequence[ResourceShape]) -> None:
        self._schema = schema
        self._roots = roots_of(resources)
        self._views = views_of(resources)
        self._relations = relations_of(resources)
        self._coercers = Coercers(schema)

    def plan(self, tree: DocumentNode, name: str | None, grown: Callable[[int], None]) -> Plan | None:
        """Make the plan of an operation of a valid document; None where there is something in it that no plan knows."""
        fragments = {node.name.value: node for node in tree.definitions if isinstance(node, FragmentDefinitionNode)}
        operations = (node for node in tree.definitions if isinstance(node, OperationDefinitionNode))
        operation = next(node for node in operations if (node.name.value if node.name else None) == name)
        root_type = self._schema.get_root_type(operation.operation)
        assert root_type is not None
        chosen = tuple(sorted(switches(operation.selection_set, fragments)))
        try:
            variables = Variables(operation.variable_definitions or (), self._coercers)
        except Unplannable:
            return None
        return Plan(variables, chosen, lambda answers: self._variant(operation, root_type, fragments, answers), grown)

    def _variant(
        self, operation: OperationDefinitionNode, root_type: GraphQLObjectType, fragments: Fragments, answers: Mapping[str, JSON]
    ) -> Variant:
        collector = Collector(self._schema, fragments, answers)
        # For a second look at some selections, so that their parts are not counted twice.
        looking = Collector(self._schema, fragments, answers)
        selections = Selections(collector, looking, self._views, self._relations)
        collected = collector.collect(root_type, [operation.selection_set])
        template = {name: root_type.name if nodes[0].name.value == TYPENAME else None for name, nodes in collected.items()}
        fields: list[Field] = []
        for response_name, nodes in collected.items():
            name = nodes[0].name.value
            if name == TYPENAME:
                continue
            root = self._roots.get((operation.operation, name))
            if root is None:
                raise Unplannable
            definition = root_type.fields[name]
            read = root.reading(looking, definition.type, nodes)
            tell = root.tell(definition.type, nodes, selections)
            nullable = not is_non_null_type(definition.type)
            fields.append(Field(response_name, tuple(nodes), nullable, arguments(definition, nodes[0]), root, read, tell))
        return Variant(template, tuple(fields), operation.operation is OperationType.MUTATION, collector.parts, selections.links)
