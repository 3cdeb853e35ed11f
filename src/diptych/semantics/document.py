"""Documents as they come in: which members may stand there, and what fills the places of those that do not."""

from diptych.semantics.frozen import frozen
from diptych.semantics.json_value import JSON, Document, is_integer, same
from diptych.semantics.outcome import Violation
from diptych.semantics.pointer import pointer
from diptych.semantics.row import Row
from diptych.semantics.shape import Shape

VERSION = "version"


@frozen
class Draft:
    """The members to be checked as a whole, and what is wrong already: unknown, read-only or misplaced ones."""

    members: dict[str, JSON]
    violations: tuple[Violation, ...]


def complete_draft(content: Document, shape: Shape, row: Row | None, minted: Document) -> Draft:
    """Read a document that is complete: what it leaves out goes back to its default, except the fields that are kept.

    A kept field stays as the row has it; where there is no row yet, `minted` has the values that are made anew.
    """
    draft = patch_draft(content, shape, row)
    filled = minted if row is None else {name: row.values[name] for name in shape.kept}
    return Draft({**filled, **draft.members}, draft.violations) if filled else draft


def patch_draft(content: Document, shape: Shape, row: Row | None) -> Draft:
    """Sort the members of a document or a merge patch: to be checked, wrong at once, or key and version, judged elsewhere."""
    members: dict[str, JSON] = {}
    violations: list[Violation] = []
    fields, read_only = shape.fields, shape.read_only
    for name, value in content.items():
        if name in fields and name not in read_only:
            members[name] = value
        elif name == VERSION:
            if not is_integer(value):
                violations.append(Violation("/version", "type", "Must be an integer, or left out."))
        elif name == shape.key_name:
            # On a create the key is read by itself; here the row says what it must be.
            if row is not None and not same(value, row.key):
                violations.append(Violation(pointer(name), "not_allowed", "Must be the key that the request addresses."))
        elif name in read_only:
            # Of a hidden one not even its sameness is told.
            if row is None or name in shape.hidden or not same(value, row.values.get(name)):
                violations.append(
                    Violation(pointer(name), "not_allowed", "The server sets this field; send its current value or leave it out.")
                )
        else:
            violations.append(Violation(pointer(name), "unknown", "There is no such field."))
    return Draft(members, tuple(violations))


def stated_version(content: Document) -> int | None:
    """The version that a document names; None if it names none, or something that is no integer."""
    value: JSON = content.get(VERSION)
    return int(value) if is_integer(value) else None


def carries_hidden(content: Document, shape: Shape) -> bool:
    return not shape.hidden.isdisjoint(content)
