"""Reading the text of values that JSON has no type for: strictly, so that one text is never read in two ways.

Each reader takes any JSON value and returns the Python value, or raises a PydanticCustomError whose type is a violation code
of ours behind a prefix and whose message says what would be accepted.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias
from uuid import UUID

from pydantic_core import PydanticCustomError

from diptych.resource.unprintable import UNPRINTABLE, is_unprintable
from diptych.resource.value_text import MOST_PLACES, MOST_WHOLE_DIGITS, bytes_text
from diptych.semantics.json_value import JSON

Reader: TypeAlias = Callable[[Any], Any]

# What the type of an error begins with that is already in our words; a violation code follows.
OURS: Final = "diptych."

_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_SECONDS: Final = r":[0-5][0-9](?:\.[0-9]{1,6})?"
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATETIME: Final = re.compile(rf"{_DAY}[Tt]{_CLOCK}{_SECONDS}(?:[Zz]|[+-]{_CLOCK})")
_DATE: Final = re.compile(_DAY)
_TIME: Final = re.compile(rf"{_CLOCK}(?:{_SECONDS})?")
_DURATION: Final = re.compile(
    r"(?P<sign>[+-])?P(?=[0-9T])(?:(?P<weeks>[0-9]{1,9})W)?(?:(?P<days>[0-9]{1,9})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,12})H)?(?:(?P<minutes>[0-9]{1,12})M)?(?:(?P<seconds>[0-9]{1,12}(?:\.[0-9]{1,6})?)S)?)?"
)
_NUMBER: Final = re.compile(r"-?(?P<whole>0|[1-9][0-9]*)(?:\.(?P<places>[0-9]+))?")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")

# What 64 bits of microseconds hold, about 292,000 years.
LONGEST: Final = timedelta(microseconds=2**63 - 1)


def printable(text: str) -> str:
    """Text that can be stored: without U+0000 and lone surrogates."""
    if is_unprintable(text):
        raise violation("not_allowed", UNPRINTABLE)
    return text


def read_integer(value: JSON) -> JSON:
    """An integer by value: 1.0 and 1e3 are; what is none at all is left to the check that follows."""
    return int(value) if type(value) is float and value.is_integer() else value


def read_datetime(value: JSON) -> datetime:
    """RFC 3339 with a T and an offset; returned in UTC. Source: RFC 3339 section 5.6."""
    text = _matching(_DATETIME, value, 'a date and time with an offset, such as "2024-01-31T12:00:00Z"').upper()
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        raise violation("format", "Must be a date and time in the years 1 to 9999 of UTC.") from None
    except ValueError:
        raise violation("format", "Must be a date and time that the calendar has.") from None


def read_date(value: JSON) -> date:
    text = _matching(_DATE, value, 'a date such as "2024-01-31"')
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise violation("format", "Must be a date that the calendar has.") from None


def read_time(value: JSON) -> time:
    return time.fromisoformat(_matching(_TIME, value, 'a time of day without an offset, such as "12:30:00"'))


def read_duration(value: JSON) -> timedelta:
    """ISO 8601 in weeks, days, hours, minutes and seconds; months and years have no fixed length."""
    try:
        length = duration_of(_matching(_DURATION, value, 'a duration in days, hours, minutes and seconds, such as "P1DT2H30M"'))
    except OverflowError:
        length = timedelta.max
    if abs(length) > LONGEST:
        raise violation("too_large", f"Must be a duration of at most {LONGEST.days} days.")
    return length


def duration_of(text: str) -> timedelta:
    """Read text that is a duration; raises OverflowError where Python has none so long."""
    found = _DURATION.fullmatch(text)
    assert found is not None
    whole, _, fraction = (found["seconds"] or "0").partition(".")
    length = timedelta(
        weeks=int(found["weeks"] or 0),
        days=int(found["days"] or 0),
        hours=int(found["hours"] or 0),
        minutes=int(found["minutes"] or 0),
        seconds=int(whole),
        microseconds=int(fraction.ljust(6, "0")) if fraction else 0,
    )
    return -length if found["sign"] == "-" else length


def decimal_reader(precision: int | None = None, scale: int | None = None) -> Reader:
    """A reader of plain numbers as text, with no more digits than the column has."""
    places = MOST_PLACES if scale is None else scale
    whole = MOST_WHOLE_DIGITS if precision is None else precision - (scale or 0)

    def read_decimal(value: JSON) -> Decimal:
        text = _matching(_NUMBER, value, 'a decimal number as text, such as "1.50"')
        found = _NUMBER.fullmatch(text)
        assert found is not None
        if len(found["places"] or "") > places:
            raise violation("format", f"Must have at most {places} {'digit' if places == 1 else 'digits'} after the point.")
        digits = 0 if found["whole"] == "0" else len(found["whole"])
        if digits > whole:
            raise violation("too_large", f"Must have at most {whole} {'digit' if whole == 1 else 'digits'} before the point.")
        if precision is not None and digits + len(found["places"] or "") > precision:
            raise violation("format", f"Must have at most {precision} digits.")
        return Decimal(text)

    return read_decimal


def read_uuid(value: JSON) -> UUID:
    return UUID(_matching(_UUID, value, 'a UUID with dashes, such as "123e4567-e89b-12d3-a456-426614174000"'))


def read_bytes(value: JSON) -> bytes:
    """Base64 with padding; of the texts that decode to the same bytes only the one with zero pad bits. Source: RFC 4648 section 3.5."""
    expected = "base64 text with padding"
    text = _text(value, expected)
    try:
        content = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise violation("format", f"Must be {expected}.") from None
    if bytes_text(content) != text:
        raise violation("format", f"Must be {expected}.")
    return content


def enum_reader(enum: type[Enum]) -> Reader:
    """A reader of an enum's values, by type too: true is not 1. A number that is an integer by value is that integer."""
    return _choice({(type(member.value), member.value): member for member in enum})


def literal_reader(values: Sequence[str | int]) -> Reader:
    return _choice({(type(value), value): value for value in values})


def _choice(members: Mapping[tuple[type, Any], Any]) -> Reader:
    accepted = _one_of([value for _, value in members])

    def read_member(value: JSON) -> Any:
        plain = read_integer(value)
        member = members.get((type(plain), plain)) if isinstance(plain, str | int | float) else None
        if member is None:
            raise violation("not_allowed", accepted)
        return member

    return read_member


def _one_of(values: Sequence[Any]) -> str:
    spelled = [f'"{value}"' if isinstance(value, str) else str(value) for value in values]
    return f"Must be {spelled[0]}." if len(spelled) == 1 else f"Must be one of {', '.join(spelled)}."


def _matching(form: re.Pattern[str], value: JSON, expected: str) -> str:
    text = _text(value, expected)
    if form.fullmatch(text) is None:
        raise violation("format", f"Must be {expected}.")
    return text


def _text(value: JSON, expected: str) -> str:
    if not isinstance(value, str):
        raise violation("type", f"Must be {expected}.")
    return value


def violation(code: str, message: str) -> PydanticCustomError:
    """What a reader raises."""
    # Through the context, since braces in a message would be read as places to fill in.
    return PydanticCustomError(f"{OURS}{code}", "{message}", {"message": message})  # type: ignore[arg-type, unused-ignore]
