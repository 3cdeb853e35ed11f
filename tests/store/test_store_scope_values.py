"""What conditions compare with: values of every type as each database stores them, and what is refused rather than misread."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlalchemy.sql import elements, operators
from sqlmodel import Field, Relationship, SQLModel, select

from diptych.semantics.change import Insert, Update
from diptych.semantics.outcome import Forbidden
from diptych.semantics.read import Window
from diptych.semantics.version import NOTHING, Version
from diptych.service.ports import StoreError
from diptych.store import SqlStore
from diptych.store.errors import UnfitScope

from .conftest import Badge, Colour, Everything, Size
from .scopes import AUTHOR, MEMBERSHIPS, all_of, author, born, members, of_member, seen, touched

E: Any = Everything
BADGE: Any = Badge
OTHER: Any = aliased(Everything)
TOKEN = "0f0e0d0c-0b0a-4908-8706-050403020100"
NOON = datetime(2024, 1, 2, 12, 0, tzinfo=UTC)


class Person(SQLModel, table=True):
    __tablename__ = "store_people"

    id: int | None = Field(default=None, primary_key=True)
    pets: list["Pet"] = Relationship(back_populates="person")


class Pet(SQLModel, table=True):
    __tablename__ = "store_pets"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="store_people.id")
    person: Person = Relationship(back_populates="pets")


PERSON: Any = Person

# In canonical JSON: what the rows 1 and 2 have; row 3 has nothing but nulls.
FIRST: dict[str, Any] = {
    "text": "a'b%\\\"{,}",
    "integer": 7,
    "big": 2**40,
    "number": 0.1,
    "truth": True,
    "price": "1.5000000000",
    "exact": "10",
    "moment": "2024-01-02T12:00:00Z",
    "day": "2024-01-02",
    "hour": "12:00:00",
    "length": "P1DT1H",
    "token": TOKEN,
    "colour": "blue",
    "size": 1,
    "raw": "AP8=",
    "listed": [1],
}
SECOND: dict[str, Any] = {
    "text": "A'B%\\\"{,}",
    "integer": 8,
    "big": 2**40 + 1,
    "number": 0.2,
    "truth": False,
    "price": "10.0000000000",
    "exact": "9",
    "moment": "2024-01-02T12:00:00.000001Z",
    "day": "2024-01-10",
    "hour": "12:00:01",
    "length": "P10D",
    "token": "ffffffff-0000-4000-8000-000000000000",
    "colour": "red",
    "size": 2,
    "raw": "AA==",
}
BERLIN = timezone(timedelta(hours=2))

SITUATIONS: list[tuple[str, Any, list[int]]] = [
    ("text", E.text == "a'b%\\\"{,}", [1]),
    ("text-listed", E.text.in_(["a'b%\\\"{,}", "", "NULL", "x"]), [1]),
    ("text-not-listed", E.text.not_in(["a'b%\\\"{,}", "{}"]), [2]),
    ("text-start", E.text.startswith("a'b%"), [1]),
    ("text-start-is-no-pattern", E.text.startswith("%"), []),
    ("text-start-escaped", E.text.startswith("a'b%", autoescape=True), [1]),
    ("text-end", E.text.endswith("{,}"), [1, 2]),
    ("text-end-longer-than-the-text", E.text.endswith("xxxxxxxxxxxxx{,}"), []),
    ("text-within", E.text.contains("B%"), [2]),
    ("text-not-within", ~E.text.contains("B%"), [1]),
    ("text-order", E.text < "a", [2]),
    ("integer", E.integer == 7, [1]),
    ("integer-out-of-the-range-of-its-column", E.integer < 2**40, [1, 2]),
    ("integer-listed", E.integer.in_([7, 2**40]), [1]),
    ("integer-of-an-empty-list", E.integer.in_([]), []),
    ("integer-not-of-an-empty-list", E.integer.not_in([]), [1, 2, 3]),
    ("integer-of-an-expression", E.integer + 1 == 8, [1]),
    ("big", E.big.between(2**40 + 1, 2**50), [2]),
    ("number", E.number == 0.1, [1]),
    ("number-listed", E.number.in_([0.1, 5e-324]), [1]),
    ("truth", E.truth, [1]),
    ("truth-compared", E.truth == sa.false(), [2]),
    ("truth-of-a-value", E.truth == sa.literal(False), [2]),
    ("decimal", E.price == Decimal("1.5"), [1]),
    ("decimal-by-size", E.exact > Decimal("9.5"), [1]),
    ("decimal-listed", E.price.in_([Decimal("1.50"), Decimal("3")]), [1]),
    ("decimal-finer-than-its-column", E.price == Decimal("1.50000000001"), []),
    ("decimal-of-a-whole-number", E.exact == 9, [2]),
    ("moment", E.moment == datetime(2024, 1, 2, 14, 0, tzinfo=BERLIN), [1]),
    ("moment-by-order", E.moment > NOON, [2]),
    ("moment-listed", E.moment.in_([datetime(2024, 1, 2, 14, 0, tzinfo=BERLIN)]), [1]),
    ("day", E.day < date(2024, 1, 9), [1]),
    ("day-listed", E.day.in_([date(2024, 1, 2)]), [1]),
    ("hour", E.hour == time(12), [1]),
    ("hour-listed", E.hour.in_([time(12, 0, 1)]), [2]),
    ("length", E.length < timedelta(days=9), [1]),
    ("length-listed", E.length.in_([timedelta(hours=25), timedelta(microseconds=-1)]), [1]),
    ("token", E.token == UUID(TOKEN), [1]),
    ("token-of-text", E.token == sa.literal(TOKEN.upper(), sa.String()), [1]),
    ("token-of-other-rows", E.token.in_(select(OTHER.token).where(OTHER.integer == 7)), [1]),
    ("token-listed", E.token.in_([UUID(TOKEN)]), [1]),
    ("colour", E.colour == Colour.RED, [2]),
    ("colour-listed", E.colour.in_([Colour.RED]), [2]),
    ("colour-of-other-rows", E.colour.in_(select(OTHER.colour).where(OTHER.integer == 8)), [2]),
    ("size", E.size == Size.LARGE, [2]),
    ("raw", E.raw == b"\x00\xff", [1]),
    ("raw-listed", E.raw.in_([b"\x00", b"x"]), [2]),
    ("null", E.moment.is_(None), [3]),
    ("null-by-equals", E.text == sa.null(), [3]),
    ("null-of-json", E.listed.is_not(None), [1]),
    ("null-is-distinct", E.integer.is_distinct_from(7), [2, 3]),
    ("of-a-value-that-is-null", E.integer == sa.bindparam("none", None, sa.Integer()), []),
    ("the-version", E.version > 1, []),
    ("a-case", sa.case((E.integer == 7, sa.true()), else_=sa.false()), [1]),
]


@pytest.fixture
async def three(store: SqlStore, shapes: SimpleNamespace) -> SqlStore:
    nothing = dict.fromkeys(shapes.everything.fields)
    for values in (FIRST, SECOND, {}):
        await store.commit(shapes.everything, (Insert(None, {**nothing, **values}, NOTHING),))
    return store


@pytest.mark.parametrize(("condition", "expected"), [pytest.param(one, keys, id=name) for name, one, keys in SITUATIONS])
async def test_values_are_compared_as_they_are_stored(
    three: SqlStore, shapes: SimpleNamespace, condition: Any, expected: list[int]
) -> None:
    """Alike where each caller's values are parameters, where they are columns of a shared statement, and where a row was just written."""
    shape = shapes.everything
    page: Any = await three.window(shape, Window(None, None, 9, "first", counted=True), seen(condition))
    assert ([row.key for row in page.rows], page.total) == (expected, len(expected))
    found: Any = await all_of(*(three.fetch(shape, key, seen(condition)) for key in (1, 2, 3)))
    assert [facts.row.key for facts in found if facts.row is not None] == expected
    told = await all_of(
        *(three.commit(shape, (Update(key, Version(1), facts.row.values, unless_same=True),), touched(condition))
          for key, facts in zip((1, 2, 3), await all_of(*(three.fetch(shape, key) for key in (1, 2, 3))), strict=True))
    )  # fmt: skip
    assert [key for key, answer in zip((1, 2, 3), told, strict=True) if hasattr(answer, "rows")] == expected
    nothing = dict.fromkeys(shape.fields)
    again = [{**nothing, **values} for values in (FIRST, SECOND, {})]
    told = await all_of(*(three.commit(shape, (Insert(None, values, NOTHING),), touched(condition)) for values in again))
    # A condition on rows of other keys or versions is none on these.
    if "version" not in str(condition) and "SELECT" not in str(condition):
        assert [place for place, answer in enumerate(told, 1) if answer != Forbidden()] == expected


