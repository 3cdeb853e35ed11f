"""The outcome table: every refusal has its line, and says what the line promises (contract, section 6)."""

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from diptych.semantics.outcome import (
    MOST_VIOLATIONS,
    VIOLATION_CODES,
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
    Violation,
)
from diptych.semantics.problems import PROBLEMS, ProblemKind, describe, problem
from diptych.semantics.row import Row
from diptych.semantics.shape import Shape
from diptych.semantics.version import NOTHING, Version

V7 = Version(7)
ROW = Row(1, V7, {"title": "t", "rank": None, "details": {}, "author": "Ann", "secret": "s", "token": "x"})
SHOWN = {"id": 1, "title": "t", "rank": None, "details": {}, "author": "Ann", "token": "x", "version": 7}

# Code, title, status, type of the result union, facts.
TABLE = [
    ("not_found", "Not found", 404, "NotFound", ("key",)),
    ("version_mismatch", "Version mismatch", 412, "VersionMismatch", ("currentVersion", "current")),
    ("precondition_required", "Precondition required", 428, None, ("requires",)),
    ("invalid", "Invalid", 400, "Invalid", ("violations",)),
    ("malformed", "Malformed", 400, None, ()),
    ("already_exists", "Already exists", 409, "AlreadyExists", ("key", "currentVersion")),
    ("unique_conflict", "Unique value taken", 409, "UniqueConflict", ("fields",)),
    ("reference_conflict", "Reference conflict", 409, "ReferenceConflict", ("resource", "fields")),
    ("patch_conflict", "Patch test failed", 409, "PatchConflict", ("index", "pointer")),
    ("patch_invalid", "Patch cannot be applied", 422, "PatchInvalid", ("index", "pointer")),
    ("version_exhausted", "Versions exhausted", 409, "VersionExhausted", ("key",)),
    ("unavailable", "Unavailable", 503, None, ()),
    ("unauthenticated", "Not authenticated", 401, None, ()),
    ("forbidden", "Forbidden", 403, None, ()),
    ("too_many_requests", "Too many requests", 429, None, ()),
    ("internal", "Internal error", 500, None, ("requestId",)),
    ("method_not_allowed", "Method not allowed", 405, None, ()),
    ("not_acceptable", "Not acceptable", 406, None, ()),
    ("content_too_large", "Content too large", 413, None, ()),
    ("unsupported_media_type", "Unsupported media type", 415, None, ()),
]


def test_the_table_is_the_contracts() -> None:
    assert [(kind.code, kind.title, kind.status, kind.graphql_type, kind.facts) for kind in PROBLEMS.values()] == TABLE
    assert list(PROBLEMS) == [kind.code for kind in PROBLEMS.values()]


@pytest.mark.parametrize("kind", PROBLEMS.values(), ids=PROBLEMS.keys())
def test_every_line_has_its_words(kind: ProblemKind) -> None:
    assert kind.path == "/problems/" + kind.code.replace("_", "-")
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")
    for sentence in (kind.happened, kind.next_step):
        assert sentence[0].isupper()
        assert sentence.endswith(".")


def test_titles_tell_problems_apart() -> None:
    assert len({kind.title for kind in PROBLEMS.values()}) == len(PROBLEMS)


