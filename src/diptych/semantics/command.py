"""Commands: what is asked, free of any protocol."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from diptych.semantics.condition import EVERYTHING, Condition
from diptych.semantics.frozen import frozen
from diptych.semantics.json_value import JSON
from diptych.semantics.order import Order
from diptych.semantics.outcome import Malformed
from diptych.semantics.precondition import Precondition
from diptych.semantics.row import Key

# What came where a document is expected: any JSON value, or the reason why it could not be read. Reading it is the
# door's work, but a body that cannot be read is refused only after the preconditions (RFC 9110 section 13.2.1), so it
# travels in the command.
Content: TypeAlias = JSON | Malformed


@frozen
class Unaddressable:
    """A key that no row can have, such as a word where keys are numbers. `text` is what came."""

    text: str


Address: TypeAlias = Key | Unaddressable


@frozen
class Create:
    """Make a new row. `preconditions` judge the state "nothing is there"; under Absent, a taken key is a condition that failed."""

    document: Content
    preconditions: Sequence[Precondition] = ()


@frozen
class Replace:
    """Make the row be this document, whole; create it where the client chooses keys and nothing is there."""

    key: Address
    document: Content
    preconditions: Sequence[Precondition] = ()


@frozen
class MergePatch:
    """Change the members that the patch names. Source: RFC 7396."""

    key: Address
    patch: Content
    preconditions: Sequence[Precondition] = ()


@frozen
class JsonPatch:
    """Apply operations in order, all or none. `operations` is unchecked JSON. Source: RFC 6902."""

    key: Address
    operations: Content
    preconditions: Sequence[Precondition] = ()


@frozen
class Delete:
    """Remove the row."""

    key: Address
    preconditions: Sequence[Precondition] = ()


@frozen
class Fetch:
    """Read one row. Preconditions come from REST alone: `unless` is If-None-Match, a hit on which is NotModified."""

    key: Address
    preconditions: Sequence[Precondition] = ()
    unless: Sequence[Precondition] = ()


@frozen
class List:
    """Read one page: the first `size` rows after a cursor, or the last `size` before one.

    `after` and `before` are opaque cursors as a page of the same order gave them out; both may be given. Only rows for which
    `where` holds are there at all. Rows that `order` leaves equal are in the order of their keys. `counted` asks how many rows
    there are in all. `fields`, by JSON name, are those whose values are wanted, None for all; a row may have others besides.
    """

    size: int
    end: Literal["first", "last"] = "first"
    after: str | None = None
    before: str | None = None
    where: Condition = EVERYTHING
    order: tuple[Order, ...] = ()
    counted: bool = False
    fields: frozenset[str] | None = None


@frozen
class FetchMany:
    """Read several rows by their keys, in the order of the keys. `fields` as for List."""

    keys: tuple[Address, ...]
    fields: frozenset[str] | None = None


WriteCommand: TypeAlias = Create | Replace | MergePatch | JsonPatch | Delete
Command: TypeAlias = WriteCommand | Fetch | List
