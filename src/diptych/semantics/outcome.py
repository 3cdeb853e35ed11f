"""Outcomes: what is answered, free of any protocol. A refusal is an outcome, not an exception."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Final, Literal, TypeAlias

from diptych.semantics.frozen import frozen
from diptych.semantics.order import Order, cursor
from diptych.semantics.row import Key, Row
from diptych.semantics.version import Version

# Where the precondition that missed came from: a header or an argument, or the `version` member of the document.
Where: TypeAlias = Literal["condition", "document"]


class Effect(Enum):
    """What a write that succeeded did to the row."""

    CREATED = "created"
    REPLACED = "replaced"
    PATCHED = "patched"
    UNCHANGED = "unchanged"


@frozen
class Written:
    """The row is as asked, at `row.version`; for UNCHANGED it already was."""

    row: Row
    effect: Effect
    shown: bool = True  # whether the caller may read what it has written


@frozen
class Deleted:
    """The row is gone; `version` is the last one it had."""

    key: Key
    version: Version


@frozen
class Found:
    """One row, as it is now."""

    row: Row


@frozen
class NotModified:
    """The reader already has this state. Source: RFC 9110 section 15.4.5."""

    row: Row


# Callers that asked at the same time may be given the very same page, so it is known by identity: a door can write it once.
@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Page:
    """Rows in order, with exact answers to whether there are more on either side.

    Where there are no rows the two tell whether any stands at or beyond the upper and the lower end that was asked for.
    """

    rows: Sequence[Row]
    has_next: bool
    has_previous: bool
    order: tuple[Order, ...] = ()
    key_name: str = ""
    total: int | None = None  # rows in all, None unless they were to be counted

    def cursor(self, row: Row) -> str:
        """The mark of a row's place in this order."""
        return cursor(row, self.order, self.key_name)


@frozen
class NotFound:
    """No row is stored under the key. `key` is in its JSON form, or the text that came when that is no key at all."""

    code: ClassVar = "not_found"
    key: Key


@frozen
class VersionMismatch:
    """The caller described a state that the row is not in; nothing was written.

    `row` is the current state, None where nothing is there; `current` is its version, 0 where nothing is there.
    """

    code: ClassVar = "version_mismatch"
    current: Version
    row: Row | None
    where: Where


@frozen
class PreconditionRequired:
    """The resource takes no write that names no version. Source: RFC 6585 section 3."""

    code: ClassVar = "precondition_required"


@frozen
class Violation:
    """One thing wrong with a document. `pointer` is a JSON Pointer into it, `code` one of VIOLATION_CODES."""

    pointer: str
    code: str
    message: str


# Half a million things are wrong with a hostile document of 1 MiB; telling them all would cost seconds and tens of megabytes.
MOST_VIOLATIONS: Final = 1000

VIOLATION_CODES: tuple[str, ...] = (
    "required",
    "unknown",
    "type",
    "null",
    "too_short",
    "too_long",
    "too_small",
    "too_large",
    "pattern",
    "format",
    "not_allowed",
    "rejected",
)


@frozen
class Invalid:
    """The document, or the request for a page, is well formed but wrong; every violation at once, up to MOST_VIOLATIONS."""

    code: ClassVar = "invalid"
    violations: Sequence[Violation]


@frozen
class Malformed:
    """The content cannot be read as JSON. `reason` says why in words, `offset` is the byte where the parser stopped, if known."""

    code: ClassVar = "malformed"
    reason: str
    offset: int | None = None


@frozen
class AlreadyExists:
    """The key of a create is taken, by a row at `current`. `where` is "condition" under `If-None-Match: *`."""

    code: ClassVar = "already_exists"
    key: Key
    current: Version
    where: Where


@frozen
class UniqueConflict:
    """Another row has these values already. `fields` are JSON names."""

    code: ClassVar = "unique_conflict"
    fields: Sequence[str]


@frozen
class ReferenceConflict:
    """A reference to a row that is not there, or a delete of a row that others refer to.

    `resource` and `fields` name the referring side, by type name and JSON names. `still_referred` tells the second case.
    """

    code: ClassVar = "reference_conflict"
    resource: str
    fields: Sequence[str]
    still_referred: bool = False


@frozen
class PatchConflict:
    """A `test` of a JSON Patch does not hold. Source: RFC 6902 section 4.6, RFC 5789 section 2.2."""

    code: ClassVar = "patch_conflict"
    index: int
    pointer: str


@frozen
class PatchInvalid:
    """An operation of a JSON Patch is malformed or names a path that is not there. Source: RFC 5789 section 2.2."""

    code: ClassVar = "patch_invalid"
    index: int
    pointer: str
    reason: str


@frozen
class VersionExhausted:
    """The row has had its last version; it can only be deleted."""

    code: ClassVar = "version_exhausted"
    key: Key


@frozen
class Unavailable:
    """The database is busy or away; the same request may succeed in `retry_after` seconds."""

    code: ClassVar = "unavailable"
    retry_after: int = 1


@frozen
class Unauthenticated:
    """Nobody said who asks, or what was said is not believed. `challenge` is the WWW-Authenticate field of the answer.

    Source: RFC 9110 section 15.5.2.
    """

    code: ClassVar = "unauthenticated"
    challenge: str = "Bearer"


@frozen
class Forbidden:
    """The caller is known, and may not do this. Source: RFC 9110 section 15.5.4."""

    code: ClassVar = "forbidden"


Refusal: TypeAlias = (
    NotFound
    | VersionMismatch
    | PreconditionRequired
    | Invalid
    | Malformed
    | AlreadyExists
    | UniqueConflict
    | ReferenceConflict
    | PatchConflict
    | PatchInvalid
    | VersionExhausted
    | Unavailable
    | Unauthenticated
    | Forbidden
)
# What a policy says to a caller.
Denied: TypeAlias = Unauthenticated | Forbidden
WriteOutcome: TypeAlias = Written | Deleted | Refusal
ReadOutcome: TypeAlias = Found | NotModified | Page | Refusal
Outcome: TypeAlias = Written | Deleted | Found | NotModified | Page | Refusal
