"""Values of variables, coerced as graphql-core coerces them as long as they are plain.

Source: GraphQL, September 2025, sections 6.1.2 and 3.13.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
    is_input_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    type_from_ast,
)

from diptych.graphql.plan.constants import Make, default_of, literal
from diptych.graphql.plan.limits import NotPlain, Unplannable
from diptych.semantics.json_value import JSON
from diptych.semantics.version import LAST

Coerce = Callable[[JSON], Any]

# Values of exactly this Python type are coerced to themselves.
_PLAIN: Mapping[Any, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}


class _Nothing:
    """Is the type of no value."""


class Variables:
    """Coerces the variables of one operation."""

    def __init__(self, definitions: tuple[VariableDefinitionNode, ...], coercers: "Coercers") -> None:
        self._members = tuple(map(coercers.of_variable, definitions))

    def coerce(self, given: Mapping[str, JSON]) -> dict[str, Any]:
        """The values by name; a variable without a value is not there. Raises NotPlain."""
        coerced: dict[str, Any] = {}
        for name, plain, read, default in self._members:
            if name in given:
                value = given[name]
                coerced[name] = value if type(value) is plain else read(value)
            elif default is not None:
                coerced[name] = default()
        return coerced


class Coercers:
    """Makes the coercion of each type of a schema once."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._named: dict[str, tuple[type, Coerce]] = {}

    def of_variable(self, definition: VariableDefinitionNode) -> tuple[str, type, Coerce, Make | None]:
        type_ = type_from_ast(self._schema, definition.type)
        assert is_input_type(type_)
        default: Make | None = None
        if definition.default_value is not None:
            default = literal(definition.default_value, type_)
        elif is_non_null_type(type_):
            default = _refuse
        return definition.variable.name.value, *self.of(type_), default

    def of(self, type_: GraphQLInputType) -> tuple[type, Coerce]:
        """The plain Python type of a GraphQL type, if it has one, and the coercion of all other values."""
        if is_non_null_type(type_):
            plain, inner = self._of_nullable(type_.of_type)
            return plain, lambda value: _refuse() if value is None else inner(value)
        plain, inner = self._of_nullable(type_)
        return plain, lambda value: None if value is None else inner(value)

    def _of_nullable(self, type_: Any) -> tuple[type, Coerce]:
        if is_list_type(type_):
            return _Nothing, _list(*self.of(type_.of_type))
        name = type_.name
        if name not in self._named:
            if isinstance(type_, GraphQLInputObjectType):
                # Filters have others of their own type inside, so it is there before it is made.
                self._named[name] = _Nothing, lambda value: self._named[name][1](value)
                self._named[name] = _Nothing, self._object(type_)
            else:
                self._named[name] = _PLAIN.get(type_, _Nothing), _leaf(type_)
        return self._named[name]

    def _object(self, type_: GraphQLInputObjectType) -> Coerce:
        check_input_object(type_)
        members = [
            (name, *self.of(field.type), _refuse if is_required_input_field(field) else default_of(field))
            for name, field in type_.fields.items()
        ]

        def coerce(value: JSON) -> dict[str, Any]:
            if type(value) is not dict:
                raise NotPlain
            coerced: dict[str, Any] = {}
            known = 0
            for name, plain, read, default in members:
                if name in value:
                    known += 1
                    item = value[name]
                    coerced[name] = item if type(item) is plain else read(item)
                elif default is not None:
                    coerced[name] = default()
            if known != len(value):
                raise NotPlain
            return coerced

        return coerce


def check_input_object(type_: GraphQLInputObjectType) -> None:
    """Refuse a type whose values are more than their members by name."""
    if type_.is_one_of or type_.out_type is not GraphQLInputObjectType.out_type or any(field.out_name for field in type_.fields.values()):
        raise Unplannable


def _list(plain: type, read: Coerce) -> Coerce:
    def coerce(value: JSON) -> list[Any]:
        # A single value for a list is left to graphql-core.
        if type(value) is not list:
            raise NotPlain
        return [item if type(item) is plain else read(item) for item in value]

    return coerce


def _leaf(type_: Any) -> Coerce:
    if isinstance(type_, GraphQLEnumType):
        members = {name: _coerced(type_, name) for name in type_.values}
        return lambda value: members[value] if type(value) is str and value in members else _refuse()
    if type_ is GraphQLInt:
        return lambda value: value if type(value) is int and -LAST <= value <= LAST else _coerced(type_, value)
    return lambda value: value if type(value) is _PLAIN.get(type_) else _coerced(type_, value)


def _coerced(type_: Any, value: JSON) -> Any:
    try:
        coerced = type_.coerce_input_value(value)
    except Exception:
        raise NotPlain from None
    return _refuse() if coerced is Undefined else coerced


def _refuse() -> Any:
    raise NotPlain
