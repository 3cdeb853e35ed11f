"""Finds out a resource's names and fields from the schema, for rows without a model."""

from collections.abc import Sequence
from typing import Any

from diptych.client.json_names import GraphqlNames
from diptych.semantics.json_value import JSON


class NotInSchema(ValueError):
    """The schema has no such list, or does not tell."""


def names_in(fields: Sequence[dict[str, JSON]], plural: str) -> GraphqlNames:
    """The names of the resource whose list is the root field `plural`. Raises NotInSchema."""
    roots = {field["name"]: field for field in fields}
    connection = _innermost(roots[plural]["type"])["name"] if plural in roots else None
    if not isinstance(connection, str) or not connection.endswith("Connection"):
        raise NotInSchema(
            f"The schema has no list {plural!r}; give the schema's own names with names=GraphqlNames(type, singular, plural)."
        )
    type_name = connection.removesuffix("Connection")
    for name, field in roots.items():
        if field["type"].get("name") == type_name and [argument["name"] for argument in field["args"]] == ["id"]:
            return GraphqlNames(type_name, name, plural)
    raise NotInSchema(f"The schema has no field that reads one {type_name} by its id.")


def readable(fields: Sequence[dict[str, JSON]]) -> tuple[str, ...]:
    """The fields that are values; relations and whatever takes arguments are left out."""
    return tuple(field["name"] for field in fields if not field["args"] and _innermost(field["type"])["kind"] in ("SCALAR", "ENUM"))


def _innermost(kind: dict[str, Any]) -> dict[str, Any]:
    while kind.get("ofType"):
        kind = kind["ofType"]
    return kind
