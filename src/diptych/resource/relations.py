"""Relations between resources: what SQLModel's Relationship attributes say, as far as both ends are resources."""

import re
from collections.abc import Iterator, Mapping, Sequence
from inspect import get_annotations
from typing import Any, ForwardRef, get_args, get_origin

from sqlalchemy.orm import Mapped
from sqlmodel import SQLModel

from diptych.resource.declaration import DeclarationError
from diptych.resource.naming import camel_case
from diptych.resource.shape import Field, Relation, ResourceShape


def read_relations(shape: ResourceShape, shapes: Sequence[ResourceShape]) -> tuple[Relation, ...]:
    """Read the relationships of a resource's model. Mappers need not be configured for it, so no other model must be there yet.

    One to a model that is no resource, through a table in between, by a join of its own, or by a foreign key that is hidden or that
    refers to something else than a key, is left out: there is nothing that could answer it. Raises DeclarationError for a name that
    is taken and for one that two foreign keys could mean.
    """
    model, targets = shape.model, {other.model.__name__: other for other in shapes}
    taken = {field.json_name for field in (shape.key, *shape.columns)} | {"version"}
    relations = []
    for attribute, annotation, info in _relationships(model):
        target = next((targets[name] for name in _names(annotation) if name in targets), None)
        options: Mapping[str, Any] = info.sa_relationship_kwargs or {}
        own_join = info.link_model is not None or info.sa_relationship is not None or {"secondary", "primaryjoin"} & options.keys()
        if target is None or own_join:
            continue
        many = get_origin(annotation) is list
        referring, referred = (target, shape) if many else (shape, target)
        field = _foreign_key(referring, referred, options.get("foreign_keys"), f"{model.__name__}.{attribute}")
        if field is None:
            continue
        relation = Relation(camel_case(attribute), target.name, field.json_name, many)
        if relation.name in taken:
            raise DeclarationError(f"{model.__name__}.{attribute}: there is a field {relation.name!r} already; give one another name")
        relations.append(relation)
    return tuple(relations)


def _relationships(model: type[SQLModel]) -> Iterator[tuple[str, Any, Any]]:
    """Attribute, annotation and what was declared, of each relationship."""
    annotations: dict[str, Any] = {}
    for base in reversed(model.__mro__):
        annotations |= get_annotations(base)
    for attribute, info in model.__sqlmodel_relationships__.items():
        annotation = annotations[attribute]
        yield attribute, get_args(annotation)[0] if get_origin(annotation) is Mapped else annotation, info


def _names(annotation: Any) -> Iterator[str]:
    """The names of all classes in an annotation such as `list["Document"]` or `User | None`."""
    if isinstance(annotation, str):
        yield from re.findall(r"[A-Za-z_][A-Za-z0-9_]*", annotation)
    elif isinstance(annotation, ForwardRef):
        yield from _names(annotation.__forward_arg__)
    elif arguments := get_args(annotation):
        for argument in arguments:
            yield from _names(argument)
    elif isinstance(annotation, type):
        yield annotation.__name__


def _foreign_key(referring: ResourceShape, referred: ResourceShape, said: Any, where: str) -> Field | None:
    """The field that refers to the key of the other resource; `said` is SQLAlchemy's own `foreign_keys`, if it was given."""
    fields = [field for field in referring.columns if field.reference is not None and field.reference.resource == referred.name]
    if said is not None:
        named = {part for name in _said_names(said) for part in name.split(".")[-1:]}
        fields = [field for field in fields if {field.attribute, field.column} & named]
    elif len(fields) > 1:
        several = ", ".join(field.attribute for field in fields)
        raise DeclarationError(
            f"{where}: {several} of {referring.name} all refer to {referred.name}; "
            f'say which is meant: sa_relationship_kwargs={{"foreign_keys": "{referring.model.__name__}.{fields[0].attribute}"}}'
        )
    return fields[0] if len(fields) == 1 and not fields[0].hidden else None


def _said_names(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        yield from re.findall(r"[A-Za-z_][A-Za-z0-9_.]*", said)
    elif isinstance(said, list | tuple | set):
        for one in said:
            yield from _said_names(one)
    else:
        yield str(getattr(said, "key", ""))
