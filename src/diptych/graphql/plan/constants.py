"""Values that are known before an operation runs, made anew for each run where they could be changed."""

from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputType,
    Undefined,
    ValueNode,
    coerce_input_literal,
)

Make = Callable[[], Any]


class Absent(Enum):
    """Stands for what was left out, which is not null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


def literal(node: ValueNode, type_: GraphQLInputType) -> Make:
    """The value of a literal without variables, which validation has let pass."""
    value = coerce_input_literal(node, type_)
    assert value is not Undefined
    return constant(value)


def default_of(definition: GraphQLArgument | GraphQLInputField) -> Make | None:
    """What stands for an argument or an input field that was left out; None where nothing does."""
    if definition.default is None:
        return None if definition.default_value is Undefined else constant(definition.default_value)
    # Strawberry gives defaults as values; only those that we write for JSON scalars stand here.
    assert definition.default.literal is not None
    return literal(definition.default.literal, definition.type)


def constant(value: Any) -> Make:
    if isinstance(value, dict | list):
        # What a command carries may be changed on its way, by the operations of a patch for example.
        return lambda: _copied(value)
    return lambda: value


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
