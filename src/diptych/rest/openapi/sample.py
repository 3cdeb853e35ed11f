"""Samples: a row of a resource that its own check takes, made from the schemas of its fields."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from diptych.resource.shape import Field, ResourceShape
from diptych.semantics.json_value import JSON, Document, Missing
from diptych.semantics.outcome import Violation
from diptych.semantics.row import Row
from diptych.semantics.version import Version

_KEYS: Final[Sequence[JSON]] = (1, "example", "A1", "2f1d3a52-9c0b-4e1f-8f57-6a1c7d1f0b3e", "2024-05-17")
_TEXTS: Final = {"email": "ada@example.org", "name": "An example", "url": "https://example.org/"}
_FORMATS: Final = {
    "date-time": "2024-05-17T09:30:00Z",
    "date": "2024-05-17",
    "time": "09:30:00",
    "duration": "PT1H30M",
    "uuid": "2f1d3a52-9c0b-4e1f-8f57-6a1c7d1f0b3e",
    "base64": "ZGlwdHljaA==",
    "decimal": "1.50",
    "email": "ada@example.org",
    "uri": "https://example.org/",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A row at version 1, and the document that a create or a replace would send for it."""

    row: Row
    document: Document


def sample(shape: ResourceShape) -> Sample | None:
    """Make a row that could be stored; None where guessing does not meet what the model asks for."""
    key = next((found for found in map(shape.key_from_json, _KEYS) if not isinstance(found, Violation)), None)
    if key is None:
        return None
    members = {field.json_name: _value(field, shape) for field in shape.columns}
    # Write models may ask for more than the table does, each for its own command.
    created, values = (judge.check(members, key=key, version=Version(1)) for judge in (shape.creating, shape.replacing))
    if not isinstance(created, dict) or not isinstance(values, dict):
        return None
    return Sample(Row(key, Version(1), values), {field.json_name: values[field.json_name] for field in shape.writable})


def _value(field: Field, shape: ResourceShape) -> JSON:
    if not isinstance(field.default, Missing) and (field.default is not None or field.reference is not None):
        return field.default
    if field.nullable and field.reference is not None:
        return None
    return _of_schema(field.json_schema, field.json_name, shape.definitions)


def _of_schema(schema: Document, name: str, definitions: Document) -> JSON:
    """A value that a schema describes, as far as its plain keywords tell."""
    for listed in ("examples", "enum"):
        if schema.get(listed):
            return schema[listed][0]
    if "const" in schema:
        return schema["const"]
    if "$ref" in schema:
        return _of_schema(definitions[schema["$ref"].rsplit("/", 1)[-1]], name, definitions)
    for several in ("anyOf", "oneOf", "allOf"):
        if schema.get(several):
            return _of_schema(next((one for one in schema[several] if one.get("type") != "null"), {}), name, definitions)
    kind = schema.get("type")
    match next((one for one in kind if one != "null"), None) if isinstance(kind, list) else kind:
        case "string":
            return _text(schema, name)
        case "integer" | "number":
            return max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1 if "exclusiveMinimum" in schema else 1)
        case "boolean":
            return True
        case "array":
            return [_of_schema(schema.get("items", {}), name, definitions) for _ in range(schema.get("minItems", 0))]
        case "object":
            properties = schema.get("properties", {})
            return {member: _of_schema(properties.get(member, {}), member, definitions) for member in schema.get("required", ())}
        case _:
            return None


def _text(schema: Document, name: str) -> str:
    longest = schema.get("maxLength", 60)
    words = _FORMATS.get(schema.get("format") or schema.get("contentEncoding") or "") or _TEXTS.get(name) or f"Some {name}"
    pattern = schema.get("pattern")
    for text in (words, "A1", "a", "1", "1.50", "09:30:00"):
        fitting = text.ljust(schema.get("minLength", 0), "x")[:longest]
        if pattern is None or re.search(pattern, fitting):
            return fitting
    return words
