"""Decisions on reads: conditional fetches and the window of a page."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Final, Literal

from diptych.semantics.command import Fetch, List, Unaddressable
from diptych.semantics.json_text import read_json
from diptych.semantics.outcome import Found, Invalid, NotFound, NotModified, Page, ReadOutcome, VersionMismatch, Violation
from diptych.semantics.precondition import holds
from diptych.semantics.row import Facts, Key, Row
from diptych.semantics.shape import Shape

SMALLEST_PAGE: Final = 1
LARGEST_PAGE: Final = 100
USUAL_PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the rows in key order, both ends exclusive and None where open; `size` rows from its `end`."""

    after: Key | None
    before: Key | None
    size: int
    end: Literal["first", "last"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the store saw through a window: rows in key order, and whether any row stands before the first or after the last.

    Where the window is empty the two tell whether any row stands at or beyond its lower and its upper end.
    """

    rows: tuple[Row, ...]
    more_before: bool
    more_after: bool


def decide_fetch(command: Fetch, facts: Facts) -> ReadOutcome:
    """Answer a read: absence, then If-Match, then If-None-Match. Source: RFC 9110 sections 13.2.1, 13.2.2."""
    if facts.row is None:
        return NotFound(command.key.text if isinstance(command.key, Unaddressable) else command.key)
    for condition in command.preconditions:
        if not holds(condition, facts.version):
            return VersionMismatch(facts.version, facts.row, "condition")
    if not all(holds(condition, facts.version) for condition in command.unless):
        return NotModified(facts.row)
    return Found(facts.row)


def decide_window(command: List, shape: Shape) -> Window | Invalid:
    """Read the cursors of a page; one that was not given out by a page of this kind of key is a violation."""
    violations: list[Violation] = []
    ends: list[Key | None] = []
    for name, cursor in (("after", command.after), ("before", command.before)):
        key = None if cursor is None else _key_of(cursor, shape)
        if cursor is not None and key is None:
            violations.append(Violation(f"/{name}", "format", "Must be a cursor that a page gave out."))
        ends.append(key)
    if violations:
        return Invalid(tuple(violations))
    return Window(ends[0], ends[1], command.size, command.end)


def page(seen: Seen) -> Page:
    return Page(seen.rows, tuple(cursor(row.key) for row in seen.rows), seen.more_after, seen.more_before)


def size_violation(name: str, size: int) -> Violation | None:
    """What is wrong with a page size that came under this name, if anything."""
    if SMALLEST_PAGE <= size <= LARGEST_PAGE:
        return None
    code = "too_small" if size < SMALLEST_PAGE else "too_large"
    return Violation(f"/{name}", code, f"Must be between {SMALLEST_PAGE} and {LARGEST_PAGE}.")


def cursor(key: Key) -> str:
    """Write the opaque mark of a row's place in key order, the same through both doors."""
    return base64.urlsafe_b64encode(json.dumps([_CURSOR_FORMAT, key], separators=(",", ":")).encode()).decode().rstrip("=")


# What a cursor starts with, so that another order or another meaning can be told from this one later.
_CURSOR_FORMAT: Final = "k1"


def _key_of(text: str, shape: Shape) -> Key | None:
    try:
        # Padding beyond what is needed is passed over.
        mark = read_json(base64.urlsafe_b64decode(text + "=="))
    except (binascii.Error, ValueError):
        return None
    if not isinstance(mark, list) or len(mark) != 2:
        return None
    key = shape.key_from_json(mark[1])
    # Only what `cursor` writes is a cursor, to the letter: its format, the one spelling of its key, no character besides.
    return None if isinstance(key, Violation) or cursor(key) != text else key
