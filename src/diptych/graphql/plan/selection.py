"""Selections, compiled: from what the service answers to the JSON that was asked for, with nothing in between."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import FieldNode, GraphQLObjectType, GraphQLOutputType, is_leaf_type, is_list_type, is_non_null_type

from diptych.graphql.plan.collection import Collector
from diptych.graphql.plan.leaves import Never, Write, leaf, plain_type
from diptych.graphql.plan.limits import NotPlain, Unplannable
from diptych.graphql.plan.views import View
from diptych.semantics.json_value import JSON

TYPENAME = "__typename"


class Selections:
    """Compiles the selections of one operation; the same nodes on the same type are compiled once."""

    def __init__(self, collector: Collector, views: Mapping[str, View]) -> None:
        self._collector = collector
        self._views = views
        self._made: dict[tuple[str, tuple[int, ...]], Write] = {}

    def of(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Write:
        """How a value of an object type is written under all these nodes of one field. Raises Unplannable."""
        known = type_.name, tuple(map(id, nodes))
        if known not in self._made:
            self._made[known] = self._compile(type_, nodes)
        return self._made[known]

    def _compile(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Write:
        view = self._views.get(type_.name)
        if view is None:
            raise Unplannable
        collected = self._collector.collect(type_, [node.selection_set for node in nodes if node.selection_set is not None])
        # Copied for each value, so that members stand in the order of the selection.
        template: dict[str, JSON] = dict.fromkeys(collected)
        members: list[tuple[str, str, type, Write]] = []
        for response_name, inner in collected.items():
            name = inner[0].name.value
            if name == TYPENAME:
                template[response_name] = type_.name
            else:
                members.append((response_name, name, *self._complete(type_.fields[name].type, inner)))

        def write(value: Any) -> JSON:
            source, written = view(value), template.copy()
            for response_name, name, plain, complete in members:
                item = source[name]
                written[response_name] = item if type(item) is plain else complete(item)
            return written

        return write

    def _complete(self, type_: GraphQLOutputType, nodes: Sequence[FieldNode]) -> tuple[type, Write]:
        """The Python type whose values are written as they are, and how all other values are."""
        if is_non_null_type(type_):
            plain, complete = self._not_null(type_.of_type, nodes)
            return plain, lambda value: _refuse() if value is None else complete(value)
        plain, complete = self._not_null(type_, nodes)
        return plain, lambda value: None if value is None else complete(value)

    def _not_null(self, type_: GraphQLOutputType, nodes: Sequence[FieldNode]) -> tuple[type, Write]:
        if is_leaf_type(type_):
            return plain_type(type_), leaf(type_)
        if isinstance(type_, GraphQLObjectType):
            return Never, self.of(type_, nodes)
        if is_list_type(type_):
            return Never, _list(*self._complete(type_.of_type, nodes))
        # Only root fields of ours answer unions.
        raise Unplannable


def _list(plain: type, complete: Write) -> Write:
    def write(values: Any) -> JSON:
        if type(values) is not list:
            raise NotPlain
        return [item if type(item) is plain else complete(item) for item in values]

    return write


def _refuse() -> JSON:
    raise NotPlain
