"""A check of what the author's validators return, in Python form; nothing else looks at it before it is stored."""

from collections.abc import Iterable
from typing import assert_never

from pydantic_core import CoreSchema, SchemaValidator, core_schema

from diptych.resource import kinds
from diptych.resource.kinds import Kind
from diptych.resource.shape import Field
from diptych.resource.strict_schema import BIG_INTEGER_LIMITS, INTEGER_LIMITS
from diptych.resource.value_reading import printable


def guard(kind: Kind, *, nullable: bool) -> CoreSchema | None:
    """The check that a value can stand in a column of this kind; None where anything can be written as JSON."""
    schema = _of_kind(kind)
    return core_schema.nullable_schema(schema) if schema is not None and nullable else schema


def guard_of(columns: Iterable[Field]) -> SchemaValidator:
    """The same for all columns, by attribute name: a model validator may change any of them."""
    fields = {
        column.attribute: core_schema.model_field(guard(column.kind, nullable=column.nullable) or core_schema.any_schema())
        for column in columns
    }
    return SchemaValidator(core_schema.model_fields_schema(fields, extra_behavior="ignore"))


def _of_kind(kind: Kind) -> CoreSchema | None:
    match kind:
        case kinds.Text(longest):
            text = core_schema.str_schema(strict=True, max_length=longest)
            return core_schema.no_info_after_validator_function(printable, text)
        case kinds.Integer():
            return core_schema.int_schema(strict=True, ge=INTEGER_LIMITS[0], le=INTEGER_LIMITS[1])
        case kinds.BigInteger():
            return core_schema.int_schema(strict=True, ge=BIG_INTEGER_LIMITS[0], le=BIG_INTEGER_LIMITS[1])
        case kinds.Float():
            return core_schema.float_schema(strict=True, allow_inf_nan=False)
        case kinds.Boolean():
            return core_schema.bool_schema(strict=True)
        case kinds.Decimal(precision, scale):
            return core_schema.decimal_schema(strict=True, max_digits=precision, decimal_places=scale)
        case kinds.DateTime():
            return core_schema.datetime_schema(strict=True, tz_constraint="aware")
        case kinds.Date():
            return core_schema.date_schema(strict=True)
        case kinds.Time():
            return core_schema.time_schema(strict=True, tz_constraint="naive")
        case kinds.Duration():
            return core_schema.timedelta_schema(strict=True)
        case kinds.Uuid():
            return core_schema.uuid_schema(strict=True)
        case kinds.Enumeration(enum):
            # A model may ask for values in place of members.
            return core_schema.no_info_plain_validator_function(enum)
        case kinds.Bytes():
            return core_schema.bytes_schema(strict=True)
        case kinds.Json():
            return None
        case _:
            assert_never(kind)
