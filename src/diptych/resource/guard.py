"""A check of what a field's own validators return, in Python form; nothing else looks at it before it is stored."""

from typing import assert_never

from pydantic_core import CoreSchema, core_schema

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
from diptych.resource.strict_schema import BIG_INTEGER_LIMITS, INTEGER_LIMITS


def guard(kind: Kind, *, nullable: bool) -> CoreSchema | None:
    """The check that a value can stand in a column of this kind; None where anything can be written as JSON."""
    schema = _of_kind(kind)
    return core_schema.nullable_schema(schema) if schema is not None and nullable else schema


def _of_kind(kind: Kind) -> CoreSchema | None:
    match kind:
        case Text(longest):
            return core_schema.str_schema(strict=True, max_length=longest)
        case Integer():
            return core_schema.int_schema(strict=True, ge=INTEGER_LIMITS[0], le=INTEGER_LIMITS[1])
        case BigInteger():
            return core_schema.int_schema(strict=True, ge=BIG_INTEGER_LIMITS[0], le=BIG_INTEGER_LIMITS[1])
        case Float():
            return core_schema.float_schema(strict=True, allow_inf_nan=False)
        case Boolean():
            return core_schema.bool_schema(strict=True)
        case Decimal(precision, scale):
            return core_schema.decimal_schema(strict=True, max_digits=precision, decimal_places=scale)
        case DateTime():
            return core_schema.datetime_schema(strict=True, tz_constraint="aware")
        case Date():
            return core_schema.date_schema(strict=True)
        case Time():
            return core_schema.time_schema(strict=True, tz_constraint="naive")
        case Duration():
            return core_schema.timedelta_schema(strict=True)
        case Uuid():
            return core_schema.uuid_schema(strict=True)
        case Enumeration(enum):
            # A model may ask for values in place of members.
            return core_schema.no_info_plain_validator_function(enum)
        case Bytes():
            return core_schema.bytes_schema(strict=True)
        case Json():
            return None
        case _:
            assert_never(kind)
