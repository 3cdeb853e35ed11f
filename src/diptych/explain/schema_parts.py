"""What a JSON Schema says, in parts that can be compared. Source: JSON Schema, draft 2020-12."""

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from diptych.semantics.json_value import JSON

Schema: TypeAlias = Mapping[str, Any]


def without_null(schema: Schema) -> tuple[Schema, bool]:
    """A schema of what is there when it is not null, and whether it may be null."""
    for keyword in ("anyOf", "oneOf"):
        branches = schema.get(keyword, ())
        others = [one for one in branches if one != {"type": "null"}]
        if len(others) < len(branches):
            rest = {name: value for name, value in schema.items() if name != keyword}
            return ({**rest, **others[0]} if len(others) == 1 else {**rest, keyword: others}), True
    if schema.get("nullable") is True:
        # As OpenAPI 3.0 says it.
        return {name: value for name, value in schema.items() if name != "nullable"}, True
    types = schema.get("type")
    if isinstance(types, list) and "null" in types:
        kept = [one for one in types if one != "null"]
        values = {"enum": [one for one in schema["enum"] if one is not None]} if "enum" in schema else {}
        return {**schema, **values, "type": kept}, True
    return schema, False


def as_object(schema: Schema | bool) -> Schema:
    """A schema that is true or false, as an object. Source: JSON Schema, draft 2020-12, section 4.3.2."""
    if isinstance(schema, bool):
        return {} if schema else {"enum": []}
    return schema


def types_of(schema: Schema) -> set[str] | None:
    types = schema.get("type")
    return None if types is None else {types} if isinstance(types, str) else set(types)


def values_of(schema: Schema) -> set[str] | None:
    """The values that are listed, as JSON text."""
    if "const" in schema:
        return {_canonical(schema["const"])}
    return {_canonical(value) for value in schema["enum"]} if "enum" in schema else None


def _canonical(value: JSON) -> str:
    """JSON text that is the same for values that are: 1 is 1.0, and the order of members is nothing."""

    def plain(inner: JSON) -> JSON:
        match inner:
            case dict():
                return {name: plain(each) for name, each in inner.items()}
            case list():
                return list(map(plain, inner))
            case float() if inner.is_integer():
                return int(inner)
            case _:
                return inner

    return json.dumps(plain(value), sort_keys=True)
