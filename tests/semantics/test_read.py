"""Reads: conditional fetches, pages and cursors (contract, sections 4 and 5)."""

import base64
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.semantics.command import Fetch, List, Unaddressable
from diptych.semantics.order import Place, write_place
from diptych.semantics.outcome import Found, Invalid, NotFound, NotModified, VersionMismatch, Violation
from diptych.semantics.precondition import Absent, Exists, IsAt, IsNotAt, Precondition
from diptych.semantics.read import (
    LARGEST_PAGE,
    SMALLEST_PAGE,
    USUAL_PAGE,
    Window,
    decide_fetch,
    decide_window,
    size_violation,
)
from diptych.semantics.row import UNKNOWN_TO_THE_STORE, Facts, Key, Row
from diptych.semantics.shape import Shape
from diptych.semantics.version import Version

V6, V7 = Version(6), Version(7)
ROW = Row(1, V7, {"title": "now"})
THERE = Facts(ROW, V7)
AT_6, AT_7, NOT_AT_6, NOT_AT_7 = IsAt(frozenset({V6})), IsAt(frozenset({V7})), IsNotAt(frozenset({V6})), IsNotAt(frozenset({V7}))
MISMATCH = VersionMismatch(V7, ROW, "condition")


@pytest.mark.parametrize(
    ("preconditions", "unless", "expected"),
    [
        pytest.param([], [], Found(ROW), id="no-conditions"),
        pytest.param([], [NOT_AT_6], Found(ROW), id="the-reader-has-an-old-state"),
        pytest.param([], [NOT_AT_7], NotModified(ROW), id="the-reader-has-this-state"),
        pytest.param([], [Absent()], NotModified(ROW), id="the-reader-has-any-state"),
        pytest.param([AT_7], [], Found(ROW), id="if-match-holds"),
        pytest.param([Exists()], [NOT_AT_6], Found(ROW), id="both-hold"),
        pytest.param([AT_6], [], MISMATCH, id="if-match-misses"),
        pytest.param([AT_6], [NOT_AT_7], MISMATCH, id="if-match-is-judged-before-if-none-match"),
        pytest.param([AT_7], [NOT_AT_7], NotModified(ROW), id="if-match-holds-and-the-reader-has-it"),
    ],
)
def test_fetch(preconditions: list[Precondition], unless: list[Precondition], expected: Any) -> None:
    assert decide_fetch(Fetch(1, preconditions, unless), THERE) == expected


@pytest.mark.parametrize("conditions", [[], [AT_7], [Exists()], [NOT_AT_7], [Absent()]])
def test_a_row_that_is_not_there_is_not_found_whatever_the_conditions(conditions: list[Precondition]) -> None:
    assert decide_fetch(Fetch(1, conditions), UNKNOWN_TO_THE_STORE) == NotFound(1)
    assert decide_fetch(Fetch(1, (), conditions), Facts(None, V7)) == NotFound(1)
    assert decide_fetch(Fetch(Unaddressable("x"), conditions), UNKNOWN_TO_THE_STORE) == NotFound("x")


def test_bounds_of_a_page() -> None:
    assert (SMALLEST_PAGE, USUAL_PAGE, LARGEST_PAGE) == (1, 20, 100)


@pytest.mark.parametrize(
    ("size", "code"),
    [
        pytest.param(-1, "too_small", id="negative"),
        pytest.param(0, "too_small", id="none"),
        pytest.param(1, None, id="the-smallest"),
        pytest.param(100, None, id="the-largest"),
        pytest.param(101, "too_large", id="one-too-many"),
    ],
)
def test_size(size: int, code: str | None) -> None:
    expected = None if code is None else Violation("/limit", code, "Must be between 1 and 100.")
    assert size_violation("limit", size) == expected


def cursor(key: Key) -> str:
    return write_place(Place((), key), ())


@given(st.integers(1, 999_999_999))
def test_the_cursor_of_a_number_reads_back(shapes: Mapping[str, Shape], key: int) -> None:
    assert decide_window(List(5, after=cursor(key)), shapes["server"]) == Window(Place((), key), None, 5, "first")


