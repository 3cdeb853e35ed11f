"""The enum that a resource's lists are ordered by."""

from enum import Enum
from typing import Any

import strawberry

from diptych.graphql.fields import words
from diptych.graphql.make import enum_type
from diptych.resource.filter_names import order_values
from diptych.resource.shape import ResourceShape
from diptych.semantics.order import Order

_DESCENDING = "-"


def order_type(resource: ResourceShape) -> Any:
    """Make the enum; the value of a member is the order as a cursor names it, `name` or `-name`."""
    members: dict[str, Any] = {}
    for field in (resource.key, *resource.columns):
        if field.json_name in resource.orders:
            ascending, descending = order_values(field.json_name)
            said = f"By {words(field.json_name)}"
            members[ascending] = strawberry.enum_value(field.json_name, description=f"{said}, the smallest first.")
            members[descending] = strawberry.enum_value(_DESCENDING + field.json_name, description=f"{said}, the largest first.")
    return enum_type(f"{resource.name}Order", members, f"What a list of {resource.name} rows can be ordered by.")


def read_order(member: Enum) -> Order:
    value: str = member.value
    # No name of GraphQL's starts with a hyphen.
    return Order(value.removeprefix(_DESCENDING), value.startswith(_DESCENDING))
