"""JSON values and what it means for two of them to be the same."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

# `Any` only where JSON enters: the value of one member, and the members of one object.
JSON: TypeAlias = Any
Document: TypeAlias = Mapping[str, JSON]


class Missing:
    """Stands where a member is not there at all, which is not the same as null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


def same(one: JSON, other: JSON) -> bool:
    """Tell whether two JSON values are equal: by type and value, numbers by value, members in any order.

    Python's own `==` holds `True == 1`; JSON does not. Source: RFC 6902 section 4.6, RFC 8259 section 4.
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict):
        if not isinstance(other, dict) or len(one) != len(other):
            return False
        return all(name in other and same(value, other[name]) for name, value in one.items())
    if isinstance(one, list):
        if not isinstance(other, list) or len(one) != len(other):
            return False
        return all(map(same, one, other))
    return bool(one == other)


def is_integer(value: JSON) -> bool:
    """Tell whether a JSON number is an integer by value: 7 and 7.0 are, true is not."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
