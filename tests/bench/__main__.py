"""`make bench`: start everything that is compared, run the cases in interleaved rounds, check, and write the report."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape

from . import machine
from .chart import Bar, Group, Panel, draw
from .contestants import CONNECTIONS, PROJECT
from .ground import FOLDER, ground, progress_on
from .load import LoadError, program
from .plan import PHASES, contests
from .processes import StartError
from .report import as_json, faults, page
from .rounds import measure_all
from .summary import OURS, Line, summarize, targets
from .tables import heading, target_table, terminal_tables

CHART: Final = "throughput.svg"
# The page of the documentation.
PAGE: Final = PROJECT / "docs" / "explanation" / "benchmark.md"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of all cases.")] = 3,
    seconds: Annotated[float, typer.Option(min=0.2, help="Measured seconds of each run.")] = 3.0,
    only: Annotated[str, typer.Option(help="Names of phases, doors, cases, servers, numbers of connections; the rest is left out.")] = "",
    data: Annotated[Path, typer.Option(help="Folder on a disk for the databases.")] = FOLDER,
    output: Annotated[
        Path | None,
        typer.Option(help="Folder for the report: build/bench, and the documentation's page where ONLY leaves out nothing."),
    ] = None,
) -> None:
    """Measure diptych and what else could be used, on this machine."""
    console = Console(highlight=False)
    words = only.replace(",", " ").split()
    target = output or PROJECT / "build" / "bench"
    try:
        program()
        planned = [(phase, kept) for phase in PHASES if (kept := contests(phase, words))]
        if not planned:
            raise ValueError("ONLY leaves nothing to measure.")
        with ground(data) as place, progress_on(console) as progress:
            found = measure_all(place, planned, rounds, seconds, progress)
            needs_postgres = any(not phase.sqlite for phase, _ in planned)
            settings = place.postgres.settings() if needs_postgres else {}
    except (LoadError, StartError, ValueError, FileNotFoundError) as error:
        console.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        console.print("Stopped; nothing is left running, and nothing was written.")
        raise typer.Exit(130) from None
    lines = summarize(found.results)
    aims = targets(lines)
    facts = machine.facts(any(entry.server.node for contest, entry in found.results))
    panels = pictured(lines)
    target.mkdir(parents=True, exist_ok=True)
    text = page(
        lines,
        aims,
        facts=facts,
        settings=settings,
        commits=found.commits,
        sessions=found.sessions,
        rounds=rounds,
        seconds=seconds,
        connections=CONNECTIONS,
        chart=CHART if panels else None,
    )
    (target / "results.md").write_text(text, encoding="utf-8")
    more = {
        "facts": facts,
        "settings": settings,
        "commits": found.commits,
        "sessions": found.sessions,
        "rounds": rounds,
        "seconds": seconds,
    }
    (target / "results.json").write_text(as_json(lines, aims, **more), encoding="utf-8")
    if panels:
        (target / CHART).write_text(draw("Requests per second at 32 connections, by server", panels), encoding="utf-8")
    if output is None and not words:
        shutil.copy(target / "results.md", PAGE)
        shutil.copy(target / CHART, PAGE.with_name(CHART))
    # In a pipe there is no width to keep to.
    wide = console if console.is_terminal else Console(highlight=False, width=200)
    for table in (*terminal_tables(lines), target_table(aims)):
        wide.print(table)
    for fault in faults(lines):
        console.print(f"[red]wrong:[/red] {escape(fault)}", soft_wrap=True)
    console.print(f"Written to {_shown(target)}.")
    # What others answer wrongly is shown, and theirs to mend.
    if faults([line for line in lines if line.server == OURS]):
        raise typer.Exit(1)


def pictured(lines: Sequence[Line]) -> list[Panel]:
    """What the chart shows: the plain cases on PostgreSQL with one worker, at 32 connections."""
    panels = []
    for door, title in (("rest", "REST, requests per second"), ("graphql", "GraphQL, operations per second")):
        kept = [line for line in lines if (line.phase, line.door, line.connections) == ("postgres", door, 32)]
        groups = []
        for case in ("get", "list", "walk", "filtered", "nested", "replace", "patch", "create"):
            in_case = [line for line in kept if line.case == case]
            if in_case:
                bars = tuple(Bar(line.label, line.middle.requests, line.server == OURS) for line in in_case)
                groups.append(Group(heading(in_case[0]).partition(", ")[2], bars))
        if groups:
            panels.append(Panel(title, tuple(groups)))
    return panels


def _shown(path: Path) -> str:
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)


if __name__ == "__main__":
    app()
