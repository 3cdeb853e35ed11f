"""The names of what GraphQL's lists are filtered and ordered by. They stand here because declarations are refused for them."""

from typing import Final

from diptych.resource import kinds
from diptych.resource.kinds import Kind
from diptych.resource.naming import screaming_snake_case
from diptych.resource.shape import Field, ResourceShape

_SCALARS: Final[dict[type, str]] = {
    kinds.Text: "String",
    kinds.Integer: "Int",
    kinds.BigInteger: "BigInt",
    kinds.Float: "Float",
    kinds.Boolean: "Boolean",
    kinds.Decimal: "Decimal",
    kinds.DateTime: "DateTime",
    kinds.Date: "Date",
    kinds.Time: "Time",
    kinds.Duration: "Duration",
    kinds.Uuid: "UUID",
    kinds.Bytes: "Base64",
    kinds.Json: "JSON",
}
# Whether a resource has such a field or not: a field that is added must not take away the name of a type.
COMMON_FILTERS: Final = frozenset(f"{null}{scalar}Filter" for scalar in ("ID", *_SCALARS.values()) for null in ("", "Nullable"))


def filter_name(field: Field, resource: ResourceShape) -> str:
    """The input that a field is filtered by."""
    is_id = field is resource.key or (field.reference is not None and field.reference.resource is not None)
    null = "Nullable" if field.nullable else ""
    return f"{null}{'ID' if is_id else _scalar(field.kind)}Filter"


def enum_filters(enum: str) -> tuple[str, str]:
    """The inputs that fields of an enum are filtered by."""
    return f"{enum}Filter", f"Nullable{enum}Filter"


def order_values(field: str) -> tuple[str, str]:
    """The enum values that order by a field, by JSON name: from below and from above."""
    name = screaming_snake_case(field)
    return f"{name}_ASC", f"{name}_DESC"


def _scalar(kind: Kind) -> str:
    return kind.enum.__name__ if isinstance(kind, kinds.Enumeration) else _SCALARS[type(kind)]
