"""The input types of one resource, and what their defaults are."""

import copy
import json
import re
from typing import Any, Final

import strawberry
from graphql import GraphQLDefaultInput, GraphQLInputObjectType, GraphQLSchema, Undefined, parse_const_value

from diptych.graphql.fields import FieldTypes, described, described_key
from diptych.graphql.make import Members, input_type
from diptych.resource import kinds
from diptych.resource.shape import Field, ResourceShape
from diptych.semantics.json_value import JSON, Missing

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_KEPT = " Left out, it stays as it is."
_MINTED = " Left out, the server makes one."
_DEFAULT = " Left out, it gets its default."
_KEPT_BY_SOME = " Left out, it gets its default, or stays as it is where the caller may not read or not write it."


def create_input(resource: ResourceShape, fields: FieldTypes) -> Any:
    members: dict[str, tuple[Any, Any]] = {}
    if resource.client_keyed:
        members[resource.key.attribute] = (
            strawberry.ID,
            strawberry.field(name=resource.key.json_name, description=described_key(resource)),
        )
    for column in resource.writable:
        if column.mint or _has_rule(column, resource):
            members[column.attribute] = _optional(column, resource, fields, _MINTED if column.mint else _DEFAULT)
        else:
            members[column.attribute] = _complete(column, resource, fields)
    return input_type(f"Create{resource.name}Input", members, f"A new {resource.name}. What is left out gets its default.")


def replace_input(resource: ResourceShape, fields: FieldTypes) -> Any:
    members: dict[str, tuple[Any, Any]] = {}
    for column in resource.writable:
        if column.json_name in resource.kept or _has_rule(column, resource):
            members[column.attribute] = _optional(column, resource, fields, _KEPT if column.json_name in resource.kept else _KEPT_BY_SOME)
        else:
            members[column.attribute] = _complete(column, resource, fields)
    return input_type(f"Replace{resource.name}Input", members, f"All of a {resource.name}. What is left out goes back to its default.")


def patch_input(resource: ResourceShape, fields: FieldTypes) -> Any:
    members: Members = {column.attribute: _optional(column, resource, fields, "") for column in resource.writable}
    return input_type(
        f"Patch{resource.name}Input",
        members,
        f"What to change of a {resource.name} (RFC 7396). What is left out stays; null clears a field.",
    )


def write_json_defaults(schema: GraphQLSchema, resource: ResourceShape) -> None:
    """Give the fields of JSON scalars their defaults as literals.

    As a value, an object has no literal that introspection could find for a scalar. `Undefined` takes the value's place.
    """
    for verb in ("Create", "Replace"):
        made = schema.type_map[f"{verb}{resource.name}Input"]
        assert isinstance(made, GraphQLInputObjectType)
        for column in resource.writable:
            field = made.fields[column.json_name]
            if field.default_value is not Undefined and field.default_value is not None and _is_json(column):
                field.default_value = Undefined
                field.default = GraphQLDefaultInput(literal=parse_const_value(_literal(column.default)))


def _has_rule(column: Field, resource: ResourceShape) -> bool:
    """Whether some callers may not read or not write a field.

    A default in the schema would put a value into the document of everybody, as if they had sent it: refused to who may not write
    the field, and written over what is there by who may not read it.
    """
    return column.masked or column.attribute in resource.policy.writable


def _complete(column: Field, resource: ResourceShape, fields: FieldTypes) -> tuple[Any, Any]:
    """A field of a complete document: with its default, if it has one, and null only where it can be null."""
    if not isinstance(column.default, Missing) and _is_json(column) and not _has_literal(column.default):
        return _optional(column, resource, fields, _DEFAULT)
    annotation = fields.of(column)
    said: dict[str, Any] = {"name": column.json_name, "description": described(column, resource)}
    if isinstance(column.default, Missing):
        # A field that can be null and has no default is required all the same; the service tells those who leave it out.
        default: dict[str, Any] = {"default": strawberry.UNSET} if column.nullable else {}
    else:
        value = fields.from_json(column, column.default)
        default = {"default_factory": lambda: copy.deepcopy(value)} if isinstance(value, dict | list) else {"default": value}
    return annotation | None if column.nullable else annotation, strawberry.field(**said, **default)


def _optional(column: Field, resource: ResourceShape, fields: FieldTypes, more: str) -> tuple[Any, Any]:
    field = strawberry.field(name=column.json_name, description=described(column, resource) + more, default=strawberry.UNSET)
    return fields.of(column) | None, field


def _is_json(column: Field) -> bool:
    return isinstance(column.kind, kinds.Json) and (column.kind.form != "list" or column.kind.items is None)


def _has_literal(value: JSON) -> bool:
    """Whether every member of a JSON value has a name that GraphQL can write."""
    if isinstance(value, dict):
        return all(_NAME.fullmatch(name) and _has_literal(inner) for name, inner in value.items())
    return not isinstance(value, list) or all(map(_has_literal, value))


def _literal(value: JSON) -> str:
    """Write a JSON value as a GraphQL literal."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_literal(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return json.dumps(value)
