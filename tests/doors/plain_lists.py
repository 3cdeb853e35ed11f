"""What filters, orders and pages mean, in plain Python: rows and questions as JSON, and nothing of the code under test."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Final, Literal, TypeAlias

from tests.doors.albums import POOLS

JSON: TypeAlias = Any
PlainRow: TypeAlias = Mapping[str, JSON]
# A filter in the form of the GraphQL argument, with values as REST spells them.
Where: TypeAlias = Mapping[str, JSON]

_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "price": Decimal,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "clock": time.fromisoformat,
    "span": POOLS["span"].index,
}


@dataclass(frozen=True)
class Question:
    """What can be asked of a list. `order` has names, a hyphen in front for descending; `after` and `before` are keys of rows."""

    where: Where = field(default_factory=dict)
    order: tuple[str, ...] = ()
    size: int = 20
    end: Literal["first", "last"] = "first"
    after: int | None = None
    before: int | None = None
    counted: bool = False
    # None for all of them.
    members: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Told:
    """A page as it was told, or should be; the cursors are those of its first and its last row."""

    rows: Sequence[PlainRow]
    has_previous: bool
    has_next: bool
    total: int | None
    ends: tuple[str | None, str | None]


def plain_page(rows: Sequence[PlainRow], question: Question, cursors: Mapping[int, str], places: Mapping[int, PlainRow]) -> Told:
    """The page of some rows that answers a question; `places` has every row that a cursor may be of."""

    def compare(one: PlainRow, other: PlainRow) -> int:
        return against(question, one, other)

    there = sorted((row for row in rows if holds(question.where, row)), key=cmp_to_key(compare))
    after = None if question.after is None else places[question.after]
    before = None if question.before is None else places[question.before]
    inside = [
        row
        for row in there
        if (after is None or against(question, row, after) > 0) and (before is None or against(question, row, before) < 0)
    ]
    shown = inside[: question.size] if question.end == "first" else inside[-question.size :]
    total = len(there) if question.counted else None
    if shown:
        ends = (cursors[shown[0]["id"]], cursors[shown[-1]["id"]])
        return Told([seen(row, question) for row in shown], shown[0] is not there[0], shown[-1] is not there[-1], total, ends)
    below = after is not None and any(against(question, row, after) <= 0 for row in there)
    above = before is not None and any(against(question, row, before) >= 0 for row in there)
    return Told([], below, above, total, (None, None))


def plain_stream(rows: Sequence[PlainRow], question: Question, places: Mapping[int, PlainRow]) -> Sequence[PlainRow]:
    """All rows between the ends."""
    whole = Question(question.where, question.order, len(rows), "first", question.after, question.before, False, question.members)
    return plain_page(rows, whole, dict.fromkeys(places, ""), places).rows


def seen(row: PlainRow, question: Question) -> PlainRow:
    return row if question.members is None else {name: row[name] for name in row if name in question.members}


def against(question: Question, one: PlainRow, other: PlainRow) -> int:
    """Below zero where one row comes before the other, above where after; null is above every value, the key decides at last."""
    for part in (*question.order, "id"):
        name = part.removeprefix("-")
        first, second = rank(name, one[name]), rank(name, other[name])
        if first != second:
            return (1 if first > second else -1) * (-1 if part.startswith("-") else 1)
    return 0


def rank(name: str, value: JSON) -> Any:
    if value is None:
        return (1,)
    return (0, _READ[name](value) if name in _READ else value)


def holds(where: Where, row: PlainRow) -> bool:
    return all(_member_holds(name, asked, row) for name, asked in where.items())


def _member_holds(name: str, asked: JSON, row: PlainRow) -> bool:
    match name:
        case "and":
            return all(holds(one, row) for one in asked)
        case "or":
            return any(holds(one, row) for one in asked)
        case "not":
            return not holds(asked, row)
        case _:
            return all(compares(name, operator, value, row[name]) for operator, value in asked.items())


def compares(name: str, operator: str, asked: JSON, value: JSON) -> bool:
    match operator:
        case "isNull":
            return (value is None) is asked
        case "ne":
            return value is None or rank(name, value) != rank(name, asked)
        case "nin":
            return value is None or all(rank(name, value) != rank(name, one) for one in asked)
        case _ if value is None:
            return False
        case "eq":
            return bool(rank(name, value) == rank(name, asked))
        case "in":
            return any(rank(name, value) == rank(name, one) for one in asked)
        case "lt":
            return bool(rank(name, value) < rank(name, asked))
        case "lte":
            return bool(rank(name, value) <= rank(name, asked))
        case "gt":
            return bool(rank(name, value) > rank(name, asked))
        case "gte":
            return bool(rank(name, value) >= rank(name, asked))
        case "contains" if isinstance(value, dict):
            return all(key in value and type(value[key]) is type(one) and value[key] == one for key, one in asked.items())
        case "contains" if isinstance(value, list):
            return all(one in value for one in asked)
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
        case _:
            raise AssertionError(operator)


def folded(text: str) -> str:
    """Text with the letters A to Z, and no others, in lower case."""
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in text)
