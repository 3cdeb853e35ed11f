"""Lines: what runs work on a database connection that is kept, and replaced when it is lost."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import sqlalchemy as sa

from diptych.store.change import Answer, Ask
from diptych.store.columns import Dialect

Result = TypeVar("Result")


class Line(Protocol):
    """One connection, used by one piece of work at a time. It connects on first use, and again after a loss."""

    async def run(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Run synchronous work on the connection, away from the event loop.

        Raises StoreError where there is no connection (DatabaseAway if there may be one later), before any work was done; and
        what the work raises.
        """

    async def close(self) -> None:
        """Let the connection go; the line may be used again."""


class Database(Protocol):
    """A database that can be reached."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def commit_many(self) -> Callable[[sa.Connection, Sequence[Ask]], list[Answer]]:
        """Work for a writer: commit every set that its own guards and constraints allow, and answer each."""

    def reader(self) -> Line:
        """A new line that only reads; a statement on it sees every commit that was made before it was sent."""

    def searcher(self) -> Line:
        """A new line that only reads, for statements of more forms than can be kept."""

    def writer(self) -> Line:
        """A new line that changes rows."""

    async def open(self, prepare: Callable[[sa.Connection], None]) -> None:
        """Run `prepare` in a transaction that no other process prepares in at the same time."""

    async def close(self) -> None: ...
