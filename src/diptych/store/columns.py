"""How each kind of value is stored: the column's type in each database, and the way from canonical JSON and back."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias, assert_never

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeEngine

from diptych.resource.kinds import (
    BigInteger,
    Boolean,
    Bytes,
    Date,
    DateTime,
    Decimal,
    Duration,
    Enumeration,
    Float,
    Integer,
    Json,
    Kind,
    Text,
    Time,
    Uuid,
)
from diptych.resource.spelling import reader, writer

Dialect: TypeAlias = Literal["sqlite", "postgresql"]
Convert: TypeAlias = Callable[[Any], Any]

# Text sorts by code point everywhere; SQLite compares UTF-8 bytes anyway, other collations of PostgreSQL follow languages.
_BY_CODE_POINT: Final = "C"

json_text: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class JsonText(sa.JSON):
    """JSON in a column of text: SQLite takes the type name JSON for a number's, and a lone number would lose digits in it."""

    cache_ok = True


@compiles(JsonText, "sqlite")
def _text_column(type_: JsonText, compiler: Any, **_: Any) -> str:
    return "TEXT"


@dataclass(frozen=True, slots=True)
class Codec:
    """The way of one kind's values into a database and out again, None where the canonical JSON value is what the column takes."""

    into: Convert | None
    out: Convert | None


_AS_IT_IS = Codec(None, None)


def column_type(kind: Kind, dialect: Dialect, *, key: bool = False) -> TypeEngine[Any]:
    """The type of a column in CREATE TABLE. Neither database rounds, truncates or reorders what a kind can hold."""
    if isinstance(kind, Text) and dialect == "postgresql":
        return sa.String(kind.longest, collation=_BY_CODE_POINT)
    if isinstance(kind, Text):
        return sa.String(kind.longest)
    # SQLite takes AUTOINCREMENT only with exactly INTEGER, which has 64 bits there.
    if key and dialect == "sqlite" and isinstance(kind, BigInteger):
        return sa.Integer()
    return value_type(kind, dialect)


def value_type(kind: Kind, dialect: Dialect) -> TypeEngine[Any]:
    """The type of a value on its way in or out."""
    match kind:
        case Text():
            return sa.String()
        case Integer():
            return sa.Integer()
        case BigInteger():
            return sa.BigInteger()
        case Float():
            return sa.Double()
        case Boolean():
            return sa.Boolean()
        case Decimal():
            # SQLite would make a float of a number.
            return sa.Numeric(kind.precision, kind.scale) if dialect == "postgresql" else sa.String()
        case DateTime():
            return sa.DateTime(timezone=dialect == "postgresql")
        case Date():
            return sa.Date()
        case Time():
            return sa.Time()
        case Duration():
            return INTERVAL() if dialect == "postgresql" else sa.String()
        case Uuid():
            return sa.Uuid(as_uuid=False)
        case Enumeration():
            return sa.String() if kind.holds_text else sa.BigInteger() if _is_wide(kind) else sa.Integer()
        case Bytes():
            return sa.LargeBinary()
        case Json():
            # Without `none_as_null` a null would be stored as the JSON text null, which is not NULL.
            if dialect == "postgresql":
                return JSONB(none_as_null=True)
            return JsonText(none_as_null=True) if kind.form == "any" else sa.JSON(none_as_null=True)
        case _:
            assert_never(kind)


def codec(kind: Kind, dialect: Dialect) -> Codec:
    """How canonical JSON values of a kind become what the driver takes; text, numbers, truth, UUIDs and JSON need nothing done here."""
    match kind:
        case Text() | Integer() | BigInteger() | Float() | Boolean() | Uuid() | Enumeration() | Json():
            return _AS_IT_IS
        case Decimal() | Duration() if dialect == "sqlite":
            return _AS_IT_IS
        case DateTime():
            into, out = reader(kind), writer(kind)
            assert into is not None
            assert out is not None
            return Codec(into if dialect == "postgresql" else lambda value: _naive(into(value)), lambda value: out(_aware(value)))
        case _:
            return Codec(reader(kind), writer(kind))


def _naive(moment: datetime) -> datetime:
    """SQLite drops a zone without a word: only UTC goes in."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _aware(moment: datetime) -> datetime:
    """SQLite knows no zones; nor has the last moment of the year 9999 one, which asyncpg takes for infinity."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _is_wide(kind: Enumeration) -> bool:
    return any(not -(2**31) <= member.value < 2**31 for member in kind.enum)
