"""Decisions on reads: conditional fetches and the window of a page."""

import base64
import binascii
from dataclasses import dataclass
from typing import Final, Literal

from diptych.semantics.command import Fetch, List, Unaddressable
from diptych.semantics.condition import EVERYTHING, Condition
from diptych.semantics.json_text import read_json
from diptych.semantics.json_value import JSON
from diptych.semantics.order import Order, Orders, Place, write_place
from diptych.semantics.outcome import Found, Invalid, NotFound, NotModified, ReadOutcome, VersionMismatch, Violation
from diptych.semantics.precondition import holds
from diptych.semantics.row import Facts
from diptych.semantics.shape import Shape

SMALLEST_PAGE: Final = 1
LARGEST_PAGE: Final = 100
USUAL_PAGE: Final = 20
# Fields that one list may be ordered by, its key aside.
MOST_ORDERS: Final = 8


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
    """Read the cursors of a page; one that was not given out by a page of the same order is a violation.

    The order itself has been judged by the door that knows where it stood.
    """
    violations: list[Violation] = []
    ends: list[Place | None] = []
    for name, cursor in (("after", command.after), ("before", command.before)):
        place = None if cursor is None else read_cursor(cursor, command.order, shape)
        if cursor is not None and place is None:
            violations.append(Violation(f"/{name}", "format", "Must be a cursor that a page gave out."))
        ends.append(place)
    if violations:
        return Invalid(tuple(violations))
    return Window(ends[0], ends[1], command.size, command.end, command.where, command.order, command.counted, command.fields)


def size_violation(name: str, size: int) -> Violation | None:
    """What is wrong with a page size that came under this name, if anything."""
    if SMALLEST_PAGE <= size <= LARGEST_PAGE:
        return None
    code = "too_small" if size < SMALLEST_PAGE else "too_large"
    return Violation(f"/{name}", code, f"Must be between {SMALLEST_PAGE} and {LARGEST_PAGE}.")


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


def read_cursor(text: str, order: Orders, shape: Shape) -> Place | None:
    """Read a mark back; None for one that no page of this order gave out."""
    try:
        # Padding beyond what is needed is passed over.
        mark = read_json(base64.urlsafe_b64decode(text + "=="))
    except (binascii.Error, ValueError):
        return None
    place = _place_in_order(mark, order, shape) if order else _place_by_key(mark, shape)
    if place is None:
        return None
    # Only what `cursor` writes is a cursor, to the letter: its format, the one spelling of its values, no character besides.
    return place if write_place(place, order) == text else None


def _place_by_key(mark: JSON, shape: Shape) -> Place | None:
    if not isinstance(mark, list) or len(mark) != 2:
        return None
    key = shape.key_from_json(mark[1])
    return None if isinstance(key, Violation) else Place((), key)


def _place_in_order(mark: JSON, order: Orders, shape: Shape) -> Place | None:
    if not isinstance(mark, list) or len(mark) != 4:
        return None
    values, key = mark[2], shape.key_from_json(mark[3])
    if isinstance(key, Violation) or not isinstance(values, list) or len(values) != len(order):
        return None
    if not all(shape.is_ordered_value(one.field, value) for one, value in zip(order, values, strict=True)):
        return None
    return Place(tuple(values), key)