DESCRIBED: list[Any] = [
    pytest.param(Unauthenticated(), 401, "A valid credential is required.", {}, id="nobody-said-who-asks"),
    pytest.param(Forbidden(), 403, "The caller may not do this with Note rows.", {}, id="forbidden"),
    pytest.param(
        VersionMismatch(V7, None, "condition"),
        412,
        "This Note is at version 7, which is not what the request expects. Nothing was written.",
        {"currentVersion": 7, "current": None},
        id="stale-for-one-who-may-not-read",
    ),
    pytest.param(NotFound(1), 404, "There is no Note with this key.", {"key": 1}, id="not-found"),
    pytest.param(
        VersionMismatch(V7, ROW, "condition"),
        412,
        "This Note is at version 7, which is not what the request expects. Nothing was written.",
        {"currentVersion": 7, "current": SHOWN},
        id="stale-condition",
    ),
    pytest.param(
        VersionMismatch(V7, ROW, "document"),
        409,
        "This Note is at version 7, which is not what the request expects. Nothing was written.",
        {"currentVersion": 7, "current": SHOWN},
        id="stale-document",
    ),
    pytest.param(
        VersionMismatch(NOTHING, None, "condition"),
        412,
        "The request expects a Note in another state, but nothing is there.",
        {"currentVersion": 0, "current": None},
        id="nothing-there",
    ),
    pytest.param(
        PreconditionRequired(),
        428,
        "A change of a Note must name the version that it was made on.",
        {"requires": "If-Match"},
        id="no-precondition",
    ),
    pytest.param(
        Invalid((Violation("/title", "required", "Must be given."),)),
        400,
        "One violation was found.",
        {"violations": [{"pointer": "/title", "code": "required", "message": "Must be given."}]},
        id="one-violation",
    ),
    pytest.param(
        Invalid((Violation("/a", "type", "A."), Violation("", "rejected", "B."))),
        400,
        "2 violations were found.",
        {"violations": [{"pointer": "/a", "code": "type", "message": "A."}, {"pointer": "", "code": "rejected", "message": "B."}]},
        id="two-violations",
    ),
    pytest.param(
        Invalid((Violation("/a", "type", "A."),) * MOST_VIOLATIONS),
        400,
        "At least 1000 violations were found; the first of them are listed.",
        {"violations": [{"pointer": "/a", "code": "type", "message": "A."}] * MOST_VIOLATIONS},
        id="as-many-violations-as-are-told",
    ),
    pytest.param(Malformed("The content is not JSON", 0), 400, "The content is not JSON (at byte 0)", {}, id="malformed-at-a-place"),
    pytest.param(Malformed("An If-Match is no list"), 400, "An If-Match is no list", {}, id="malformed"),
    pytest.param(
        AlreadyExists("a", V7, "document"),
        409,
        "A Note with this key is already there, at version 7.",
        {"key": "a", "currentVersion": 7},
        id="taken",
    ),
    pytest.param(
        AlreadyExists("a", V7, "condition"),
        412,
        "A Note with this key is already there, at version 7.",
        {"key": "a", "currentVersion": 7},
        id="taken-under-a-condition",
    ),
    pytest.param(UniqueConflict(("rank",)), 409, "Another Note already has this rank.", {"fields": ["rank"]}, id="unique"),
    pytest.param(
        UniqueConflict(("rank", "title")),
        409,
        "Another Note already has this rank and title.",
        {"fields": ["rank", "title"]},
        id="unique-together",
    ),
    pytest.param(UniqueConflict(()), 409, "Another Note already has this value.", {"fields": []}, id="unique-unnamed"),
    pytest.param(
        ReferenceConflict("Note", ("ownerId",)),
        409,
        "What ownerId of this Note refers to is not there.",
        {"resource": "Note", "fields": ["ownerId"]},
        id="reference-from-here",
    ),
    pytest.param(
        ReferenceConflict("Page", ("noteId",), still_referred=True),
        409,
        "This Note is still referred to by noteId of a Page.",
        {"resource": "Page", "fields": ["noteId"]},
        id="reference-to-here",
    ),
    pytest.param(PatchConflict(3, "/a"), 409, "The test at operation 3 does not hold.", {"index": 3, "pointer": "/a"}, id="patch-conflict"),
    pytest.param(
        PatchInvalid(3, "/a", "nothing is there"),
        422,
        "Operation 3 cannot be applied: nothing is there.",
        {"index": 3, "pointer": "/a"},
        id="patch-invalid",
    ),
    pytest.param(VersionExhausted(1), 409, "This Note has had its last version and takes no further change.", {"key": 1}, id="exhausted"),
    pytest.param(Unavailable(), 503, "The database is busy or away; nothing was written. Try again soon.", {}, id="unavailable"),
]


@pytest.mark.parametrize(("refusal", "status", "detail", "facts"), DESCRIBED)
def test_describe(shapes: Mapping[str, Shape], refusal: Refusal, status: int, detail: str, facts: dict[str, Any]) -> None:
    described = describe(refusal, shapes["marked"])
    assert (described.code, described.status, described.detail, described.facts) == (refusal.code, status, detail, facts)
    assert described.kind is PROBLEMS[refusal.code]
    assert described.title == described.kind.title
    assert tuple(described.facts) == described.kind.facts


@pytest.mark.parametrize(
    ("number", "detail"),
    [
        pytest.param(999, "999 violations were found.", id="all-of-them"),
        pytest.param(1000, "At least 1000 violations were found; the first of them are listed.", id="as-many-as-are-ever-told"),
    ],
)
def test_many_violations(shapes: Mapping[str, Shape], number: int, detail: str) -> None:
    described = describe(Invalid((Violation("/a", "type", "A."),) * number), shapes["server"])
    assert described.detail == detail
    assert len(described.facts["violations"]) == number


def test_every_refusal_is_described_above() -> None:
    assert {type(row.values[0]) for row in DESCRIBED} == set(get_args(Refusal))


def test_a_problem_has_the_status_of_its_kind() -> None:
    made = problem("internal", "Something.", requestId="1")
    assert (made.kind, made.status, made.detail, made.facts) == (PROBLEMS["internal"], 500, "Something.", {"requestId": "1"})


def test_codes_of_violations_are_the_contracts() -> None:
    words = "required unknown type null too_short too_long too_small too_large pattern format not_allowed rejected"
    assert words.split() == list(VIOLATION_CODES)


def test_a_busy_database_is_asked_again_after_a_second() -> None:
    assert Unavailable().retry_after == 1
