"""JSON text, read strictly: what two readers could understand in two ways is refused. Source: RFC 8259, RFC 7493 section 2."""

import json
import re
from typing import Final

from diptych.semantics.json_value import JSON
from diptych.semantics.measure import DEEPEST
from diptych.semantics.outcome import Malformed

# Digits that a number may have in a row; a float of 64 bits never needs more before its exponent.
_MOST_DIGITS: Final = 400
_DIGITS: Final = b"0123456789"

_QUOTED: Final = rb'"(?:[^"\\]|\\.)*"?'
_MARKS: Final = re.compile(_QUOTED + rb"|[\[{]|[\]}]", re.DOTALL)
# Looked for only where a run of digits begins; from every digit of every run, it would take quadratic time.
_TOO_MANY_DIGITS: Final = rb"(?<![0-9])[0-9]{%d}" % (_MOST_DIGITS + 1)
_MANY_DIGITS: Final = re.compile(_TOO_MANY_DIGITS)
_TEXT_OR_NUMBER: Final = re.compile(_QUOTED + rb"|" + _TOO_MANY_DIGITS, re.DOTALL)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class _Refused(ValueError):
    """The text is JSON by its grammar, but not to be read."""


def read_json(text: bytes, deepest: int = DEEPEST) -> JSON | Malformed:
    """Read JSON text, or say why it cannot be read.

    Refused besides broken grammar: a byte-order mark, text that is not UTF-8, lone surrogates, member names that occur
    twice, NaN and infinities (also by overflow, as in 1e999), numbers of more than 400 digits in a row, more than `deepest` levels
    of brackets.
    """
    if text.startswith(_BYTE_ORDER_MARK):
        return Malformed("The content starts with a byte-order mark", 0)
    # Only where there are that many brackets at all can they be nested so deep; the parser itself must not find out.
    if text.count(b"[") + text.count(b"{") > deepest and (at := _too_deep(text, deepest)) is not None:
        return Malformed(f"The content is nested deeper than {deepest} levels", at)
    if _has_many_digits(text) and _MANY_DIGITS.search(text) is not None and (at := _too_long_number(text)) is not None:
        return Malformed(f"A number has more than {_MOST_DIGITS} digits in a row", at)
    try:
        characters = text.decode()
    except UnicodeDecodeError as error:
        return Malformed("The content is not UTF-8", error.start)
    try:
        value = _decode(characters)
        if "\\" in characters and "\\u" in characters:
            # The parser lets an escaped surrogate through that has no partner; it has no UTF-8 form.
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        offset = len(characters[: error.pos].encode())
        return Malformed("The content is empty" if not text.strip() else "The content is not JSON", offset)
    except UnicodeEncodeError:
        return Malformed("A text has a surrogate without its partner")
    except _Refused as error:
        return Malformed(str(error))
    return value


def _has_many_digits(text: bytes) -> bool:
    """Whether there are that many digits at all, wherever they stand: quicker to tell than where a run of them begins."""
    return len(text) > _MOST_DIGITS and len(text) - len(text.translate(None, _DIGITS)) > _MOST_DIGITS


def _members(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Refused("An object has two members of one name")
    return members


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _Refused("A number is too large")
    return number


def _constant(name: str) -> JSON:
    raise _Refused("NaN and infinities are not JSON")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_members, parse_float=_float, parse_constant=_constant)


def _decode(characters: str) -> JSON:
    """Decode JSON text. Where no space is around it, as nearly always, nothing needs to look for any."""
    value: JSON
    if characters.startswith("{"):
        value, end = _DECODER.raw_decode(characters)
        if end == len(characters):
            return value
    value = _DECODER.decode(characters)
    return value


def _too_deep(text: bytes, deepest: int) -> int | None:
    """The offset of the bracket that goes too deep, text in quotes aside."""
    depth = 0
    for mark in _MARKS.finditer(text):
        if mark[0] in (b"[", b"{"):
            depth += 1
            if depth > deepest:
                return mark.start()
        elif mark[0] in (b"]", b"}"):
            depth -= 1
    return None


def _too_long_number(text: bytes) -> int | None:
    """The offset of too many digits in a row, text in quotes aside."""
    return next((found.start() for found in _TEXT_OR_NUMBER.finditer(text) if not found[0].startswith(b'"')), None)
