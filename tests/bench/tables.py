"""Figures as text: the tables of the terminal and of the report."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from rich.table import Table

from .cases import CASES
from .plan import PHASES
from .summary import OURS, Line, Target

_TITLES: Final = {case.name: case.title for case in CASES}
_PHASES: Final = {phase.name: phase.title for phase in PHASES}
_DOORS: Final = {"rest": "REST", "graphql": "GraphQL"}

COLUMNS: Final = (
    "connections",
    "server",
    "requests/s",
    "ours ÷ it",
    "p50 ms",
    "p99 ms",
    "CPU µs, server",
    "CPU µs, database",
    "transactions per write",
    "memory MiB",
)


# A terminal has less room.
_SHORT: Final = {
    "connections": "conns",
    "CPU µs, server": "server µs",
    "CPU µs, database": "db µs",
    "transactions per write": "tx/write",
    "memory MiB": "MiB",
    "conflicts per write": "conflicts",
    "lost updates": "lost",
}


def heading(line: Line) -> str:
    return f"{_DOORS[line.door]}, {_TITLES[line.case]}"


def phase_title(name: str) -> str:
    return _PHASES[name]


def columns(lines: Sequence[Line]) -> tuple[str, ...]:
    """The columns of a table; what hardly any case has, only where there is something to say."""
    return (*COLUMNS, *(["conflicts per write", "lost updates"] if any(line.case == "contended" for line in lines) else []))


def cells(line: Line, wanted: Sequence[str]) -> list[str]:
    """The figures of one line, in the order of the columns."""
    middle = line.middle
    shown = {
        "connections": str(line.connections),
        "server": line.label,
        "requests/s": count(middle.requests),
        "ours ÷ it": "" if line.server == OURS or line.times_ours is None else f"{significant(line.times_ours)} ×",
        "p50 ms": significant(middle.p50),
        "p99 ms": significant(middle.p99),
        "CPU µs, server": count(middle.server_cpu),
        "CPU µs, database": "–" if middle.database_cpu is None else count(middle.database_cpu),
        "transactions per write": "–" if middle.transactions is None else significant(middle.transactions),
        "memory MiB": count(middle.memory),
        "conflicts per write": significant(middle.conflicts / max(1, middle.written)) if line.case == "contended" else "",
        "lost updates": str(middle.lost + middle.torn) if line.case == "contended" or middle.lost + middle.torn else "",
    }
    return [shown[name] for name in wanted]


def terminal_tables(lines: Sequence[Line]) -> list[Table]:
    """One table for each phase."""
    tables = []
    for phase, in_phase in groupby(lines, key=lambda line: line.phase):
        kept = list(in_phase)
        wanted = columns(kept)
        table = Table(title=phase_title(phase), title_justify="left")
        for number, name in enumerate(("case", *wanted)):
            table.add_column(_SHORT.get(name, name), justify="left" if number in (0, 2) else "right", no_wrap=True)
        for title, in_case in groupby(kept, key=heading):
            for number, line in enumerate(in_case):
                style = "bold" if line.server == OURS else None
                table.add_row(title if number == 0 else "", *cells(line, wanted), style=style)
            table.add_section()
        tables.append(table)
    return tables


def target_table(found: Sequence[Target]) -> Table:
    table = Table(title="Targets", title_justify="left")
    for name in ("target", "wanted", "measured", "met"):
        table.add_column(name)
    for one in found:
        style = {True: "green", False: "red", None: "dim"}[one.met]
        table.add_row(*target_cells(one), style=style)
    return table


def target_cells(target: Target) -> list[str]:
    unit = " ×" if "×" in target.wanted else ""
    value = "not measured" if target.value is None else significant(target.value) + unit
    return [target.text, target.wanted, value, {True: "yes", False: "no", None: ""}[target.met]]


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> list[str]:
    """A table of Markdown; the columns named in `right` are set flush right."""
    rule = ["---:" if name in right else "---" for name in head]
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]


def count(value: float) -> str:
    """A number of things, with commas between thousands."""
    return f"{value:,.0f}"


def significant(value: float) -> str:
    """A number with three digits that mean something, and no exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"