@given(st.text("abcxyz", min_size=1, max_size=8))
def test_the_cursor_of_a_text_reads_back(shapes: Mapping[str, Shape], key: str) -> None:
    assert decide_window(List(5, "last", before=cursor(key)), shapes["client"]) == Window(None, Place((), key), 5, "last")


def test_a_window_may_have_both_ends_or_none(shapes: Mapping[str, Shape]) -> None:
    assert decide_window(List(3, after=cursor(4), before=cursor(9)), shapes["server"]) == Window(Place((), 4), Place((), 9), 3, "first")
    assert decide_window(List(3, "last"), shapes["server"]) == Window(None, None, 3, "last")


@given(st.integers() | st.text())
def test_a_cursor_needs_no_escape_in_a_url(key: int | str) -> None:
    assert set(cursor(key)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def test_cursors_that_were_given_out_stay_good() -> None:
    assert cursor(7) == encoded(b'["k1",7]')
    assert cursor("é") == encoded(b'["k1","\\u00e9"]')


FOREIGN = [
    pytest.param("", id="nothing"),
    pytest.param("1", id="a-bare-key"),
    pytest.param("é", id="not-ascii"),
    pytest.param(cursor(12) + "=", id="padding"),
    pytest.param(cursor(1) + "\n", id="a-line-break-after-it"),
    pytest.param(" " + cursor(1), id="a-space-before-it"),
    pytest.param("****", id="not-base64"),
    pytest.param(encoded(b"\xff"), id="not-text"),
    pytest.param(encoded(b"["), id="not-json"),
    pytest.param(encoded(b"[" * 5000), id="brackets-without-end"),
    pytest.param(encoded(b"9" * 5000), id="digits-without-end"),
    pytest.param(encoded(b"7"), id="a-number"),
    pytest.param(encoded(b'{"k1":7}'), id="an-object"),
    pytest.param(encoded(b'"k1"'), id="text-of-two-characters"),
    pytest.param(encoded(b'["k1"]'), id="no-key"),
    pytest.param(encoded(b'["k1",7,8]'), id="two-keys"),
    pytest.param(encoded(b'["k2",7]'), id="another-format"),
    pytest.param(encoded(b'["k1",null]'), id="a-key-of-null"),
    pytest.param(encoded(b'["k1",true]'), id="a-key-of-true"),
    pytest.param(encoded(b'["k1",[7]]'), id="a-key-in-an-array"),
    pytest.param(encoded(b'["k1",7.0]'), id="a-key-in-another-spelling"),
    pytest.param(encoded(b'["k1", 7]'), id="the-mark-in-another-spelling"),
    pytest.param(encoded(b'["k1","ABC"]'), id="a-text-key-in-another-spelling"),
    pytest.param(encoded(b'["k1","\\ud800"]'), id="a-lone-surrogate"),
    pytest.param(encoded(b'["k1",NaN]'), id="not-a-number"),
]


@pytest.mark.parametrize("text", FOREIGN)
@pytest.mark.parametrize("kind", ["server", "client"])
def test_a_cursor_that_no_page_gave_out(shapes: Mapping[str, Shape], kind: str, text: str) -> None:
    message = "Must be a cursor that a page gave out."
    after, before = Violation("/after", "format", message), Violation("/before", "format", message)
    assert decide_window(List(5, after=text), shapes[kind]) == Invalid((after,))
    assert decide_window(List(5, before=text), shapes[kind]) == Invalid((before,))
    assert decide_window(List(5, after=text, before=text), shapes[kind]) == Invalid((after, before))


def test_a_cursor_of_the_other_kind_of_key(shapes: Mapping[str, Shape]) -> None:
    assert isinstance(decide_window(List(5, after=cursor("a")), shapes["server"]), Invalid)
    assert isinstance(decide_window(List(5, after=cursor(1)), shapes["client"]), Invalid)


@given(st.text(max_size=20))
def test_any_text_for_a_cursor_has_an_answer(shapes: Mapping[str, Shape], text: str) -> None:
    window = decide_window(List(5, after=text), shapes["client"])
    assert isinstance(window, Invalid) or (
        isinstance(window, Window) and window.after is not None and write_place(window.after, ()) == text
    )
