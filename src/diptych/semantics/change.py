"""Change sets: what a decision asks the store to do, each change under a guard that proves its facts still hold."""

from typing import TypeAlias

from diptych.semantics.frozen import frozen
from diptych.semantics.json_value import Document
from diptych.semantics.row import Key, Row
from diptych.semantics.version import Version


@frozen
class Insert:
    """Store a new row at version `above + 1`, only while nothing is stored under the key and `above` is its last version.

    `key` is None where the server chooses it, and then `above` is NOTHING.
    """

    key: Key | None
    values: Document
    above: Version


@frozen
class Update:
    """Give the row these values and the next version, only while it is at `seen`, which is below LAST.

    `unless_same`: nothing was fetched, so the statement itself compares, and a row that already has these values keeps its version.
    """

    key: Key
    seen: Version
    values: Document
    unless_same: bool = False


@frozen
class Remove:
    """Delete the row, only while it is at `seen`; a client-chosen key keeps that number for ever."""

    key: Key
    seen: Version


Change: TypeAlias = Insert | Update | Remove

# Changes that happen together or not at all, in this order. One command makes one change today.
ChangeSet: TypeAlias = tuple[Change, ...]


@frozen
class Committed:
    """The set is durable. `rows` has, for each change in order, the state it left, or for Remove the state it took away."""

    rows: tuple[Row, ...]


@frozen
class Raced:
    """A guard missed: the facts of the decision are no longer true. Nothing was written; decide again."""
