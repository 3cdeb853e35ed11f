"""One run: a load on one server, what it cost, and whether the database holds what was acknowledged."""

from dataclasses import dataclass, field
from itertools import count
from typing import Final

from .cases import Case
from .contestants import Running
from .databases import State
from .load import Report, drive
from .processes import cpu_seconds, machine_seconds, memory_bytes

_tags: Final = count(1)
MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Run:
    """What one run showed. Rates are per second of the measured time, times are milliseconds, CPU is microseconds per request."""

    requests: float  # of the case's own kinds of answer
    p50: float
    p99: float
    server_cpu: float
    database_cpu: float | None  # None where the database is no process of its own
    load_cpu: float
    machine_busy: float  # the part of all cores
    transactions: float | None  # that wrote, in the database, per acknowledged write
    memory: float  # MiB, in the middle of the measured time
    conflicts: int  # writes that came too late, warming up included
    written: int  # writes that were acknowledged, warming up included
    lost: int
    torn: int
    wrong: int
    errors: int
    unanswered: int
    faults: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Reading:
    """CPU seconds so far, of the processes and of the whole machine."""

    server: float
    database: float
    load: float
    busy: float
    idle: float


def run(running: Running, door: str, case: Case, connections: int, *, rows: int, warm: float, seconds: float) -> Run:
    """Reset the rows, put the load on, and check the rows afterwards."""
    database, server = running.database, running.started.pid
    postgres = running.postgres.server if running.postgres else None
    database.reset(rows)

    def read(load: int) -> _Reading:
        of_database = cpu_seconds(postgres.started.pid) if postgres else 0.0
        return _Reading(cpu_seconds(server), of_database, cpu_seconds(load), *machine_seconds())

    begun = postgres.write_transactions() if postgres else 0
    measured = drive(
        running.port,
        door,
        case,
        connections,
        rows=rows,
        warm=warm,
        seconds=seconds,
        tag=str(next(_tags)),
        read=read,
        memory=lambda: memory_bytes(server),
    )
    transactions = postgres.write_transactions() - begun if postgres else 0
    report, before, after = measured.report, measured.before, measured.after
    lost, torn, faults = compare(database.state(rows), report, rows)
    kept = report.times(*case.kinds)
    micros = 1e6 / max(1, report.all_times.count)
    written = report.acknowledged + report.created
    busy, idle = after.busy - before.busy, after.idle - before.idle
    return Run(
        requests=kept.count / seconds,
        p50=kept.percentile(0.5) * 1e3,
        p99=kept.percentile(0.99) * 1e3,
        server_cpu=(after.server - before.server) * micros,
        database_cpu=(after.database - before.database) * micros if postgres else None,
        load_cpu=(after.load - before.load) * micros,
        machine_busy=busy / max(busy + idle, 0.01),
        transactions=transactions / written if postgres and written else None,
        memory=measured.memory / MIB,
        conflicts=report.conflicts,
        written=written,
        lost=lost,
        torn=torn,
        wrong=report.wrong,
        errors=sum(report.errors.values()),
        unanswered=report.unanswered,
        faults=faults + report.samples,
    )


def compare(state: State, report: Report, rows: int) -> tuple[int, int, tuple[str, ...]]:
    """Say how many acknowledged writes are not in the database, how many rows contradict themselves, and what is wrong in words.

    A write that got no answer may be there or not.
    """
    there = state.changes + state.rows - rows
    told = report.acknowledged + report.created
    lost = max(0, report.acknowledged - state.changes) + max(0, report.created - (state.rows - rows))
    faults: list[str] = []
    if lost:
        faults.append(f"{lost} acknowledged writes are not in the database.")
    if there > told + report.unanswered:
        faults.append(f"{there - told} changes are in the database that nobody was told of; {report.unanswered} requests had no answer.")
    if state.torn:
        faults.append(f"{state.torn} rows have a name that does not fit their version.")
    return lost, state.torn, tuple(faults)
