"""The JSON Schemas of refusals: one for each code and status of the outcome table, with the facts it carries."""

from collections.abc import Sequence
from typing import Final

from diptych.resource.shape import ResourceShape
from diptych.rest.openapi.documents import Schema, ref
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import VIOLATION_CODES
from diptych.semantics.problems import PROBLEMS, ProblemKind
from diptych.semantics.version import LAST

# The two refusals whose status tells where the condition stood: what the schema of their other status is called.
_ELSEWHERE: Final = {("version_mismatch", 409): "InDocument", ("already_exists", 412): "UnderCondition"}

_KEY: Final[Schema] = {
    "type": ["integer", "string"],
    "description": "The key, as JSON has it, or the text that came where no key can be that.",
}
_FACTS: Final[dict[str, Schema]] = {
    "key": _KEY,
    "currentVersion": {"type": "integer", "format": "int32", "minimum": 0, "maximum": LAST, "description": "0 if nothing is there."},
    "requires": {"type": "string", "description": "The header field that was missing."},
    "violations": {"type": "array", "items": ref("Violation"), "minItems": 1, "description": "Everything that is wrong, at once."},
    "fields": {"type": "array", "items": {"type": "string"}, "description": "JSON names of the fields that are in conflict."},
    "resource": {"type": "string", "description": "The type on the referring side."},
    "index": {"type": "integer", "minimum": 0, "description": "The operation, counted from 0."},
    "pointer": {"type": "string", "description": "The JSON Pointer (RFC 6901) that could not be followed."},
    "requestId": {"type": "string", "description": "What the server's log has the reason under."},
}
VIOLATION: Final[Schema] = {
    "type": "object",
    "description": "One thing that is wrong.",
    "properties": {
        "pointer": {"type": "string", "description": 'A JSON Pointer (RFC 6901) to the member; "" for the whole.'},
        "code": {"type": "string", "enum": list(VIOLATION_CODES), "description": "What kind of thing is wrong."},
        "message": {"type": "string", "description": "What would be accepted, in words."},
    },
    "required": ["pointer", "code", "message"],
}


def schema_name(code: str, status: int, shape: ResourceShape) -> str:
    """What the schema of a refusal is called; a mismatch carries a representation, so each resource has its own."""
    name = "".join(part.capitalize() for part in code.split("_"))
    own = shape.name if "current" in PROBLEMS[code].facts else ""
    return f"{own}{name}{_ELSEWHERE.get((code, status), '')}Problem"


def problem_schema(code: str, status: int, shape: ResourceShape) -> Schema:
    kind = PROBLEMS[code]
    facts = {name: _fact(name, shape) for name in kind.facts}
    return {
        "type": "object",
        "description": kind.happened,
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "description": f"Leads to a page on this problem: {kind.path}"},
            "title": {"type": "string", "const": kind.title},
            "status": {"type": "integer", "const": status},
            "detail": {"type": "string", "description": "What happened this time, in words."},
            "code": {"type": "string", "const": kind.code},
            **facts,
        },
        "required": ["type", "title", "status", "detail", "code", *_always(kind)],
    }


def any_of(codes: Sequence[str], status: int, shape: ResourceShape) -> Schema:
    """The schema of an answer that is one of several refusals, told apart by `code`."""
    refs = {code: ref(schema_name(code, status, shape)) for code in codes}
    if len(refs) == 1:
        return refs[codes[0]]
    mapping: dict[str, JSON] = {code: target["$ref"] for code, target in refs.items()}
    return {"oneOf": list(refs.values()), "discriminator": {"propertyName": "code", "mapping": mapping}}


def _fact(name: str, shape: ResourceShape) -> Schema:
    if name == "current":
        return {"anyOf": [ref(shape.name), {"type": "null"}], "description": "The row as it is now; null if nothing is there."}
    return _FACTS[name]


def _always(kind: ProblemKind) -> tuple[str, ...]:
    # A path at which nothing is served is told by the same code as a row that is not there, and names no key.
    return () if kind.code == "not_found" else kind.facts
