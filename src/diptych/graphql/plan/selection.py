"""Selections, compiled: from what the service answers to the JSON that was asked for, with nothing in between."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from diptych.graphql.plan.collection import Collector
from diptych.graphql.plan.leaves import Never, Write, leaf, plain_type
from diptych.graphql.plan.limits import NotPlain
from diptych.graphql.plan.links import Link, Links, Related
from diptych.graphql.plan.terms import arguments
from diptych.graphql.plan.views import MakeView
from diptych.graphql.selected import of_page, of_rows
from diptych.semantics.command import List
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Invalid

TYPENAME = "__typename"


class Selections:
    """Compiles the selections of one operation; the same nodes on the same type are compiled once."""

    def __init__(
        self, collector: Collector, looking: Collector, views: Mapping[str, MakeView], relations: Mapping[tuple[str, str], Related]
    ) -> None:
        self._collector = collector
        self._views = views
        self._relations = relations
        # For a second look at what relations select, so that its parts are not counted twice.
        self._looking = looking
        self.links = Links()
        self._made: dict[tuple[str, tuple[int, ...]], Write] = {}

    def of(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Write:
        """How a value of an object type is written under all these nodes of one field."""
        known = type_.name, tuple(map(id, nodes))
        if known not in self._made:
            self._made[known] = self._compile(type_, nodes)
        return self._made[known]

    def _compile(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Write:
        collected = self._collector.collect(type_, [node.selection_set for node in nodes if node.selection_set is not None])
        # Copied for each value, so that members stand in the order of the selection.
        template: dict[str, JSON] = dict.fromkeys(collected)
        members: list[tuple[str, str, type, Write]] = []
        opened: list[tuple[str, str, int]] = []
        for response_name, inner in collected.items():
            name = inner[0].name.value
            if name == TYPENAME:
                template[response_name] = type_.name
            elif (related := self._relations.get((type_.name, name))) is not None:
                opened.append((response_name, related.source, self._link(related, type_.fields[name], inner)))
            else:
                members.append((response_name, name, *self._complete(type_.fields[name].type, inner)))

        view = self._views[type_.name](frozenset([*(name for _, name, *_ in members), *(name for _, name, _ in opened)]))
        places = self.links.places.open

        def write(value: Any) -> JSON:
            source, written = view(value), template.copy()
            for response_name, name, plain, complete in members:
                item = source[name]
                written[response_name] = item if type(item) is plain else complete(item)
            for response_name, name, number in opened:
                if (key := source[name]) is not None:
                    places[number].append((key, written, response_name))
            return written

        return write

    def _link(self, related: Related, definition: GraphQLField, nodes: Sequence[FieldNode]) -> int:
        """Note a relation, and say its number."""
        type_: Any = get_named_type(definition.type)
        look = of_page if related.relation.many else of_rows
        selected = look(self._looking, type_, nodes, related.target)
        term, page = arguments(definition, nodes[0]), related.arguments

        def read(variables: Mapping[str, Any]) -> List | Invalid:
            return page.read(term(variables), selected)

        number = self.links.add(Link(related, read if related.relation.many else None, selected.fields))
        # The relations inside come after it.
        self.links.places.writes[number] = self.of(type_, nodes)
        return number

    def _complete(self, type_: GraphQLOutputType, nodes: Sequence[FieldNode]) -> tuple[type, Write]:
        """The Python type whose values are written as they are, and how all other values are."""
        if is_non_null_type(type_):
            # Nothing that writes a value takes None for one.
            return self._not_null(type_.of_type, nodes)
        plain, complete = self._not_null(type_, nodes)
        return plain, lambda value: None if value is None else complete(value)

    def _not_null(self, type_: GraphQLOutputType, nodes: Sequence[FieldNode]) -> tuple[type, Write]:
        if is_leaf_type(type_):
            return plain_type(type_), leaf(type_)
        if isinstance(type_, GraphQLObjectType):
            return Never, self.of(type_, nodes)
        # Unions stand only at root fields, and no field has the type of an interface.
        assert is_list_type(type_)
        return Never, _list(*self._complete(type_.of_type, nodes))


def _list(plain: type, complete: Write) -> Write:
    def write(values: Any) -> JSON:
        if type(values) is not list:
            raise NotPlain
        return [item if type(item) is plain else complete(item) for item in values]

    return write
