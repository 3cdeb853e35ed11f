"""Preconditions: what a caller says must be true before anything is read or written."""

from typing import TypeAlias, assert_never

from diptych.semantics.frozen import frozen
from diptych.semantics.version import NOTHING, Version


@frozen
class Exists:
    """`If-Match: *`: a row is there, in whatever state."""


@frozen
class Absent:
    """`If-None-Match: *` or version 0: nothing is there."""


@frozen
class IsAt:
    """`If-Match: "7", "9"` or a version argument: the row is there at one of these versions.

    Tags that are well formed but name no version of ours add nothing to the set; it may be empty, and then never holds.
    """

    versions: frozenset[Version]


@frozen
class IsNotAt:
    """`If-None-Match: "7"`: the row is at none of these versions."""

    versions: frozenset[Version]


Precondition: TypeAlias = Exists | Absent | IsAt | IsNotAt


def holds(precondition: Precondition, current: Version) -> bool:
    """Tell whether the row's present state satisfies one precondition.

    `current` is NOTHING when no row is stored under the key. Source: RFC 9110 sections 13.1.1, 13.1.2.
    """
    match precondition:
        case Exists():
            return current != NOTHING
        case Absent():
            return current == NOTHING
        case IsAt(versions):
            return current in versions
        case IsNotAt(versions):
            return current not in versions
        case _:
            assert_never(precondition)


def protects(precondition: Precondition) -> bool:
    """Tell whether a precondition that holds guards against a lost update.

    "Not at 6" holds for every other state, so it names none that the caller has seen.
    """
    return not isinstance(precondition, IsNotAt)


def at_version(version: int) -> Precondition:
    """What a version number asks for: that state, or, for 0, that nothing is there. A negative number never holds."""
    if version == NOTHING:
        return Absent()
    return IsAt(frozenset({Version(version)}))
