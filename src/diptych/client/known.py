"""What the client hands out: rows with the version they were read at, and pages of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

from diptych.semantics.json_value import Document

T = TypeVar("T")

# How a caller may name a row.
Key: TypeAlias = int | str | UUID


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """One row in the state that was seen: its value, its key, and the version that names this state.

    `value` is the caller's own, and may be changed in place; `document` stays what the server said, as JSON.
    """

    value: T
    key: int | str
    version: int
    document: Document = field(repr=False)

    @property
    def tag(self) -> str:
        """The strong entity-tag of this state. Source: RFC 9110 section 8.8.3."""
        return f'"{self.version}"'


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list. The cursors are None where there are no rows, `total` where it was not asked for."""

    rows: tuple[Known[T], ...]
    has_next: bool
    has_previous: bool
    start_cursor: str | None
    end_cursor: str | None
    total: int | None

    def __iter__(self) -> Iterator[Known[T]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)
