"""What stands before both doors: it says on whose behalf a request is made, or turns it away."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from diptych.http.answer import Fields
from diptych.http.asgi import Headers, Scope
from diptych.semantics.principal import Caller, DoorName
from diptych.semantics.problems import Problem

# Where in an ASGI scope the header fields are collected that every answer to a request carries, whatever the answer is.
STAMPS: Final = "diptych.stamps"
# Where the id of a request stands, from the header or made.
REQUEST_ID: Final = "diptych.request_id"


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A request that goes no further, through either door; `fields` are those of its answer besides the usual ones."""

    problem: Problem
    fields: Fields = ()


Admission: TypeAlias = Caller | TurnedAway
ADMISSIONS: Final = (Caller, TurnedAway)


class Doorkeeper(Protocol):
    """Asked once for each request that has a path and a method of a door, before anything else of it is looked at.

    That is where the order of refusals has 401, 403 and 429: after 404 and 405, before media types and size.
    """

    def __call__(self, scope: Scope, headers: Headers, door: DoorName) -> Admission | Awaitable[Admission]:
        """Let in or turn away, at once where nothing has to be waited for: a coroutine costs every request."""
        ...


def anybody(door: DoorName) -> Caller:
    """The caller where nobody is asked who they are."""
    return _ANYBODY[door]


_ANYBODY: Final[dict[DoorName, Caller]] = {"rest": Caller(door="rest"), "graphql": Caller(door="graphql"), "code": Caller()}
