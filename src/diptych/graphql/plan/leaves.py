"""Values of leaves, as they are written into an answer. Source: GraphQL, September 2025, section 6.4.3."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from graphql import GraphQLBoolean, GraphQLEnumType, GraphQLID, GraphQLInt, GraphQLLeafType, GraphQLString

from diptych.graphql.plan.limits import NotPlain
from diptych.semantics.json_value import JSON
from diptych.semantics.version import LAST

Write = Callable[[Any], JSON]

_PLAIN: Final[Mapping[Any, type]] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}


class Never:
    """Is the type of no value."""


def plain_type(type_: GraphQLLeafType) -> type:
    """The Python type whose values are written as they are; Never for none."""
    return _PLAIN.get(type_, Never)


def leaf(type_: GraphQLLeafType) -> Write:
    """How a value is written. Raises NotPlain for one that is none of the type, and for None."""
    if type_ is GraphQLInt:
        return lambda value: value if type(value) is int and -LAST <= value <= LAST else _written(type_, value)
    if type_ is GraphQLID:
        return lambda value: str(value) if type(value) is int else _written(type_, value)
    if isinstance(type_, GraphQLEnumType):
        names = {member.value: name for name, member in type_.values.items()}
        return lambda value: names[value] if type(value) is str and value in names else _written(type_, value)
    return lambda value: _written(type_, value)


def _written(type_: GraphQLLeafType, value: Any) -> JSON:
    if value is None:
        raise NotPlain
    try:
        return type_.coerce_output_value(value)
    except Exception:
        raise NotPlain from None
