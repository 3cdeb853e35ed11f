"""What the page of each problem shows: the words of the table, and how the refusal looks through each door."""

import json
from typing import Any, Final

from diptych.pages.content import ProblemHelp
from diptych.semantics.problems import ProblemKind

_USER: Final = {"id": 7, "name": "Jane", "email": "jane@example.com", "role": "user", "bio": None, "version": 5}

# An example of each refusal: the detail, and its facts, as the demo would give them.
_EXAMPLES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "not_found": ("There is no User with this key.", {"key": 7}),
    "version_mismatch": (
        "This User is at version 5, which is not what the request expects. Nothing was written.",
        {"currentVersion": 5, "current": _USER},
    ),
    "precondition_required": ("A change of a StockItem must name the version that it was made on.", {"requires": "If-Match"}),
    "invalid": (
        "One violation was found.",
        {"violations": [{"pointer": "/name", "code": "required", "message": "Must be given."}]},
    ),
    "malformed": ("The content is not JSON (at byte 17)", {}),
    "already_exists": ("A Document with this key is already there, at version 3.", {"key": "my-custom-id", "currentVersion": 3}),
    "unique_conflict": ("Another User already has this email.", {"fields": ["email"]}),
    "reference_conflict": ("This User is still referred to by ownerId of a Document.", {"resource": "Document", "fields": ["ownerId"]}),
    "patch_conflict": ("The test at operation 0 does not hold.", {"index": 0, "pointer": "/role"}),
    "patch_invalid": ("Operation 1 cannot be applied: nothing is there.", {"index": 1, "pointer": "/metadata/colour"}),
    "version_exhausted": ("This StockItem has had its last version and takes no further change.", {"key": 4}),
    "unavailable": ("The database is busy or away; nothing was written. Try again soon.", {}),
    "unauthenticated": ("A valid credential is required.", {}),
    "forbidden": ("The caller may not do this with User rows.", {}),
    "too_many_requests": ("More requests came than this server takes from one caller. Try again in 7 seconds.", {}),
    "internal": (
        "Something unforeseen happened; the server's log has it under the request id.",
        {"requestId": "3f0c0f5e-6a52-4c8e-9d39-0c6f2b1f7a11"},
    ),
    "method_not_allowed": ("This path takes GET, HEAD, POST, OPTIONS.", {}),
    "not_acceptable": ("Only application/json can be produced here.", {}),
    "content_too_large": ("The content is larger than 1048576 bytes.", {}),
    "unsupported_media_type": ("The content must be application/json.", {}),
}

_OF_THE_DOCUMENT: Final = "In GraphQL this is a request error: the schema itself refuses the operation before anything runs."
_BEFORE_ANYTHING: Final = "In GraphQL this is a request error: nothing was run. Its status and header fields are those of REST."
_AS_AN_ERROR: Final = "In GraphQL this is an entry of `errors`, since nothing can be said about the row."


def problem_help(kind: ProblemKind) -> ProblemHelp:
    """Fill the page of one line of the table."""
    detail, facts = _EXAMPLES[kind.code]
    body = {"type": kind.path, "title": kind.title, "status": kind.status, "detail": detail, **facts, "code": kind.code}
    rest = f"HTTP/1.1 {kind.status}\ncontent-type: application/problem+json\n\n{_indented(body)}"
    graphql, note = _through_graphql(kind, body)
    return ProblemHelp(kind.code, kind.title, kind.status, kind.happened, rest, graphql, (kind.next_step,), note)


def _through_graphql(kind: ProblemKind, body: dict[str, Any]) -> tuple[str | None, str]:
    match kind.code:
        case "unavailable" | "internal":
            extensions = {"code": kind.code} | ({"requestId": body["requestId"]} if kind.code == "internal" else {})
            return _indented(
                {"data": {"replaceUser": None}, "errors": [{"message": body["detail"], "extensions": extensions}]}
            ), _AS_AN_ERROR
        case "forbidden":
            error = {"message": body["detail"], "path": ["replaceUser"], "extensions": {"code": kind.code}}
            return _indented({"data": {"replaceUser": None}, "errors": [error]}), _AS_AN_ERROR
        case "unauthenticated" | "too_many_requests":
            return _indented({"errors": [{"message": body["detail"], "extensions": {"code": kind.code}}]}), _BEFORE_ANYTHING
        case "precondition_required":
            return None, _OF_THE_DOCUMENT + " The argument `version` is `Int!` where the resource requires versions."
        case "malformed":
            return None, _OF_THE_DOCUMENT
        case _ if kind.graphql_type is None:
            return None, "The path of the GraphQL door answers this with the same problem as REST."
        case "version_mismatch":
            return _indented({"data": {"replaceUser": {"__typename": "UserVersionMismatch", **body}}}), ""
        case _:
            return _indented({"data": {"replaceUser": {"__typename": kind.graphql_type, **body}}}), ""


def _indented(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
