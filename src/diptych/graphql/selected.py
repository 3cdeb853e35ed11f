"""What a selection wants of the rows behind it, so that the service reads no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import FieldNode, GraphQLObjectType, GraphQLResolveInfo, get_named_type

from diptych.graphql.plan.collection import Collected, Collector
from diptych.graphql.plan.limits import Unplannable
from diptych.resource.shape import ResourceShape


@dataclass(frozen=True, slots=True)
class Selected:
    """Whether the rows are to be counted, and the fields whose values are wanted, by JSON name; None for all."""

    counted: bool
    fields: frozenset[str] | None


ALL: Final = Selected(counted=True, fields=None)


def of_page(collector: Collector, connection: Any, nodes: Sequence[FieldNode], resource: ResourceShape) -> Selected:
    """What is selected of a page. Raises Unplannable."""
    members = _members(collector, connection, nodes)
    edges = _named(members, "edges")
    edge: Any = get_named_type(connection.fields["edges"].type)
    rows = _named(_members(collector, edge, edges), "node") if edges else []
    row: Any = get_named_type(edge.fields["node"].type)
    return Selected(bool(_named(members, "totalCount")), of_rows(collector, row, rows, resource).fields)


def of_rows(collector: Collector, row: Any, nodes: Sequence[FieldNode], resource: ResourceShape) -> Selected:
    """What is selected of rows. Raises Unplannable."""
    names = {inner[0].name.value for inner in _members(collector, row, nodes).values()}
    references = {relation.field for relation in resource.relations if relation.name in names and not relation.many}
    return Selected(False, frozenset((names | references) & resource.fields))


def selected(info: GraphQLResolveInfo[Any], resource: ResourceShape) -> Selected:
    """What is selected under a field that graphql-core resolves: a page, a row, or a list of rows."""
    # Strawberry's own execution hands on no more than the values.
    variables: Any = getattr(info.variable_values, "coerced", info.variable_values)
    collector = Collector(info.schema, info.fragments, variables)
    type_: Any = get_named_type(info.return_type)
    read = of_rows if type_.name == resource.name else of_page
    try:
        return read(collector, type_, info.field_nodes, resource)
    except Unplannable:
        # A directive of the user's may do anything.
        return ALL


def _named(members: Collected, name: str) -> list[FieldNode]:
    return [node for nodes in members.values() if nodes[0].name.value == name for node in nodes]


def _members(collector: Collector, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Collected:
    return collector.collect(type_, [node.selection_set for node in nodes if node.selection_set is not None])
