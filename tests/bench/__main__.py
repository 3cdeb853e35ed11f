"""`make bench`: start everything that is compared, run the cases in interleaved rounds, check, and write the report."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from . import machine
from .cases import REPLACE
from .chart import Bar, Group, Panel, draw
from .contestants import CONNECTIONS, Running
from .databases import ROWS, PostgresDatabase
from .ground import FOLDER, Ground, ground
from .load import LoadError, program
from .measure import Run, run
from .plan import PHASES, Contest, Entry, Phase, contests, turns
from .processes import StartError
from .report import as_json, faults, page
from .summary import OURS, Line, summarize, targets
from .tables import heading, target_table, terminal_tables

PROJECT: Final = Path(__file__).parents[2]
WARM: Final = 0.7
CHART: Final = "throughput.svg"
# Seconds until every idle session has told PostgreSQL's statistics what it did.
_SETTLE: Final = 11.0

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Results = dict[tuple[Contest, Entry], list[Run]]


@app.command()
def main(
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of all cases.")] = 3,
    seconds: Annotated[float, typer.Option(min=0.2, help="Measured seconds of each run.")] = 3.0,
    only: Annotated[str, typer.Option(help="Names of phases, doors, cases, servers, numbers of connections; the rest is left out.")] = "",
    data: Annotated[Path, typer.Option(help="Folder on a disk for the databases.")] = FOLDER,
    output: Annotated[
        Path | None, typer.Option(help="Folder for the report: docs/bench, or build/bench where ONLY leaves out some.")
    ] = None,
) -> None:
    """Measure diptych and what else could be used, on this machine."""
    console = Console(highlight=False)
    words = only.replace(",", " ").split()
    target = output or PROJECT / ("build/bench" if words else "docs/bench")
    try:
        program()
        planned = [(phase, found) for phase in PHASES if (found := contests(phase, words))]
        if not planned:
            raise ValueError("ONLY leaves nothing to measure.")
        with ground(data) as place, _progress(console) as progress:
            results, commits = _measure(place, planned, rounds, seconds, progress)
            needs_postgres = any(not phase.sqlite for phase, _ in planned)
            settings = place.postgres.settings() if needs_postgres else {}
    except (LoadError, StartError, ValueError, FileNotFoundError) as error:
        console.print(f"[red]error:[/red] {error}", soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        console.print("Stopped; nothing is left running, and nothing was written.")
        raise typer.Exit(130) from None
    lines = summarize(results)
    aims = targets(lines)
    facts = machine.facts(any(entry.server.node for contest, entry in results))
    panels = pictured(lines)
    target.mkdir(parents=True, exist_ok=True)
    text = page(
        lines,
        aims,
        facts=facts,
        settings=settings,
        commits=commits,
        rounds=rounds,
        seconds=seconds,
        connections=CONNECTIONS,
        chart=CHART if panels else None,
    )
    (target / "results.md").write_text(text, encoding="utf-8")
    more = {"facts": facts, "settings": settings, "commits": commits, "rounds": rounds, "seconds": seconds}
    (target / "results.json").write_text(as_json(lines, aims, **more), encoding="utf-8")
    if panels:
        (target / CHART).write_text(draw("Requests per second at 32 connections, by server", panels), encoding="utf-8")
    # In a pipe there is no width to keep to.
    wide = console if console.is_terminal else Console(highlight=False, width=200)
    for table in (*terminal_tables(lines), target_table(aims)):
        wide.print(table)
    wrong = faults(lines)
    for fault in wrong:
        console.print(f"[red]wrong:[/red] {fault}", soft_wrap=True, markup=True)
    console.print(f"Written to {_shown(target)}.")
    if wrong:
        raise typer.Exit(1)


def pictured(lines: Sequence[Line]) -> list[Panel]:
    """What the chart shows: the plain cases on PostgreSQL with one worker, at 32 connections."""
    panels = []
    for door, title in (("rest", "REST, requests per second"), ("graphql", "GraphQL, operations per second")):
        kept = [line for line in lines if (line.phase, line.door, line.connections) == ("postgres", door, 32)]
        groups = []
        for case in ("get", "list", "replace", "patch", "create"):
            in_case = [line for line in kept if line.case == case]
            if in_case:
                bars = tuple(Bar(line.label, line.middle.requests, line.server == OURS) for line in in_case)
                groups.append(Group(heading(in_case[0]).partition(", ")[2], bars))
        if groups:
            panels.append(Panel(title, tuple(groups)))
    return panels


def _measure(
    place: Ground, planned: Sequence[tuple[Phase, list[Contest]]], rounds: int, seconds: float, progress: Progress
) -> tuple[Results, dict[str, float]]:
    results: Results = {}
    commits: dict[str, float] = {}
    task = progress.add_task("starting", total=rounds * sum(len(one.entries) for _, found in planned for one in found))
    for phase, found in planned:
        taking_part = tuple(server for server in phase.servers if any(server == entry.server for one in found for entry in one.entries))
        progress.update(task, description=f"{phase.title}: starting")
        with place.serving(taking_part, sqlite=phase.sqlite, workers=phase.workers) as running:
            for contest in found:
                for entry in contest.entries:
                    results[contest, entry] = []
            for round_ in range(rounds):
                for contest in found:
                    for entry in turns(contest.entries, round_):
                        _show(progress, task, contest, entry, round_)
                        results[contest, entry].append(_once(running, contest, entry, seconds))
                        progress.advance(task)
            at_64 = [contest for contest in found if contest.case.name == REPLACE.name and contest.connections == 64]
            if at_64 and not phase.sqlite:
                progress.update(task, description="waiting for PostgreSQL's statistics")
                commits = _commits(running, at_64, seconds)
    return results, commits


def _once(running: Mapping[str, Running], contest: Contest, entry: Entry, seconds: float) -> Run:
    server = running[entry.server.name]
    if server.started.process.poll() is not None:
        raise StartError(f"{server.server.name} has ended by itself:\n{server.started.last_words()}")
    return run(server, entry.door, contest.case, contest.connections, rows=ROWS, warm=WARM, seconds=seconds)


def _commits(running: Mapping[str, Running], at_64: Sequence[Contest], seconds: float) -> dict[str, float]:
    """Commits per acknowledged write as PostgreSQL's statistics count them; a session reports up to ten seconds late."""
    found = {}
    for contest in at_64:
        entries = [entry for entry in contest.entries if isinstance(running[entry.server.name].database, PostgresDatabase)]
        time.sleep(_SETTLE)
        before = {entry: _committed(running[entry.server.name]) for entry in entries}
        runs = {entry: _once(running, contest, entry, seconds) for entry in entries}
        time.sleep(_SETTLE)
        for entry in entries:
            committed = _committed(running[entry.server.name]) - before[entry]
            found[f"{entry.label}, {contest.door}"] = committed / max(1, runs[entry].written)
    return found


def _committed(running: Running) -> int:
    assert isinstance(running.database, PostgresDatabase)
    return running.database.server.commits(running.database.name)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _show(progress: Progress, task: TaskID, contest: Contest, entry: Entry, round_: int) -> None:
    words = f"round {round_ + 1}: {contest.case.title}, {contest.connections} connections, {entry.label}"
    progress.update(task, description=words)


def _shown(path: Path) -> str:
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)


if __name__ == "__main__":
    app()
