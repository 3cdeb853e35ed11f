"""What the service needs from outside, as protocols: a store that remembers, and a mint of fresh values."""

from typing import Protocol

from diptych.resource.shape import ResourceShape
from diptych.semantics.change import ChangeSet, Committed, Raced
from diptych.semantics.outcome import Invalid, ReferenceConflict, Unavailable, UniqueConflict
from diptych.semantics.read import Seen, Window
from diptych.semantics.row import Facts, Key

# What the database itself refuses when a change set is committed. `Invalid` is a CHECK or a not-null that validation did not foresee.
Conflict = UniqueConflict | ReferenceConflict | Invalid


class Store(Protocol):
    """The memory. Each method serves one caller; callers that wait at the same time share statements and commits.

    A read sees every commit that was acknowledged before it was called. Nothing is answered before it is durable. Errors of the
    driver never come out: what can be foreseen is in the answers, anything else is raised as StoreError.
    """

    async def fetch(self, resource: ResourceShape, key: Key) -> Facts | Unavailable:
        """Read a row, and the last version its key ever had."""

    async def window(self, resource: ResourceShape, window: Window) -> Seen | Unavailable:
        """Read a stretch of rows in key order."""

    async def commit(self, resource: ResourceShape, changes: ChangeSet) -> Committed | Raced | Conflict | Unavailable:
        """Make all changes or none, each only while its guard holds."""


class StoreError(Exception):
    """The database did something nobody planned; the driver's own error is the cause, and its words go to the log only."""
