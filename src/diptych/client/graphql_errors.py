"""Errors that GraphQL tells outside of results, as the refusals that REST has for the same."""

import re
from typing import Any, Final

from diptych.client.errors import ClientError
from diptych.client.refusals import Refused, Told
from diptych.client.steps import Answered
from diptych.client.telling import refusal_of
from diptych.client.write import Write
from diptych.semantics.json_value import JSON, Document
from diptych.semantics.problems import PROBLEMS

_VERSION_MISSING: Final = re.compile(r"version\b.* of type 'Int!' is required")
_OF_CONTENT: Final = re.compile(r"Variable '\$(?:input|patch|operations|(where|orderBy))'")
# What graphql-core says of the content, and the violation that REST tells in its place.
_SAID: Final = (
    (re.compile(r"to include required field '(\w+)'"), "required", "Is required."),
    (re.compile(r"not to include unknown field '(\w+)'"), "unknown", "There is no such field."),
    (re.compile(r"has invalid value at \.([\w.]+?):"), "type", "Is of another type."),
)


class GraphqlError(ClientError):
    """The server refused the operation itself, in words that no code of the contract stands for."""


def raise_errors(body: Document, answered: Answered, write: Write | None) -> None:
    """Raise what an answer has in place of data; return where it has data. Raises Refused, GraphqlError."""
    if isinstance(code := body.get("code"), str) and "errors" not in body:
        raise _refused(code, body.get("detail", ""), answered.status, body, answered)
    errors = body.get("errors")
    if not isinstance(errors, list) or not errors:
        return
    first = next((error for error in errors if _code(error) in PROBLEMS), None)
    if first is not None:
        code = _code(first)
        raise _refused(code, str(first.get("message", "")), PROBLEMS[code].status, first["extensions"], answered)
    messages = [str(error.get("message", "")) if isinstance(error, dict) else "" for error in errors]
    if write is not None and write.version is None and any(map(_VERSION_MISSING.search, messages)):
        told = "A change must name the version that it was made on."
        raise _refused("precondition_required", told, 428, {"requires": "version"}, answered)
    if all(map(_OF_CONTENT.match, messages)):
        violations = [_violation(message) for message in messages]
        raise _refused("invalid", f"{len(violations)} violations were found.", 400, {"violations": violations}, answered)
    raise GraphqlError(f"The server refused the operation: {' '.join(messages)[:500] or 'it did not say why'}")


def _code(error: Any) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code if isinstance(code, str) else ""


def _refused(code: str, detail: str, status: int, facts: Document, answered: Answered) -> Refused:
    title = PROBLEMS[code].title if code in PROBLEMS else code
    told = Told(code, title, status, detail, {name: fact for name, fact in facts.items() if name != "code"})
    return refusal_of(told, known=_no_row, retry_after=answered.fields.get("retry-after"))


def _no_row(representation: Document) -> Any:
    raise TypeError("an error carries no row")


def _violation(message: str) -> dict[str, JSON]:
    """The message itself may quote what was sent, so it is not passed on."""
    argument = _OF_CONTENT.match(message)
    # The content stands for the whole; of a condition or an order the argument is told as well.
    base = f"/{argument[1]}" if argument is not None and argument[1] else ""
    for pattern, code, said in _SAID:
        if (found := pattern.search(message)) is not None:
            return {"pointer": f"{base}/{found[1].replace('.', '/')}", "code": code, "message": said}
    return {"pointer": base, "code": "type", "message": "Is not what the schema takes."}
