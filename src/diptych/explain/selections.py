"""What an operation selects of rows: their own fields, and the rows beside them that its relations lead to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLObjectType, get_named_type

from diptych.graphql.page_arguments import PageArguments
from diptych.graphql.plan.collection import Collected, Collector
from diptych.resource.shape import Relation, ResourceShape
from diptych.semantics.command import List
from diptych.semantics.outcome import Invalid

# The coerced arguments of a field. Raises GraphQLError.
ReadArguments = Callable[[Any, FieldNode], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Rows:
    """Fields by JSON name, and what is selected of related rows."""

    fields: frozenset[str]
    related: "tuple[Related, ...]" = ()


@dataclass(frozen=True, slots=True)
class Related:
    """A relation under its response name; `page` is the window of its rows, None where there is one row."""

    name: str
    relation: Relation
    page: List | Invalid | None
    rows: Rows


class Selections:
    """Looks into the selections of one operation."""

    def __init__(
        self,
        collector: Collector,
        read: ReadArguments,
        resources: Mapping[str, ResourceShape],
        arguments: Mapping[str, PageArguments],
    ) -> None:
        self._collector = collector
        self._read = read
        self._resources = resources
        self._arguments = arguments

    def of(self, type_: Any, nodes: Sequence[FieldNode], resource: ResourceShape) -> Rows:
        """The rows under a field that answers a row, rows, a page or the result of a write."""
        if type_.name == resource.name:
            return self._rows(type_, nodes, resource)
        if type_.name == f"{resource.name}Connection":
            return self._page(type_, nodes, resource)[0]
        found: list[FieldNode] = []
        row: Any = None
        for member in type_.types:
            # A write answers the row as it is now: the one that was written, or the one that was in its way.
            for name in (resource.names.singular, "current"):
                if name in member.fields and get_named_type(member.fields[name].type).name == resource.name:
                    row = get_named_type(member.fields[name].type)
                    found += _named(self._members(member, nodes), name)
        return self._rows(row, found, resource) if found else Rows(frozenset())

    def _page(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode], resource: ResourceShape) -> tuple[Rows, bool]:
        members = self._members(type_, nodes)
        edge: Any = get_named_type(type_.fields["edges"].type)
        row: Any = get_named_type(edge.fields["node"].type)
        edges = _named(members, "edges")
        found = _named(self._members(edge, edges), "node") if edges else []
        return self._rows(row, found, resource), bool(_named(members, "totalCount"))

    def _rows(self, row: Any, nodes: Sequence[FieldNode], resource: ResourceShape) -> Rows:
        relations = {relation.name: relation for relation in resource.relations}
        fields: set[str] = set()
        related: list[Related] = []
        for response_name, inner in self._members(row, nodes).items():
            name = inner[0].name.value
            if name in relations:
                related.append(self._related(response_name, relations[name], row.fields[name], inner))
            elif name in resource.readable_names:
                fields.add(name)
        return Rows(frozenset(fields), tuple(related))

    def _related(self, name: str, relation: Relation, definition: Any, nodes: Sequence[FieldNode]) -> Related:
        target, type_ = self._resources[relation.target], get_named_type(definition.type)
        if not relation.many:
            return Related(name, relation, None, self._rows(type_, nodes, target))
        rows, counted = self._page(type_, nodes, target)
        page = self._arguments[relation.target].read(self._read(definition, nodes[0]))
        if isinstance(page, List):
            page = List(page.size, page.end, page.after, page.before, page.where, page.order, counted)
        return Related(name, relation, page, rows)

    def _members(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Collected:
        return self._collector.collect(type_, [node.selection_set for node in nodes if node.selection_set is not None])


def _named(members: Collected, name: str) -> list[FieldNode]:
    return [node for nodes in members.values() if nodes[0].name.value == name for node in nodes]
