"""Values that are made for every request: nobody changes one, and making one costs little."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

Made = TypeVar("Made")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(made: type[Made]) -> type[Made]:
    """A dataclass with slots that is frozen for the checker of types alone.

    One that is frozen when the program runs sets each field by a call, which takes three times as long: 0.4 µs in place of 0.15 for
    three fields, and a request makes a dozen of them.
    """
    return dataclass(slots=True, unsafe_hash=True)(made)
