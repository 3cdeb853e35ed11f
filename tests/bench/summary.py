"""From runs to what is shown: medians, ratios within a round, and the targets that were set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from statistics import median
from typing import Final

from .measure import Run
from .plan import Contest, Entry

OURS: Final = "ours"


@dataclass(frozen=True, slots=True)
class Line:
    """One contestant in one contest, over all rounds. `times_ours` is our throughput divided by this one's, the median of the rounds."""

    phase: str
    door: str
    case: str
    connections: int
    server: str
    label: str
    middle: Run
    runs: tuple[Run, ...]
    times_ours: float | None


@dataclass(frozen=True, slots=True)
class Target:
    """A target, and how far it was reached; `value` is None where it was not measured."""

    text: str
    wanted: str
    value: float | None
    met: bool | None


def summarize(results: Mapping[tuple[Contest, Entry], Sequence[Run]]) -> list[Line]:
    """One line for each contestant in each contest, in the order in which they were run."""
    lines = []
    for (contest, entry), runs in results.items():
        ours = next((kept for (other, one), kept in results.items() if other == contest and one.server.name == OURS), None)
        lines.append(
            Line(
                contest.phase,
                contest.door,
                contest.case.name,
                contest.connections,
                entry.server.name,
                entry.label,
                middle_of(runs),
                tuple(runs),
                None if ours is None else ratio([run.requests for run in ours], [run.requests for run in runs]),
            )
        )
    return lines


def middle_of(runs: Sequence[Run]) -> Run:
    """The median of every number; what must not happen is added up, for a single case is one too many."""
    added = {"conflicts", "written", "lost", "torn", "wrong", "errors", "unanswered"}
    values: dict[str, object] = {}
    for one in fields(Run):
        seen = [getattr(run, one.name) for run in runs]
        if one.name == "faults":
            values[one.name] = tuple(fault for faults in seen for fault in faults)
        elif one.name in added:
            values[one.name] = sum(seen)
        else:
            values[one.name] = None if None in seen else median(seen)
    return Run(**values)  # type: ignore[arg-type]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """The median of the ratios of rounds: two runs of one round lie close together, and machines drift."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=False) if other > 0]
    return median(ratios) if ratios else None


def targets(lines: Sequence[Line]) -> list[Target]:
    """What was to be reached on PostgreSQL with one worker, and on SQLite."""
    found = {(line.phase, line.door, line.case, line.connections, line.server): line for line in lines}

    def line(door: str, case: str, connections: int, server: str, phase: str = "postgres") -> Line | None:
        return found.get((phase, door, case, connections, server))

    def ahead(text: str, wanted: float, door: str, case: str, server: str, phase: str = "postgres") -> Target:
        other = line(door, case, 32, server, phase)
        value = other.times_ours if other else None
        return Target(f"{text}, 32 connections", f"≥ {wanted:g} ×", value, None if value is None else value >= wanted)

    graphql, rest = line("graphql", "replace", 32, OURS), line("rest", "replace", 32, OURS)
    doors = ratio([run.requests for run in graphql.runs], [run.requests for run in rest.runs]) if graphql and rest else None
    at_64 = [one for door in ("rest", "graphql") if (one := line(door, "replace", 64, OURS))]
    shared = max((one.middle.transactions or 0.0 for one in at_64), default=None)
    lost = sum(one.middle.lost + one.middle.torn for one in lines) if lines else None
    return [
        ahead("REST replace against (a) the tutorial's way", 18, "rest", "replace", "tutorial"),
        ahead("REST replace against (c) asyncpg by hand", 2.5, "rest", "replace", "by-hand"),
        ahead("REST replace against (d) fastify + pg", 0.9, "rest", "replace", "fastify"),
        ahead("GraphQL replace against (b) Strawberry", 18, "graphql", "replace", "strawberry"),
        ahead("GraphQL replace against (d) mercurius", 1.2, "graphql", "replace", "fastify"),
        ahead("GraphQL replace against (e) PostGraphile", 2.5, "graphql", "replace", "postgraphile"),
        Target("GraphQL replace against our own REST replace, 32 connections", "≥ 0.9 ×", doors, None if doors is None else doors >= 0.9),
        ahead("GraphQL get against (b) Strawberry", 15, "graphql", "get", "strawberry"),
        ahead("GraphQL get against (d) mercurius", 0.8, "graphql", "get", "fastify"),
        ahead("GraphQL list of 50 against (b) Strawberry", 10, "graphql", "list", "strawberry"),
        ahead("GraphQL list of 50 against (d) mercurius", 0.8, "graphql", "list", "fastify"),
        ahead("GraphQL filtered and ordered list against (b) Strawberry", 10, "graphql", "filtered", "strawberry"),
        ahead("GraphQL filtered and ordered list against (e) PostGraphile", 1, "graphql", "filtered", "postgraphile"),
        ahead("GraphQL list with documents against (b) Strawberry", 10, "graphql", "nested", "strawberry"),
        ahead("GraphQL list with documents against (e) PostGraphile", 1, "graphql", "nested", "postgraphile"),
        Target("database transactions per acknowledged write, 64 writers", "≤ 0.1", shared, None if shared is None else shared <= 0.1),
        *(
            _lone(line("rest", "replace", 1, OURS), line("rest", "replace", 1, server), text, most)
            for server, text, most in (("tutorial", "(a) the tutorial's way", 1.0), ("by-hand", "(c) asyncpg by hand", 1.5))
        ),
        ahead("SQLite, REST replace against a commit per request", 15, "rest", "replace", "sqlite-commits", "sqlite"),
        Target(
            "lost updates, in all runs of all contestants", "0", None if lost is None else float(lost), None if lost is None else lost == 0
        ),
    ]


def _lone(ours: Line | None, other: Line | None, text: str, most: float) -> Target:
    """One caller's median time against another server's, round by round."""
    value = ratio([run.p50 for run in ours.runs], [run.p50 for run in other.runs]) if ours and other else None
    return Target(f"one lone caller's REST replace, p50 against {text}", f"≤ {most:g} ×", value, None if value is None else value <= most)
