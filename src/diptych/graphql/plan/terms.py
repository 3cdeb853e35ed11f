"""Arguments of an operation, compiled: literals are constants, variables are looked up.

Source: GraphQL, September 2025, sections 6.4.1 and 3.10.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    is_list_type,
    is_non_null_type,
)

from diptych.graphql.plan.constants import ABSENT, default_of, literal
from diptych.graphql.plan.limits import NotPlain
from diptych.graphql.plan.variables import check_input_object

# Takes the coerced variables by name; answers ABSENT for what counts as left out. Raises NotPlain.
Term = Callable[[Mapping[str, Any]], Any]


def arguments(field: GraphQLField, node: FieldNode) -> Term:
    """All arguments of a field, by name; what was left out is not there."""
    nodes = {argument.name.value: argument.value for argument in node.arguments or ()}
    return _members(field.args, nodes)


def _members(definitions: Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField], nodes: Mapping[str, ValueNode]) -> Term:
    # No variable has an empty name.
    members: list[tuple[str, str, Term]] = []
    for name, definition in definitions.items():
        node = nodes.get(name)
        members.append((name, node.name.value if isinstance(node, VariableNode) else "", _slot(definition, node)))

    def read(variables: Mapping[str, Any]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name, variable, term in members:
            # A variable that has a value is all there is to most arguments.
            value = variables.get(variable)
            if value is None:
                value = term(variables)
            if value is not ABSENT:
                given[name] = value
        return given

    return read


def _slot(definition: GraphQLArgument | GraphQLInputField, node: ValueNode | None) -> Term:
    """An argument or a field of an input object, which may be left out."""
    default = default_of(definition)
    if isinstance(node, VariableNode):
        name, non_null = node.name.value, is_non_null_type(definition.type)
        required = non_null and default is None

        def read(variables: Mapping[str, Any]) -> Any:
            value = variables.get(name, ABSENT)
            if value is ABSENT and not required:
                return ABSENT if default is None else default()
            if value is ABSENT or (value is None and non_null):
                raise NotPlain
            return value

        return read
    if node is not None:
        return _value(node, definition.type)
    # Validation has seen to it that nothing is left out that is required.
    return lambda _: ABSENT if default is None else default()


def _value(node: ValueNode, type_: Any) -> Term:
    """A literal, with variables inside or without."""
    if not _has_variables(node):
        make = literal(node, type_)
        return lambda _: make()
    if is_non_null_type(type_):
        type_ = type_.of_type
    if is_list_type(type_):
        return _list(node, type_.of_type)
    if isinstance(type_, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
        check_input_object(type_)
        nodes = {field.name.value: field.value for field in node.fields}
        return _members(type_.fields, nodes)
    # Only a JSON scalar takes a literal with variables inside.
    return lambda variables: type_.parse_literal(node, dict(variables))


def _list(node: ValueNode, item_type: Any) -> Term:
    if not isinstance(node, ListValueNode):
        # A single value counts as a list of one.
        single = _value(node, item_type)
        return lambda variables: [single(variables)]
    terms = [_item(item.name.value, item_type) if isinstance(item, VariableNode) else _value(item, item_type) for item in node.values]
    return lambda variables: [term(variables) for term in terms]


def _item(name: str, item_type: Any) -> Term:
    non_null = is_non_null_type(item_type)

    def read(variables: Mapping[str, Any]) -> Any:
        # Inside a list, a variable without a value is a null.
        value = variables.get(name)
        if value is None and non_null:
            raise NotPlain
        return value

    return read


def _has_variables(node: ValueNode) -> bool:
    if isinstance(node, ListValueNode):
        return any(map(_has_variables, node.values))
    if isinstance(node, ObjectValueNode):
        return any(_has_variables(field.value) for field in node.fields)
    return isinstance(node, VariableNode)
