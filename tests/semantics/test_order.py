"""Orders and cursors: what an order may be, and that a cursor is only what a page of the same order gave out."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.semantics.command import List
from diptych.semantics.order import LONGEST_CURSOR, Mark, Order, Place, cursor, mark_of, place_of, signature, write_place
from diptych.semantics.outcome import Invalid, Page, Violation
from diptych.semantics.read import MOST_ORDERS, Marked, Window, decide_marked, decide_window, order_violations, read_cursor
from diptych.semantics.row import Key, Row
from diptych.semantics.version import Version

from .conftest import MARKED, SHAPES

NOTES = SHAPES["server"]
BY_RANK, BY_RANK_DOWN, BY_KEY = (Order("rank"),), (Order("rank", descending=True),), (Order("id"),)
ORDERS: list[tuple[Order, ...]] = [(), BY_RANK, BY_RANK_DOWN, BY_KEY, (Order("rank"), Order("id", descending=True))]


def test_a_place_has_the_values_of_the_fields_ordered_by() -> None:
    row = Row(7, Version(1), {"title": "x", "rank": 3})
    assert place_of(row, (Order("rank"), Order("id")), "id") == Place((3, 7), 7)
    assert place_of(row, (), "id") == Place((), 7)


def test_an_order_is_named_as_it_is_written() -> None:
    assert signature((Order("rank"), Order("id", descending=True))) == "rank,-id"
    assert signature(()) == ""


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param((), [], id="by-key-alone"),
        pytest.param((Order("rank"), Order("id")), [], id="two-fields"),
        pytest.param((Order("rank"), Order("rank", True)), [("/order/1", "not_allowed", "A field can be ordered by once.")], id="twice"),
        pytest.param((Order("nobody"),), [("/order/0", "unknown", "There is no such field.")], id="no-such-field"),
        pytest.param((Order("secret"),), [("/order/0", "unknown", "There is no such field.")], id="a-hidden-field-is-not-told"),
        pytest.param(
            (Order("id"), Order("title")),
            [("/order/1", "not_allowed", "Note is not ordered by this field; its declaration may allow it with Resource(order_by=…).")],
            id="not-ordered-by",
        ),
        pytest.param(
            (Order("id"),) * MOST_ORDERS,
            [(f"/order/{part}", "not_allowed", "A field can be ordered by once.") for part in range(1, 8)],
            id="as-many-as-there-may-be",
        ),
        pytest.param(
            (Order("id"),) * (MOST_ORDERS + 1), [("/order", "too_large", "A list is ordered by at most 8 fields.")], id="too-many"
        ),
    ],
)
def test_orders(order: tuple[Order, ...], expected: list[tuple[str, str, str]]) -> None:
    assert order_violations(order, MARKED, "/order") == [Violation(*one) for one in expected]


RANKS = st.none() | st.integers()
ROWS = st.builds(Row, st.integers(), st.just(Version(1)), st.fixed_dictionaries({"title": st.text(), "rank": RANKS}))


@given(ROWS, st.sampled_from(ORDERS))
def test_a_cursor_is_read_back_as_the_place_it_was_written_for(row: Row, order: tuple[Order, ...]) -> None:
    text = Page((row,), False, False, order, "id").cursor(row)
    assert text == cursor(row, order, "id")
    assert read_cursor(text, order, NOTES) == place_of(row, order, "id")
    assert text.isascii()
    assert not set(text) & set("+/=&# ")


@given(ROWS, st.sampled_from(ORDERS), st.sampled_from(ORDERS))
def test_a_cursor_holds_for_its_own_order_alone(row: Row, order: tuple[Order, ...], other: tuple[Order, ...]) -> None:
    assert (read_cursor(cursor(row, order, "id"), other, NOTES) is not None) is (order == other)


@given(ROWS, st.sampled_from(ORDERS), st.data())
def test_a_cursor_with_any_character_changed_is_another_or_none(row: Row, order: tuple[Order, ...], drawn: st.DataObject) -> None:
    """Only what a page could have given out is taken: what is read is written back to the letter."""
    text = cursor(row, order, "id")
    place = drawn.draw(st.integers(0, len(text)))
    changed = text[:place] + drawn.draw(st.text("ABab01-_= ", max_size=2)) + text[place + drawn.draw(st.integers(0, 1)) :]
    read = read_cursor(changed, order, NOTES)
    assert read is None or (isinstance(read, Place) and write_place(read, order) == changed)


LONG = 10**4000
LONG_ROW, MOVED_ROW = Row(7, Version(1), {"rank": LONG}), Row(7, Version(2), {"rank": LONG + 1})


def test_a_place_that_is_too_long_for_a_cursor_is_marked_by_its_row() -> None:
    """To the character: the place itself is written for as long as there is room."""
    edge = next(length for length in range(1000, 4000) if len(_written(length + 1)) < 100)
    assert len(_written(edge)) == LONGEST_CURSOR
    mark = read_cursor(_written(edge + 1), BY_RANK, NOTES)
    assert isinstance(mark, Mark)
    assert mark == mark_of(Place((10 ** (edge + 1),), 7))


def test_a_title_of_two_hundred_characters_always_has_room() -> None:
    for letter in ("a", '"', "я", "語", "\U0001f600", "\x01"):
        text = write_place(Place((letter * 200,), "k" * 64), (Order("title"),))
        assert json.loads(base64.urlsafe_b64decode(text + "==")) == ["o1", "title", [letter * 200], "k" * 64]


def _written(length: int) -> str:
    return write_place(Place((10**length,), 7), BY_RANK)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param({7: LONG_ROW}, Window(Place((LONG,), 7), None, 5, "first", order=BY_RANK), id="where-the-row-is"),
        pytest.param({7: MOVED_ROW}, None, id="the-row-has-moved"),
        pytest.param({}, None, id="the-row-is-gone"),
    ],
)
def test_a_marked_place_is_where_the_row_stands(rows: dict[Key, Row], expected: Window | None) -> None:
    command = List(5, after=cursor(LONG_ROW, BY_RANK, "id"), order=BY_RANK)
    assert decide_window(command, NOTES) == Marked((7,))
    said = "The row that this cursor marks has changed since, or is gone; begin at another cursor, or anew."
    assert decide_marked(command, NOTES, rows) == (expected or Invalid((Violation("/after", "unknown", said),)))


def test_a_mark_and_another_cursor() -> None:
    """What is wrong is told before any row is looked at; of two good ones, only the mark needs a look."""
    long, short = cursor(LONG_ROW, BY_RANK, "id"), write_place(Place((3,), 8), BY_RANK)
    said = Violation("/before", "format", "Must be a cursor that a page gave out.")
    assert decide_window(List(5, after=long, before="x", order=BY_RANK), NOTES) == Invalid((said,))
    assert decide_marked(List(5, after=long, before="x", order=BY_RANK), NOTES, {7: LONG_ROW}) == Invalid((said,))
    command = List(5, after=short, before=long, order=BY_RANK)
    assert decide_window(command, NOTES) == Marked((7,))
    assert decide_marked(command, NOTES, {7: LONG_ROW}) == Window(Place((3,), 8), Place((LONG,), 7), 5, "first", order=BY_RANK)
    assert decide_window(List(5, after=long, order=BY_RANK_DOWN), NOTES) == Invalid((Violation("/after", "format", said.message),))


def forged(mark: Any, separators: tuple[str, str] = (",", ":")) -> str:
    return base64.urlsafe_b64encode(json.dumps(mark, separators=separators).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("mark", "is_one"),
    [
        pytest.param(["o1", "rank", [3], 7], True, id="as-it-is-written"),
        pytest.param(["o1", "rank", [None], 7], True, id="null"),
        pytest.param(["o2", "rank", [3], 7], False, id="of-another-meaning"),
        pytest.param(["o1", "-rank", [3], 7], False, id="of-another-direction"),
        pytest.param(["o1", "rank", [3, 4], 7], False, id="too-many-values"),
        pytest.param(["o1", "rank", [], 7], False, id="too-few-values"),
        pytest.param(["o1", "rank", 3, 7], False, id="no-list-of-values"),
        pytest.param(["o1", "rank", ["3"], 7], False, id="a-value-of-another-type"),
        pytest.param(["o1", "rank", [3.0], 7], False, id="a-value-in-another-spelling"),
        pytest.param(["o1", "rank", [True], 7], False, id="truth-is-no-number"),
        pytest.param(["o1", "rank", [3], "x"], False, id="no-key"),
        pytest.param(["o1", "rank", [3], 7.0], False, id="a-key-in-another-spelling"),
        pytest.param(["o1", "rank", [3], 7, 8], False, id="too-long"),
        pytest.param(["k1", 7], False, id="by-key"),
        pytest.param(["m1", "rank", "AA", 7], True, id="a-mark"),
        pytest.param(["m1", "-rank", "AA", 7], False, id="a-mark-of-another-direction"),
        pytest.param(["o1", "rank", "AA", 7], False, id="a-mark-of-another-meaning"),
        pytest.param(["m1", "rank", [3], 7], False, id="a-mark-with-values"),
        pytest.param(["m1", "rank", "AA", "x"], False, id="a-mark-of-no-key"),
        pytest.param({"rank": 3}, False, id="an-object"),
        pytest.param(None, False, id="null-itself"),
    ],
)
def test_forged_cursors(mark: Any, is_one: bool) -> None:
    assert (read_cursor(forged(mark), BY_RANK, NOTES) is not None) is is_one


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("!", id="no-base64"),
        pytest.param("ä", id="no-ascii"),
        pytest.param(forged(["o1", "rank", [3], 7], (", ", ": ")), id="with-spaces"),
        pytest.param(forged(["o1", "rank", [3], 7]) + "=", id="with-padding"),
        pytest.param(forged(["o1", "rank", [3], 7]) + "\n", id="with-a-line-break"),
        pytest.param(base64.urlsafe_b64encode(b'["o1","rank",[3],7').decode().rstrip("="), id="no-json"),
        pytest.param(base64.urlsafe_b64encode(b'["o1","rank",[NaN],7]').decode().rstrip("="), id="not-a-number"),
        pytest.param(base64.urlsafe_b64encode(b"\xff\xfe").decode().rstrip("="), id="no-utf-8"),
        pytest.param(base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("="), id="a-deep-nest"),
    ],
)
def test_what_is_no_cursor(text: str) -> None:
    assert read_cursor(text, BY_RANK, NOTES) is None


def test_both_cursors_of_a_page_are_judged() -> None:
    good, other = cursor(Row(7, Version(1), {"rank": 3}), BY_RANK, "id"), cursor(Row(7, Version(1), {"rank": 3}), (), "id")
    said = "Must be a cursor that a page gave out."
    both = Invalid((Violation("/after", "format", said), Violation("/before", "format", said)))
    assert decide_window(List(5, after=other, before="", order=BY_RANK), NOTES) == both
    assert decide_window(List(5, after=good, before=other, order=BY_RANK), NOTES) == Invalid(both.violations[1:])
    assert decide_window(List(5, after=good, order=BY_RANK, counted=True, fields=frozenset({"rank"})), NOTES) == Window(
        Place((3,), 7), None, 5, "first", order=BY_RANK, counted=True, fields=frozenset({"rank"})
    )


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param(["o1", "rank,id"], id="without-values"),
        pytest.param(["o1", "rank,id", [3, 7]], id="without-a-key"),
        pytest.param(["o1", "rank,id", [3, 7], 7, 7], id="with-more"),
        pytest.param(["o1", "rank,id", [3, "x"], 7], id="a-value-that-the-second-field-cannot-have"),
        pytest.param(["o1", "rank,id", ["x", 7], 7], id="a-value-that-the-first-field-cannot-have"),
        pytest.param(["o1", "rank,id", [3], 7], id="too-few-values"),
        pytest.param(["o1", "rank,id", {"rank": 3, "id": 7}, 7], id="values-by-name"),
        pytest.param(["o1", "rank,-id", [3, 7], 7], id="of-another-order"),
        pytest.param(["k1", "rank,id", [3, 7], 7], id="of-another-format"),
        pytest.param(["o1", "rank,id", [3, 7], "x"], id="a-key-that-no-row-has"),
    ],
)
def test_what_no_page_gave_out_is_no_cursor(mark: list[Any]) -> None:
    order = (Order("rank"), Order("id"))
    text = base64.urlsafe_b64encode(json.dumps(mark, separators=(",", ":")).encode()).decode().rstrip("=")
    assert read_cursor(text, order, NOTES) is None
    assert read_cursor(write_place(Place((3, 7), 7), order), order, NOTES) == Place((3, 7), 7)
