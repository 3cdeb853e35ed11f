"""Reading keys: strictly, one spelling each."""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from pydantic_core import SchemaValidator, ValidationError

from diptych.resource.kinds import BigInteger, Text, Uuid
from diptych.resource.shape import Field, KeyReader
from diptych.resource.spelling import to_json
from diptych.resource.strict_schema import BIG_INTEGER_LIMITS, INTEGER_LIMITS
from diptych.resource.unprintable import UNPRINTABLE, is_unprintable
from diptych.resource.violations import NOT_NULL, violations
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Violation
from diptych.semantics.pointer import pointer
from diptych.semantics.row import Key

Check: TypeAlias = Callable[[JSON], Key | Violation]

_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,15}")
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
# No URL can address these: they are taken away as path segments. Source: RFC 3986 section 5.2.4.
_DOTS: Final = (".", "..")


def key_reader(key_field: Field, validator: SchemaValidator, *, client_keyed: bool) -> KeyReader:
    """The reader of one resource's keys. `validator` checks the key's field alone, by attribute name."""
    kind, attribute, json_name = key_field.kind, key_field.attribute, key_field.json_name

    def check(value: JSON) -> Key | Violation:
        try:
            checked, _, _ = validator.validate_python({attribute: value})
        except ValidationError as error:
            return violations(error, {attribute: value}, {attribute: json_name})[0]
        key: Key = to_json(kind, checked[attribute])
        return key

    at = pointer(json_name)
    match kind:
        case Text():
            return TextKeys(check, at)
        case Uuid():
            return UuidKeys(check, at, checked=client_keyed)
        case _:
            return IntegerKeys(check, at, BIG_INTEGER_LIMITS if isinstance(kind, BigInteger) else INTEGER_LIMITS, checked=client_keyed)


class _Keys:
    """What all have in common: a key in a document is checked like any field, and text is a key where it is its one spelling."""

    def __init__(self, check: Check, at: str, *, checked: bool = True) -> None:
        self._check = check
        self._at = at
        # A key that the server made is not held against the field's constraints: nothing is stored under a wrong one.
        self._checked = checked

    def from_json(self, value: JSON) -> Key | Violation:
        return Violation(self._at, "null", NOT_NULL) if value is None else self._check(value)


class IntegerKeys(_Keys):
    """Decimal digits without a plus sign, leading zeros or a fraction."""

    def __init__(self, check: Check, at: str, limits: tuple[int, int], *, checked: bool) -> None:
        super().__init__(check, at, checked=checked)
        self._least, self._most = limits

    def from_text(self, text: str) -> Key | None:
        if _INTEGER.fullmatch(text) is None:
            return None
        number = int(text)
        if not self._least <= number <= self._most:
            return None
        return number if not self._checked or self._check(number) == number else None


class TextKeys(_Keys):
    """Any text that a URL can address and the field's own constraints allow."""

    def from_text(self, text: str) -> Key | None:
        # A validator may tidy a key up when a row is born; only the tidy one addresses the row.
        return text if self._wrong(text) is None and self._check(text) == text else None

    def from_json(self, value: JSON) -> Key | Violation:
        if isinstance(value, str) and (wrong := self._wrong(value)) is not None:
            return wrong
        key = super().from_json(value)
        return self._wrong(key) or key if isinstance(key, str) else key

    def _wrong(self, text: str) -> Violation | None:
        if not text:
            return Violation(self._at, "too_short", "Must be text of at least 1 character.")
        if text in _DOTS:
            return Violation(self._at, "not_allowed", 'Must not be "." or "..", which no URL can address.')
        return Violation(self._at, "not_allowed", UNPRINTABLE) if is_unprintable(text) else None


class UuidKeys(_Keys):
    """Lower case with dashes."""

    def from_text(self, text: str) -> Key | None:
        if _UUID.fullmatch(text) is None:
            return None
        return text if not self._checked or self._check(text) == text else None
