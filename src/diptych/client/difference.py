"""The patch that makes one document of another."""

from dataclasses import dataclass
from typing import Final, Literal

from diptych.semantics.json_value import JSON, MISSING, Document, same
from diptych.semantics.merge_patch import merge_members


@dataclass(frozen=True, slots=True)
class Difference:
    """What to send: a merge patch, or a JSON Patch where a merge patch could not say it."""

    kind: Literal["patch", "json_patch"]
    body: JSON


def difference(before: Document, after: Document) -> Difference | None:
    """What turns `before` into `after`; None where they are the same.

    A null inside a JSON column is beyond a merge patch, which reads it as "take this member away" (RFC 7396 section 1).
    """
    names = [name for name in {**before, **after} if not same(before.get(name, MISSING), after.get(name, MISSING))]
    if not names:
        return None
    patch = {name: _between(before.get(name), after.get(name)) for name in names}
    wanted = {**before, **{name: after.get(name) for name in names}}
    if same(merge_members(before, patch), wanted):
        return Difference("patch", patch)
    operations = [{"op": "add", "path": f"/{escaped(name)}", "value": after.get(name)} for name in names]
    return Difference("json_patch", operations)


def _between(before: JSON, after: JSON) -> JSON:
    """The merge patch between two values; members that are gone are null in it."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return after
    gone: Final = dict.fromkeys(before.keys() - after.keys())
    changed = {name: _between(before.get(name), value) for name, value in after.items() if not same(before.get(name, MISSING), value)}
    return gone | changed


def escaped(name: str) -> str:
    """Source: RFC 6901 section 3."""
    return name.replace("~", "~0").replace("/", "~1")
