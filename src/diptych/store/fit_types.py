"""When the type of a column that is there can hold what the model says, told in words."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from diptych.store.columns import Dialect, JsonText

# The first that matches is the family; SQLAlchemy derives types from each other, so the order matters.
_FAMILIES: Final[tuple[tuple[type[TypeEngine[Any]], str], ...]] = (
    (sa.Enum, "ENUM"),
    (sa.Uuid, "UUID"),
    (sa.SmallInteger, "SMALLINT"),
    (sa.BigInteger, "BIGINT"),
    (sa.Integer, "INTEGER"),
    (sa.REAL, "REAL"),
    (sa.Float, "DOUBLE PRECISION"),
    (sa.Numeric, "NUMERIC"),
    (sa.Boolean, "BOOLEAN"),
    (sa.DateTime, "TIMESTAMP"),
    (sa.Date, "DATE"),
    (sa.Time, "TIME"),
    (postgresql.INTERVAL, "INTERVAL"),
    (sa.Interval, "INTERVAL"),
    (postgresql.JSONB, "JSONB"),
    (JsonText, "TEXT"),
    (sa.JSON, "JSON"),
    (sa.LargeBinary, "BYTES"),
    (sa.String, "TEXT"),
)


def difference_of_types(found: TypeEngine[Any], expected: TypeEngine[Any], dialect: Dialect) -> str | None:
    """Say what the one is and what is expected, None where the column will do."""
    there, wanted = words(found, dialect), words(expected, dialect)
    fits = there == wanted or (_family(found, dialect) == _family(expected, dialect) and _is_wide_enough(found, expected, dialect))
    return None if fits else f"{there}; the model expects {wanted}"


def words(type_: TypeEngine[Any], dialect: Dialect) -> str:
    """A type in the words of its database, as far as it matters here."""
    family = _family(type_, dialect)
    if family == "TEXT" and getattr(type_, "length", None):
        return f"TEXT of at most {type_.length} characters"  # type: ignore[attr-defined]
    if family == "NUMERIC" and type_.precision is not None:  # type: ignore[attr-defined]
        return f"NUMERIC({type_.precision}, {type_.scale})"  # type: ignore[attr-defined]
    if family in ("TIMESTAMP", "TIME") and dialect == "postgresql":
        return f"{family} {'WITH' if type_.timezone else 'WITHOUT'} TIME ZONE"  # type: ignore[attr-defined]
    return family


def _family(type_: TypeEngine[Any], dialect: Dialect) -> str:
    family = next((family for kind, family in _FAMILIES if isinstance(type_, kind)), type(type_).__name__.upper())
    if dialect == "postgresql":
        return family
    # SQLite keeps integers of all widths alike, and UUIDs as text.
    return {"SMALLINT": "INTEGER", "BIGINT": "INTEGER", "UUID": "TEXT", "REAL": "DOUBLE PRECISION"}.get(family, family)


def _is_wide_enough(found: Any, expected: Any, dialect: Dialect) -> bool:
    match _family(expected, dialect):
        case "TEXT":
            # SQLite takes text of any length, whatever the column says.
            return dialect == "sqlite" or found.length is None or (expected.length is not None and found.length >= expected.length)
        case "NUMERIC":
            return found.precision is None
        case _:
            # TIMESTAMP and TIME: the words of all other types tell no more than their family.
            return dialect == "sqlite"
