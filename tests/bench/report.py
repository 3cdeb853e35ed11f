"""The report of a benchmark: a page for the documentation, and everything as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any, Final

from .summary import Line, Target
from .tables import cells, columns, heading, markdown_table, phase_title, target_cells

_LEFT: Final = frozenset({"server", "case"})

_HOW: Final = """\
`make bench` starts every server over a database of its own and puts the same load on each in turn, with wrk: one thread for
each connection, which owns its rows, sends the version that the last answer gave it, and checks every answer. Before each run
the rows are put back; after it, what the database holds is compared with what was acknowledged. All servers may have
{connections} database connections and, unless said otherwise, one process; PostgreSQL runs on the same machine with nothing
relaxed. Load generator, server and database share the machine, so the figures say how servers compare on it, and not what any
of them can do alone.

- Throughput, times, CPU and memory are medians of {rounds} rounds of {seconds:g} seconds. "ours ÷ it" is the median of the ratios
  within the rounds.
- CPU is processor time per request, of the server's processes and of PostgreSQL's.
- "Transactions" are those that wrote, counted by PostgreSQL's transaction numbers, per acknowledged write.
- In the lists all callers ask the same, except in the one in which each is at another place; diptych reads once for all who ask
  the same while they wait.
- PostgreSQL's autovacuum is off, because the table is vacuumed and a checkpoint is made before every run.
"""


def page(
    lines: Sequence[Line],
    found: Sequence[Target],
    *,
    facts: Mapping[str, str],
    settings: Mapping[str, str],
    commits: Mapping[str, float],
    sessions: Mapping[str, int],
    rounds: int,
    seconds: float,
    connections: int,
    chart: str | None,
) -> str:
    """The page in Markdown; `chart` is the name of the picture beside it.

    `commits` is what PostgreSQL's statistics count per write at 64 writers, `sessions` how many each server holds open.
    """
    out = ["# Benchmark", ""]
    if chart is not None:
        out += [f"![Requests per second at 32 connections, by server]({chart})", ""]
    out += [_HOW.format(rounds=rounds, seconds=seconds, connections=connections), "## Targets", ""]
    out += markdown_table(("target", "wanted", "measured", "met"), [target_cells(one) for one in found], right=("measured",))
    if commits:
        out += ["", "Commits per acknowledged write at 64 writers, as `pg_stat_database` counts them, reads included:", ""]
        out += markdown_table(("server", "commits per write"), [(name, f"{value:.3f}") for name, value in commits.items()])
    if sessions:
        said = ", ".join(f"{name} {value}" for name, value in sessions.items())
        out += ["", f"Database connections that were open after all cases: {said}."]
    for phase, in_phase in groupby(lines, key=lambda line: line.phase):
        out += ["", f"## {phase_title(phase)}"]
        for title, in_case in groupby(in_phase, key=heading):
            kept = list(in_case)
            wanted = columns(kept)
            out += ["", f"### {title}", ""]
            out += markdown_table(wanted, [cells(line, wanted) for line in kept], right=[name for name in wanted if name not in _LEFT])
            out += beside_good_callers(kept, lines)
    out += ["", "## What it ran on", ""]
    out += markdown_table(("what", "which"), [*facts.items(), *((f"PostgreSQL: {name}", value) for name, value in settings.items())])
    if bad := faults(lines):
        out += ["", "## What went wrong", "", *(f"- {fault}" for fault in bad)]
    return "\n".join(out) + "\n"


def beside_good_callers(kept: Sequence[Line], lines: Sequence[Line]) -> list[str]:
    """How much of its throughput each server keeps when one of 32 callers is refused each time."""
    if not kept or kept[0].case != "bad":
        return []
    said = []
    for line in kept:
        same = (line.phase, line.door, "replace", line.connections, line.server)
        good = next((one for one in lines if (one.phase, one.door, one.case, one.connections, one.server) == same), None)
        if good is not None and good.middle.requests > 0:
            said.append(f"{line.label} {line.middle.requests / good.middle.requests:.0%}")
    return ["", f"Of what 32 good callers get in the same time, 31 get: {', '.join(said)}."] if said else []


def faults(lines: Sequence[Line]) -> list[str]:
    """Everything that must not happen and did, in words."""
    said = []
    for line in lines:
        middle = line.middle
        place = f"{line.label}, {heading(line)}, {line.connections} connections"
        if middle.wrong or middle.errors:
            said.append(f"{place}: {middle.wrong} wrong answers, {middle.errors} broken connections.")
        said += [f"{place}: {fault}" for fault in dict.fromkeys(middle.faults)]
    return said


def as_json(lines: Sequence[Line], found: Sequence[Target], **more: Any) -> str:
    """Everything that was measured, each run included."""
    contents = {**more, "targets": [asdict(one) for one in found], "lines": [asdict(line) for line in lines]}
    return json.dumps(contents, indent=1, ensure_ascii=False) + "\n"
