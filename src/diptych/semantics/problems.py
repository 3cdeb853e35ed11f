"""The outcome table: every refusal's code, title, status and words, read by both doors, the pages, the docs and the tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, assert_never

from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import (
    MOST_VIOLATIONS,
    AlreadyExists,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PatchConflict,
    PatchInvalid,
    PreconditionRequired,
    ReferenceConflict,
    Refusal,
    Unauthenticated,
    Unavailable,
    UniqueConflict,
    VersionExhausted,
    VersionMismatch,
)
from diptych.semantics.shape import Shape


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One line of the table. `graphql_type` is None where the refusal is no member of a result union.

    `happened` and `next_step` are sentences for the page that `type` leads to.
    """

    code: str
    title: str
    status: int
    graphql_type: str | None
    facts: tuple[str, ...]
    happened: str
    next_step: str

    @property
    def path(self) -> str:
        """The path of the page, which is the problem's `type`. Source: RFC 9457 section 3.1.1."""
        return f"/problems/{self.code.replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal in words, the same through both doors. `facts` are JSON values by name. Source: RFC 9457."""

    kind: ProblemKind
    status: int
    detail: str
    facts: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.kind.code

    @property
    def title(self) -> str:
        return self.kind.title


_TABLE: Final = (
    ProblemKind(
        "not_found",
        "Not found",
        404,
        "NotFound",
        ("key",),
        "No row is stored under the key that was named, or nothing is served at the path. The row may never have been there, or it may "
        "have been deleted; a second delete of the same row is told the same.",
        "Check the key. To make the row, use POST or the create mutation; where clients choose keys, PUT or the replace mutation makes it.",
    ),
    ProblemKind(
        "version_mismatch",
        "Version mismatch",
        412,
        "VersionMismatch",
        ("currentVersion", "current"),
        "The request named a state of the row that it is not in: somebody else has changed it since it was read, or it is there where "
        "nothing was expected, or gone. Nothing was written, and nobody's change was lost.",
        "Look at `current`, decide whether the change still makes sense, and send it again with `currentVersion`. If an earlier answer was "
        "lost on the way, `current` may show that the change has already happened.",
    ),
    ProblemKind(
        "precondition_required",
        "Precondition required",
        428,
        None,
        ("requires",),
        "This resource takes no change from a caller who does not say which state the change was made on, so that no update is lost.",
        "Read the row, and send its ETag in If-Match (or its number as `version`, in the document or as the argument of the mutation).",
    ),
    ProblemKind(
        "invalid",
        "Invalid",
        400,
        "Invalid",
        ("violations",),
        "The content could be read, but it is not a document that this resource can store, or a parameter has a value that it cannot have.",
        "Each entry of `violations` points at one member and says what would be accepted. All of them are listed, up to a thousand.",
    ),
    ProblemKind(
        "malformed",
        "Malformed",
        400,
        None,
        (),
        "The content is not JSON as RFC 8259 and RFC 7493 would have it, or a header field does not follow its grammar.",
        "Mend the spelling where `detail` points: entity-tags stand in double quotes, member names occur once, numbers are finite, "
        "text is UTF-8 without a byte-order mark.",
    ),
    ProblemKind(
        "already_exists",
        "Already exists",
        409,
        "AlreadyExists",
        ("key", "currentVersion"),
        "A create named a key that a row already has.",
        "Choose another key, or change the row that is there with PUT or PATCH and its version.",
    ),
    ProblemKind(
        "unique_conflict",
        "Unique value taken",
        409,
        "UniqueConflict",
        ("fields",),
        "Another row already has the value of a field, or of several together, that no two rows may share.",
        "Choose other values for the `fields` named.",
    ),
    ProblemKind(
        "reference_conflict",
        "Reference conflict",
        409,
        "ReferenceConflict",
        ("resource", "fields"),
        "The document refers to a row that is not there, or the row to be deleted is still referred to. `resource` and `fields` name the "
        "referring side.",
        "Create the row that is referred to first, or clear the references before the delete.",
    ),
    ProblemKind(
        "patch_conflict",
        "Patch test failed",
        409,
        "PatchConflict",
        ("index", "pointer"),
        "A `test` operation of a JSON Patch does not hold for the row as it is now. No operation was applied.",
        "Read the row again and make a new patch.",
    ),
    ProblemKind(
        "patch_invalid",
        "Patch cannot be applied",
        422,
        "PatchInvalid",
        ("index", "pointer"),
        "An operation of a JSON Patch is malformed, or its path is not there. No operation was applied.",
        "Mend the operation at `index`; operations are counted from 0 and apply in order.",
    ),
    ProblemKind(
        "version_exhausted",
        "Versions exhausted",
        409,
        "VersionExhausted",
        ("key",),
        "The row has had 2147483647 versions, the most that a GraphQL Int can number, and takes no further change.",
        "Delete the row and create another one under a new key.",
    ),
    ProblemKind(
        "unavailable",
        "Unavailable",
        503,
        None,
        (),
        "The database is busy or away, or too many requests are waiting. Nothing was written.",
        "Wait as many seconds as Retry-After says, and send the request again.",
    ),
    ProblemKind(
        "unauthenticated",
        "Not authenticated",
        401,
        None,
        (),
        "The server must know who asks, and the request did not say, or said something that is not believed: a credential that is "
        "expired, for somebody else, or not one of this server's.",
        "Send a valid credential as `WWW-Authenticate` says, for most servers `Authorization: Bearer …`.",
    ),
    ProblemKind(
        "forbidden",
        "Forbidden",
        403,
        None,
        (),
        "The caller is known, and may not do this. Nothing was written.",
        "Ask whoever runs the server for the right to do it, or act as somebody who has it. Sending the request again changes nothing.",
    ),
    ProblemKind(
        "too_many_requests",
        "Too many requests",
        429,
        None,
        (),
        "The caller has sent more requests than this server takes from one caller in a time. Nothing was written.",
        "Wait as many seconds as `Retry-After` says, and send the request again; the `RateLimit` field tells what is left.",
    ),
    ProblemKind(
        "internal",
        "Internal error",
        500,
        None,
        ("requestId",),
        "Something happened that nobody planned. The server's log has the reason under `requestId`.",
        "Tell the operator of the server the `requestId`. Read the row before sending a change again: it may have been made.",
    ),
    ProblemKind(
        "method_not_allowed",
        "Method not allowed",
        405,
        None,
        (),
        "The path is served, but not with this method.",
        "Use one of the methods that `Allow` lists.",
    ),
    ProblemKind(
        "not_acceptable",
        "Not acceptable",
        406,
        None,
        (),
        "None of the media types that the request accepts can be produced here. Nothing was written.",
        "Accept application/json.",
    ),
    ProblemKind(
        "content_too_large",
        "Content too large",
        413,
        None,
        (),
        "The content is larger than this server takes.",
        "Send less at once, or ask the operator for a higher limit.",
    ),
    ProblemKind(
        "unsupported_media_type",
        "Unsupported media type",
        415,
        None,
        (),
        "The content has a media type, a charset or a coding that is not read here.",
        "Send one of the types that `Accept` or `Accept-Patch` lists, in UTF-8 and without a content coding.",
    ),
)

