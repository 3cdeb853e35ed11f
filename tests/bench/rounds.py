"""The rounds: every contest once, then all again, with the contestants in turn and their servers running all the time."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.progress import Progress, TaskID

from .cases import REPLACE
from .contestants import Running
from .databases import ROWS
from .ground import Ground
from .measure import Run, run
from .plan import Contest, Entry, Phase, turns
from .processes import StartError

WARM: Final = 0.7
# Seconds until every idle session has told PostgreSQL's statistics what it did.
_SETTLE: Final = 11.0

_WARM_UP: Final = Contest("", "", REPLACE, 32, ())

Results = dict[tuple[Contest, Entry], list[Run]]


@dataclass(frozen=True, slots=True)
class Found:
    """All runs, and beside them what PostgreSQL counted: commits per write at 64 writers, and open sessions."""

    results: Results
    commits: dict[str, float]
    sessions: dict[str, int]


def measure_all(place: Ground, planned: Sequence[tuple[Phase, list[Contest]]], rounds: int, seconds: float, progress: Progress) -> Found:
    """Run the contests of all phases, one phase after the other, and in each the rounds one after the other."""
    results: Results = {}
    commits: dict[str, float] = {}
    sessions: dict[str, int] = {}
    task = progress.add_task("starting", total=rounds * sum(len(one.entries) for _, found in planned for one in found))
    for phase, found in planned:
        taking_part = tuple(server for server in phase.servers if any(server == entry.server for one in found for entry in one.entries))
        progress.update(task, description=f"{phase.title}: starting")
        with place.serving(taking_part, sqlite=phase.sqlite, workers=phase.workers) as running:
            for entry in dict.fromkeys(entry for contest in found for entry in contest.entries):
                # Compilers that work while a program runs have done their first work before anything counts.
                _once(running, _WARM_UP, entry, 1.0)
            for contest in found:
                for entry in contest.entries:
                    results[contest, entry] = []
            for round_ in range(rounds):
                for contest in found:
                    for entry in turns(contest.entries, round_):
                        _show(progress, task, contest, entry, round_)
                        results[contest, entry].append(_once(running, contest, entry, seconds))
                        progress.advance(task)
            if phase.workers == 1:
                sessions |= {_name(one): kept.server.sessions(kept.name) for one in running.values() if (kept := one.postgres)}
            at_64 = [contest for contest in found if contest.case.name == REPLACE.name and contest.connections == 64]
            if at_64 and not phase.sqlite:
                progress.update(task, description="waiting for PostgreSQL's statistics")
                commits = _commits(running, at_64, seconds)
    return Found(results, commits, sessions)


def _once(running: Mapping[str, Running], contest: Contest, entry: Entry, seconds: float) -> Run:
    server = running[entry.server.name]
    if server.started.process.poll() is not None:
        raise StartError(f"{server.server.name} has ended by itself:\n{server.started.last_words()}")
    return run(server, entry.door, contest.case, contest.connections, rows=ROWS, warm=WARM, seconds=seconds)


def _commits(running: Mapping[str, Running], at_64: Sequence[Contest], seconds: float) -> dict[str, float]:
    """Commits per acknowledged write as PostgreSQL's statistics count them; a session reports up to ten seconds late."""
    found = {}
    for contest in at_64:
        time.sleep(_SETTLE)
        before = [_committed(running[entry.server.name]) for entry in contest.entries]
        runs = [_once(running, contest, entry, seconds) for entry in contest.entries]
        time.sleep(_SETTLE)
        for entry, one, count in zip(contest.entries, runs, before, strict=True):
            committed = _committed(running[entry.server.name]) - count
            found[f"{entry.label}, {contest.door}"] = committed / max(1, one.written)
    return found


def _committed(running: Running) -> int:
    return running.postgres.server.commits(running.postgres.name) if running.postgres else 0


def _name(running: Running) -> str:
    return next(iter(running.server.doors.values()))


def _show(progress: Progress, task: TaskID, contest: Contest, entry: Entry, round_: int) -> None:
    words = f"round {round_ + 1}: {contest.case.title}, {contest.connections} connections, {entry.label}"
    progress.update(task, description=words)
