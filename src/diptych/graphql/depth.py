"""How deep a document nests relations; past a bound it is as invalid as one that the schema refuses."""

from collections.abc import Container, Sequence
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    type_from_ast,
)

from diptych.graphql.plan.collection import Fragments
from diptych.semantics.limits import USUAL_LIMITS
from diptych.semantics.outcome import Invalid
from diptych.semantics.pointer import WHOLE

# Relations inside relations, counted along each way down.
DEEPEST_RELATION: Final = USUAL_LIMITS.relation_depth


def relation_depth(
    schema: GraphQLSchema,
    relations: Container[tuple[str, str]],
    operation: OperationDefinitionNode,
    fragments: Fragments,
    most: int = DEEPEST_RELATION,
) -> int | GraphQLError:
    """Tell how deep an operation of a valid document nests relations, whatever its @skip and @include come to.

    `relations` are types and names of fields; past `most` the answer is an error.
    """
    deepest = 0
    seen: set[tuple[str, int]] = set()
    root = schema.get_root_type(operation.operation)
    left: list[tuple[Any, SelectionSetNode, int]] = [(root, operation.selection_set, 0)]
    # Without recursion, since fragments may lead to each other many times over.
    while left:
        type_, selections, depth = left.pop()
        for node in selections.selections:
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if (name, depth) not in seen:
                    seen.add((name, depth))
                    fragment = fragments[name]
                    left.append((type_from_ast(schema, fragment.type_condition), fragment.selection_set, depth))
            elif isinstance(node, InlineFragmentNode):
                inner = type_ if node.type_condition is None else type_from_ast(schema, node.type_condition)
                left.append((inner, node.selection_set, depth))
            elif isinstance(node, FieldNode) and node.selection_set is not None and (found := field_of(type_, node)) is not None:
                further = depth + ((type_.name, node.name.value) in relations)
                if further > most:
                    return too_large(f"Relations may be nested {most} deep; this one is deeper.", [node])
                deepest = max(deepest, further)
                left.append((get_named_type(found.type), node.selection_set, further))
    return deepest


def field_of(type_: Any, node: FieldNode) -> GraphQLField | None:
    """The definition of a field; None for those of introspection."""
    found: GraphQLField | None = getattr(type_, "fields", {}).get(node.name.value)
    return found


def too_large(message: str, nodes: Sequence[Any]) -> GraphQLError:
    violation = {"pointer": WHOLE, "code": "too_large", "message": message}
    return GraphQLError(message, nodes, extensions={"code": Invalid.code, "violations": [violation]})
