"""What a decision needs to know of a resource; the declaration provides it (`diptych.resource`)."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from diptych.semantics.condition import Filterable
from diptych.semantics.json_value import JSON, Document
from diptych.semantics.outcome import Violation
from diptych.semantics.row import Key, Row
from diptych.semantics.version import Version


class Shape(Protocol):
    """One resource, as far as the rules are concerned. Names are JSON names; key and version are not among the fields."""

    @property
    def name(self) -> str:
        """The type name, such as `StockItem`."""

    @property
    def key_name(self) -> str:
        """The JSON name of the key, such as `id`."""

    @property
    def client_keyed(self) -> bool:
        """Whether the client chooses keys; the server does otherwise."""

    @property
    def versions_required(self) -> bool:
        """Whether a write without a precondition is refused."""

    @property
    def fields(self) -> frozenset[str]:
        """Every stored field but key and version."""

    @property
    def read_only(self) -> frozenset[str]:
        """Fields that a document may carry only with their current value."""

    @property
    def hidden(self) -> frozenset[str]:
        """Fields that may be written and are never read."""

    @property
    def readable_names(self) -> frozenset[str]:
        """All that a reader gets: key, fields that are not hidden, and version."""

    @property
    def filters(self) -> Mapping[str, Filterable]:
        """What a list may be filtered by."""

    @property
    def orders(self) -> frozenset[str]:
        """The fields that a list may be ordered by, the key among them."""

    @property
    def kept(self) -> frozenset[str]:
        """Fields that stay as they are when a complete document leaves them out: read-only, hidden and minted ones."""

    def key_from_text(self, text: str) -> Key | None:
        """Read a key out of a path segment or a GraphQL ID; None if no row can have it. Only the canonical text is a key."""

    def key_from_json(self, value: JSON) -> Key | Violation:
        """Read a key out of a document; the violation points at the key member."""

    def is_ordered_value(self, field: str, value: JSON) -> bool:
        """Whether a field of `orders` can have a value, in its one canonical spelling; null where it can be null."""

    def check(self, members: Document, *, key: Key | None, version: Version) -> dict[str, JSON] | Sequence[Violation]:
        """Check a whole document and complete it with defaults.

        `members` has only names out of `fields`. Returns a value for every field, each in its one canonical spelling, or
        every violation. `key` is None for a row whose key the server will choose; `version` is the one the validators see.
        """

    def representation(self, row: Row) -> dict[str, JSON]:
        """What a reader gets: key, readable fields and `version`, in the order of declaration."""
