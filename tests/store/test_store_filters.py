"""Each operator on each kind of field, in words: what a filter finds among a few values and a null, on every database."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from diptych.semantics.change import Insert
from diptych.semantics.condition import EVERYTHING, AllOf, AnyOf, Compare, Condition, Not, Operator
from diptych.semantics.order import Order
from diptych.semantics.outcome import Page
from diptych.semantics.read import Window
from diptych.semantics.version import NOTHING
from diptych.store import SqlStore


async def found(store: SqlStore, shapes: SimpleNamespace, field: str, values: list[Any], condition: Condition) -> list[Any]:
    """Store a row for each value and return the values of those that a filter finds, in the order in which they were stored."""
    shape = shapes.everything
    documents = [{**dict.fromkeys(shape.fields), field: value} for value in values]
    await asyncio.gather(*(store.commit(shape, (Insert(None, document, NOTHING),)) for document in documents))
    page = await store.window(shape, Window(None, None, 100, "first", condition))
    assert isinstance(page, Page)
    return [row.values[field] for row in page.rows]


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        pytest.param("eq", 2, [2], id="equal"),
        pytest.param("ne", 2, [1, 3, None], id="null-is-not-equal"),
        pytest.param("in", (1, 3, 9), [1, 3], id="one-of"),
        pytest.param("in", (1, 1), [1], id="one-of-the-same"),
        pytest.param("nin", (1, 3), [2, None], id="null-is-none-of"),
        pytest.param("lt", 2, [1], id="below"),
        pytest.param("lte", 2, [1, 2], id="at-most"),
        pytest.param("gt", 2, [3], id="above"),
        pytest.param("gte", 2, [2, 3], id="at-least"),
        pytest.param("isNull", True, [None], id="null"),
        pytest.param("isNull", False, [1, 2, 3], id="not-null"),
    ],
)
async def test_numbers(store: SqlStore, shapes: SimpleNamespace, operator: Operator, value: Any, expected: list[Any]) -> None:
    """And the opposite finds all the others, null among them."""
    values = [1, 2, 3, None]
    compare = Compare("integer", operator, value)
    assert await found(store, shapes, "integer", values, compare) == expected
    page = await store.window(shapes.everything, Window(None, None, 100, "first", Not(compare)))
    assert isinstance(page, Page)
    assert [row.values["integer"] for row in page.rows] == [one for one in values if one not in expected]


TEXTS = ["", "Abc", "abc", "ÄBC", "äbc", "a%c", "a_c", "c", "%", "İ", "\u212a", None]


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        pytest.param("eq", "abc", ["abc"], id="case-counts"),
        pytest.param("lt", "a", ["", "Abc", "%"], id="capitals-come-first"),
        pytest.param("gt", "z", ["ÄBC", "äbc", "İ", "\u212a"], id="by-code-point"),
        pytest.param("contains", "b", ["Abc", "abc", "äbc"], id="within"),
        pytest.param("contains", "%", ["a%c", "%"], id="a-percent-sign-is-itself"),
        pytest.param("contains", "_", ["a_c"], id="an-underscore-is-itself"),
        pytest.param("contains", "", TEXTS[:-1], id="all-text-has-nothing-in-it"),
        pytest.param("startsWith", "a", ["abc", "a%c", "a_c"], id="at-the-start"),
        pytest.param("startsWith", "a%", ["a%c"], id="at-the-start-with-a-sign"),
        pytest.param("startsWith", "", TEXTS[:-1], id="all-text-starts-with-nothing"),
        pytest.param("startsWith", "\U0010ffff", [], id="the-last-character"),
        pytest.param("endsWith", "bc", ["Abc", "abc", "äbc"], id="at-the-end"),
        pytest.param("endsWith", "xxabc", [], id="longer-than-the-text"),
        pytest.param("endsWith", "", TEXTS[:-1], id="all-text-ends-with-nothing"),
        pytest.param("containsInsensitive", "B", ["Abc", "abc", "ÄBC", "äbc"], id="within-in-any-case"),
        pytest.param("containsInsensitive", "ä", ["äbc"], id="only-letters-from-a-to-z-have-case"),
        pytest.param("containsInsensitive", "k", [], id="the-kelvin-sign-is-no-k"),
        pytest.param("containsInsensitive", "i", [], id="a-dotted-capital-is-no-i"),
        pytest.param("startsWithInsensitive", "AB", ["Abc", "abc"], id="at-the-start-in-any-case"),
        pytest.param("endsWithInsensitive", "BC", ["Abc", "abc", "ÄBC", "äbc"], id="at-the-end-in-any-case"),
        pytest.param("endsWithInsensitive", "ÄBC", ["ÄBC"], id="at-the-end-with-a-letter-beyond"),
    ],
)
async def test_text(store: SqlStore, shapes: SimpleNamespace, operator: Operator, value: str, expected: list[Any]) -> None:
    assert await found(store, shapes, "text", TEXTS, Compare("text", operator, value)) == expected


@pytest.mark.parametrize(
    ("field", "values", "operator", "value", "expected"),
    [
        pytest.param("price", ["9.0000000000", "10.0000000000"], "lt", "10", ["9.0000000000"], id="decimals-by-value"),
        pytest.param("price", ["1.5000000000"], "eq", "1.5", ["1.5000000000"], id="decimals-of-another-scale"),
        pytest.param("price", ["1.5000000000"], "in", ("1.5", "2"), ["1.5000000000"], id="one-of-decimals"),
        pytest.param("price", ["1.5000000000"], "eq", "1.50000000001", [], id="decimals-are-not-rounded"),
        pytest.param("exact", ["0.1", "0.10000000000000000000000000000001"], "eq", "0.1", ["0.1"], id="decimals-with-many-digits"),
        pytest.param("length", ["PT9S", "PT10S", "-P1D"], "lt", "PT10S", ["PT9S", "-P1D"], id="durations-by-length"),
        pytest.param("length", ["PT24M", "P1D"], "in", ("P1D",), ["P1D"], id="one-of-durations"),
        pytest.param(
            "number", [0.1, 0.30000000000000004, 3.3e225], "in", (0.30000000000000004,), [0.30000000000000004], id="one-of-floats"
        ),
        pytest.param("number", [3.3e225, 0.5], "nin", (3.3e225,), [0.5], id="none-of-floats"),
        pytest.param("truth", [True, False], "eq", False, [False], id="truth"),
        pytest.param("truth", [True, False, None], "nin", (False,), [True, None], id="none-of-truths"),
        pytest.param("big", [2**53 - 1, 2**53 - 2], "eq", 2**53 - 1, [2**53 - 1], id="big-integers"),
        pytest.param("big", [2**53 - 1, 2**53 - 2], "in", (2**53 - 1,), [2**53 - 1], id="one-of-big-integers"),
        pytest.param(
            "moment",
            ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000001Z"],
            "gt",
            "2024-01-01T00:00:00Z",
            ["2024-01-01T00:00:00.000001Z"],
            id="moments-to-the-microsecond",
        ),
        pytest.param("moment", ["2024-01-01T00:00:00Z"], "in", ("2024-01-01T00:00:00Z",), ["2024-01-01T00:00:00Z"], id="one-of-moments"),
        pytest.param("day", ["2024-02-29", "2024-03-01"], "lte", "2024-02-29", ["2024-02-29"], id="days"),
        pytest.param("day", ["2024-02-29"], "in", ("2024-02-29",), ["2024-02-29"], id="one-of-days"),
        pytest.param("hour", ["09:00:00", "10:00:00"], "lt", "10:00:00", ["09:00:00"], id="times-of-day"),
        pytest.param("hour", ["09:00:00"], "in", ("09:00:00",), ["09:00:00"], id="one-of-times"),
        pytest.param(
            "token",
            ["0f0e0d0c-0b0a-4908-8706-050403020100"],
            "in",
            ("0f0e0d0c-0b0a-4908-8706-050403020100",),
            ["0f0e0d0c-0b0a-4908-8706-050403020100"],
            id="one-of-uuids",
        ),
        pytest.param("colour", ["red", "blue", None], "ne", "red", ["blue", None], id="words-of-an-enum"),
        pytest.param("size", [1, 2], "in", (2,), [2], id="numbers-of-an-enum"),
        pytest.param("raw", ["AP8=", ""], "eq", "AP8=", ["AP8="], id="bytes"),
        pytest.param("raw", ["AP8=", "", None], "nin", ("AP8=",), ["", None], id="none-of-bytes"),
    ],
)
async def test_other_kinds(
    store: SqlStore, shapes: SimpleNamespace, field: str, values: list[Any], operator: Operator, value: Any, expected: list[Any]
) -> None:
    assert await found(store, shapes, field, values, Compare(field, operator, value)) == expected


ONE, TWO = Compare("integer", "eq", 1), Compare("integer", "eq", 2)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param(EVERYTHING, [1, 2, None], id="nothing-asked"),
        pytest.param(AnyOf(()), [], id="none-of-no-conditions-holds"),
        pytest.param(AnyOf((ONE, TWO)), [1, 2], id="either"),
        pytest.param(AllOf((ONE, TWO)), [], id="both"),
        pytest.param(Not(AnyOf((ONE, TWO))), [None], id="neither"),
        pytest.param(Not(AllOf((ONE, TWO))), [1, 2, None], id="not-both"),
        pytest.param(Not(Not(ONE)), [1], id="not-not"),
        pytest.param(Not(Compare("integer", "ne", 1)), [1], id="not-unequal"),
        pytest.param(Not(Compare("integer", "lt", 2)), [2, None], id="null-is-not-below"),
        pytest.param(Not(Compare("integer", "isNull", True)), [1, 2], id="not-null"),
        pytest.param(Not(EVERYTHING), [], id="not-everything"),
        pytest.param(AnyOf((ONE, EVERYTHING)), [1, 2, None], id="or-everything"),
        pytest.param(AllOf((ONE, AllOf((EVERYTHING,)), Not(AnyOf(())))), [1], id="and-everything"),
        pytest.param(AllOf((Compare("id", "gt", 1), Compare("id", "lt", 3))), [2], id="the-key"),
        pytest.param(Compare("id", "in", (3, 1, 77)), [1, None], id="some-keys"),
    ],
)
async def test_joined_conditions(store: SqlStore, shapes: SimpleNamespace, condition: Condition, expected: list[Any]) -> None:
    assert await found(store, shapes, "integer", [1, 2, None], condition) == expected


@pytest.mark.parametrize("descending", [False, True], ids=["ascending", "descending"])
async def test_null_stands_above_every_value(store: SqlStore, shapes: SimpleNamespace, descending: bool) -> None:
    """And rows with the same value are in the order of their keys, whatever the direction."""
    await found(store, shapes, "integer", [2, None, 1, 2, None], EVERYTHING)
    page = await store.window(shapes.everything, Window(None, None, 9, "first", order=(Order("integer", descending),)))
    assert isinstance(page, Page)
    assert [row.key for row in page.rows] == ([2, 5, 1, 4, 3] if descending else [3, 1, 4, 2, 5])


async def test_a_list_of_many_values(store: SqlStore, shapes: SimpleNamespace) -> None:
    """A hundred lists of a thousand values are still one statement."""
    several = AllOf(tuple(Compare("integer", "in", tuple(range(start, start + 1000))) for start in range(100)))
    assert await found(store, shapes, "integer", [1, 500, 2000, None], several) == [500]
