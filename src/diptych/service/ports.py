"""What the service needs from outside, as protocols: a store that remembers, and a mint of fresh values."""

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Protocol

from diptych.resource.scope import Scope
from diptych.resource.shape import ResourceShape
from diptych.semantics.change import ChangeSet, Committed, Raced
from diptych.semantics.json_value import JSON
from diptych.semantics.outcome import Forbidden, Invalid, Page, ReferenceConflict, Unavailable, UniqueConflict
from diptych.semantics.read import Window
from diptych.semantics.row import Facts, Key, Row

# What the database itself refuses when a change set is committed. `Invalid` is a CHECK or a not-null that validation did not foresee.
Conflict = UniqueConflict | ReferenceConflict | Invalid


class Store(Protocol):
    """The memory. Each method serves one caller; callers that wait at the same time share statements and commits.

    A read sees every commit that was acknowledged before it was called. Nothing is answered before it is durable. Errors of the
    driver never come out: what can be foreseen is in the answers, anything else is raised as StoreError.
    A `scope` says which rows there are for this caller, in the very statement; without one, all are. Callers of different
    scopes may share a statement only where each gets what it would get alone.
    """

    def fetch(self, resource: ResourceShape, key: Key, scope: Scope | None = None) -> Coroutine[Any, Any, Facts | Unavailable]:
        """Read a row, and the last version its key ever had; a row outside of the scope is told as concealed, or not allowed."""

    def window(self, resource: ResourceShape, window: Window, scope: Scope | None = None) -> Coroutine[Any, Any, Page | Unavailable]:
        """Read a stretch of rows in order; those who ask for the same one at the same time may be given one page."""

    def rows(
        self, resource: ResourceShape, keys: Sequence[Key], fields: frozenset[str] | None, scope: Scope | None = None
    ) -> Coroutine[Any, Any, Sequence[Row | None] | Unavailable]:
        """Read rows by their keys, in the order of the keys, None where nothing is stored; all of one snapshot. `fields` as for List."""

    def related(
        self, resource: ResourceShape, field: str, values: Sequence[JSON], window: Window, scope: Scope | None = None
    ) -> Coroutine[Any, Any, Mapping[JSON, Page] | Unavailable]:
        """Read, for each of some values, a stretch of the rows that have it in a field, by JSON name; all of one snapshot.

        Values are canonical. Each has a page, which tells of its own rows alone.
        """

    def commit(
        self, resource: ResourceShape, changes: ChangeSet, scope: Scope | None = None
    ) -> Coroutine[Any, Any, Committed | Raced | Conflict | Forbidden | Unavailable]:
        """Make all changes or none, each only while its guard holds, of which the scope is a part.

        Forbidden where a row would leave the scope by its change, or be born outside of it; nothing is written then.
        """


class StoreError(Exception):
    """The database did something nobody planned; the driver's own error is the cause, and its words go to the log only."""
