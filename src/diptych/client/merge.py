"""Three-way merge: what two people made of one document, put together where they do not contradict each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from diptych.client.difference import escaped
from diptych.semantics.json_value import JSON, MISSING, Document, Missing, same

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place that both have changed, to different values. MISSING stands where a member is not there."""

    pointer: str
    base: JSON | Missing
    mine: JSON | Missing
    theirs: JSON | Missing


@dataclass(frozen=True, slots=True)
class Merged(Generic[T]):
    """Both changes together; nobody's is lost."""

    value: T


@dataclass(frozen=True, slots=True)
class Conflicts(Generic[T]):
    """Where the two contradict each other. `value` has all else of both, and theirs in these places."""

    places: tuple[Conflict, ...]
    value: T


def merge(base: Document, mine: Document, theirs: Document) -> Merged[dict[str, JSON]] | Conflicts[dict[str, JSON]]:
    """Merge two documents that were made of one. Objects are merged member by member, lists are taken whole."""
    places: list[Conflict] = []
    merged = _members(base, mine, theirs, "", places)
    return Conflicts(tuple(places), merged) if places else Merged(merged)


def _members(base: Document, mine: Document, theirs: Document, at: str, places: list[Conflict]) -> dict[str, JSON]:
    merged = {}
    for name in {**theirs, **mine, **base}:
        before, ours, others = (each.get(name, MISSING) for each in (base, mine, theirs))
        value = _value(before, ours, others, f"{at}/{escaped(name)}", places)
        if value is not MISSING:
            merged[name] = value
    return merged


def _value(base: JSON, mine: JSON, theirs: JSON, at: str, places: list[Conflict]) -> JSON:
    if same(mine, theirs) or same(theirs, base):
        return mine
    if same(mine, base):
        return theirs
    if isinstance(base, Mapping) and isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        return _members(base, mine, theirs, at, places)
    places.append(Conflict(at, base, mine, theirs))
    return theirs
