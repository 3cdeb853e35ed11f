"""What a condition of a scope compares with: each caller's values, checked, and made what a statement of each database takes."""

import math
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as Number
from enum import Enum
from typing import Any, Final, TypeAlias, assert_never
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine

from diptych.resource import kinds
from diptych.resource.unprintable import is_unprintable
from diptych.resource.value_reading import LONGEST
from diptych.resource.value_text import decimal_text, duration_text
from diptych.store.columns import Dialect, json_text, value_type
from diptych.store.errors import UnfitScope

ReadValue: TypeAlias = Callable[[Any], Any]

_SQLITE: Final = sqlite.dialect()
_MOST_DIGITS: Final = 131_072  # what numeric of PostgreSQL holds before the point
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Given:
    """One value that a rule compares with: the parameter it is bound to, and how it is made of what the caller's condition has.

    `kind` is that of the field it is compared with, None where there is none; `listed` tells that it is a list, which travels as text.
    """

    name: str
    kind: kinds.Kind | None
    type: TypeEngine[Any]
    listed: bool
    read: ReadValue


def given_for(name: str, kind: kinds.Kind, dialect: Dialect, where: str, *, listed: bool) -> Given:
    """A value that is compared with a field of ours; `where` names the field in what is raised."""
    one = _reader(kind, dialect, where)
    if not listed:
        return Given(name, kind, compared_type(kind, dialect), False, lambda value: None if value is None else one(value))
    element = _element_of_array if dialect == "postgresql" else _element_of_json(compared_type(kind, dialect))
    return Given(name, kind, sa.String(), True, _list_reader(one, element, dialect, where))


def given_for_other(name: str, type_: TypeEngine[Any], dialect: Dialect, *, listed: bool) -> Given:
    """A value that is compared with something else, under the type that SQLAlchemy gives it."""
    if isinstance(type_, sa.types.NullType | sa.types.TupleType | sa.ARRAY | sa.JSON) or (listed and isinstance(type_, sa.Enum)):
        raise UnfitScope(f"A value of the type {type_!r} cannot be told to the database; compare columns with single, plain values.")
    where = "what is no field of the resource"
    if not listed:
        return Given(name, None, type_, False, lambda value: _plain(type_, value, where))
    element = _element_of_array if dialect == "postgresql" else _element_of_json(type_)
    return Given(name, None, sa.String(), True, _list_reader(lambda value: _plain(type_, value, where), element, dialect, where))


def compared_type(kind: kinds.Kind, dialect: Dialect) -> TypeEngine[Any]:
    """The type of what a column is compared with: wider than the column, which would round or refuse what no row can equal."""
    match kind:
        case kinds.Integer():
            return sa.BigInteger()
        case kinds.Enumeration() if not kind.holds_text:
            return sa.BigInteger()
        case kinds.Decimal() if dialect == "postgresql":
            return sa.Numeric()
        case _:
            return value_type(kind, dialect)


def _reader(kind: kinds.Kind, dialect: Dialect, where: str) -> ReadValue:
    def read(value: Any) -> Any:
        try:
            return _read(kind, dialect, value)
        except _Unfit as unfit:
            raise UnfitScope(f"{where} is compared with a value of the type {type(value).__name__}; {unfit.expected} is needed.") from None

    return read


