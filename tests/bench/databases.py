"""What every contestant finds in its database at the start of a run, and what is looked for at its end."""

from dataclasses import dataclass
from typing import Final, Protocol

ROWS: Final = 10_000
BIO: Final = "A short text about this person."
# Each tenth user is an admin.
ADMINS: Final = 10
# User 1 has one document, user 6 has six, user 7 has none, and so on: three on average, and some have more than are asked for.
DOCUMENTS: Final = 7

# How many rows there are, how often the first ones were changed, and how many rows have a name that says something else.
STATE: Final = """
SELECT count(*), coalesce(sum(version - 1) FILTER (WHERE id <= {rows}), 0),
    count(*) FILTER (WHERE name NOT LIKE 'n' || (version - 1) || ' %')
FROM users
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
        """Put the rows there as they are at the start of a run: version 1, and "n0" and the key as name.

        Of documents only the first ROWS users have any, however many rows there are.
        """

    def state(self, rows: int) -> State: ...
