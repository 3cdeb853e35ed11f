"""Bounds of a document, judged by its text alone and before it is validated, which costs more than looking."""

from collections.abc import Iterator, Mapping
from typing import Final

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from diptych.graphql.depth import too_large
from diptych.semantics.limits import Limits

_Fragments = Mapping[str, FragmentDefinitionNode]

# What tells of the schema itself; `__typename` tells of a value that one has.
INTROSPECTION: Final = frozenset({"__schema", "__type"})
INTROSPECTION_OFF: Final = "introspection_off"


def beyond_bounds(tree: DocumentNode, limits: Limits) -> GraphQLError | None:
    """Say which bound a document passes first, if any. What it selects need not be in the schema, and fragments may go in circles.

    Each fragment is looked into once for an operation, and again only where it stands deeper than before.
    """
    operations = [node for node in tree.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {node.name.value: node for node in tree.definitions if isinstance(node, FragmentDefinitionNode)}
    if len(operations) > limits.operations:
        return too_large(f"A document has at most {limits.operations} operations.", [operations[limits.operations]])
    for definition in (*operations, *fragments.values()):
        if (refusal := _crowded(definition, limits)) is not None:
            return refusal
    for operation in operations:
        refusal = _many_roots(operation, fragments, limits) or _many_aliases(operation, fragments, limits)
        if refusal is not None:
            return refusal
        if (refusal := _too_deep(operation, fragments, limits)) is not None:
            return refusal
    return None


def _many_roots(operation: OperationDefinitionNode, fragments: _Fragments, limits: Limits) -> GraphQLError | None:
    """A field that is repeated counts again, though it would be answered once: somebody has to find that out."""
    count = 0
    left: list[SelectionSetNode] = [operation.selection_set]
    seen: set[str] = set()
    while left:
        for node in left.pop().selections:
            if isinstance(node, FieldNode):
                count += 1
                if count > limits.root_fields:
                    return too_large(f"An operation has at most {limits.root_fields} root fields.", [node])
                if not limits.introspection and node.name.value in INTROSPECTION:
                    return GraphQLError(
                        "The schema is not told here: introspection is off.", [node], extensions={"code": INTROSPECTION_OFF}
                    )
            elif (inner := _once(node, fragments, seen)) is not None:
                left.append(inner)
    return None


def _many_aliases(operation: OperationDefinitionNode, fragments: _Fragments, limits: Limits) -> GraphQLError | None:
    count = 0
    left: list[SelectionSetNode] = [operation.selection_set]
    seen: set[str] = set()
    while left:
        for node in left.pop().selections:
            if not isinstance(node, FieldNode):
                if (inner := _once(node, fragments, seen)) is not None:
                    left.append(inner)
                continue
            if node.alias is not None:
                count += 1
                if count > limits.aliases:
                    return too_large(f"An operation has at most {limits.aliases} aliases.", [node])
            if node.selection_set is not None:
                left.append(node.selection_set)
    return None


def _too_deep(operation: OperationDefinitionNode, fragments: _Fragments, limits: Limits) -> GraphQLError | None:
    left: list[tuple[SelectionSetNode, int]] = [(operation.selection_set, 1)]
    # The deepest that each fragment was found at: looking again pays off only below that.
    deepest: dict[str, int] = {}
    while left:
        selections, depth = left.pop()
        for node in selections.selections:
            if isinstance(node, FieldNode):
                if depth > limits.depth:
                    return too_large(f"Fields may be nested {limits.depth} deep; this one is deeper.", [node])
                if node.selection_set is not None:
                    left.append((node.selection_set, depth + 1))
            elif isinstance(node, InlineFragmentNode):
                left.append((node.selection_set, depth))
            elif isinstance(node, FragmentSpreadNode) and deepest.get(node.name.value, 0) < depth and node.name.value in fragments:
                deepest[node.name.value] = depth
                left.append((fragments[node.name.value].selection_set, depth))
    return None


def _crowded(node: ExecutableDefinitionNode, limits: Limits) -> GraphQLError | None:
    for one in _places(node):
        directives = getattr(one, "directives", None) or ()
        if len(directives) > limits.directives:
            return too_large(f"At most {limits.directives} directives stand at one place.", [directives[limits.directives]])
    return None


def _places(node: ExecutableDefinitionNode) -> Iterator[Node]:
    """Everything that may have directives."""
    yield node
    yield from node.variable_definitions or ()
    left: list[SelectionSetNode] = [node.selection_set]
    while left:
        for selection in left.pop().selections:
            yield selection
            inner = getattr(selection, "selection_set", None)
            if inner is not None:
                left.append(inner)


def _once(node: SelectionNode, fragments: _Fragments, seen: set[str]) -> SelectionSetNode | None:
    """What stands inside of a fragment, the first time that it is met."""
    if isinstance(node, InlineFragmentNode):
        return node.selection_set
    if not isinstance(node, FragmentSpreadNode) or node.name.value in seen:
        return None
    seen.add(node.name.value)
    fragment = fragments.get(node.name.value)
    return None if fragment is None else fragment.selection_set
