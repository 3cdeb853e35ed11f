"""How far a request's reads must have come, where a store has copies that lag behind.

A door says what its client has seen; the service says when a copy will not do. A store without copies never looks here.
"""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, assert_never

from diptych.semantics.command import Fetch
from diptych.semantics.precondition import Absent, Exists, IsAt, IsNotAt, Precondition
from diptych.semantics.row import Facts, Key
from diptych.semantics.shape import Shape
from diptych.semantics.version import NOTHING, Version


@dataclass(frozen=True, slots=True)
class Claim:
    """A state that a client has seen: the row under this key was at this version, or, at NOTHING, was not there."""

    shape: Shape
    key: Key
    version: Version


@dataclass(slots=True)
class Sight:
    """What one request has seen. `insists` is set as soon as a copy will not do for the rest of it; then nothing else is asked of one."""

    claims: Sequence[Claim] = ()
    insists: bool = False
    is_reached: bool | None = None  # whether a copy was found to have come as far as the claims; None before anybody looked


# None outside of a request, where nobody has said that an older state will do.
SIGHT: Final[ContextVar[Sight | None]] = ContextVar("diptych_sight", default=None)


def insist() -> bool:
    """Have the rest of this request read no copy; tells whether it might have read one until now."""
    sight = SIGHT.get()
    if sight is None or sight.insists:
        return False
    sight.insists = True
    return True


def has_reached(claim: Claim, facts: Facts) -> bool:
    """Whether a copy that knows these facts has come as far as the claim; where that cannot be told, it has not.

    A row that is not in the copy may still be on its way there, and one that is there may still be on its way out.
    """
    if claim.version == NOTHING:
        return facts.row is None
    return facts.last >= claim.version


def is_behind(command: Fetch, facts: Facts) -> bool:
    """Whether a read may have been answered by a copy that has not come far enough.

    So it may where nothing is there, and where a condition names a version above any that is known.
    """
    return facts.row is None or any(_newest(condition) > facts.last for condition in (*command.preconditions, *command.unless))


def _newest(condition: Precondition) -> Version:
    match condition:
        case IsAt(versions) | IsNotAt(versions):
            return max(versions, default=NOTHING)
        case Exists() | Absent():
            return NOTHING
        case _:
            assert_never(condition)
