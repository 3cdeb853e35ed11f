"""Decisions on reads: conditional fetches and the window of a page."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from diptych.semantics.command import Fetch, List, Unaddressable
from diptych.semantics.condition import EVERYTHING, Condition
from diptych.semantics.json_text import read_json
from diptych.semantics.json_value import JSON
from diptych.semantics.order import Mark, Order, Orders, Place, mark_of, place_of, write_mark, write_place
from diptych.semantics.outcome import Found, Invalid, NotFound, NotModified, ReadOutcome, VersionMismatch, Violation
from diptych.semantics.precondition import holds
from diptych.semantics.row import Facts, Key, Row
from diptych.semantics.shape import Shape

SMALLEST_PAGE: Final = 1
LARGEST_PAGE: Final = 100
USUAL_PAGE: Final = 20
# Fields that one list may be ordered by, its key aside.
MOST_ORDERS: Final = 8

# What is wrong with a cursor, wherever it stood.
_NO_CURSOR: Final = Violation("", "format", "Must be a cursor that a page gave out.")
_MOVED: Final = Violation("", "unknown", "The row that this cursor marks has changed since, or is gone; begin at another cursor, or anew.")
_End: TypeAlias = Place | Mark | Violation | None


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the rows for which `where` holds, in an order that ends with the key; `size` rows from its `end`.

    Both ends are exclusive, and None where open. `counted` and `fields` are as in the command.
    """

    after: Place | None
    before: Place | None
    size: int
    end: Literal["first", "last"]
    where: Condition = EVERYTHING
    order: tuple[Order, ...] = ()
    counted: bool = False
    fields: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """The cursors of a page leave its places to the rows under these keys, which must be looked at first."""

    keys: tuple[Key, ...]


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


def decide_window(command: List, shape: Shape) -> Window | Invalid | Marked:
    """Read the cursors of a page; one that was not given out by a page of the same order is a violation.

    The order itself has been judged by the door that knows where it stood.
    """
    ends = [
        None if cursor is None else read_cursor(cursor, command.order, shape) or _NO_CURSOR for cursor in (command.after, command.before)
    ]
    marks = tuple(end.key for end in ends if isinstance(end, Mark))
    window = _window(command, ends)
    return Marked(marks) if marks and not isinstance(window, Invalid) else window


def decide_marked(command: List, shape: Shape, rows: Mapping[Key, Row]) -> Window | Invalid:
    """The same, where the cursors mark rows and these are the ones that are there, with the values of the fields ordered by.

    A cursor whose row has gone, or stands elsewhere by now, marks no place any more and is a violation.
    """

    def place(cursor: str) -> _End:
        end = read_cursor(cursor, command.order, shape) or _NO_CURSOR
        if not isinstance(end, Mark):
            return end
        found = place_of(rows[end.key], command.order, shape.key_name) if end.key in rows else None
        return found if found is not None and mark_of(found) == end else _MOVED

    return _window(command, [None if cursor is None else place(cursor) for cursor in (command.after, command.before)])


def _window(command: List, ends: Sequence[_End]) -> Window | Invalid:
    after, before = (end if isinstance(end, Place) else None for end in ends)
    wrong = [replace(end, pointer=f"/{name}") for name, end in zip(("after", "before"), ends, strict=True) if isinstance(end, Violation)]
    if wrong:
        return Invalid(tuple(wrong))
    return Window(after, before, command.size, command.end, command.where, command.order, command.counted, command.fields)


def size_violation(name: str, size: int, largest: int = LARGEST_PAGE) -> Violation | None:
    """What is wrong with a page size that came under this name, if anything."""
    if SMALLEST_PAGE <= size <= largest:
        return None
    code = "too_small" if size < SMALLEST_PAGE else "too_large"
    return Violation(f"/{name}", code, f"Must be between {SMALLEST_PAGE} and {largest}.")


def order_violations(order: Orders, shape: Shape, at: str) -> list[Violation]:
    """What is wrong with an order, each at the pointer `at` with the number of its part."""
    violations: list[Violation] = []
    if len(order) > MOST_ORDERS:
        return [Violation(at, "too_large", f"A list is ordered by at most {MOST_ORDERS} fields.")]
    seen: set[str] = set()
    for number, one in enumerate(order):
        here = f"{at}/{number}"
        if one.field in seen:
            violations.append(Violation(here, "not_allowed", "A field can be ordered by once."))
        elif one.field in shape.orders:
            seen.add(one.field)
        elif one.field in shape.readable_names:
            said = f"{shape.name} is not ordered by this field; its declaration may allow it with Resource(order_by=…)."
            violations.append(Violation(here, "not_allowed", said))
        else:
            violations.append(Violation(here, "unknown", "There is no such field."))
    return violations


def read_cursor(text: str, order: Orders, shape: Shape) -> Place | Mark | None:
    """Read a cursor back; None for one that no page of this order gave out."""
    try:
        # Padding beyond what is needed is passed over.
        mark = read_json(base64.urlsafe_b64decode(text + "=="))
    except (binascii.Error, ValueError):
        return None
    place = _place_in_order(mark, order, shape) if order else _place_by_key(mark, shape)
    if place is None:
        return None
    if isinstance(place, Mark):
        return place if write_mark(place, order) == text else None
    # Only what `cursor` writes is a cursor, to the letter: its format, the one spelling of its values, no character besides.
    return place if write_place(place, order) == text else None


def _place_by_key(mark: JSON, shape: Shape) -> Place | None:
    if not isinstance(mark, list) or len(mark) != 2:
        return None
    key = shape.key_from_json(mark[1])
    return None if isinstance(key, Violation) else Place((), key)


def _place_in_order(mark: JSON, order: Orders, shape: Shape) -> Place | Mark | None:
    if not isinstance(mark, list) or len(mark) != 4:
        return None
    values, key = mark[2], shape.key_from_json(mark[3])
    if isinstance(key, Violation):
        return None
    if isinstance(values, str):
        return Mark(values, key)
    if not isinstance(values, list) or len(values) != len(order):
        return None
    if not all(shape.is_ordered_value(one.field, value) for one, value in zip(order, values, strict=True)):
        return None
    return Place(tuple(values), key)
