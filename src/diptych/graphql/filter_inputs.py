"""The inputs that lists are filtered by: one for each resource, and one for each type of values and what can be asked of it."""

from collections.abc import Mapping
from types import GenericAlias
from typing import Any, Final

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.scalars import JSON

from diptych.graphql.fields import FieldTypes, words
from diptych.graphql.make import input_type
from diptych.resource import kinds
from diptych.resource.filter_names import filter_name
from diptych.resource.shape import Field, ResourceShape
from diptych.semantics.condition import AND, NOT, OPERATORS, OR, Operator

# Keys and references are opaque in GraphQL: they have no order, and no parts.
_OF_IDS: Final[frozenset[Operator]] = frozenset({"eq", "ne", "in", "nin", "isNull"})

_SAID: Final[Mapping[Operator, str]] = {
    "eq": "Equal to this; null is not.",
    "ne": "Not equal to this; null is not either, and so it is found.",
    "in": "Equal to one of these, at most 1000; null is not.",
    "nin": "Equal to none of these, at most 1000; null is not either, and so it is found.",
    "lt": "Below this.",
    "lte": "Below this or equal to it.",
    "gt": "Above this.",
    "gte": "Above this or equal to it.",
    "isNull": "Whether it is null.",
    "contains": "Contains this text.",
    "startsWith": "Starts with this text.",
    "endsWith": "Ends with this text.",
    "containsInsensitive": "Contains this text, in upper or lower case of the letters A to Z.",
    "startsWithInsensitive": "Starts with this text, in upper or lower case of the letters A to Z.",
    "endsWithInsensitive": "Ends with this text, in upper or lower case of the letters A to Z.",
}
_CONTAINS_JSON: Final = "Contains this value as REST spells it: each member of an object, each element of a list, any other value itself."


class FilterTypes:
    """Makes the inputs of one schema; fields of the same type share theirs."""

    def __init__(self, fields: FieldTypes) -> None:
        self._fields = fields
        self._made: dict[str, Any] = {}

    def where(self, resource: ResourceShape) -> Any:
        """The input that a resource's lists are filtered by."""
        name = resource.name
        # The first three refer to the input itself, which is not there yet; members of ours start with an underscore, which no field
        # of a model does.
        members: dict[str, tuple[Any, Any]] = {
            "_and": (JSON | None, _member(AND, "Each of these holds. The list must not be empty.")),
            "_or": (JSON | None, _member(OR, "At least one of these holds. The list must not be empty.")),
            "_not": (JSON | None, _member(NOT, "This does not hold.")),
        }
        for column in (resource.key, *resource.columns):
            if column.json_name in resource.filters:
                said = f"What holds for the {words(column.json_name)}."
                members[column.attribute] = (self._of(column, resource) | None, _member(column.json_name, said))
        made = input_type(
            f"{name}Where",
            members,
            f"What holds for the {name} rows of a list: all of these members. Where there are none, every row is found.",
        )
        for field in made.__strawberry_definition__.fields[:3]:
            itself = made | None if field.graphql_name == NOT else GenericAlias(list, (made,)) | None
            field.type_annotation = StrawberryAnnotation(itself)
        return made

    def _of(self, field: Field, resource: ResourceShape) -> Any:
        name = filter_name(field, resource)
        if name not in self._made:
            is_id = field is resource.key or self._fields.is_reference(field)
            found = resource.filters[field.json_name].operators
            operators = [one for one in OPERATORS if one in found and (not is_id or one in _OF_IDS)]
            value = strawberry.ID if is_id else self._fields.of(field)
            members = {f"_{one}": _operator(one, value, field) for one in operators}
            said = "What holds for a value that may be null" if field.nullable else "What holds for a value"
            self._made[name] = input_type(name, members, f"{said}: all of these members, of which there must be one at least.")
        return self._made[name]


def _operator(operator: Operator, value: Any, field: Field) -> tuple[Any, Any]:
    if operator == "isNull":
        return bool | None, _member(operator, _SAID[operator])
    if isinstance(field.kind, kinds.Json):
        return JSON | None, _member(operator, _CONTAINS_JSON)
    annotation = GenericAlias(list, (value,)) if operator in ("in", "nin") else value
    return annotation | None, _member(operator, _SAID[operator])


def _member(name: str, description: str) -> Any:
    return strawberry.field(name=name, description=description, default=strawberry.UNSET)
