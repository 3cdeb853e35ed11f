"""A row as the service sees it: its key, its version, and every stored field as a JSON value."""

from typing import TypeAlias

from diptych.semantics.frozen import frozen
from diptych.semantics.json_value import Document
from diptych.semantics.version import NOTHING, Version

# A key in its JSON form: a number for an integer key, text for a text or UUID key (lower-case, with dashes).
Key: TypeAlias = int | str


@frozen
class Row:
    """One stored state. `values` has every field but key and version, by JSON name, hidden ones included."""

    key: Key
    version: Version
    values: Document


@frozen
class Facts:
    """What is known of a key when a decision is made.

    `last` is the highest version the key ever had; for a row that is there, its version.
    For a key chosen by the server and not stored it is NOTHING, since such a key is never given twice.
    `concealed`: a row is there, and it is one that the caller may not see, so `row` is None. `allowed`: the caller's write may
    touch the row.
    """

    row: Row | None
    last: Version
    concealed: bool = False
    allowed: bool = True

    @property
    def version(self) -> Version:
        return NOTHING if self.row is None else self.row.version


UNKNOWN_TO_THE_STORE = Facts(None, NOTHING)
