"""Kinds of fields: what a value is, on every door and in every database. The JSON spelling of each is the contract's."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """Text of at most `longest` characters, None for no bound of the column's."""

    longest: int | None = None


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer of 32 bits."""


@dataclass(frozen=True, slots=True)
class BigInteger:
    """An integer within ±(2^53-1), in a column of 64 bits."""


@dataclass(frozen=True, slots=True)
class Float:
    """A finite float of 64 bits."""


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Decimal:
    """An exact number, as text. `precision` digits, `scale` of them after the point; None for no bound."""

    precision: int | None
    scale: int | None


@dataclass(frozen=True, slots=True)
class DateTime:
    """A moment, as RFC 3339 text in UTC that ends in Z."""


@dataclass(frozen=True, slots=True)
class Date:
    """A day, as ISO 8601 text."""


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day without a zone, as ISO 8601 text."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, as ISO 8601 text such as PT1H."""


@dataclass(frozen=True, slots=True)
class Uuid:
    """A UUID, as text in lower case with dashes."""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """One member of an enum: its value on REST and in the database, its name in GraphQL. Values are all text or all integers."""

    enum: type[Enum]

    @property
    def holds_text(self) -> bool:
        return all(isinstance(member.value, str) for member in self.enum)


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes, as base64 text with padding. Source: RFC 4648 section 4."""


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON column. `form` says what stands at its top; `items` is the kind of a list's elements, None for any JSON."""

    form: Literal["object", "list", "any"]
    items: "Kind | None" = None
    items_nullable: bool = False


Kind: TypeAlias = (
    Text | Integer | BigInteger | Float | Boolean | Decimal | DateTime | Date | Time | Duration | Uuid | Enumeration | Bytes | Json
)
