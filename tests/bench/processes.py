"""Processes that are measured: started in groups of their own, ended whatever happens, and read about in /proc."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_PATIENCE: Final = 10.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PR_SET_PDEATHSIG: Final = 1


class StartError(RuntimeError):
    """A program that is measured did not start; the message has the end of what it wrote."""


@dataclass(frozen=True)
class Started:
    """A program that runs, with its process group and the file it writes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    ends_by: signal.Signals

    @property
    def pid(self) -> int:
        return self.process.pid

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:].strip()


class Processes:
    """Everything that was started, ended in reverse order when the block is left, by an error or Ctrl-C as well."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._started: list[Started] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for one in reversed(self._started):
            self.end(one)

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        ends_by: signal.Signals = signal.SIGTERM,
    ) -> Started:
        """Start a program; it also ends when this one is killed."""
        log = self._logs / f"{name}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                command,
                env={**os.environ, **(environment or {})},
                cwd=cwd,
                user=user,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(ends_by),
            )
        started = Started(name, process, log, ends_by)
        self._started.append(started)
        return started

    def end(self, one: Started) -> None:
        """End a program and what it started, politely at first."""
        if one not in self._started:
            return
        self._started.remove(one)
        if one.process.poll() is None:
            one.process.send_signal(one.ends_by)
            with suppress(subprocess.TimeoutExpired):
                one.process.wait(_PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)
        one.process.wait()


def wait_until(good: Callable[[], bool], one: Started, *, seconds: float = 60.0, every: float = 0.02) -> float:
    """Wait until something holds and say how many seconds it took; raises StartError when the program ends or the time is over."""
    begun = time.monotonic()
    while not good():
        if one.process.poll() is not None:
            raise StartError(f"{one.name} ended with {one.process.returncode} before it was ready:\n{one.last_words()}")
        if time.monotonic() - begun > seconds:
            raise StartError(f"{one.name} was not ready after {seconds:.0f} s:\n{one.last_words()}")
        time.sleep(every)
    return time.monotonic() - begun


def die_with_parent(by: signal.Signals) -> Callable[[], None]:
    """Make what a new process does first: ask for a signal when this one is killed, since it then cannot end anything itself."""
    libc = ctypes.CDLL(None, use_errno=True)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)

    return ask


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> list[int]:
    """A process and all its descendants, as far as they still run."""
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        try:
            threads = os.listdir(f"/proc/{one}/task")
            for thread in threads:
                todo += map(int, Path(f"/proc/{one}/task/{thread}/children").read_text().split())
        except OSError:
            continue
    return found


def cpu_seconds(pid: int) -> float:
    """CPU time that a process, its descendants and those of them that have ended have used."""
    ticks = 0
    for one in family(pid):
        try:
            # The name in brackets may hold spaces.
            numbers = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, numbers[11:15]))
    return ticks / _TICKS


def memory_bytes(pid: int) -> int:
    """Memory that a process and its descendants hold, shared pages counted in parts (PSS)."""
    total = 0
    for one in family(pid):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return total * 1024


def machine_seconds() -> tuple[float, float]:
    """CPU time that the whole machine has spent busy and idle."""
    numbers = [int(number) for number in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle = numbers[3] + numbers[4]
    return (sum(numbers) - idle) / _TICKS, idle / _TICKS
