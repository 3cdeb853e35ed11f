"""Scalars that let values through as they came: the service checks them, so that a bad one is `Invalid`, in REST's words."""

import datetime
import decimal
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final, NewType

import strawberry
from graphql import ListValueNode, ObjectValueNode, Undefined, ValueNode, VariableNode, value_from_ast_untyped
from strawberry.scalars import JSON, Base64
from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
DateTime = NewType("DateTime", str)
Date = NewType("Date", str)
Time = NewType("Time", str)
Duration = NewType("Duration", str)
UUID = NewType("UUID", str)
Decimal = NewType("Decimal", str)


def _scalar(name: str, description: str, url: str | None = None, serialize: Callable[[Any], Any] = lambda value: value) -> ScalarDefinition:
    return strawberry.scalar(
        name=name,
        description=description,
        specified_by_url=url,
        serialize=serialize,
        parse_value=lambda value: value,
        parse_literal=_of_literal,
    )


def _of_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
    """The JSON value of a literal; a variable that was not given is an absent member of an object, and null in a list.

    graphql-core would leave its Undefined in their places, which nothing can store.
    """
    match node:
        case ObjectValueNode():
            return {field.name.value: _of_literal(field.value, variables) for field in node.fields if _is_given(field.value, variables)}
        case ListValueNode():
            return [_of_literal(item, variables) if _is_given(item, variables) else None for item in node.values]
        case _:
            return value_from_ast_untyped(node, variables)


def _is_given(node: ValueNode, variables: Mapping[str, Any] | None) -> bool:
    return not isinstance(node, VariableNode) or (variables or {}).get(node.name.value, Undefined) is not Undefined


_RFC_3339: Final = "https://www.rfc-editor.org/rfc/rfc3339"


def _iso(value: Any) -> Any:
    return value if isinstance(value, str) else value.isoformat()


_BIG_INT = _scalar("BigInt", "An integer beyond the 32 bits of Int, within ±(2^53-1); a JSON number, not text.")
_DATE_TIME = _scalar("DateTime", "A moment, as RFC 3339 text in UTC such as 2024-05-01T12:30:00Z.", _RFC_3339, _iso)
_DATE = _scalar("Date", "A day, as ISO 8601 text such as 2024-05-01.", _RFC_3339, _iso)
_TIME = _scalar("Time", "A time of day without a zone, as ISO 8601 text such as 12:30:00.", _RFC_3339, _iso)
_DURATION = _scalar("Duration", "A length of time, as ISO 8601 text such as PT1H30M.")
_UUID = _scalar("UUID", "A UUID, as text in lower case with dashes.", "https://www.rfc-editor.org/rfc/rfc9562", str)
_DECIMAL = _scalar("Decimal", 'An exact decimal number, as text such as "1.50", so that no digit is lost.', None, str)
_BASE64 = _scalar("Base64", "Bytes, as base64 text with padding.", "https://www.rfc-editor.org/rfc/rfc4648#section-4")
_JSON = _scalar("JSON", "Any JSON value: an object, a list, text, a number, true, false or null.", "https://www.rfc-editor.org/rfc/rfc8259")

# The standard types stand beside ours because a schema has one scalar of each name: a user's own field that returns a
# `datetime` is written with the same DateTime. As arguments, all of these arrive as the JSON values that were sent.
SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    BigInt: _BIG_INT,
    DateTime: _DATE_TIME,
    datetime.datetime: _DATE_TIME,
    Date: _DATE,
    datetime.date: _DATE,
    Time: _TIME,
    datetime.time: _TIME,
    Duration: _DURATION,
    UUID: _UUID,
    uuid.UUID: _UUID,
    Decimal: _DECIMAL,
    decimal.Decimal: _DECIMAL,
    Base64: _BASE64,
    JSON: _JSON,
}
