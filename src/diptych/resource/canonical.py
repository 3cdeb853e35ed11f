"""JSON inside JSON columns, in the one form that every database gives back as it was."""

from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import to_json, to_jsonable_python

from diptych.resource.value_text import bytes_text, datetime_text, decimal_text, duration_text
from diptych.semantics.json_value import JSON

_SAME: Final = frozenset({str, int, bool, type(None)})


def canonical(value: Any) -> JSON:
    """Write a value, nested models included, as JSON whose numbers every database keeps.

    jsonb turns 1e22 into 10000000000000000000000 and loses the sign of -0.0, so a float without a fraction becomes an
    integer here. Raises ValueError for NaN and infinities.
    """
    kind = type(value)
    if kind in _SAME:
        return value
    if kind is dict:
        return {name if type(name) is str else _name(name): canonical(item) for name, item in value.items()}
    if kind is list:
        return [canonical(item) for item in value]
    return canonical_number(value) if kind is float else _of_python(value)


def canonical_number(number: float) -> int | float:
    if not isfinite(number):
        raise ValueError("a number must be finite")
    return int(number) if number.is_integer() else number


def _of_python(value: Any) -> JSON:
    """JSON of what a validated model may hold besides plain JSON, spelled as the kinds of columns are."""
    match value:
        case Enum():
            return canonical(value.value)
        case BaseModel():
            # Computed fields are left out: what a reader got must be accepted when it is sent back.
            return canonical(value.model_dump(by_alias=True, round_trip=True))
        case datetime():
            return datetime_text(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return duration_text(value)
        case Decimal():
            return decimal_text(value)
        case UUID():
            return str(value)
        case bytes():
            return bytes_text(value)
        case Mapping():
            return {_name(name): canonical(item) for name, item in value.items()}
        case list() | tuple():
            return [canonical(item) for item in value]
        case Set():
            # A set has no order of its own; one is needed for two equal sets to be the same array.
            return sorted(map(canonical, value), key=to_json)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {field.name: canonical(getattr(value, field.name)) for field in fields(value)}
        case _:
            return canonical(to_jsonable_python(value))


def _name(name: Any) -> str:
    """A member name; JSON has text only, so other names are written as their JSON text."""
    plain = canonical(name)
    return plain if isinstance(plain, str) else to_json(plain).decode()
