"""JSON Patch, one operation at a time. Source: RFC 6902."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from diptych.semantics import pointer
from diptych.semantics.json_value import JSON, MISSING, Missing, same
from diptych.semantics.measure import DEEPEST, Measure, TooManyLooks
from diptych.semantics.outcome import PatchConflict, PatchInvalid

MOST_OPERATIONS: Final = 256

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Patched:
    """The document after every operation; `hidden` has what was set at hidden members, which the document never shows."""

    document: JSON
    hidden: dict[str, JSON]


class _CannotApply(Exception):
    """An operation is malformed or its path is not there; carries the pointer to blame and the reason."""

    def __init__(self, at: str, reason: str) -> None:
        self.at = at
        self.reason = reason


class _TestFailed(Exception):
    """A `test` does not hold; carries its pointer."""

    def __init__(self, at: str) -> None:
        self.at = at


def apply(
    document: JSON,
    operations: Sequence[JSON],
    *,
    hidden: frozenset[str] = frozenset(),
    most_bytes: int = 1 << 20,
    deepest: int = DEEPEST,
) -> Patched | PatchConflict | PatchInvalid:
    """Apply operations in order, all or none; the document given is not changed.

    `hidden` are top-level members that `add` and `replace` may set and nothing may read. A result above `most_bytes` of
    JSON text or with more than `deepest` levels of brackets is refused at the operation that would make it. Source: RFC 6902 section 5.
    """
    if len(operations) > MOST_OPERATIONS:
        return PatchInvalid(MOST_OPERATIONS, pointer.WHOLE, f"a patch has at most {MOST_OPERATIONS} operations")
    run = _Run(document, hidden, most_bytes, deepest)
    for index, operation in enumerate(operations):
        try:
            run.step(operation)
        except _CannotApply as refusal:
            return PatchInvalid(index, refusal.at, refusal.reason)
        except TooManyLooks as refusal:
            return PatchInvalid(index, pointer.WHOLE, str(refusal))
        except _TestFailed as refusal:
            return PatchConflict(index, refusal.at)
    return Patched(run.document, run.set_hidden)


class _Run:
    """The state between two operations. Values are never changed in place, so that a copy costs nothing."""

    def __init__(self, document: JSON, hidden: frozenset[str], most_bytes: int, deepest: int) -> None:
        self.document = document
        self.set_hidden: dict[str, JSON] = {}
        self._hidden = hidden
        self._most_bytes = most_bytes
        self._deepest = deepest
        self._measure = Measure()
        # The row itself is never too much to look at; what the operations make of it may be.
        self._size, _ = self._measure.of(document)
        self._measure.begin_count()

    def step(self, operation: JSON) -> None:
        if not isinstance(operation, dict):
            raise _CannotApply(pointer.WHOLE, "an operation is an object")
        name = operation.get("op")
        perform = _OPERATIONS.get(name) if isinstance(name, str) else None
        if perform is None:
            raise _CannotApply(pointer.WHOLE, "`op` is one of add, remove, replace, move, copy, test")
        perform(self, operation)

    def add(self, operation: dict[str, JSON]) -> None:
        path, value = self._path(operation, "path"), _value(operation)
        if not self._sets_hidden(path, value):
            self._put(path, value, _text(operation, "path"))

    def remove(self, operation: dict[str, JSON]) -> None:
        self._take(self._visible_path(operation, "path"), _text(operation, "path"))

    def replace(self, operation: dict[str, JSON]) -> None:
        path, value, at = self._path(operation, "path"), _value(operation), _text(operation, "path")
        if self._sets_hidden(path, value):
            return
        replaced = _look(self.document, path, at)
        self._grow(path, value, -self._measure.of(replaced)[0])
        self.document = _change(self.document, path, lambda _: value)

    def move(self, operation: dict[str, JSON]) -> None:
        source, target = self._visible_path(operation, "from"), self._visible_path(operation, "path")
        at = _text(operation, "from")
        value = _look(self.document, source, at)
        if source == target:
            return
        if pointer.is_prefix(source, target):
            # "The from location MUST NOT be a proper prefix of the path location" (RFC 6902 section 4.4).
            raise _CannotApply(_text(operation, "path"), "a value cannot be moved into itself")
        self._take(source, at)
        self._carry(target, value, _text(operation, "path"))

    def copy(self, operation: dict[str, JSON]) -> None:
        source, target = self._visible_path(operation, "from"), self._visible_path(operation, "path")
        self._carry(target, _look(self.document, source, _text(operation, "from")), _text(operation, "path"))

    def test(self, operation: dict[str, JSON]) -> None:
        path, at = self._visible_path(operation, "path"), _text(operation, "path")
        value = _value(operation)
        try:
            found = _look(self.document, path, at)
        except _CannotApply:
            # A path that is not there holds no value, so the test on it does not hold.
            raise _TestFailed(at) from None
        if not same(found, value):
            raise _TestFailed(at)

    def _path(self, operation: dict[str, JSON], member: str) -> Path:
        text = _text(operation, member)
        path = pointer.read(text)
        if path is None:
            raise _CannotApply(pointer.WHOLE, f"`{member}` is not a JSON Pointer")
        return path

    def _visible_path(self, operation: dict[str, JSON], member: str) -> Path:
        path = self._path(operation, member)
        if path and path[0] in self._hidden:
            raise _CannotApply(_text(operation, member), "a hidden member can only be set, by add or replace")
        return path

    def _sets_hidden(self, path: Path, value: JSON) -> bool:
        """Set a hidden member beside the document and say so; one that is reached into is refused."""
        if not path:
            if not isinstance(value, dict):
                return False
            self.set_hidden.update((name, value[name]) for name in self._hidden if name in value)
            self._put(path, {name: inner for name, inner in value.items() if name not in self._hidden}, pointer.WHOLE)
            return True
        if path[0] not in self._hidden:
            return False
        if len(path) > 1:
            raise _CannotApply(pointer.pointer(*path), "a hidden member can only be set whole")
        self.set_hidden[path[0]] = value
        return True

    def _carry(self, path: Path, value: JSON, at: str) -> None:
        """Put what was found in the document at a path of it; at the root, none of its members may become a hidden one."""
        if not path and isinstance(value, dict) and not self._hidden.isdisjoint(value):
            raise _CannotApply(at, "a hidden member can only be set, by add or replace")
        self._put(path, value, at)

    def _put(self, path: Path, value: JSON, at: str) -> None:
        """Add at a path whose parent must be there: set a member, or insert before an index. Source: RFC 6902 section 4.1."""
        if not path:
            self._grow(path, value, -self._size)
            self.document = value
            return
        parent, part = path[:-1], path[-1]
        container = _look(self.document, parent, at)
        if isinstance(container, dict):
            self._grow(path, value, self._around_member(container, part))
            self.document = _change(self.document, parent, lambda inner: {**inner, part: value})
            return
        position = _place(container, part)
        if position is None:
            raise _CannotApply(at, "nothing can be added there")
        self._grow(path, value, min(len(container), 1))
        self.document = _change(self.document, parent, lambda inner: _with(inner, position, value))

    def _around_member(self, container: dict[str, JSON], name: str) -> int:
        """Bytes that come or go beside the value when a member is set: the old value, or its name, colon and comma."""
        if name in container:
            return -self._measure.of(container[name])[0]
        return self._measure.of(name)[0] + 1 + min(len(container), 1)

    def _take(self, path: Path, at: str) -> None:
        """Remove what is at a path; the whole document leaves null behind."""
        removed = _look(self.document, path, at)
        if not path:
            self.document, self._size = None, 4
            return
        part = path[-1]
        self._size -= self._measure.of(removed)[0] + self._around_removed(path)
        self.document = _change(self.document, path[:-1], lambda container: _without(container, part))

    def _around_removed(self, path: Path) -> int:
        """Bytes that go beside the value when it is removed: its comma, and for a member its name and colon."""
        container = _look(self.document, path[:-1], pointer.WHOLE)
        comma = 1 if len(container) > 1 else 0
        return comma + (self._measure.of(path[-1])[0] + 1 if isinstance(container, dict) else 0)

    def _grow(self, path: Path, value: JSON, around: int) -> None:
        """Account for a value about to stand at a path, `around` being the bytes that come or go beside it."""
        size, depth = self._measure.of(value)
        self._size += size + around
        if self._size > self._most_bytes:
            raise _CannotApply(pointer.pointer(*path), f"the result is larger than {self._most_bytes} bytes")
        if len(path) + depth > self._deepest:
            raise _CannotApply(pointer.pointer(*path), f"the result is nested deeper than {self._deepest} levels")


_OPERATIONS: Final[dict[str, Callable[[_Run, dict[str, JSON]], None]]] = {
    "add": _Run.add,
    "remove": _Run.remove,
    "replace": _Run.replace,
    "move": _Run.move,
    "copy": _Run.copy,
    "test": _Run.test,
}


def _text(operation: dict[str, JSON], member: str) -> str:
    text = operation.get(member)
    if not isinstance(text, str):
        raise _CannotApply(pointer.WHOLE, f"`{member}` is missing or not text")
    return text


def _value(operation: dict[str, JSON]) -> JSON:
    value = operation.get("value", MISSING)
    if isinstance(value, Missing):
        raise _CannotApply(_text(operation, "path"), "`value` is missing")
    return value


def _look(document: JSON, path: Path, at: str) -> JSON:
    """Return the value at a path that must be there."""
    value = document
    for part in path:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and (position := pointer.index(part, len(value))) is not None:
            value = value[position]
        else:
            raise _CannotApply(at, "nothing is there")
    return value


def _change(document: JSON, path: Path, change: Callable[[JSON], JSON]) -> JSON:
    """Rebuild the containers along a path that is there, with `change` applied at its end."""
    if not path:
        return change(document)
    part, rest = path[0], path[1:]
    if isinstance(document, dict):
        return {**document, part: _change(document[part], rest, change)}
    position, changed = int(part), list(document)
    changed[position] = _change(document[position], rest, change)
    return changed


def _place(container: JSON, part: str) -> int | None:
    """Where in an array an `add` inserts; "-" is one past the end (RFC 6901 section 4), and so is the length itself."""
    if not isinstance(container, list):
        return None
    return len(container) if part == "-" else pointer.index(part, len(container) + 1)


def _with(array: list[JSON], position: int, value: JSON) -> list[JSON]:
    longer = list(array)
    longer.insert(position, value)
    return longer


def _without(container: JSON, part: str) -> JSON:
    rest = container.copy()
    del rest[part if isinstance(container, dict) else int(part)]
    return rest
