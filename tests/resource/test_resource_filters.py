"""What lists may be filtered and ordered by: which fields, with which operators, and how each kind reads a value."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field

from diptych import DeclarationError, Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.resource.shape import ResourceShape
from diptych.semantics.condition import Operator
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Violation


class Colour(Enum):
    BLUE = "blue"
    RED = "red"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


class Everything(Versioned, table=True):
    __tablename__ = "filtered_everything"

    id: int | None = Field(default=None, primary_key=True)
    text: str
    integer: int | None = None
    big: int = Field(default=0, sa_type=sa.BigInteger)
    number: float = 0.0
    truth: bool = False
    price: Decimal = Field(default=Decimal(0), max_digits=10, decimal_places=2)
    moment: datetime | None = None
    day: date | None = None
    hour: time | None = None
    length: timedelta | None = None
    token: UUID | None = None
    colour: Colour = Colour.RED
    size: Size | None = None
    raw: bytes | None = None
    free: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


FIELDS = ("text", "integer", "big", "number", "truth", "price", "moment", "day", "hour", "length", "token", "colour", "size", "raw", "free")
UNORDERED = ("colour", "size", "raw", "free")


@pytest.fixture(scope="module")
def everything() -> ResourceShape:
    ordered = [field for field in FIELDS if field not in UNORDERED]
    declared = Resource(Everything, filter_by=FIELDS, order_by=ordered, path="all", singular="one", plural="several")
    (shape,) = read_resources([declared])
    return shape


SAME, SIDE = {"eq", "ne", "in", "nin"}, {"lt", "lte", "gt", "gte"}
WITHIN = {"contains", "startsWith", "endsWith", "containsInsensitive", "startsWithInsensitive", "endsWithInsensitive"}


@pytest.mark.parametrize(
    ("field", "operators"),
    [
        ("id", SAME | SIDE),
        ("text", SAME | SIDE | WITHIN),
        ("integer", SAME | SIDE | {"isNull"}),
        ("price", SAME | SIDE),
        ("moment", SAME | SIDE | {"isNull"}),
        ("truth", SAME),
        ("token", SAME | {"isNull"}),
        ("colour", SAME),
        ("raw", SAME | {"isNull"}),
        ("free", {"contains"}),
    ],
)
def test_operators(everything: ResourceShape, field: str, operators: set[Operator]) -> None:
    """A field that is never null is not asked whether it is."""
    assert everything.filters[field].operators == operators


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        pytest.param("text", "x", "x", id="text"),
        pytest.param("integer", 7.0, 7, id="an-integer-by-value"),
        pytest.param("big", 2**53 - 1, 2**53 - 1, id="a-big-integer"),
        pytest.param("number", 7, 7.0, id="a-float"),
        pytest.param("truth", False, False, id="truth"),
        pytest.param("price", "1.500", "1.5", id="a-decimal-of-any-scale"),
        pytest.param("price", "-0.00", "0", id="no-negative-zero"),
        pytest.param("moment", "2024-01-01T01:00:00.000+01:00", "2024-01-01T00:00:00Z", id="a-moment-in-another-zone"),
        pytest.param("day", "2024-02-29", "2024-02-29", id="a-day"),
        pytest.param("hour", "09:30", "09:30:00", id="a-time-of-day"),
        pytest.param("length", "PT60M", "PT1H", id="a-duration"),
        pytest.param("token", "0F0E0D0C-0B0A-4908-8706-050403020100", "0f0e0d0c-0b0a-4908-8706-050403020100", id="a-uuid"),
        pytest.param("colour", "red", "red", id="a-word-of-an-enum"),
        pytest.param("size", 2.0, 2, id="a-number-of-an-enum"),
        pytest.param("raw", "AP8=", "AP8=", id="bytes"),
        pytest.param("free", {"b": 1.0, "a": [1e22, -0.0, "ä"]}, '{"a":[10000000000000000000000,0,"ä"],"b":1}', id="json"),
    ],
)
def test_values_in_their_canonical_form(everything: ResourceShape, field: str, value: JSON, expected: Any) -> None:
    read = everything.filters[field].read(value, "eq")
    assert read == expected
    assert type(read) is type(expected)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        pytest.param("text", 1, "type", id="a-number-for-text"),
        pytest.param("text", "\0", "not_allowed", id="text-that-no-row-has"),
        pytest.param("text", "\ud800", "not_allowed", id="a-lone-surrogate"),
        pytest.param("integer", "1", "type", id="text-for-a-number"),
        pytest.param("integer", True, "type", id="truth-for-a-number"),
        pytest.param("integer", 1.5, "type", id="a-fraction"),
        pytest.param("integer", 2**31, "too_large", id="too-large-an-integer"),
        pytest.param("integer", -(2**31) - 1, "too_small", id="too-small-an-integer"),
        pytest.param("big", 2**53, "too_large", id="too-large-a-big-integer"),
        pytest.param("number", "1", "type", id="text-for-a-float"),
        pytest.param("number", True, "type", id="truth-for-a-float"),
        pytest.param("number", 10**400, "not_allowed", id="no-float-is-so-large"),
        pytest.param("number", float("inf"), "not_allowed", id="infinity"),
        pytest.param("truth", 1, "type", id="a-number-for-truth"),
        pytest.param("price", 1.5, "type", id="a-number-for-a-decimal"),
        pytest.param("price", "1e3", "format", id="an-exponent"),
        pytest.param("moment", "2024-01-01T00:00:00", "format", id="a-moment-without-a-zone"),
        pytest.param("day", "2024-02-30", "format", id="a-day-that-never-was"),
        pytest.param("hour", "25:00", "format", id="no-time-of-day"),
        pytest.param("length", "P1M", "format", id="a-month"),
        pytest.param("token", "x", "format", id="no-uuid"),
        pytest.param("colour", "RED", "not_allowed", id="the-name-of-a-member"),
        pytest.param("size", True, "not_allowed", id="truth-for-a-member"),
        pytest.param("raw", "AP8", "format", id="no-padding"),
        pytest.param("free", {"a": ["\0"]}, "not_allowed", id="text-that-no-json-column-has"),
        pytest.param("free", [float("nan")], "not_allowed", id="not-a-number"),
        pytest.param("free", 10**5000, "not_allowed", id="a-number-of-absurd-length"),
    ],
)
def test_values_that_are_refused(everything: ResourceShape, field: str, value: JSON, code: str) -> None:
    read = everything.filters[field].read(value, "eq")
    assert isinstance(read, Violation)
    assert (read.pointer, read.code) == ("", code)


@pytest.mark.parametrize(
    ("field", "value", "can_be"),
    [
        ("id", 7, True),
        ("id", None, False),
        ("id", 7.0, False),
        ("integer", None, True),
        ("integer", True, False),
        ("text", "x", True),
        ("text", "\0", False),
        ("big", 2**53, False),
        ("number", 7.0, True),
        ("number", 7, False),
        ("number", 10**400, False),
        ("truth", True, True),
        ("truth", 1, False),
        ("price", "1.50", True),
        ("price", "1.5", False),
        ("price", "1.505", False),
        ("moment", "2024-01-01T00:00:00Z", True),
        ("moment", "2024-01-01T00:00:00+00:00", False),
        ("length", "PT1H", True),
        ("length", "PT60M", False),
        ("token", "0F0E0D0C-0B0A-4908-8706-050403020100", False),
    ],
)
def test_values_in_cursors_have_one_spelling(everything: ResourceShape, field: str, value: JSON, can_be: bool) -> None:
    assert everything.is_ordered_value(field, value) is can_be


def test_kinds_without_an_order(everything: ResourceShape) -> None:
    assert everything.orders == {"id", *FIELDS} - {*UNORDERED}


def declared(**options: Any) -> ResourceShape:
    class Base(Versioned, registry=registry()):
        pass

    class Shelf(Base, table=True):
        id: int = Field(primary_key=True)

    class Book(Base, table=True):
        __table_args__ = (sa.Index("by_title", "title", "note"), sa.UniqueConstraint("place", "note"))

        id: int | None = Field(default=None, primary_key=True)
        title: str
        sub_title: str
        note: str
        place: str
        isbn: str = Field(unique=True)
        maker: str = Field(index=True)
        secret: str = Field(index=True)
        shelf_id: int = Field(foreign_key="shelf.id")
        tags: list[str] = Field(default_factory=list, sa_type=sa.JSON)
        joined: str = Field(default="", alias="and")

    shape: ResourceShape = read_resources([Resource(Shelf), Resource(Book, **options)])[1]
    return shape


def test_fields_that_need_no_declaration() -> None:
    """The key, references, and whatever a unique constraint or an index begins with; never a hidden field."""
    shape = declared(hidden={"secret"})
    assert set(shape.filters) == set(shape.orders) == {"id", "shelfId", "isbn", "maker", "title", "place"}
    assert "secret" in declared().filters


def test_fields_that_are_declared() -> None:
    shape = declared(filter_by={"sub_title", "tags"}, order_by=["note"])
    usual = {"id", "shelfId", "isbn", "maker", "title", "place", "secret"}
    assert set(shape.filters) == usual | {"subTitle", "tags"}
    assert set(shape.orders) == usual | {"note"}
    assert shape.filters["tags"].operators == {"contains"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"filter_by": "note"}, "filter_by='note' is one text; write filter_by={\"note\"}", id="one-text"),
        pytest.param({"order_by": {"nobody"}}, "nobody", id="no-such-field"),
        pytest.param({"filter_by": {"subTitle"}}, "subTitle", id="a-json-name"),
        pytest.param({"filter_by": {"secret"}, "hidden": {"secret"}}, "it is hidden", id="filtered-by-a-hidden-field"),
        pytest.param({"order_by": {"secret"}, "hidden": {"secret"}}, "it is hidden", id="ordered-by-a-hidden-field"),
        pytest.param({"filter_by": {"version"}}, "lists are not filtered or ordered by the version", id="by-the-version"),
        pytest.param({"order_by": {"tags"}}, "its values have no order", id="ordered-by-json"),
        pytest.param({"filter_by": {"joined"}}, "'and' joins conditions in a filter", id="a-field-called-and"),
    ],
)
def test_declarations_that_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        declared(**options)
    assert said in str(refused.value)


def test_options_take_any_collection() -> None:
    makers: list[Callable[[list[str]], Any]] = [list, tuple, set, frozenset]
    assert {frozenset(declared(order_by=make(["note"])).orders) for make in makers} == {frozenset(declared(order_by={"note"}).orders)}