async def test_a_key_that_is_a_uuid(store: SqlStore, shapes: SimpleNamespace) -> None:
    await store.commit(shapes.badge, (Insert(TOKEN, {"text": "t"}, NOTHING),))
    facts: Any = await store.fetch(shapes.badge, TOKEN, seen(BADGE.id == UUID(TOKEN)))
    assert facts.row.key == TOKEN
    facts = await store.fetch(shapes.badge, TOKEN, seen(BADGE.id != UUID(TOKEN)))
    assert facts.concealed


MISFITS: list[tuple[str, Any, str]] = [
    ("text-for-an-integer", E.integer == "7", "integer is compared with a value of the type str; an integer of 64 bits is needed"),
    ("truth-for-an-integer", E.integer == sa.literal(True), "an integer of 64 bits is needed"),
    ("a-fraction-for-an-integer", E.integer < 7.5, "an integer of 64 bits is needed"),
    ("an-integer-beyond-64-bits", E.big == 2**63, "an integer of 64 bits is needed"),
    ("a-number-for-text", E.text == sa.literal(7), "text is needed"),
    ("text-with-a-zero", E.text == "a\0", "without U+0000"),
    ("text-with-half-a-pair", E.text.in_(["\ud800"]), "without U+0000"),
    ("nan", E.number == float("nan"), "a finite float is needed"),
    ("a-float-for-a-decimal", E.price == sa.literal(1.5), "a Decimal is needed"),
    ("nan-for-a-decimal", E.price == Decimal("NaN"), "a finite Decimal is needed"),
    ("a-decimal-of-a-million-digits", E.price == Decimal("1e1000000"), "a finite Decimal is needed"),
    ("a-moment-without-a-zone", E.moment > datetime(2024, 1, 1), "a datetime with a zone is needed"),
    ("a-moment-before-the-first-year", E.moment == datetime(1, 1, 1, tzinfo=BERLIN), "in the years 1 to 9999"),
    ("a-moment-for-a-day", E.day == sa.literal(NOON), "a date without a time is needed"),
    ("an-hour-with-a-zone", E.hour == time(12, tzinfo=UTC), "without a zone is needed"),
    ("a-length-without-end", E.length == timedelta.max, "a timedelta of at most"),
    ("text-that-is-no-uuid", E.token == sa.literal("me", sa.String()), "a UUID is needed"),
    ("the-name-of-a-member", E.colour == "BLUE", "a member of Colour is needed"),
    ("a-member-of-another-enum", E.colour == sa.literal(Size.LARGE), "a member of Colour is needed"),
    ("text-for-bytes", E.raw == sa.literal("x"), "bytes is needed"),
    ("none-in-a-list", E.integer.in_([1, None]), "a list that has None in it"),
    ("json", E.listed == [1], "only whether it is null"),
    ("two-kinds-of-spelling", E.colour == E.text, "colour and text are stored in ways that cannot be compared"),
    ("a-decimal-in-a-sum", E.price + 1 > 2, "can be compared with values"),
    ("a-moment-with-the-clock-of-the-database", E.moment < sa.func.now(), "moment can be compared with values"),
    ("an-enum-in-a-function", sa.func.lower(E.colour) == "red", "can be compared with values"),
    ("an-enum-with-a-column-of-others", E.colour.in_(sa.select(MEMBERSHIPS.c.town)), "colour can be compared with values"),
    ("like", E.text.like("a%"), "a pattern means something else in each database"),
    ("a-uuid-with-text-of-others", E.token.not_in(sa.select(MEMBERSHIPS.c.town)), "token is a UUID, which is not kept as text"),
    ("a-uuid-with-text", E.token != E.text, "stored in ways that cannot be compared"),
    ("a-regular-expression", E.text.regexp_match("a"), "a pattern means something else in each database"),
    ("nothing-at-all", elements.BooleanClauseList._construct_raw(operators.and_), "an empty and_ or or_ says nothing"),
    ("a-join-along-a-relationship", PERSON.id.in_(select(PERSON.id).join(PERSON.pets)), "a join along a relationship"),
    ("an-aggregate", sa.func.count(E.id) > 1, "cannot count over many"),
    ("the-greatest-of-all-rows", sa.func.max(E.integer) == 1, "cannot count over many"),
    ("a-window-function", sa.func.row_number().over() == 1, "cannot count over many"),
    ("text-as-sql", sa.text("integer = 7"), "TextClause cannot be said"),
    ("a-column-as-sql", sa.literal_column("integer") == 7, "a fragment of SQL"),
    ("a-column-of-no-table", sa.column("integer") == 7, "a fragment of SQL"),
    ("a-table-made-of-a-select", E.id.in_(sa.select(select(E.id).subquery().c.id)), "Subquery in FROM is not understood"),
    ("a-cte", E.id.in_(sa.select(select(E.id).cte().c.id)), "CTE in FROM is not understood"),
    ("no-condition-at-all", E.integer, "it is no condition"),
    ("a-value-that-is-missing", E.integer == sa.bindparam("left_out"), "'left_out' of a condition has no value"),
    ("a-parameter-for-two-kinds", (lambda bind: sa.or_(E.integer == bind, E.text == bind))(sa.bindparam("both", 1)), "fields of two kinds"),
    ("a-table-that-is-not-there", E.text.in_(sa.select(MEMBERSHIPS.c.town)), "every table that the condition on rows names"),
    ("a-function-that-is-not-there", sa.func.diptych_unknown(E.integer) == 1, "every table that the condition on rows names"),
    ("something-else", object(), "of the type object, which is none of SQLAlchemy's"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "said"), [pytest.param(one, said, id=name) for name, one, said in MISFITS])
