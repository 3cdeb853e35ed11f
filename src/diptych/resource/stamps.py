"""Values that the server sets by itself when a row is born or changed: by whom, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from diptych.semantics.principal import Principal


@dataclass(frozen=True, slots=True)
class Stamp:
    """`make` makes the value, as Python has it, of the principal whose write it is; None for a column that may be null.

    With `each_change` it is made anew whenever the row changes, and not by a write that changes nothing; without, once, at birth.
    """

    make: Callable[[Principal], Any]
    each_change: bool = False


def _subject(principal: Principal) -> str | None:
    return principal.subject


def _now(_principal: Principal) -> datetime:
    return datetime.now(UTC)


CREATED_BY: Final = Stamp(_subject)
CREATED_AT: Final = Stamp(_now)
CHANGED_BY: Final = Stamp(_subject, each_change=True)
CHANGED_AT: Final = Stamp(_now, each_change=True)
