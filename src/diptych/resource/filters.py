"""What lists of a resource may be filtered and ordered by: which fields, with which operators, and how values are read."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf, isfinite
from typing import Any, Final

from pydantic_core import PydanticCustomError

from diptych.resource import kinds
from diptych.resource.canonical import canonical
from diptych.resource.kinds import Kind
from diptych.resource.shape import Field, Index, Unique
from diptych.resource.spelling import to_json
from diptych.resource.strict_schema import BIG_INTEGER_LIMITS, INTEGER_LIMITS
from diptych.resource.unprintable import UNPRINTABLE, unprintable
from diptych.resource.value_reading import (
    OURS,
    decimal_reader,
    enum_reader,
    printable,
    read_bytes,
    read_date,
    read_datetime,
    read_duration,
    read_integer,
    read_time,
    read_uuid,
    violation,
)
from diptych.semantics.condition import JOINING, Operator
from diptych.semantics.json_value import JSON, is_integer
from diptych.semantics.outcome import Violation
from diptych.semantics.pointer import WHOLE

_SAME: Final[tuple[Operator, ...]] = ("eq", "ne", "in", "nin")
_SIDE: Final[tuple[Operator, ...]] = ("lt", "lte", "gt", "gte")
_WITHIN: Final[tuple[Operator, ...]] = (
    "contains",
    "startsWith",
    "endsWith",
    "containsInsensitive",
    "startsWithInsensitive",
    "endsWithInsensitive",
)


@dataclass(frozen=True)
class FieldFilter:
    """How one field is filtered; implements `diptych.semantics.condition.Filterable`."""

    kind: Kind
    operators: frozenset[Operator]

    def read(self, value: JSON, operator: Operator) -> Any | Violation:
        try:
            return _read(self.kind, value)
        except PydanticCustomError as error:
            return Violation(WHOLE, error.type.removeprefix(OURS), error.message())


def operators_of(kind: Kind) -> tuple[Operator, ...]:
    """What can be asked of values of a kind, null apart."""
    match kind:
        case kinds.Text():
            return (*_SAME, *_SIDE, *_WITHIN)
        case (
            kinds.Integer()
            | kinds.BigInteger()
            | kinds.Float()
            | kinds.Decimal()
            | kinds.DateTime()
            | kinds.Date()
            | kinds.Time()
            | kinds.Duration()
        ):
            return (*_SAME, *_SIDE)
        case kinds.Boolean() | kinds.Uuid() | kinds.Enumeration() | kinds.Bytes():
            return _SAME
        case kinds.Json():
            return ("contains",)


def is_ordered(kind: Kind) -> bool:
    """Whether values of a kind have an order that is the same in every database."""
    return not isinstance(kind, kinds.Json | kinds.Bytes | kinds.Enumeration)


def default_fields(key: Field, fields: Iterable[Field], uniques: Collection[Unique], indexes: Collection[Index]) -> frozenset[str]:
    """The attributes that need no declaration: key, references, and columns that stand first in a unique constraint or an index."""
    first = {columns[0] for columns in [*(unique.columns for unique in uniques), *(index.columns for index in indexes)] if columns}
    return frozenset([key.attribute, *(field.attribute for field in fields if field.reference is not None or field.column in first)])


def filters_of(fields: Iterable[Field]) -> Mapping[str, FieldFilter]:
    """The filters of some fields, by JSON name."""
    return {
        field.json_name: FieldFilter(field.kind, frozenset([*operators_of(field.kind), *(("isNull",) if field.nullable else ())]))
        for field in fields
        if field.json_name not in JOINING
    }


def ordered_values_of(fields: Iterable[Field]) -> Mapping[str, Callable[[JSON], bool]]:
    """The fields that can be ordered by, by JSON name, each with a test of what its values can be."""
    return {field.json_name: partial(is_value_of, field) for field in fields}


def is_value_of(field: Field, value: JSON) -> bool:
    """Whether a field can have a value, in its one canonical spelling."""
    if value is None:
        return field.nullable
    try:
        spelled = to_json(field.kind, _python(field.kind, value))
    except PydanticCustomError:
        return False
    # Of a number too: 7.0 is no integer for a database.
    return type(spelled) is type(value) and bool(spelled == value)


def _read(kind: Kind, value: JSON) -> Any:
    """Read a value into its canonical form; JSON into text, since that can be compared. Raises PydanticCustomError."""
    if isinstance(kind, kinds.Json):
        return _json_text(value)
    read = _python(kind, value)
    return to_json(kinds.Decimal(None, None) if isinstance(kind, kinds.Decimal) else kind, read)


def _python(kind: Kind, value: JSON) -> Any:
    match kind:
        case kinds.Text():
            if not isinstance(value, str):
                raise violation("type", "Must be text.")
            return printable(value)
        case kinds.Integer():
            return _integer(value, INTEGER_LIMITS)
        case kinds.BigInteger():
            return _integer(value, BIG_INTEGER_LIMITS)
        case kinds.Float():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise violation("type", "Must be a number.")
            return _float(value)
        case kinds.Boolean():
            if not isinstance(value, bool):
                raise violation("type", "Must be true or false.")
            return value
        case kinds.Enumeration(enum):
            return enum_reader(enum)(value)
        case _:
            return _READERS[type(kind)](value)


def _json_text(value: JSON) -> str:
    """JSON as text, in the form that columns have it in. Raises PydanticCustomError."""
    if unprintable({"": value}, {}):
        raise violation("not_allowed", UNPRINTABLE)
    try:
        return json.dumps(canonical(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        raise violation("not_allowed", "Must have finite numbers of a reasonable length.") from None


def _float(value: int | float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = inf
    if not isfinite(number):
        raise violation("not_allowed", "Must be a finite number.")
    return number


def _integer(value: JSON, limits: tuple[int, int]) -> int:
    if not is_integer(value):
        raise violation("type", "Must be an integer.")
    least, most = limits
    number: int = read_integer(value)
    if number < least:
        raise violation("too_small", f"Must be at least {least}.")
    if number > most:
        raise violation("too_large", f"Must be at most {most}.")
    return number


_READERS: Final[Mapping[type, Callable[[JSON], Any]]] = {
    kinds.Decimal: decimal_reader(),
    kinds.DateTime: read_datetime,
    kinds.Date: read_date,
    kinds.Time: read_time,
    kinds.Duration: read_duration,
    kinds.Uuid: read_uuid,
    kinds.Bytes: read_bytes,
}