async def test_what_cannot_be_asked_is_refused_in_words(three: SqlStore, shapes: SimpleNamespace, condition: Any, said: str) -> None:
    """Whatever is asked, and though others ask in the same turn, who get their answers."""
    shape, scope = shapes.everything, seen(condition)
    fine = seen(E.integer == 7)
    values = {**dict.fromkeys(shape.fields), "integer": 9}
    asked = [
        three.fetch(shape, 1, scope),
        three.rows(shape, [1], None, scope),
        three.window(shape, Window(None, None, 9, "first"), scope),
        three.related(shape, "integer", [7], Window(None, None, 9, "first"), scope),
        three.commit(shape, (Update(1, Version(1), values),), scope),
        three.commit(shape, (Insert(None, values, NOTHING),), scope),
    ]

    async def raised(answer: Any) -> StoreError | None:
        try:
            await answer
        except StoreError as error:
            return error
        return None

    errors = await all_of(*map(raised, asked), raised(three.fetch(shape, 1, fine)))
    assert errors.pop() is None
    for error in errors:
        assert isinstance(error, StoreError)
        # A whole batch's error is told to each caller in one of its own, with the words of the first.
        assert said in str(error)
        assert "$" not in str(error)
        assert "sqlite" not in str(error).lower()
    page: Any = await three.window(shape, Window(None, None, 9, "first", counted=True))
    assert [(row.key, row.version) for row in page.rows] == [(1, 1), (2, 1), (3, 1)]


