"""The text form of values that JSON has no type for, one form each."""

import base64
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from typing import Final

# Digits before and after the point that a number without bounds may have: those of PostgreSQL's numeric.
MOST_WHOLE_DIGITS: Final = 131_072
MOST_PLACES: Final = 16_383

# The default context would round to 28 digits.
_EXACT: Final = Context(prec=MOST_WHOLE_DIGITS + MOST_PLACES)
_UTC_OFFSET: Final = "+00:00"
_MICROSECOND: Final = timedelta(microseconds=1)


def datetime_text(moment: datetime) -> str:
    """UTC with a Z, microseconds only where there are any. Raises ValueError for a datetime without a zone."""
    if moment.utcoffset() is None:
        raise ValueError("a datetime must have a zone: use datetime.now(UTC)")
    return moment.astimezone(UTC).isoformat().removesuffix(_UTC_OFFSET) + "Z"


def duration_text(length: timedelta) -> str:
    """ISO 8601 in days, hours, minutes and seconds, such as P1DT2H or -PT0.5S; PT0S where there is none."""
    rest, microseconds = divmod(abs(length) // _MICROSECOND, 1_000_000)
    rest, seconds = divmod(rest, 60)
    rest, minutes = divmod(rest, 60)
    days, hours = divmod(rest, 24)
    fraction = f".{microseconds:06}".rstrip("0") if microseconds else ""
    day = f"{days}D" if days else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{seconds}{fraction}S" if seconds or fraction else "")
    sign = "-" if length < timedelta(0) else ""
    return f"{sign}P{day}T{clock}" if clock else f"{sign}P{day or 'T0S'}"


def decimal_text(number: Decimal) -> str:
    """The shortest text without an exponent: 1.5, 100, 0. Raises ValueError for NaN and infinities."""
    _must_be_finite(number)
    return format(number.normalize(_EXACT), "f") if number else "0"


def scaled_decimal_text(number: Decimal, scale: int) -> str:
    """Text with exactly `scale` digits after the point. Raises ValueError for NaN and infinities."""
    _must_be_finite(number)
    rounded = number.quantize(Decimal(1).scaleb(-scale), context=_EXACT)
    # A zero may come with a sign, also out of rounding.
    return format(rounded if rounded else abs(rounded), "f")


def bytes_text(content: bytes) -> str:
    """Base64 with padding. Source: RFC 4648 section 4."""
    return base64.b64encode(content).decode("ascii")


def _must_be_finite(number: Decimal) -> None:
    if not number.is_finite():
        raise ValueError("a decimal number must be finite")
