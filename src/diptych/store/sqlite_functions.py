"""What SQLite is taught on each connection: to compare numbers and durations that it keeps as text, and to look into JSON."""

import json
import sqlite3
from base64 import b64decode
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from diptych.resource.value_reading import duration_of
from diptych.semantics.json_value import JSON, same

NUMBER: Final = "diptych_number"
DURATION: Final = "diptych_duration"
SAME_JSON: Final = "diptych_same_json"
CONTAINS_JSON: Final = "diptych_contains_json"
FLOAT_OF: Final = "diptych_float_of"
BYTES_OF: Final = "diptych_bytes_of"


def teach(connection: sqlite3.Connection) -> None:
    """Add our functions and collations to a connection."""
    connection.create_collation(NUMBER, _by(_number))
    connection.create_collation(DURATION, _by(_duration))
    connection.create_function(SAME_JSON, 2, _same_json, deterministic=True)
    connection.create_function(CONTAINS_JSON, 2, _contains_json, deterministic=True)
    connection.create_function(FLOAT_OF, 1, float, deterministic=True)
    connection.create_function(BYTES_OF, 1, b64decode, deterministic=True)


def contains(value: JSON, part: JSON) -> bool:
    """Tell whether a JSON value has all of another in it, as `@>` of PostgreSQL does.

    An object has the members of the part and what they contain; an array has, for each element of the part, one that contains it,
    however often and in whatever order; a scalar is the part. Only at the top does an array contain a scalar that is an element.
    """
    if isinstance(value, list) and not isinstance(part, dict | list):
        return any(same(element, part) for element in value)
    return _contains(value, part)


def _contains(value: JSON, part: JSON) -> bool:
    if isinstance(part, dict):
        return isinstance(value, dict) and all(name in value and _contains(value[name], member) for name, member in part.items())
    if isinstance(part, list):
        return isinstance(value, list) and all(any(_contains(one, element) for one in value) for element in part)
    return same(value, part)


def _contains_json(value: str | None, part: str) -> bool:
    return value is not None and contains(json.loads(value), _parsed(part))


# One part is looked for in many rows.
@lru_cache(maxsize=64)
def _parsed(text: str) -> JSON:
    return json.loads(text)


def _same_json(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return one == other or same(json.loads(one), json.loads(other))


def _by(value_of: Callable[[str], Any]) -> Callable[[str, str], int]:
    def compare(one: str, other: str) -> int:
        first, second = value_of(one), value_of(other)
        return int(first > second) - int(first < second)

    return compare


# Text that is no value stands after all that is, in its own order: an order with gaps would lose rows.
def _number(text: str) -> tuple[int, Any]:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return 1, text
    return (0, number) if number.is_finite() else (1, text)


def _duration(text: str) -> tuple[int, Any]:
    try:
        return 0, duration_of(text)
    except (AssertionError, OverflowError):
        return 1, text
