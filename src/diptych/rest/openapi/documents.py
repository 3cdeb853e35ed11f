"""The JSON Schemas of what goes in and what comes out: a representation, three kinds of documents, a page."""

from typing import Final

from diptych.resource.kinds import Json
from diptych.resource.shape import Field, Relation, ResourceShape
from diptych.semantics.json_value import JSON, Missing
from diptych.semantics.version import LAST

Schema = dict[str, JSON]

_VERSION: Final[Schema] = {
    "type": "integer",
    "format": "int32",
    "minimum": 1,
    "maximum": LAST,
    "description": "Names this state of the row; the number in its entity-tag.",
}
_EXPECTED_VERSION: Final[Schema] = {
    "type": "integer",
    "format": "int32",
    "minimum": 0,
    "description": "The version that the row must be at for this write to happen; 0 says that nothing is there.",
}
PAGE_INFO: Final[Schema] = {
    "type": "object",
    "description": "Where a page stands among the others.",
    "properties": {
        "hasNextPage": {"type": "boolean", "description": "Whether any row comes after this page."},
        "hasPreviousPage": {"type": "boolean", "description": "Whether any row comes before this page."},
        "startCursor": {"type": ["string", "null"], "description": "The cursor of the first row; null where there is none."},
        "endCursor": {"type": ["string", "null"], "description": "The cursor of the last row; null where there is none."},
        "totalCount": {"type": "integer", "minimum": 0, "description": "Rows in all; there only if `Prefer: count=exact` asked for it."},
    },
    "required": ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"],
}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def document_schemas(shape: ResourceShape) -> dict[str, Schema]:
    """Everything that a resource adds to the components, its problems aside, by name."""
    name = shape.name
    return {
        **shape.definitions,
        name: _representation(shape),
        f"Create{name}": _create(shape),
        f"Replace{name}": _replace(shape),
        f"Patch{name}": _patch(shape),
        f"{name}Page": _page(shape),
        f"{name}Lines": {"type": "string", "description": f"The JSON text of one {name} on each line."},
    }


def _representation(shape: ResourceShape) -> Schema:
    properties = {shape.key.json_name: _described(shape.key)}
    properties |= {field.json_name: _described(field) for field in shape.readable}
    properties["version"] = _VERSION
    # What some callers may not read is left out for them.
    masked = {field.json_name for field in shape.readable if field.masked}
    required = [name for name in properties if name not in masked]
    properties |= {relation.name: _related(relation) for relation in shape.relations}
    return {"type": "object", "description": shape.description, "properties": properties, "required": required}


def _related(relation: Relation) -> Schema:
    said = f"There only if `include={relation.name}` asked for it."
    if relation.many:
        return {**ref(f"{relation.target}Page"), "description": said}
    return {"anyOf": [ref(relation.target), {"type": "null"}], "description": said}


def _create(shape: ResourceShape) -> Schema:
    key = {shape.key.json_name: _described(shape.key)} if shape.client_keyed else {}
    properties = {**key, **{field.json_name: _complete(field) for field in shape.writable}}
    properties["version"] = {"type": "integer", "const": 0, "description": "A create starts from nothing, which is version 0."}
    required = [*key, *(field.json_name for field in shape.writable if field.required)]
    return _document(f"A new {shape.name}. What is left out gets its default.", properties, required)


def _replace(shape: ResourceShape) -> Schema:
    properties = {**_address(shape), **{field.json_name: _complete(field) for field in shape.writable}}
    # What some callers may not read or not write stays as it is when they leave it out.
    ruled = {field.json_name for field in shape.writable if field.masked or field.attribute in shape.policy.writable}
    required = [field.json_name for field in shape.writable if field.required and field.json_name not in ruled]
    return _document(f"A whole {shape.name}. What is left out goes back to its default.", properties, required)


def _patch(shape: ResourceShape) -> Schema:
    properties = {**_address(shape), **{field.json_name: _part(field) for field in shape.writable}}
    return _document(f"The members of a {shape.name} to change (RFC 7396). What is left out stays; null clears.", properties, [])


def _page(shape: ResourceShape) -> Schema:
    return {
        "type": "object",
        "description": f"Some rows of {shape.names.plural}, in the order that was asked for.",
        "properties": {"items": {"type": "array", "items": ref(shape.name)}, "pageInfo": ref("PageInfo")},
        "required": ["items", "pageInfo"],
    }


def _document(description: str, properties: Schema, required: list[str]) -> Schema:
    schema: Schema = {"type": "object", "description": description, "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def _address(shape: ResourceShape) -> Schema:
    """What a document may repeat of the row that it is for."""
    properties = {shape.key.json_name: {**_described(shape.key), "description": "If given, the key that the request addresses."}}
    for field in shape.columns:
        if field.read_only and not field.hidden:
            properties[field.json_name] = {**_described(field), "description": "Set by the server; if given, its current value."}
    properties["version"] = _EXPECTED_VERSION
    return properties


def _described(field: Field) -> Schema:
    schema = {name: value for name, value in field.json_schema.items() if name != "default"}
    return schema if field.description is None else {**schema, "description": field.description}


def _complete(field: Field) -> Schema:
    """A field of a document that is complete: with the default that stands in for it."""
    schema = _described(field)
    if field.hidden:
        schema["writeOnly"] = True
    return schema if isinstance(field.default, Missing) else {**schema, "default": field.default}


def _part(field: Field) -> Schema:
    """A field of a merge patch. A patch for an object inside a JSON column has the members to change, not the object."""
    schema = _described(field)
    if field.hidden:
        schema["writeOnly"] = True
    if not isinstance(field.kind, Json) or field.kind.form == "list":
        return schema
    kept: Schema = {name: schema[name] for name in ("description", "writeOnly") if name in schema}
    if field.kind.form == "any":
        return kept
    return {"type": ["object", "null"] if field.nullable else "object", "additionalProperties": True, **kept}
