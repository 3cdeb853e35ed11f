"""Query parameters of a collection: which rows, in which order, which page of them, and how they are shown."""

import re
from dataclasses import dataclass
from typing import Final

from diptych.resource.shape import ResourceShape
from diptych.rest.filtering import read_filters, read_where
from diptych.rest.query import read_query, taken_once
from diptych.rest.view import VIEW_PARAMETERS, WHOLE_ROW, View, read_view
from diptych.semantics.command import List
from diptych.semantics.condition import EVERYTHING, Condition, joined
from diptych.semantics.limits import Limits
from diptych.semantics.order import Order
from diptych.semantics.outcome import MOST_VIOLATIONS, Invalid, Violation
from diptych.semantics.pointer import WHOLE
from diptych.semantics.read import SMALLEST_PAGE, USUAL_PAGE, decide_window, order_violations, size_violation

PAGE_PARAMETERS: Final = ("limit", "after", "before")
# Names that are no fields here; a field that is called so is filtered by with its operator in brackets.
LIST_PARAMETERS: Final = frozenset({*PAGE_PARAMETERS, "where", "order", *VIEW_PARAMETERS})

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Listing:
    """What is asked of a collection. `kept` is what the address of another page repeats of this one's, after its own parameters."""

    page: List
    view: View = WHOLE_ROW
    kept: str = ""


_FIRST_PAGE: Final = Listing(List(USUAL_PAGE))


def read_listing(query: bytes, shape: ResourceShape, *, counted: bool = False, streamed: bool = False) -> Listing | Invalid:
    """Read what is asked for: `limit` rows from the start, after a cursor, or, with `before` alone, right before one.

    All rows are `streamed` in pages of the largest size, so that a size of the client's own says nothing there. All that is wrong is
    told at once.
    """
    if not query and not counted and not streamed:
        return _FIRST_PAGE if shape.limits.usual_page == USUAL_PAGE else Listing(List(shape.limits.usual_page))
    read = read_query(query)
    values, repeated = taken_once(read.parameters, LIST_PARAMETERS)
    conditions, wrong = read_filters([one for one in read.parameters if one.name not in LIST_PARAMETERS], shape)
    wrong = [*read.violations, *wrong, *repeated]
    if "where" in values:
        _collect(read_where(values["where"], shape), conditions, wrong)
    where = joined(conditions, WHOLE, shape.limits)
    if isinstance(where, Invalid):
        wrong.extend(where.violations)
        where = EVERYTHING
    order = _order(values.get("order"))
    misordered = order_violations(order, shape, "/order")
    view, unseen = read_view(values, shape)
    size = (_streamed_size if streamed else _size)(values.get("limit"), shape.limits)
    wrong += [*misordered, *unseen]
    if isinstance(size, Violation):
        wrong.append(size)
        size = shape.limits.usual_page
    after, before = values.get("after"), values.get("before")
    page = List(
        size,
        "last" if after is None and before is not None and not streamed else "first",
        after,
        before,
        where=where,
        order=order,
        counted=counted,
        fields=view.needed(shape, [one.field for one in order]),
    )
    if not wrong:
        return Listing(page, view, read.written(without=PAGE_PARAMETERS))
    # The cursors are the service's to judge; but of an order that there is not, there are none.
    window = None if misordered else decide_window(page, shape)
    return Invalid((*wrong, *(window.violations if isinstance(window, Invalid) else ()))[:MOST_VIOLATIONS])


def refuse_parameters(query: bytes) -> Invalid | None:
    """Refuse every parameter where none is known: one that was dropped in silence would have been meant."""
    if not query:
        return None
    read = read_query(query)
    strange = {one.at: Violation(one.at, "unknown", "There is no such parameter.") for one in read.parameters}
    violations = (*read.violations, *strange.values())
    return Invalid(violations) if violations else None


def _collect(read: Condition | Invalid, conditions: list[Condition], wrong: list[Violation]) -> None:
    if isinstance(read, Invalid):
        wrong.extend(read.violations)
    else:
        conditions.append(read)


def _order(text: str | None) -> tuple[Order, ...]:
    return () if text is None else tuple(Order(name.removeprefix("-"), name.startswith("-")) for name in text.split(","))


def _size(text: str | None, limits: Limits) -> int | Violation:
    if text is None:
        return limits.usual_page
    if _NUMBER.fullmatch(text) is None:
        return Violation("/limit", "type", f"Must be an integer between {SMALLEST_PAGE} and {limits.page_size}.")
    # int() never sees thousands of digits; any number that long is out of range on the same side.
    size = int(text) if len(text) < 10 else (SMALLEST_PAGE - 1 if text.startswith("-") else limits.page_size + 1)
    return size_violation("limit", size, limits.page_size) or size


def _streamed_size(text: str | None, limits: Limits) -> int | Violation:
    return limits.page_size if text is None else Violation("/limit", "not_allowed", "All rows are sent; a stream has no limit.")
