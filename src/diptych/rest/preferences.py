"""Preferences: what a client would like to get back. Source: RFC 7240."""

import re
from typing import Final, Literal, TypeAlias

from diptych.http.asgi import Headers

# What a write that succeeded should answer with; None where nothing was said.
Preference: TypeAlias = Literal["minimal", "representation"]

# Every repetition keeps what it took (`*+`), so that no field makes the expression try one text in many ways.
_SPACE: Final = r"[ \t]*+"
_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_VALUE: Final = rf'(?:{_WORD}|"(?:[^"\\]|\\.)*+")'
# One list element: a preference with its value, then parameters, which are read over. Source: RFC 7240 section 2.
_PARAMETER: Final = rf";{_SPACE}(?:{_WORD}{_SPACE}(?:={_SPACE}{_VALUE}?+{_SPACE})?+)?+"
_ELEMENT: Final = re.compile(rf"{_SPACE}(?:({_WORD}){_SPACE}(?:={_SPACE}({_VALUE})?+{_SPACE})?+(?:{_PARAMETER})*+)?+(?:,|\Z)")
_ESCAPED: Final = re.compile(r"\\(.)")


def read_preference(headers: Headers) -> Preference | None:
    """Read `return` out of Prefer; None if it is not there, or not as RFC 7240 has it: a preference binds nobody.

    The first instance wins, even one whose value is unknown.
    """
    field = headers.combined(b"prefer")
    value = None if field is None else _first(field, "return")
    if value == "minimal":
        return "minimal"
    return "representation" if value == "representation" else None


def wants_count(headers: Headers) -> bool:
    """Whether the rows of a list are to be counted: `Prefer: count=exact`."""
    field = headers.combined(b"prefer")
    return field is not None and _first(field, "count") == "exact"


def _first(field: str, wanted: str) -> str | None:
    """The value of the first preference of a name; names are the same in either case."""
    at = 0
    while at < len(field):
        element = _ELEMENT.match(field, at)
        if element is None:
            return None
        name, value = element.groups()
        if name is not None and name.lower() == wanted:
            return _unquoted(value or "")
        at = element.end()
    return None


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