async def test_values_of_tables_that_are_nobodys_resource(store: SqlStore, shapes: SimpleNamespace, direct: Any) -> None:
    await born(store, shapes, ["x", "y", "a'\"b\\"])
    await members(direct, ("me", "x"), ("x{,}%", "y"))
    town, person = MEMBERSHIPS.c.town, MEMBERSHIPS.c.person
    for condition, expected in (
        (of_member("me"), [1]),
        (AUTHOR.town.in_(sa.select(town).where(person.in_(["me", "you"]))), [1]),
        (AUTHOR.town.in_(sa.select(town).where(person.in_(["x{,}%"]))), [2]),
        (AUTHOR.town.in_(sa.select(town).where(person.like("x%"))), [2]),
        (AUTHOR.town.not_in(sa.select(town).where(person.not_in(["me"]))), [1, 3]),
        (sa.exists().where(town == AUTHOR.town, sa.func.upper(person) == "ME"), [1]),
        (AUTHOR.town.in_(["a'\"b\\", "NULL"]), [3]),
        (sa.select(sa.func.count()).select_from(MEMBERSHIPS).where(town == AUTHOR.town).scalar_subquery() == 0, [3]),
        (AUTHOR.town == sa.select(town).where(person == "me").limit(1).scalar_subquery(), [1]),
        (sa.or_(AUTHOR.town == "nowhere", sa.and_(of_member("me"), AUTHOR.books < 2)), [1]),
    ):
        page: Any = await store.window(shapes.author, Window(None, None, 9, "first"), seen(condition))
        assert [row.key for row in page.rows] == expected, str(condition)
        found: Any = await all_of(*(store.fetch(shapes.author, key, seen(condition)) for key in (1, 2, 3)))
        assert [facts.row.key for facts in found if facts.row is not None] == expected, str(condition)


