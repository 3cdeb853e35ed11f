"""What filters, orders and pages mean, once more and in plain Python: lists of rows, and no SQL."""

from collections.abc import Mapping, Sequence
from functools import cmp_to_key
from typing import Any, Final

from diptych.semantics.condition import AllOf, AnyOf, Compare, Condition, Not
from diptych.semantics.order import Order, Place
from diptych.semantics.read import Window

# For each field its values in their order, each as it is stored and as a filter spells it; one that is not stored is None there.
# In text and numbers Python's own order is the one that counts.
POOLS: Final[Mapping[str, Sequence[tuple[Any, Any]]]] = {
    "integer": [(number, number) for number in (-(2**31), -1, 0, 1, 2, 10, 2**31 - 1)],
    "big": [(number, number) for number in (-(2**53) + 1, -5, 0, 3, 2**53 - 1)],
    "number": [
        (number, number)
        for number in (-1.7976931348623157e308, -0.1, 0.0, 5e-324, 0.1, 0.30000000000000004, 1.0, 9007199254740993.0, 8.41e21, 3.3e225)
    ],
    "truth": [(False, False), (True, True)],
    "price": [
        ("-12.0000000000", "-12"),
        ("-1.5000000000", "-1.5"),
        ("0.0000000000", "0"),
        ("0.0000000001", "0.0000000001"),
        (None, "0.00000000011"),
        ("1.5000000000", "1.5"),
        ("9.0000000000", "9"),
        ("10.0000000000", "10"),
        ("12345678901234567890.1234567890", "12345678901234567890.123456789"),
        (None, "12345678901234567890.12345678901"),
    ],
    "exact": [(number, number) for number in ("-2", "-1.5", "0", "0.1", "2", "10", "10.00000000000000000000000000001")],
    "moment": [
        (moment, moment)
        for moment in (
            "0001-01-01T00:00:00Z",
            "1999-12-31T23:59:59Z",
            "1999-12-31T23:59:59.000001Z",
            "2024-01-02T03:04:05Z",
            "2024-01-02T03:04:05.100000Z",
            "9999-12-31T23:59:59.999999Z",
        )
    ],
    "day": [(day, day) for day in ("0001-01-01", "1999-12-31", "2024-02-29", "9999-12-31")],
    "hour": [(hour, hour) for hour in ("00:00:00", "00:00:00.000001", "09:30:00", "10:00:00", "23:59:59.999999")],
    "length": [
        (length, length) for length in ("-P2D", "-PT1H", "-PT0.000001S", "PT0S", "PT9S", "PT10S", "PT24M", "PT23H", "P1D", "P9D", "P10D")
    ],
    "token": [
        (token, token)
        for token in (
            "00000000-0000-0000-0000-000000000001",
            "0f0e0d0c-0b0a-4908-8706-050403020100",
            "ffffffff-0000-4000-8000-000000000000",
        )
    ],
    "colour": [("blue", "blue"), ("red", "red")],
    "size": [(1, 1), (2, 2)],
    "raw": [("", ""), ("AA==", "AA=="), ("AP8=", "AP8="), ("/w==", "/w==")],
    "text": [
        (text, text)
        for text in sorted(
            [
                *("", "a", "A", "ab", "aB", "AB", "b", "B", "z", "Z", "%", "_", "a%b", "a_b", "\\", "'", "*", "[a]"),
                *("ä", "Ä", "äb", "ÄB", "İ", "ı", "i", "I", "\u212a", "k", "K", "ß", "ẞ"),
                *("\ud7ff", "\ue000", "\uffff", "😀", "\U0010ffff", "a\U0010ffffb"),
            ]
        )
    ],
}
ORDERED: Final = tuple(name for name in POOLS if name not in ("colour", "size", "raw"))
KEY: Final = "id"

PlainRow = Mapping[str, Any]


def rank(field: str, value: Any) -> Any:
    """Where a value stands among those of its field; null stands above them all."""
    if value is None:
        return (1,)
    for place, spellings in enumerate(POOLS.get(field, ())):
        if value in spellings and field != "text":
            return (0, place)
    return (0, value)


def holds(condition: Condition, row: PlainRow) -> bool:
    match condition:
        case Compare():
            return compares(condition, row)
        case AllOf(conditions):
            return all(holds(one, row) for one in conditions)
        case AnyOf(conditions):
            return any(holds(one, row) for one in conditions)
        case Not(inner):
            return not holds(inner, row)


def compares(compare: Compare, row: PlainRow) -> bool:
    field, value = compare.field, row[compare.field]
    asked = compare.value
    match compare.operator:
        case "isNull":
            return (value is None) is asked
        case "ne":
            return not compares(Compare(field, "eq", asked), row)
        case "nin":
            return not compares(Compare(field, "in", asked), row)
        case _ if value is None:
            return False
        case "eq":
            return bool(rank(field, value) == rank(field, asked))
        case "in":
            return any(rank(field, value) == rank(field, one) for one in asked)
        case "lt":
            return bool(rank(field, value) < rank(field, asked))
        case "lte":
            return bool(rank(field, value) <= rank(field, asked))
        case "gt":
            return bool(rank(field, value) > rank(field, asked))
        case "gte":
            return bool(rank(field, value) >= rank(field, asked))
        case "contains":
            return asked in value
        case "startsWith":
            return bool(value.startswith(asked))
        case "endsWith":
            return bool(value.endswith(asked))
        case "containsInsensitive":
            return folded(asked) in folded(value)
        case "startsWithInsensitive":
            return folded(value).startswith(folded(asked))
        case "endsWithInsensitive":
            return folded(value).endswith(folded(asked))


def folded(text: str) -> str:
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in text)


def place_of(row: PlainRow, order: Sequence[Order]) -> Place:
    return Place(tuple(row[one.field] for one in order), row[KEY])


def against(order: Sequence[Order], one: Place, other: Place) -> int:
    """Below zero where one place comes before the other, above where after."""
    for part, mine, others in zip(order, one.values, other.values, strict=True):
        first, second = rank(part.field, mine), rank(part.field, others)
        if first != second:
            return (1 if first > second else -1) * (-1 if part.descending else 1)
        if part.field == KEY:
            # The same row, whose other fields may have changed since.
            return 0
    first, second = rank(KEY, one.key), rank(KEY, other.key)
    return int(first > second) - int(first < second)


def expected(rows: Sequence[PlainRow], window: Window) -> tuple[list[Any], bool, bool, int | None]:
    """The keys that a window shows, whether there is a page before and after, and the count, by the words of its definition."""
    order, after, before = window.order, window.after, window.before

    def compare(one: PlainRow, other: PlainRow) -> int:
        return against(order, place_of(one, order), place_of(other, order))

    there = sorted((row for row in rows if holds(window.where, row)), key=cmp_to_key(compare))

    def lies(row: PlainRow, place: Place) -> int:
        return against(order, place_of(row, order), place)

    inside = [row for row in there if (after is None or lies(row, after) > 0) and (before is None or lies(row, before) < 0)]
    shown = inside[: window.size] if window.end == "first" else inside[-window.size :]
    total = len(there) if window.counted else None
    if shown:
        return [row[KEY] for row in shown], shown[0] is not there[0], shown[-1] is not there[-1], total
    below = after is not None and any(lies(row, after) <= 0 for row in there)
    above = before is not None and any(lies(row, before) >= 0 for row in there)
    return [], below, above, total
