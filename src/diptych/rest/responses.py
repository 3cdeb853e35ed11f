"""Outcomes become answers: status, header fields and JSON, as the contract's table has them."""

from typing import Final, assert_never

from diptych.http.answer import JSON_TYPE, Answer, json_bytes, problem_answer
from diptych.resource.shape import ResourceShape
from diptych.rest.entity_tags import write_tag
from diptych.rest.place import Place
from diptych.rest.preferences import Preference
from diptych.semantics.outcome import (
    AlreadyExists,
    Deleted,
    Effect,
    Forbidden,
    Found,
    Invalid,
    Malformed,
    NotFound,
    NotModified,
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
    Written,
)
from diptych.semantics.problems import describe
from diptych.semantics.version import Version

Line = tuple[bytes, bytes]

# What a cache keeps it must ask about each time, and no shared cache keeps anything: who may read is not for it to know.
REVALIDATE: Final[Line] = (b"cache-control", b"private, no-cache")
# A request that takes no JSON is refused with 406, so an answer is good only for requests of the same Accept.
VARY: Final[Line] = (b"vary", b"Accept")


def respond(
    outcome: Written | Deleted | Found | NotModified | Refusal, shape: ResourceShape, place: Place, preference: Preference | None = None
) -> Answer:
    """Write the answer for an outcome about one row; `preference` counts for writes alone."""
    match outcome:
        case Found(row):
            return Answer(200, (JSON_TYPE, _etag(row.version), REVALIDATE, VARY), json_bytes(shape.representation(row)))
        case NotModified(row):
            # Every field that the 200 would have had, but none that describes content (RFC 9110 section 15.4.5).
            return Answer(304, (_etag(row.version), REVALIDATE, VARY))
        case Written():
            return _written(outcome, shape, place, preference)
        case Deleted():
            return Answer(204, (REVALIDATE,))
        case VersionMismatch():
            state = () if outcome.row is None else (_etag(outcome.current),)
            return problem_answer(describe(outcome, shape), place.prefix, state)
        case AlreadyExists():
            return problem_answer(describe(outcome, shape), place.prefix, (_etag(outcome.current),))
        case Unavailable():
            return problem_answer(describe(outcome, shape), place.prefix, ((b"retry-after", b"%d" % outcome.retry_after),))
        case Unauthenticated():
            return problem_answer(describe(outcome, shape), place.prefix, ((b"www-authenticate", outcome.challenge.encode()),))
        case (
            NotFound()
            | PreconditionRequired()
            | Invalid()
            | Malformed()
            | UniqueConflict()
            | ReferenceConflict()
            | PatchConflict()
            | PatchInvalid()
            | VersionExhausted()
            | Forbidden()
        ):
            return problem_answer(describe(outcome, shape), place.prefix)
        case _:
            assert_never(outcome)


def _written(outcome: Written, shape: ResourceShape, place: Place, preference: Preference | None) -> Answer:
    """Answer a write that succeeded, with the new representation unless the client would rather have less.

    RFC 9110 section 9.3.4 would send no tag where other bytes are stored than came; the next write needs it, so it is sent.
    """
    row = outcome.row
    created = outcome.effect is Effect.CREATED
    fields: list[Line] = [_etag(row.version), REVALIDATE]
    if created:
        fields.append((b"location", place.item(row.key)))
    if preference is not None:
        fields.append((b"preference-applied", b"return=" + preference.encode()))
    if preference == "minimal" or not outcome.shown:
        return Answer(201, fields, b"") if created else Answer(204, fields)
    if not created:
        # The content is the representation of this place, not a report on the write (RFC 9110 section 8.7).
        fields.append((b"content-location", place.item(row.key)))
    return Answer(201 if created else 200, (JSON_TYPE, *fields), json_bytes(shape.representation(row)))


def _etag(version: Version) -> Line:
    return b"etag", write_tag(version)