async def test_how_many_rows_a_subquery_takes_is_its_own(store: SqlStore, shapes: SimpleNamespace) -> None:
    """A limit is a part of a statement, so two conditions that differ in it are not taken for one."""
    await born(store, shapes, ["x"] * 4)
    first: Any = aliased(AUTHOR)

    def among(count: int) -> Any:
        return AUTHOR.id.in_(select(first.id).order_by(first.id).limit(count))

    for count in (1, 3, 2):
        page: Any = await store.window(shapes.author, Window(None, None, 9, "first"), seen(among(count)))
        assert len(page.rows) == count


async def test_errors_of_a_value_are_of_its_own_caller(store: SqlStore, shapes: SimpleNamespace, direct: Any) -> None:
    """One value that the database cannot make anything of, among others of the same rule."""
    await born(store, shapes, ["x", "y"])

    def over(value: int) -> Any:
        return 10 / (AUTHOR.books - value) > 0

    # Of the first author's books 1 is subtracted; PostgreSQL divides by nothing there, which SQLite takes for null.
    answers = await all_of(*(_told(store.fetch(shapes.author, 1, seen(over(value)))) for value in (0, 1, 0, -1)))
    assert [answers[place] for place in (0, 2, 3)] == [1, 1, 1]
    assert answers[1] in (None, UnfitScope)
    changed = author("b1", "x", 1)
    told = await all_of(
        _told(store.commit(shapes.author, (Update(1, Version(1), changed),), touched(over(1)))),
        _told(store.commit(shapes.author, (Update(2, Version(1), author("b2", "y", 2)),), touched(over(1)))),
    )
    assert told[1] == 2
    facts: Any = await store.fetch(shapes.author, 1)
    assert facts.row.values["name"] == "a1"


async def _told(answer: Any) -> Any:
    try:
        told = await answer
    except StoreError as error:
        return type(error)
    row = getattr(told, "row", None) or next(iter(getattr(told, "rows", ())), None)
    return row and row.key
