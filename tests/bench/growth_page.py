"""The tables of growth, for the documentation and for the terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from .measure import MIB, Run
from .tables import count, markdown_table, significant

MOST_SECONDS_TO_START: Final = 3.0
_AXES: Final = {"callers": "Waiting callers", "callers, SQLite": "Waiting callers, SQLite", "rows": "Rows", "resources": "Resources"}
_COLUMNS: Final = ("load", "requests/s", "p50 ms", "p99 ms", "CPU µs, server", "memory MiB", "statements per write", "commits per write")
_START_COLUMNS: Final = ("resources", "seconds", "seconds, tables made", "CPU seconds", "memory MiB")
_HOW: Final = """\
`make growth` puts the load of [the benchmark](benchmark.md) on one server of ours, one worker, and lets one thing grow at a time.
Throughput, times and memory are medians of {rounds} rounds of {seconds:g} seconds. Rows and resources are measured at 32
connections. Statements and commits are counted in PostgreSQL's log, in a run of their own.
"""


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement. `statements` and `commits` are per acknowledged write, None where nothing was written or nothing was counted."""

    axis: str
    size: int
    what: str
    run: Run
    statements: float | None = None
    commits: float | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """What it takes to start with a number of resources. The first start makes the tables; `cpu` is processor time.

    `memory` is MiB, before anybody has called.
    """

    resources: int
    seconds: float
    seconds_with_tables: float
    cpu: float
    memory: float


def memory_per_caller(points: Sequence[Point]) -> float | None:
    """Bytes of the server's memory per waiting caller: the most that any load grew by from one caller to the largest number of them."""
    grown = []
    for what in {point.what for point in points}:
        held = {point.size: point.run.memory for point in points if point.axis == "callers" and point.what == what}
        if len(held) > 1:
            least, most = min(held), max(held)
            grown.append((held[most] - held[least]) * MIB / (most - least))
    return max(grown, default=None)


def growth_page(points: Sequence[Point], starts: Sequence[Start], facts: Mapping[str, str], rounds: int, seconds: float) -> str:
    """The page in Markdown."""
    out = ["# Growth", "", _HOW.format(rounds=rounds, seconds=seconds)]
    for axis, title in _AXES.items():
        out += [f"## {title}", ""]
        out += markdown_table((axis, *_COLUMNS), [_cells(point) for point in points if point.axis == axis], right=(axis, *_COLUMNS[1:]))
        out.append("")
        if axis == "callers" and (memory := memory_per_caller(points)) is not None:
            out += [f"Memory per waiting caller: {count(max(0.0, memory) / 1024)} KiB.", ""]
    out += ["## Starting", "", "From the start of the process to the first good answers of both doors.", ""]
    out += markdown_table(_START_COLUMNS, [_start_cells(one) for one in starts], right=_START_COLUMNS)
    worst = max((one.seconds for one in starts), default=0.0)
    out += [
        "",
        f"The target is {MOST_SECONDS_TO_START:g} s with 100 resources: {'met' if worst <= MOST_SECONDS_TO_START else 'missed'}.",
        "",
    ]
    out += ["## What it ran on", "", *markdown_table(("what", "which"), list(facts.items()))]
    return "\n".join(out) + "\n"


def _cells(point: Point) -> list[str]:
    found = point.run
    measured = [count(found.requests), significant(found.p50), significant(found.p99), count(found.server_cpu), count(found.memory)]
    counted = ["–" if value is None else significant(value) for value in (point.statements, point.commits)]
    return [count(point.size), point.what, *measured, *counted]


def _start_cells(start: Start) -> list[str]:
    return [
        count(start.resources),
        significant(start.seconds),
        significant(start.seconds_with_tables),
        significant(start.cpu),
        count(start.memory),
    ]


def terminal_tables(points: Sequence[Point], starts: Sequence[Start]) -> list[Table]:
    tables = []
    for axis, title in _AXES.items():
        table = Table(title=title, title_justify="left")
        for name in (axis, *_COLUMNS):
            table.add_column(name, justify="left" if name == "load" else "right")
        for point in points:
            if point.axis == axis:
                table.add_row(*_cells(point))
        tables.append(table)
    table = Table(title="Starting", title_justify="left")
    for name in _START_COLUMNS:
        table.add_column(name, justify="right")
    for start in starts:
        table.add_row(*_start_cells(start))
    return [*tables, table]
