"""The one JSON spelling of each kind of value, written from Python values and read back; the same on both doors and databases."""

from base64 import b64decode
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal as Number
from enum import Enum
from functools import partial
from typing import Any, TypeAlias, assert_never
from uuid import UUID

from diptych.resource import kinds
from diptych.resource.canonical import canonical
from diptych.resource.kinds import Kind
from diptych.resource.value_reading import duration_of
from diptych.resource.value_text import bytes_text, datetime_text, decimal_text, duration_text, scaled_decimal_text
from diptych.semantics.json_value import JSON

Change: TypeAlias = Callable[[Any], Any]


def to_json(kind: Kind, value: Any) -> JSON:
    """Spell a Python value of a kind (as a validated model or a database driver gives it) as canonical JSON; None stays None.

    Raises ValueError for what has no canonical spelling: a datetime without a zone, NaN and infinities.
    """
    if value is None:
        return None
    if isinstance(kind, kinds.Json):
        return canonical(value)
    write = writer(kind)
    return value if write is None else write(value)


def from_json(kind: Kind, value: JSON) -> Any:
    """Read a canonical JSON value of a kind back into the Python value that a column of the kind stores; None stays None."""
    read = None if value is None else reader(kind)
    return value if read is None else read(value)


def writer(kind: Kind) -> Change | None:
    """The function that spells the values of a column, None where what a driver gives is canonical already; not for None itself."""
    match kind:
        case kinds.Text() | kinds.Integer() | kinds.BigInteger() | kinds.Boolean() | kinds.Json():
            return None
        case kinds.Float():
            return _float
        case kinds.Decimal(scale=scale):
            return decimal_text if scale is None else partial(scaled_decimal_text, scale=scale)
        case kinds.DateTime():
            return datetime_text
        case kinds.Date() | kinds.Time():
            return _isoformat
        case kinds.Duration():
            return duration_text
        case kinds.Uuid():
            return str
        case kinds.Enumeration():
            return _enum_value
        case kinds.Bytes():
            return bytes_text
        case _:
            assert_never(kind)


def reader(kind: Kind) -> Change | None:
    """The function that reads canonical JSON back into the value of a column, None where it is that value; not for None itself."""
    match kind:
        case kinds.Text() | kinds.Integer() | kinds.BigInteger() | kinds.Boolean() | kinds.Json():
            return None
        case kinds.Float():
            return float
        case kinds.Decimal():
            return Number
        case kinds.DateTime():
            return datetime.fromisoformat
        case kinds.Date():
            return date.fromisoformat
        case kinds.Time():
            return time.fromisoformat
        case kinds.Duration():
            return duration_of
        case kinds.Uuid():
            return UUID
        case kinds.Enumeration(enum):
            return enum
        case kinds.Bytes():
            return b64decode
        case _:
            assert_never(kind)


def _float(number: float) -> float:
    # SQLite gives 0.0 for -0.0; plus zero makes one of the two.
    return number + 0.0


def _isoformat(value: date | time) -> str:
    return value.isoformat()


def _enum_value(member: Any) -> JSON:
    return member.value if isinstance(member, Enum) else member