PROBLEMS: Final[Mapping[str, ProblemKind]] = {kind.code: kind for kind in _TABLE}


def problem(code: str, detail: str, /, **facts: JSON) -> Problem:
    """Make a problem that has the status of its kind."""
    kind = PROBLEMS[code]
    return Problem(kind, kind.status, detail, facts)


def describe(refusal: Refusal, shape: Shape) -> Problem:
    """Say a refusal in words: the one place from which both doors take `code`, `title`, `detail` and the facts."""
    kind = PROBLEMS[refusal.code]
    match refusal:
        case NotFound(key):
            return problem("not_found", f"There is no {shape.name} with this key.", key=key)
        case VersionMismatch(current, row, where):
            facts = {"currentVersion": current, "current": None if row is None else shape.representation(row)}
            return Problem(kind, 409 if where == "document" else kind.status, _mismatch(refusal, shape), facts)
        case PreconditionRequired():
            return problem(refusal.code, f"A change of a {shape.name} must name the version that it was made on.", requires="If-Match")
        case Invalid(violations):
            listed = [{"pointer": v.pointer, "code": v.code, "message": v.message} for v in violations]
            return problem(refusal.code, _counted(len(violations)), violations=listed)
        case Malformed(reason, offset):
            return problem(refusal.code, reason if offset is None else f"{reason} (at byte {offset})")
        case AlreadyExists(key, current, where):
            detail = f"A {shape.name} with this key is already there, at version {current}."
            return Problem(kind, 412 if where == "condition" else kind.status, detail, {"key": key, "currentVersion": current})
        case UniqueConflict(fields):
            return problem(refusal.code, f"Another {shape.name} already has this {_listed(fields)}.", fields=list(fields))
        case ReferenceConflict(resource, fields):
            return problem(refusal.code, _reference(refusal, shape), resource=resource, fields=list(fields))
        case PatchConflict(index, at):
            return problem(refusal.code, f"The test at operation {index} does not hold.", index=index, pointer=at)
        case PatchInvalid(index, at, reason):
            return problem(refusal.code, f"Operation {index} cannot be applied: {reason}.", index=index, pointer=at)
        case VersionExhausted(key):
            return problem(refusal.code, f"This {shape.name} has had its last version and takes no further change.", key=key)
        case Unavailable():
            return problem(refusal.code, "The database is busy or away; nothing was written. Try again soon.")
        case Unauthenticated():
            return problem(refusal.code, "A valid credential is required.")
        case Forbidden():
            return problem(refusal.code, f"The caller may not do this with {shape.name} rows.")
        case _:
            assert_never(refusal)


def _mismatch(refusal: VersionMismatch, shape: Shape) -> str:
    if not refusal.current:
        return f"The request expects a {shape.name} in another state, but nothing is there."
    return f"This {shape.name} is at version {refusal.current}, which is not what the request expects. Nothing was written."


def _reference(refusal: ReferenceConflict, shape: Shape) -> str:
    fields = _listed(refusal.fields)
    if refusal.still_referred:
        return f"This {shape.name} is still referred to by {fields} of a {refusal.resource}."
    return f"What {fields} of this {shape.name} refers to is not there."


def _counted(number: int) -> str:
    if number >= MOST_VIOLATIONS:
        return f"At least {MOST_VIOLATIONS} violations were found; the first of them are listed."
    return "One violation was found." if number == 1 else f"{number} violations were found."


def _listed(fields: Sequence[str]) -> str:
    return " and ".join(fields) or "value"
