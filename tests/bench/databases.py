"""What every contestant finds in its database at the start of a run, and what is looked for at its end."""

from dataclasses import dataclass
from typing import Final, Protocol

ROWS: Final = 10_000
BIO: Final = "A short text about this person."

# How many rows there are, how often the first ones were changed, and how many rows have a name that says something else.
STATE: Final = """
SELECT count(*), coalesce(sum(version - 1) FILTER (WHERE id <= {rows}), 0), count(*) FILTER (WHERE name <> 'n' || (version - 1)) FROM users
"""


@dataclass(frozen=True, slots=True)
class State:
    """What a database holds after a run."""

    rows: int
    changes: int  # the sum of `version - 1` over the rows that were there at the start
    torn: int  # rows whose name does not say as many changes as their version


class Database(Protocol):
    """Where one contestant keeps its rows."""

    @property
    def url(self) -> str: ...

    def reset(self, rows: int) -> None:
        """Put the rows there as they are at the start of a run: version 1, name "n0"."""

    def state(self, rows: int) -> State: ...