class _Unfit(Exception):
    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def _read(kind: kinds.Kind, dialect: Dialect, value: Any) -> Any:
    """The value as the column's own type takes it; raises _Unfit."""
    match kind:
        case kinds.Text():
            return _text(value)
        case kinds.Integer() | kinds.BigInteger():
            return _integer(value)
        case kinds.Float():
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise _Unfit("a finite float")
            return float(value)
        case kinds.Boolean():
            return _of(bool, value, "True or False")
        case kinds.Decimal():
            number = _number(value)
            return number if dialect == "postgresql" else decimal_text(number)
        case kinds.DateTime():
            moment = _moment(value)
            return moment if dialect == "postgresql" else moment.replace(tzinfo=None)
        case kinds.Date():
            if isinstance(value, datetime):
                raise _Unfit("a date without a time")
            return _of(date, value, "a date")
        case kinds.Time():
            if _of(time, value, "a time of day").tzinfo is not None:
                raise _Unfit("a time of day without a zone")
            return value
        case kinds.Duration():
            if abs(_of(timedelta, value, "a timedelta")) > LONGEST:
                raise _Unfit(f"a timedelta of at most {LONGEST.days} days")
            return value if dialect == "postgresql" else duration_text(value)
        case kinds.Uuid():
            return _uuid(value)
        case kinds.Enumeration(enum):
            return _of(enum, value, f"a member of {enum.__name__}").value
        case kinds.Bytes():
            return _of(bytes, value, "bytes")
        case kinds.Json():
            raise _Unfit("a field that is no JSON")
        case _:
            assert_never(kind)


def _of(wanted: type, value: Any, expected: str) -> Any:
    if not isinstance(value, wanted):
        raise _Unfit(expected)
    return value


def _text(value: Any) -> str:
    text = str(_of(str, value.value if isinstance(value, Enum) else value, "text"))
    if is_unprintable(text):
        raise _Unfit("text that can be stored, without U+0000 and lone surrogates,")
    return text


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise _Unfit("an integer of 64 bits")
    return int(value)


def _number(value: Any) -> Number:
    if isinstance(value, bool) or not isinstance(value, int | Number):
        raise _Unfit("a Decimal")
    number = Number(value)
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise _Unfit("a finite Decimal")
    return number


def _moment(value: Any) -> datetime:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise _Unfit("a datetime with a zone")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise _Unfit("a datetime in the years 1 to 9999 of UTC") from None


def _uuid(value: Any) -> str:
    try:
        return str(value if isinstance(value, UUID) else UUID(_of(str, value, "a UUID")))
    except ValueError:
        raise _Unfit("a UUID") from None


def _plain(type_: TypeEngine[Any], value: Any, where: str) -> Any:
    """A value for a column of somebody else's, whose type makes of it what that somebody stores."""
    try:
        if value is None:
            return None
        if isinstance(type_, sa.Integer):
            return _integer(value)
        if type(value) is str:
            return _text(value)
        hash(value)
    except (_Unfit, TypeError) as error:
        expected = error.expected if isinstance(error, _Unfit) else "a plain value"
        raise UnfitScope(f"{where} is compared with a value of the type {type(value).__name__}; {expected} is needed.") from None
    return value


def _list_reader(one: ReadValue, element: ReadValue, dialect: Dialect, where: str) -> ReadValue:
    def read(values: Sequence[Any]) -> str:
        if any(value is None for value in values):
            raise UnfitScope(f"{where} is compared with a list that has None in it; write `.is_(None)` beside the list instead.")
        elements = [element(one(value)) for value in values]
        return f"{{{','.join(map(_quoted, elements))}}}" if dialect == "postgresql" else json_text(elements)

    return read


def _quoted(text: str) -> str:
    r"""An element of an array as PostgreSQL reads it. Source: PostgreSQL, section 8.15.6."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _element_of_array(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float() | Number() | UUID():
            return repr(value) if isinstance(value, float) else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return f"{value // _MICROSECOND} microseconds"
        case bytes():
            return f"\\x{value.hex()}"
        case _:
            raise UnfitScope(f"A list of values of the type {type(value).__name__} cannot be told to the database.")


def _element_of_json(type_: TypeEngine[Any]) -> ReadValue:
    """What is listed for SQLite as JSON, in the form that the column stores."""
    stored = type_.dialect_impl(_SQLITE).bind_processor(_SQLITE)

    def element(value: Any) -> Any:
        if isinstance(value, bytes):
            return b64encode(value).decode()
        # Some builds of SQLite read the text of a float as its neighbour.
        plain = repr(value) if isinstance(type_, sa.Float) else value if stored is None else stored(value)
        if not isinstance(plain, str | int | float):
            raise UnfitScope(f"A list of values of the type {type(value).__name__} cannot be told to the database.")
        return plain

    return element
