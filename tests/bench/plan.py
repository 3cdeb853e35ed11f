"""The order of things: which runs make a benchmark, what to leave out, and who takes turns with whom."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .cases import CASES, CONTENDED, CREATE, GET, REPLACE, Case
from .contestants import BY_HAND, FASTIFY, ON_POSTGRES, ON_SQLITE, OURS, SAME_DOOR, TUTORIAL, Server

_SERVERS: Final = {server.name: server for server in (*ON_POSTGRES, *ON_SQLITE)}


@dataclass(frozen=True, slots=True)
class Phase:
    """Servers that run at the same time, on one kind of database, and what is asked of them."""

    name: str
    title: str
    servers: tuple[Server, ...]
    cases: tuple[Case, ...]
    doors: tuple[str, ...] = ("rest", "graphql")
    workers: int = 1
    sqlite: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One contestant in one contest: a server behind one of its doors."""

    server: Server
    door: str  # as the load speaks it

    @property
    def label(self) -> str:
        return self.server.doors[self.door]


@dataclass(frozen=True, slots=True)
class Contest:
    """What is compared with each other: one case at one number of connections, through one door, by all who can."""

    phase: str
    door: str
    case: Case
    connections: int
    entries: tuple[Entry, ...]


PHASES: Final = (
    Phase("postgres", "PostgreSQL, one worker", ON_POSTGRES, CASES),
    Phase(
        "sqlite",
        "SQLite, one worker",
        ON_SQLITE,
        tuple(
            replace(case, connections=tuple(size for size in case.connections if size != 64)) for case in (GET, REPLACE, CREATE, CONTENDED)
        ),
        doors=("rest",),
        sqlite=True,
    ),
    Phase(
        "two-workers",
        "PostgreSQL, two workers",
        (OURS, TUTORIAL, BY_HAND, FASTIFY),
        tuple(replace(case, connections=(32, 128)) for case in (GET, REPLACE, CONTENDED)),
        workers=2,
    ),
)


def contests(phase: Phase, only: Collection[str] = ()) -> list[Contest]:
    """The contests of a phase, less those that `only` leaves out.

    `only` holds names of phases, doors, cases and servers, and numbers of connections; of each sort that it names, the rest is left out.
    """
    wanted = set(only)
    everything = {
        "phase": {one.name for one in PHASES},
        "door": {"rest", "graphql"},
        "case": {case.name for case in CASES},
        "server": set(_SERVERS),
        "connections": {str(size) for case in CASES for size in case.connections},
    }
    if unknown := wanted - set().union(*everything.values()):
        raise ValueError(f"Nothing here is called {', '.join(sorted(unknown))}. There are: {', '.join(_in_order(everything))}.")

    def keeps(sort: str, name: str) -> bool:
        named = wanted & everything[sort]
        return not named or name in named

    found = []
    for door in phase.doors:
        entries = tuple(
            Entry(server, spoken)
            for server in phase.servers
            for spoken in server.doors
            if SAME_DOOR.get(spoken, spoken) == door and keeps("server", server.name)
        )
        for case in phase.cases:
            for size in case.connections:
                fits = keeps("phase", phase.name) and keeps("door", door) and keeps("case", case.name) and keeps("connections", str(size))
                if fits and door in case.doors and entries:
                    found.append(Contest(phase.name, door, case, size, entries))
    return found


def turns(entries: Sequence[Entry], round_: int) -> Iterator[Entry]:
    """The contestants of a contest, with another one first in every round."""
    start = round_ % len(entries)
    yield from entries[start:]
    yield from entries[:start]


def _in_order(everything: dict[str, set[str]]) -> list[str]:
    return [name for names in everything.values() for name in sorted(names)]
