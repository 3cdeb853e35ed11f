"""`make growth`: how what a server costs grows with its callers, its rows and its resources."""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID

from . import machine
from .cases import CREATE, GET, LIST, REPLACE, Case
from .contestants import OURS, PROJECT, Running, serve
from .databases import ROWS
from .ground import FOLDER, Ground, ground, progress_on
from .growth_page import Point, Start, growth_page, terminal_tables
from .load import LoadError, program
from .measure import MIB, run
from .postgres import PostgresDatabase
from .processes import Processes, StartError, cpu_seconds, memory_bytes
from .statement_log import count_logged
from .summary import middle_of

CALLERS: Final = (1, 8, 64, 512)
TABLE_SIZES: Final = (1_000, 100_000, 1_000_000)
# Users and documents are there in any case.
RESOURCES: Final = (2, 10, 100)
_WARM: Final = 0.7
_CONNECTIONS: Final = 32
# Seconds until every session of PostgreSQL has read its settings again.
_RELOAD: Final = 0.3
_RUNS: Final = (4 + 2) * len(CALLERS) + 4 * len(TABLE_SIZES) + 3 * len(RESOURCES)
_DOORS: Final = {"rest": "REST", "graphql": "GraphQL"}
_Load: TypeAlias = tuple[str, Case]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each measurement.")] = 3,
    seconds: Annotated[float, typer.Option(min=0.2, help="Measured seconds of each run.")] = 3.0,
    data: Annotated[Path, typer.Option(help="Folder on a disk for the databases.")] = FOLDER,
    output: Annotated[Path | None, typer.Option(help="For the report; build/bench, and a page of the documentation.")] = None,
) -> None:
    """Measure how diptych grows, on PostgreSQL."""
    console = Console(highlight=False)
    target = output or PROJECT / "build" / "bench"
    try:
        program()
        with ground(data) as place, progress_on(console) as progress:
            bench = _Bench(place, rounds, seconds, progress, progress.add_task("starting", total=_RUNS * rounds))
            starts: list[Start] = []
            points = [*_callers(bench), *_rows(bench), *_resources(bench, starts)]
            settings = place.postgres.settings()
    except (LoadError, StartError, ValueError) as error:
        console.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        console.print("Stopped; nothing is left running, and nothing was written.")
        raise typer.Exit(130) from None
    facts = machine.facts(node=False)
    target.mkdir(parents=True, exist_ok=True)
    (target / "growth.md").write_text(growth_page(points, starts, {**facts, **settings}, rounds, seconds), encoding="utf-8")
    if output is None:
        shutil.copy(target / "growth.md", PROJECT / "docs" / "explanation" / "growth.md")
    found = {"facts": facts, "settings": settings, "points": [asdict(one) for one in points], "starts": [asdict(one) for one in starts]}
    (target / "growth.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    wide = console if console.is_terminal else Console(highlight=False, width=160)
    for table in terminal_tables(points, starts):
        wide.print(table)
    bad = [f"{one.axis} {one.size}, {one.what}: {fault}" for one in points for fault in dict.fromkeys(one.run.faults)]
    for fault in bad:
        console.print(f"[red]wrong:[/red] {escape(fault)}", soft_wrap=True)
    if bad:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Bench:
    """How long things take, and where progress is shown."""

    place: Ground
    rounds: int
    seconds: float
    progress: Progress
    task: TaskID

    def point(self, axis: str, size: int, running: Running, load: _Load, *, connections: int = _CONNECTIONS, rows: int = ROWS) -> Point:
        door, case = load
        what = f"{_DOORS[door]} {case.title}"
        self.progress.update(self.task, description=f"{axis} {size:,}: {what}")
        runs = []
        for _ in range(self.rounds):
            runs.append(run(running, door, case, connections, rows=rows, warm=_WARM, seconds=self.seconds))
            self.progress.advance(self.task)
        statements = commits = None
        if case.writes and running.postgres:
            statements, commits = self._counted(running, running.postgres, load, connections, rows)
        return Point(axis, size, what, middle_of(runs), statements, commits)

    def _counted(self, running: Running, database: PostgresDatabase, load: _Load, connections: int, rows: int) -> tuple[float, float]:
        """Statements and commits per acknowledged write, from the log of a short run."""
        door, case = load
        server = database.server
        begun = server.started.log.stat().st_size
        server.log_statements(True)
        time.sleep(_RELOAD)
        counted = run(running, door, case, connections, rows=rows, warm=0.1, seconds=1.0)
        server.log_statements(False)
        with server.started.log.open("rb") as log:
            log.seek(begun)
            logged = count_logged(log.read().decode(errors="replace"), database.name)
        return logged.statements / max(1, counted.written), logged.commits / max(1, counted.written)


def _callers(bench: _Bench) -> Iterator[Point]:
    for axis, sqlite, loads in (
        ("callers", False, (("rest", GET), ("rest", REPLACE), ("rest", CREATE), ("graphql", REPLACE))),
        ("callers, SQLite", True, (("rest", GET), ("rest", REPLACE))),
    ):
        # Memory that was needed once is kept, so the numbers of callers come in their order.
        with bench.place.serving((OURS,), sqlite=sqlite) as running:
            for load in loads:
                for size in CALLERS:
                    yield bench.point(axis, size, running[OURS.name], load, connections=size)


def _rows(bench: _Bench) -> Iterator[Point]:
    with bench.place.serving((OURS,), sqlite=False) as running:
        for size in TABLE_SIZES:
            for load in (("rest", GET), ("rest", REPLACE), ("rest", CREATE), ("graphql", LIST)):
                yield bench.point("rows", size, running[OURS.name], load, rows=size)


def _resources(bench: _Bench, starts: list[Start]) -> Iterator[Point]:
    for size in RESOURCES:
        with bench.place.serving((OURS,), sqlite=False, beside=size - 2) as running:
            first = running[OURS.name]
        with Processes(bench.place.folder) as processes:
            again = serve(processes, OURS, first.database, beside=size - 2)
            pid = again.started.pid
            starts.append(Start(size, again.startup, first.startup, cpu_seconds(pid), memory_bytes(pid) / MIB))
            for load in (("rest", GET), ("rest", REPLACE), ("graphql", REPLACE)):
                yield bench.point("resources", size, again, load)


if __name__ == "__main__":
    app()
