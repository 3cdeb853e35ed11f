"""What users add to the schema: their own root fields, and what those may not be."""

import datetime
import decimal
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

import strawberry
from strawberry.schema.name_converter import NameConverter
from strawberry.types.base import StrawberryContainer, get_object_definition

_NAMES: Final = NameConverter()

# Scalars hand the values that were sent to resolvers, so an argument of such a type would not be what it says.
_TEXT_IN_ARGUMENTS: Final = {
    datetime.datetime: "DateTime",
    datetime.date: "Date",
    datetime.time: "Time",
    uuid.UUID: "UUID",
    decimal.Decimal: "Decimal",
}


class SchemaConflict(ValueError):
    """What the user adds cannot stand beside the resources' own part of the schema; the message says what to write instead."""


def root_type(name: str, ours: Mapping[str, Any], theirs: type | None, description: str) -> Any:
    """One class with our root fields and the user's; raises SchemaConflict where both have a name."""
    for field, declared in _fields(theirs):
        if field in ours:
            raise SchemaConflict(f"The {name} field `{field}` is already a resource's; give yours another name.")
        for argument in declared.arguments:
            _check_argument(f"{name}.{field}", argument.python_name, argument.type, frozenset())
    body: dict[str, Any] = {f"own_{field}": declared for field, declared in ours.items()}
    bases = () if theirs is None else (theirs,)
    return strawberry.type(type(name, bases, body), name=name, description=description)


def _fields(theirs: type | None) -> Iterator[tuple[str, Any]]:
    if theirs is None:
        return
    definition = get_object_definition(theirs)
    if definition is None:
        raise SchemaConflict(f"{theirs.__name__} must be decorated with @strawberry.type.")
    for field in definition.fields:
        yield _NAMES.get_graphql_name(field), field


def _check_argument(where: str, name: str, annotation: Any, seen: frozenset[type]) -> None:
    """Refuse an argument, or a field of an input, whose Python type its values would not have."""
    while isinstance(annotation, StrawberryContainer):
        annotation = annotation.of_type
    if annotation in _TEXT_IN_ARGUMENTS:
        scalar = _TEXT_IN_ARGUMENTS[annotation]
        raise SchemaConflict(
            f"`{name}` of {where} is declared as {annotation.__name__}, but the scalar {scalar} hands resolvers the text that was sent. "
            f"Declare it as diptych.graphql.scalars.{scalar} and read the text yourself."
        )
    definition = get_object_definition(annotation)
    if definition is not None and annotation not in seen:
        for field in definition.fields:
            _check_argument(f"{definition.name}", field.python_name, field.type, seen | {annotation})
