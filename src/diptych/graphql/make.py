"""Makes Strawberry types out of names, annotations and words known only at run time."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, EnumMeta
from typing import Annotated, Any, Union

import strawberry

# Annotation and field, by Python name.
Members = Mapping[str, tuple[Any, Any]]


def object_type(name: str, members: Members, description: str, bases: tuple[type, ...] = ()) -> Any:
    return _kind(strawberry.type, name, members, description, bases)


def input_type(name: str, members: Members, description: str) -> Any:
    """Make an input whose value reaches the resolver as a mapping by GraphQL name, where what was left out is not there."""
    return as_mapping(_kind(strawberry.input, name, members, description, ()))


def as_mapping(input_class: Any) -> Any:
    """Let the values of an input class come as mappings, in which null and absent are two things."""
    input_class.__strawberry_definition__.from_input = _as_it_came
    return input_class


def enum_type(name: str, members: Mapping[str, Any], description: str) -> Any:
    return strawberry.enum(EnumMeta.__call__(Enum, name, members), name=name, description=description)


def union(name: str, members: Sequence[Any], description: str) -> Any:
    return Annotated[Union[tuple(members)], strawberry.union(name, description=description)]  # noqa: UP007


def _kind(decorate: Callable[..., Any], name: str, members: Members, description: str, bases: tuple[type, ...]) -> Any:
    # A plain class that is decorated afterwards: `dataclasses.make_dataclass` loses every field's description.
    body = {"__annotations__": {member: annotation for member, (annotation, _) in members.items()}, "__module__": __name__}
    return decorate(type(name, bases, body | {member: field for member, (_, field) in members.items()}), name=name, description=description)


def _as_it_came(_cls: type, value: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    return value
