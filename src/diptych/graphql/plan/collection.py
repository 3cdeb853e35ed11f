"""The fields of a selection set, fragments looked into and fields of one response name together.

Source: GraphQL, September 2025, section 6.3.2, CollectFields.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    TypeNode,
    VariableNode,
    is_abstract_type,
    type_from_ast,
)

from diptych.graphql.plan.limits import MOST_PARTS, Unplannable
from diptych.semantics.json_value import JSON

Fragments = Mapping[str, FragmentDefinitionNode]
Collected = dict[str, list[FieldNode]]

_SKIP: Final = "skip"
_DIRECTIVES: Final = frozenset({_SKIP, "include"})


def switches(selections: SelectionSetNode, fragments: Fragments) -> frozenset[str]:
    """The names of the variables on which @skip and @include depend, fragments included."""
    return frozenset(_switches(selections, fragments, set()))


class Collector:
    """Collects under one set of answers to @skip and @include, `answers` by variable.

    Raises Unplannable for too much, and for other directives than these unless it is `lenient` and passes them over.
    """

    def __init__(self, schema: GraphQLSchema, fragments: Fragments, answers: Mapping[str, JSON], *, lenient: bool = False) -> None:
        self._schema = schema
        self._fragments = fragments
        self._answers = answers
        self._lenient = lenient
        self.parts = 0

    def collect(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Collected:
        """The nodes of each field by response name, of several selection sets on one type."""
        collected: Collected = {}
        seen: set[str] = set()
        for selections in sets:
            self._collect(type_, selections, collected, seen)
        return collected

    def _collect(self, type_: GraphQLObjectType, selections: SelectionSetNode, collected: Collected, seen: set[str]) -> None:
        for node in selections.selections:
            self.parts += 1
            if self.parts > MOST_PARTS:
                raise Unplannable
            if not self._is_included(node):
                continue
            match node:
                case FieldNode():
                    collected.setdefault((node.alias or node.name).value, []).append(node)
                case InlineFragmentNode():
                    if node.type_condition is None or self._applies(node.type_condition, type_):
                        self._collect(type_, node.selection_set, collected, seen)
                case FragmentSpreadNode():
                    fragment = self._fragments[node.name.value]
                    if node.name.value not in seen and self._applies(fragment.type_condition, type_):
                        seen.add(node.name.value)
                        self._collect(type_, fragment.selection_set, collected, seen)
                case _:
                    raise Unplannable

    def _is_included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            if self._lenient and directive.name.value not in _DIRECTIVES:
                continue
            value = _condition(directive)
            answer = self._answers[value.name.value] if isinstance(value, VariableNode) else value.value
            if answer is (directive.name.value == _SKIP):
                return False
        return True

    def _applies(self, condition: TypeNode, type_: GraphQLObjectType) -> bool:
        """Whether a fragment on this type looks at values of an object type."""
        named = type_from_ast(self._schema, condition)
        return named is type_ or (is_abstract_type(named) and self._schema.is_sub_type(named, type_))


def _switches(selections: SelectionSetNode, fragments: Fragments, seen: set[str]) -> Iterator[str]:
    for node in selections.selections:
        for directive in node.directives or ():
            value = _condition(directive)
            if isinstance(value, VariableNode):
                yield value.name.value
        if isinstance(node, FragmentSpreadNode):
            if node.name.value not in seen:
                seen.add(node.name.value)
                yield from _switches(fragments[node.name.value].selection_set, fragments, seen)
        elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set is not None:
            yield from _switches(node.selection_set, fragments, seen)


def _condition(directive: DirectiveNode) -> BooleanValueNode | VariableNode:
    """The only argument, `if`, of @skip and @include; other directives are not ours."""
    for argument in directive.arguments or ():
        if directive.name.value in _DIRECTIVES and isinstance(argument.value, BooleanValueNode | VariableNode):
            return argument.value
    raise Unplannable
