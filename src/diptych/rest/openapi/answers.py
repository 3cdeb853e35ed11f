"""Every answer of an operation, by status: what succeeded, and the refusals that the outcome table has for it."""

from collections.abc import Mapping, Sequence
from typing import Final

from diptych.resource.shape import ResourceShape
from diptych.rest.openapi.documents import Schema, ref
from diptych.rest.openapi.examples import Examples
from diptych.rest.openapi.fields import header_refs
from diptych.rest.openapi.problems import any_of
from diptych.semantics.json_value import JSON

Responses = dict[str, JSON]
# The codes of each status that an operation may be refused with.
Refusals = Mapping[int, Sequence[str]]

_FORM: Final = {400: ("malformed", "invalid"), 406: ("not_acceptable",), 500: ("internal",), 503: ("unavailable",)}
_CONTENT: Final = {**_FORM, 413: ("content_too_large",), 415: ("unsupported_media_type",)}
_CONSTRAINTS: Final = ("version_mismatch", "unique_conflict", "reference_conflict", "version_exhausted")
_STALE: Final = {412: ("version_mismatch",)}
_GONE: Final = {404: ("not_found",)}

_TITLES: Final = {
    400: "Malformed, or well formed and not valid: `code` tells which.",
    401: "The server must know who asks.",
    403: "The caller may not do this.",
    404: "No row has this key.",
    406: "The client takes no JSON.",
    409: "In conflict with what is stored.",
    412: "A condition does not hold; nothing was written.",
    413: "The content is too large.",
    415: "The content is of a type, charset or coding that is not read here.",
    422: "The JSON Patch cannot be applied.",
    429: "The caller has sent too many requests.",
    428: "The request must say which version of the row it was made for.",
    500: "Something unforeseen happened.",
    503: "The database is busy or away.",
}
# What the answers of a status carry besides Cache-Control.
_FIELDS: Final[Mapping[int, Sequence[str]]] = {
    409: ("ETag",),
    412: ("ETag",),
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def list_refusals() -> Refusals:
    return {**_FORM, **_STALE}


def fetch_refusals() -> Refusals:
    return {**_FORM, **_GONE, **_STALE}


def create_refusals() -> Refusals:
    return {**_CONTENT, 409: ("already_exists", *_CONSTRAINTS), 412: ("version_mismatch", "already_exists")}


def replace_refusals(shape: ResourceShape) -> Refusals:
    # Where the client chooses keys, a row that is not there is created.
    gone = {} if shape.client_keyed else _GONE
    return {**_CONTENT, **gone, 409: _CONSTRAINTS, **_STALE, **_unconditional(shape)}


def patch_refusals(shape: ResourceShape) -> Refusals:
    return {**_CONTENT, **_GONE, 409: (*_CONSTRAINTS, "patch_conflict"), **_STALE, 422: ("patch_invalid",), **_unconditional(shape)}


def delete_refusals(shape: ResourceShape) -> Refusals:
    return {**_FORM, **_GONE, 409: ("reference_conflict",), **_STALE, **_unconditional(shape)}


def _unconditional(shape: ResourceShape) -> Refusals:
    return {428: ("precondition_required",)} if shape.versions_required else {}


def refused(refusals: Refusals, shape: ResourceShape, examples: Examples, *, method: str) -> Responses:
    """Describe refusals; to HEAD they have no content."""
    responses: Responses = {}
    for status, codes in sorted(refusals.items()):
        response: Schema = {"description": _TITLES[status], "headers": header_refs("Cache-Control", *_fields(status, codes, method))}
        if method != "head":
            shown = {code: {"$ref": f"#/components/examples/{examples.problem_name(code, status)}"} for code in codes}
            response["content"] = {"application/problem+json": {"schema": any_of(codes, status, shape), "examples": shown}}
        responses[str(status)] = response
    return responses


def _fields(status: int, codes: Sequence[str], method: str) -> Sequence[str]:
    if status == 415:
        return ("Accept-Patch" if method == "patch" else "Accept", "Accept-Encoding")
    tagged = not {"version_mismatch", "already_exists"}.isdisjoint(codes)
    return tuple(name for name in _FIELDS.get(status, ()) if name != "ETag" or tagged)


def answered(description: str, fields: Sequence[str], schema: str | None = None, example: JSON = None) -> Schema:
    """Describe a success; without a schema it has no content."""
    response: Schema = {"description": description, "headers": header_refs(*fields)}
    if schema is not None:
        response["content"] = {"application/json": with_example(ref(schema), example)}
    return response


def with_example(schema: Schema, example: JSON) -> Schema:
    """A media type's schema, and an example unless none could be made."""
    return {"schema": schema} if example is None else {"schema": schema, "example": example}
