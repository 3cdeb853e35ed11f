"""Which spellings a document may use for each kind of value, which are refused and how, and the one that is stored."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, String
from sqlalchemy.orm import registry
from sqlmodel import Field

from diptych import Resource, Versioned
from diptych.resource.reading import read_resources
from diptych.resource.spelling import from_json, reader, to_json, writer
from diptych.semantics.json_value import JSON
from diptych.semantics.version import NOTHING


class Base(Versioned, registry=registry()):
    pass


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Values(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    text: str | None = Field(default=None, min_length=2, max_length=4)
    short: str | None = Field(default=None, sa_type=String(3))
    integer: int | None = None
    bounded: int | None = Field(default=None, gt=0, le=100)
    big: int | None = Field(default=None, sa_type=BigInteger)
    ratio: float | None = None
    boolean: bool | None = None
    price: Decimal | None = Field(default=None, max_digits=5, decimal_places=2)
    positive: Decimal | None = Field(default=None, gt=0)
    exact: Decimal | None = None
    five: Decimal | None = Field(default=None, max_digits=5)
    moment: datetime | None = None
    day: date | None = None
    clock: time | None = None
    length: timedelta | None = None
    uuid: UUID | None = None
    color: Color | None = None
    level: Level | None = None
    choice: Literal["a", "b"] | None = Field(default=None, sa_type=String)
    content: bytes | None = None


(VALUES,) = read_resources([Resource(Values)])
KINDS = {name: column.kind for name, column in VALUES.by_json_name.items()}


def check(name: str, value: JSON) -> Any:
    return VALUES.check({name: value}, key=None, version=NOTHING)


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        pytest.param("text", "grün", "grün", id="text"),
        pytest.param("text", "\U0001f600" * 4, "\U0001f600" * 4, id="length-counts-code-points"),
        pytest.param("text", "ab\n", "ab\n", id="text-keeps-its-line-break"),
        pytest.param("text", "\\u00", "\\u00", id="text-that-looks-like-an-escape"),
        pytest.param("integer", 7, 7, id="integer"),
        pytest.param("integer", 7.0, 7, id="integer-with-a-point"),
        pytest.param("integer", 1e3, 1000, id="integer-with-an-exponent"),
        pytest.param("integer", -0.0, 0, id="integer-minus-zero"),
        pytest.param("integer", 2**31 - 1, 2**31 - 1, id="widest-integer"),
        pytest.param("integer", -(2**31), -(2**31), id="lowest-integer"),
        pytest.param("big", 2**53 - 1, 2**53 - 1, id="widest-big-integer"),
        pytest.param("big", -(2**53) + 1, -(2**53) + 1, id="lowest-big-integer"),
        pytest.param("ratio", 1.5, 1.5, id="float"),
        pytest.param("ratio", 1, 1.0, id="float-without-a-point"),
        pytest.param("ratio", 1e308, 1e308, id="large-float"),
        pytest.param("boolean", True, True, id="true"),
        pytest.param("boolean", False, False, id="false"),
        pytest.param("price", "1.5", "1.50", id="decimal-filled-up-to-the-scale"),
        pytest.param("price", "-999.99", "-999.99", id="decimal-at-its-precision"),
        pytest.param("price", "7", "7.00", id="decimal-without-a-point"),
        pytest.param("price", "-0", "0.00", id="decimal-minus-zero"),
        pytest.param("exact", "1.500", "1.5", id="decimal-without-a-scale-is-shortest"),
        pytest.param("exact", "100", "100", id="decimal-without-a-scale-has-no-exponent"),
        pytest.param("exact", "1" * 60 + ".5", "1" * 60 + ".5", id="decimal-of-many-digits"),
        pytest.param("exact", "0.000000001", "0.000000001", id="small-decimal-has-no-exponent"),
        pytest.param("moment", "2024-01-31T12:00:00Z", "2024-01-31T12:00:00Z", id="datetime-utc"),
        pytest.param("moment", "2024-01-31T12:00:00+02:00", "2024-01-31T10:00:00Z", id="datetime-with-an-offset"),
        pytest.param("moment", "2024-01-31t12:00:00z", "2024-01-31T12:00:00Z", id="datetime-in-small-letters"),
        pytest.param("moment", "2024-01-31T12:00:00.5Z", "2024-01-31T12:00:00.500000Z", id="datetime-with-a-fraction"),
        pytest.param("moment", "2024-01-31T12:00:00.000000Z", "2024-01-31T12:00:00Z", id="datetime-with-no-microseconds"),
        pytest.param("moment", "2024-01-31T12:00:00-00:00", "2024-01-31T12:00:00Z", id="datetime-with-an-unknown-offset"),
        pytest.param("day", "2024-02-29", "2024-02-29", id="date"),
        pytest.param("clock", "12:30:00", "12:30:00", id="time"),
        pytest.param("clock", "12:30", "12:30:00", id="time-without-seconds"),
        pytest.param("clock", "12:30:00.25", "12:30:00.250000", id="time-with-a-fraction"),
        pytest.param("length", "PT1H", "PT1H", id="duration"),
        pytest.param("length", "PT90M", "PT1H30M", id="duration-that-adds-up"),
        pytest.param("length", "P1W", "P7D", id="duration-in-weeks"),
        pytest.param("length", "-PT0.5S", "-PT0.5S", id="negative-duration"),
        pytest.param("length", "PT0S", "PT0S", id="no-duration"),
        pytest.param("uuid", "123E4567-E89B-12D3-A456-426614174000", "123e4567-e89b-12d3-a456-426614174000", id="uuid-in-capitals"),
        pytest.param("color", "blue", "blue", id="enum-by-value"),
        pytest.param("level", 2, 2, id="enum-of-integers"),
        pytest.param("level", 2.0, 2, id="enum-of-integers-with-a-point"),
        pytest.param("choice", "b", "b", id="literal"),
        pytest.param("content", "AAH/", "AAH/", id="bytes"),
        pytest.param("content", "YQ==", "YQ==", id="bytes-with-padding"),
        pytest.param("content", "", "", id="no-bytes"),
    ],
)
def test_taken(name: str, value: JSON, stored: JSON) -> None:
    document = check(name, value)
    assert isinstance(document, dict), document
    assert document[name] == stored
    assert type(document[name]) is type(stored)


@pytest.mark.parametrize(
    ("name", "value", "code", "message"),
    [
        pytest.param("text", "a", "too_short", "Must be text of at least 2 characters.", id="too-short"),
        pytest.param("text", "abcde", "too_long", "Must be text of at most 4 characters.", id="too-long"),
        pytest.param("short", "abcd", "too_long", "Must be text of at most 3 characters.", id="longer-than-the-column"),
        pytest.param("text", 5, "type", "Must be text.", id="number-for-text"),
        pytest.param("text", "a\0b", "not_allowed", None, id="text-with-u-0000"),
        pytest.param("integer", True, "type", "Must be an integer.", id="true-is-not-1"),
        pytest.param("integer", "1", "type", "Must be an integer.", id="text-is-not-1"),
        pytest.param("integer", 1.5, "type", "Must be an integer.", id="fraction-for-an-integer"),
        pytest.param("integer", 2**31, "too_large", "Must be at most 2147483647.", id="wider-than-32-bits"),
        pytest.param("integer", 1e300, "too_large", None, id="float-wider-than-32-bits"),
        pytest.param("integer", -(2**31) - 1, "too_small", "Must be at least -2147483648.", id="lower-than-32-bits"),
        pytest.param("bounded", 0, "too_small", "Must be greater than 0.", id="not-greater"),
        pytest.param("bounded", 101, "too_large", "Must be at most 100.", id="own-bound-before-the-width"),
        pytest.param("big", 2**53, "too_large", None, id="beyond-what-a-float-counts"),
        pytest.param("big", -(2**53), "too_small", None, id="below-what-a-float-counts"),
        pytest.param("ratio", True, "type", "Must be a number.", id="true-for-a-float"),
        pytest.param("ratio", "1.5", "type", "Must be a number.", id="text-for-a-float"),
        pytest.param("ratio", float("inf"), "not_allowed", "Must be a finite number.", id="infinity"),
        pytest.param("ratio", float("nan"), "not_allowed", "Must be a finite number.", id="nan"),
        pytest.param("boolean", 1, "type", "Must be true or false.", id="one-for-true"),
        pytest.param("boolean", "true", "type", "Must be true or false.", id="text-for-true"),
        pytest.param("price", 1.5, "type", None, id="number-for-a-decimal"),
        pytest.param("price", 2, "type", None, id="integer-for-a-decimal"),
        pytest.param("price", "1.505", "format", "Must have at most 2 digits after the point.", id="too-many-places"),
        pytest.param("price", "1000", "too_large", "Must have at most 3 digits before the point.", id="too-many-digits"),
        pytest.param("five", "123.456", "format", "Must have at most 5 digits.", id="too-many-digits-on-both-sides"),
        pytest.param("price", "1e2", "format", None, id="decimal-with-an-exponent"),
        pytest.param("price", "NaN", "format", None, id="decimal-nan"),
        pytest.param("price", "+1", "format", None, id="decimal-with-a-plus"),
        pytest.param("price", "01", "format", None, id="decimal-with-a-leading-zero"),
        pytest.param("price", " 1", "format", None, id="decimal-with-a-space"),
        pytest.param("price", "1.", "format", None, id="decimal-that-ends-in-a-point"),
        pytest.param("price", "1\n", "format", None, id="decimal-with-a-line-break"),
        pytest.param("price", "١", "format", None, id="decimal-in-other-digits"),
        pytest.param("positive", "0", "too_small", "Must be greater than 0.", id="decimal-below-its-bound"),
        pytest.param("moment", "2025-01-31T12:00:00", "format", None, id="naive-datetime"),
        pytest.param("moment", "2024-01-31 12:00:00Z", "format", None, id="datetime-with-a-space"),
        pytest.param("moment", "2025-01-31", "format", None, id="datetime-without-a-time"),
        pytest.param("moment", "1700000000", "format", None, id="datetime-as-numeric-text"),
        pytest.param("moment", 1700000000, "type", None, id="datetime-as-a-number"),
        pytest.param("moment", "2024-01-31T12:00Z", "format", None, id="datetime-without-seconds"),
        pytest.param("moment", "2024-01-31T12:00:00.1234567Z", "format", None, id="datetime-with-seven-digits"),
        pytest.param("moment", "2024-02-30T12:00:00Z", "format", None, id="datetime-on-no-day"),
        pytest.param("moment", "2024-01-31T24:00:00Z", "format", None, id="datetime-at-24"),
        pytest.param("moment", "2024-01-31T12:00:60Z", "format", None, id="leap-second"),
        pytest.param("moment", "0001-01-01T00:00:00+01:00", "format", None, id="datetime-before-year-one-in-utc"),
        pytest.param("moment", "9999-12-31T23:59:59-01:00", "format", None, id="datetime-after-year-9999-in-utc"),
        pytest.param("moment", "2024-01-31T12:00:00Z\n", "format", None, id="datetime-with-a-line-break"),
        pytest.param("day", "0", "format", None, id="date-as-numeric-text"),
        pytest.param("day", "2024-01-31T00:00:00Z", "format", None, id="datetime-for-a-date"),
        pytest.param("day", "20240131", "format", None, id="date-without-hyphens"),
        pytest.param("day", "2023-02-29", "format", None, id="date-that-is-none"),
        pytest.param("day", 0, "type", None, id="date-as-a-number"),
        pytest.param("clock", "12:00:00Z", "format", None, id="time-with-a-zone"),
        pytest.param("clock", "25:00:00", "format", None, id="time-that-is-none"),
        pytest.param("clock", 3, "type", None, id="time-as-a-number"),
        pytest.param("length", "01:00:00", "format", None, id="duration-as-a-clock"),
        pytest.param("length", "1 day", "format", None, id="duration-in-words"),
        pytest.param("length", 3600, "type", None, id="duration-as-a-number"),
        pytest.param("length", "P1M", "format", None, id="duration-in-months"),
        pytest.param("length", "P1Y", "format", None, id="duration-in-years"),
        pytest.param("length", "P", "format", None, id="duration-of-nothing"),
        pytest.param("length", "P1DT", "format", None, id="duration-that-stops-at-t"),
        pytest.param("length", "P999999999D", "too_large", None, id="duration-beyond-64-bits"),
        pytest.param("length", "P999999999W", "too_large", None, id="duration-beyond-python"),
        pytest.param("uuid", "123e4567e89b12d3a456426614174000", "format", None, id="uuid-without-dashes"),
        pytest.param("uuid", "{123e4567-e89b-12d3-a456-426614174000}", "format", None, id="uuid-in-braces"),
        pytest.param("uuid", "urn:uuid:123e4567-e89b-12d3-a456-426614174000", "format", None, id="uuid-as-urn"),
        pytest.param("uuid", 1, "type", None, id="uuid-as-a-number"),
        pytest.param("color", "RED", "not_allowed", 'Must be one of "red", "blue".', id="enum-by-name"),
        pytest.param("level", True, "not_allowed", "Must be one of 1, 2.", id="true-for-an-enum-of-integers"),
        pytest.param("level", "1", "not_allowed", "Must be one of 1, 2.", id="text-for-an-enum-of-integers"),
        pytest.param("level", [1], "not_allowed", "Must be one of 1, 2.", id="array-for-an-enum"),
        pytest.param("choice", "c", "not_allowed", 'Must be one of "a", "b".', id="no-such-literal"),
        pytest.param("content", "YQ", "format", None, id="bytes-without-padding"),
        pytest.param("content", "YR==", "format", None, id="bytes-with-spare-bits"),
        pytest.param("content", "Y Q==", "format", None, id="bytes-with-a-space"),
        pytest.param("content", "_-8=", "format", None, id="bytes-in-the-alphabet-for-urls"),
        pytest.param("content", "ü===", "format", None, id="bytes-outside-ascii"),
        pytest.param("content", 1, "type", None, id="bytes-as-a-number"),
    ],
)
def test_refused(name: str, value: JSON, code: str, message: str | None) -> None:
    (violation,) = check(name, value)
    assert (violation.pointer, violation.code) == (f"/{name}", code)
    assert violation.message.startswith("Must ")
    assert message is None or violation.message == message
    # What came is never echoed.
    assert not isinstance(value, str) or len(value) < 5 or value not in violation.message


@pytest.mark.parametrize("name", list(KINDS))
def test_null_is_taken_where_the_field_is_nullable(name: str) -> None:
    document = check(name, None)
    assert isinstance(document, dict)
    assert document[name] is None


PYTHON_VALUES = {
    "text": st.text(),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "big": st.integers(-(2**53) + 1, 2**53 - 1),
    "ratio": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "price": st.decimals(-999, 999, places=2),
    "exact": st.decimals(allow_nan=False, allow_infinity=False),
    "moment": st.datetimes(timezones=st.just(UTC)),
    "day": st.dates(),
    "clock": st.times(),
    "length": st.timedeltas(timedelta(days=-100_000_000), timedelta(days=100_000_000)),
    "uuid": st.uuids(),
    "color": st.sampled_from(Color),
    "level": st.sampled_from(Level),
    "content": st.binary(max_size=20),
}


@given(st.data())
@pytest.mark.parametrize("name", list(PYTHON_VALUES))
def test_a_value_keeps_its_spelling_through_reading_and_writing(name: str, data: st.DataObject) -> None:
    kind = KINDS[name]
    value = data.draw(PYTHON_VALUES[name])
    spelled = to_json(kind, value)
    read = from_json(kind, spelled)
    assert read == value
    assert to_json(kind, read) == spelled


@given(st.data())
@pytest.mark.parametrize("name", [name for name in PYTHON_VALUES if name not in ("text", "exact")])
def test_what_is_stored_may_be_sent_back(name: str, data: st.DataObject) -> None:
    spelled = to_json(KINDS[name], data.draw(PYTHON_VALUES[name]))
    document = check(name, spelled)
    assert isinstance(document, dict), document
    assert document[name] == spelled


@pytest.mark.parametrize("name", ["text", "integer", "big", "boolean"])
def test_plain_values_need_no_change(name: str) -> None:
    assert writer(KINDS[name]) is None
    assert reader(KINDS[name]) is None


@pytest.mark.parametrize("name", list(KINDS))
def test_none_stays_none(name: str) -> None:
    assert to_json(KINDS[name], None) is None
    assert from_json(KINDS[name], None) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("moment", datetime(2024, 1, 1), id="datetime-without-a-zone"),
        pytest.param("exact", Decimal("NaN"), id="decimal-nan"),
        pytest.param("price", Decimal("Infinity"), id="decimal-infinity"),
    ],
)
def test_what_has_no_spelling_is_not_written(name: str, value: Any) -> None:
    with pytest.raises(ValueError):
        to_json(KINDS[name], value)


@pytest.mark.parametrize("value", [pytest.param(Color.RED, id="a-member"), pytest.param("red", id="its-value")])
def test_an_enum_is_written_by_value(value: Any) -> None:
    assert to_json(KINDS["color"], value) == "red"
