"""The JSON Schemas of a JSON Patch. Source: RFC 6902 section 4."""

from typing import Final

from diptych.rest.openapi.documents import Schema, ref
from diptych.semantics.json_patch import MOST_OPERATIONS

_POINTER: Final[Schema] = {"type": "string", "format": "json-pointer", "pattern": "^(?:/(?:[^~/]|~[01])*)*$"}
_PATH: Final[Schema] = {**_POINTER, "description": "The place in the representation, as a JSON Pointer (RFC 6901)."}
_FROM: Final[Schema] = {**_POINTER, "description": "The place that the value is taken from."}
_VALUE: Final[Schema] = {"description": "Any JSON value."}

# What each operation does, and its members besides `op`.
_OPERATIONS: Final[dict[str, tuple[str, dict[str, Schema]]]] = {
    "add": ("Set a member, or insert into an array.", {"path": _PATH, "value": _VALUE}),
    "remove": ("Remove what is there.", {"path": _PATH}),
    "replace": ("Put a value in the place of what is there.", {"path": _PATH, "value": _VALUE}),
    "move": ("Take a value away from one place and add it at another.", {"from": _FROM, "path": _PATH}),
    "copy": ("Add a value of one place at another.", {"from": _FROM, "path": _PATH}),
    "test": ("Go on only if this value is there.", {"path": _PATH, "value": _VALUE}),
}


def patch_schemas() -> dict[str, Schema]:
    """By component name: the patch, its operation, and one schema for each kind of operation."""
    names = {op: f"JsonPatch{op.capitalize()}" for op in _OPERATIONS}
    return {
        "JsonPatch": {
            "type": "array",
            "description": "Operations that apply in order, all or none (RFC 6902).",
            "items": ref("JsonPatchOperation"),
            "maxItems": MOST_OPERATIONS,
        },
        "JsonPatchOperation": {
            "description": "One operation of a JSON Patch.",
            "oneOf": [ref(name) for name in names.values()],
            "discriminator": {"propertyName": "op", "mapping": {op: ref(name)["$ref"] for op, name in names.items()}},
        },
        **{names[op]: _operation(op, description, members) for op, (description, members) in _OPERATIONS.items()},
    }


def _operation(op: str, description: str, members: dict[str, Schema]) -> Schema:
    properties = {"op": {"type": "string", "const": op}, **members}
    return {"type": "object", "description": description, "properties": properties, "required": list(properties)}
