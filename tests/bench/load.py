"""The load generator: wrk with our script, one thread for each connection, and what it reports."""

import json
import math
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from .cases import CONTENDED_ROWS, Case
from .databases import ADMINS, DOCUMENTS
from .processes import die_with_parent

SCRIPT: Final = Path(__file__).parent / "lua" / "load.lua"
_PREFIX: Final = "REPORT "
# The script counts an answer's time t, in microseconds, in the bucket floor(50 · ln t).
_BUCKETS_PER_E: Final = 50
# Seconds that wrk gets to start its threads, and to come to an end after its time.
_START: Final = 0.3
_PATIENCE: Final = 12.0

Reading = TypeVar("Reading")


class LoadError(RuntimeError):
    """The load generator is missing, or said something else than a report."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long requests of one kind took, in seconds, as counts of buckets that are 2 % wide."""

    count: int
    total: float
    slowest: float
    buckets: Mapping[int, int]

    def percentile(self, part: float) -> float:
        """The time within which this part of the requests was answered; 0 where there was none."""
        still = max(1, math.ceil(self.count * part))
        for bucket, count in sorted(self.buckets.items()):
            still -= count
            if still <= 0:
                return min(math.exp((bucket + 0.5) / _BUCKETS_PER_E) / 1e6, self.slowest)
        return 0.0

    def __add__(self, other: "Times") -> "Times":
        buckets = {key: self.buckets.get(key, 0) + other.buckets.get(key, 0) for key in self.buckets.keys() | other.buckets.keys()}
        return Times(self.count + other.count, self.total + other.total, max(self.slowest, other.slowest), buckets)


NOTHING: Final = Times(0, 0.0, 0.0, {})


@dataclass(frozen=True, slots=True)
class Report:
    """What the connections saw. `kinds` covers the measured time, all counts the whole run."""

    kinds: Mapping[str, Times]
    acknowledged: int  # writes of rows that were there
    created: int
    conflicts: int  # writes that were refused because another came first
    unanswered: int  # requests that got no answer: the server closed the connection, or the time was over
    wrong: int
    samples: tuple[str, ...]
    errors: Mapping[str, int]

    def times(self, *kinds: str) -> Times:
        return sum((self.kinds[kind] for kind in kinds if kind in self.kinds), NOTHING)

    @property
    def all_times(self) -> Times:
        return self.times(*self.kinds)


@dataclass(frozen=True, slots=True)
class Measured(Generic[Reading]):
    """A report, what was read at the beginning and at the end of the measured time, and the memory in the middle, in bytes."""

    report: Report
    before: Reading
    after: Reading
    memory: int


def read_report(output: str) -> Report:
    """Read what wrk printed; raises LoadError where the script's line is missing."""
    line = next((line for line in output.splitlines() if line.startswith(_PREFIX)), None)
    if line is None:
        raise LoadError(f"wrk printed no report:\n{output[-2000:]}")
    found = json.loads(line.removeprefix(_PREFIX))
    parts = found["connections"]
    kinds: dict[str, Times] = {}
    for part in parts:
        for kind, one in part["kinds"].items():
            buckets = {int(key): int(count) for key, count in one["buckets"].items()}
            kinds[kind] = kinds.get(kind, NOTHING) + Times(int(one["count"]), one["total"], one["slowest"], buckets)
    return Report(
        kinds,
        acknowledged=sum(part["acknowledged"] for part in parts),
        created=sum(part["created"] for part in parts),
        conflicts=sum(part["conflicts"] for part in parts),
        unanswered=sum(part["unanswered"] for part in parts),
        wrong=sum(part["wrong"] for part in parts),
        samples=tuple(sample for part in parts for sample in part["samples"])[:3],
        # wrk counts a refusal as an error; the script knows which refusals were meant.
        errors={name: int(count) for name, count in found["errors"].items() if name != "status"},
    )


def program() -> str:
    """Where wrk is; raises LoadError where it is not."""
    found = shutil.which("wrk")
    if found is None:
        raise LoadError("wrk is not installed; on Debian: apt-get install wrk")
    return found


def drive(
    port: int,
    door: str,
    case: Case,
    connections: int,
    *,
    rows: int,
    warm: float,
    seconds: float,
    tag: str,
    read: Callable[[int], Reading],
    memory: Callable[[], int],
) -> Measured[Reading]:
    """Put a load on a server of this machine for some seconds, after a time of warming up that is not measured.

    `read` is called at the beginning and at the end of the measured time, with the load generator's process; `memory` in its middle.
    `tag` makes what this run creates different from what any other creates.
    """
    begin = time.monotonic() + _START + warm
    finish = begin + seconds
    options = {
        "case": case.script,
        "door": door,
        "connections": connections,
        "rows": rows,
        "contended": CONTENDED_ROWS,
        "admins": ADMINS,
        "documents": DOCUMENTS,
        "begin": f"{begin:.6f}",
        "finish": f"{finish:.6f}",
        "tag": tag,
    }
    # wrk would sleep to the end of its duration; its threads stop by themselves, so it is woken when the last one has.
    whole = math.ceil(_START + warm + seconds + _PATIENCE)
    size = str(connections)
    command = [program(), "-t", size, "-c", size, "-d", f"{whole}s", "--timeout", "10s", "-s", str(SCRIPT), f"http://127.0.0.1:{port}/"]
    process = subprocess.Popen(
        [*command, "--", *(f"{name}={value}" for name, value in options.items())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        _sleep_until(begin)
        before = read(process.pid)
        _sleep_until((begin + finish) / 2)
        held = memory()
        _sleep_until(finish)
        after = read(process.pid)
        while process.poll() is None and _threads(process.pid) > 1 and time.monotonic() < finish + _PATIENCE:
            time.sleep(0.02)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=_PATIENCE)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return Measured(read_report(output), before, after, held)


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def _threads(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/task").iterdir()))
    except OSError:
        return 0
