"""Fields in GraphQL: their types, their words, and the way of a value between an argument and a document."""

import json
import re
from collections.abc import Callable, Sequence
from enum import Enum
from types import GenericAlias
from typing import Any, Final, assert_never

import strawberry
from strawberry.scalars import JSON, Base64
from strawberry.types.enum import has_enum_definition

from diptych.graphql.make import enum_type
from diptych.graphql.scalars import UUID, BigInt, Date, DateTime, Decimal, Duration, Time
from diptych.resource import kinds
from diptych.resource.shape import Field, ResourceShape
from diptych.semantics import json_value

Read = Callable[[Any], json_value.JSON]

# Digits that a key's text may have; past these it is no number that a JSON body could hold either.
_LONGEST_NUMBER: Final = 400
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]*")


class FieldTypes:
    """Knows the GraphQL type of every field of some resources, which refer to each other and may share enums."""

    def __init__(self, resources: Sequence[ResourceShape]) -> None:
        self._keys = {(resource.table, resource.key.column) for resource in resources}
        self._enums: dict[type[Enum], Any] = {}

    def of(self, field: Field) -> Any:
        """The annotation of a field that is not null. A reference to the key of a resource is an ID."""
        return strawberry.ID if self.is_reference(field) else self._of_kind(field.kind)

    def is_reference(self, field: Field) -> bool:
        return field.reference is not None and (field.reference.table, field.reference.column) in self._keys

    def reader(self, field: Field) -> Read | None:
        """How the value of an argument becomes the one of a document; None where it is that already."""
        if self.is_reference(field):
            return reader_of_key(field)
        return _reader_of_kind(field.kind)

    def from_json(self, field: Field, value: json_value.JSON) -> Any:
        """A canonical JSON value, such as a default, as GraphQL's own value of the field's type."""
        if value is None or not self.is_reference(field):
            return self._from_json(field.kind, value)
        return str(value)

    def _from_json(self, kind: kinds.Kind, value: json_value.JSON) -> Any:
        match kind:
            case kinds.Enumeration(enum) if value is not None:
                return self._of_enum(enum)(value)
            case kinds.Json(form="list", items=items) if items is not None and value is not None:
                return [self._from_json(items, item) for item in value]
            case _:
                return value

    def _of_kind(self, kind: kinds.Kind) -> Any:
        match kind:
            case kinds.Text():
                return str
            case kinds.Integer():
                return int
            case kinds.BigInteger():
                return BigInt
            case kinds.Float():
                return float
            case kinds.Boolean():
                return bool
            case kinds.Decimal():
                return Decimal
            case kinds.DateTime():
                return DateTime
            case kinds.Date():
                return Date
            case kinds.Time():
                return Time
            case kinds.Duration():
                return Duration
            case kinds.Uuid():
                return UUID
            case kinds.Bytes():
                return Base64
            case kinds.Enumeration(enum):
                return self._of_enum(enum)
            case kinds.Json(form, items, items_nullable):
                if form != "list" or items is None:
                    return JSON
                item = self._of_kind(items)
                return GenericAlias(list, (item | None if items_nullable else item,))
            case _:
                assert_never(kind)

    def _of_enum(self, enum: type[Enum]) -> Any:
        """The GraphQL enum; one that is the user's own Strawberry enum already is taken as it is."""
        if has_enum_definition(enum):
            return enum
        if enum not in self._enums:
            members = {
                member.name: strawberry.enum_value(member.value, description=f"Spelled {json.dumps(member.value)} on REST.")
                for member in enum
            }
            said = " ".join((enum.__doc__ or "").split()) or f"One of the values of {enum.__name__}."
            self._enums[enum] = enum_type(enum.__name__, members, said)
        return self._enums[enum]


def reader_of_key(field: Field) -> Read | None:
    """How an ID becomes a key in its JSON form. Text that is no number stays as it is, for the service to refuse."""
    return _number if isinstance(field.kind, kinds.Integer | kinds.BigInteger) else None


def words(name: str) -> str:
    """Spell a camelCase name as words: `ownerId` is "owner id"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()


def described(field: Field, resource: ResourceShape) -> str:
    if field.description:
        return field.description
    if field.reference is not None and field.reference.resource is not None:
        return f"The key of the {field.reference.resource} that this {resource.name} refers to."
    return f"The {words(field.json_name)} of this {resource.name}."


def described_key(resource: ResourceShape) -> str:
    who = "the client" if resource.client_keyed else "the server"
    return resource.key.description or f"The key of this {resource.name}, chosen by {who}."


def _number(text: Any) -> json_value.JSON:
    if isinstance(text, str) and len(text) <= _LONGEST_NUMBER and _INTEGER.fullmatch(text):
        return int(text)
    return text


def _reader_of_kind(kind: kinds.Kind) -> Read | None:
    match kind:
        case kinds.Enumeration():
            return _value_of
        case kinds.Json(form="list", items=items) if items is not None and (inner := _reader_of_kind(items)) is not None:
            return lambda values: [None if value is None else inner(value) for value in values]
        case _:
            return None


def _value_of(member: Enum) -> json_value.JSON:
    return member.value
