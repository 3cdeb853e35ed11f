"""`diptych`, and programs that use it, in processes of their own, each forked from one in which it is imported already.

That saves a second of some hundred starts. The program as a shell starts it is run by the tests of the documentation.
"""

import atexit
import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from diptych.cli import app

_NURSERY: Final = multiprocessing.get_context("forkserver")
_NURSERY.set_forkserver_preload(["diptych.cli", "uvicorn.lifespan.on", "uvicorn.loops.uvloop"])

# Seconds that a command may take to end on a machine that is busy.
_PATIENCE: Final = 60.0
_APPENDED: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND


def environment(**more: str) -> dict[str, str]:
    """This process's environment without any choice that was made for diptych in it."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("DIPTYCH_")}, **more}


def diptych(*arguments: str) -> Callable[[], None]:
    """The command line, as what a process does."""
    return partial(_command, arguments)


def script(name: str, *, imported: bool = False) -> Callable[[], None]:
    """A file of Python in the process's folder, run or only imported, as what a process does."""
    return partial(_script, name, "imported" if imported else "__main__")


class Forked:
    """A process that does some work. It leads a process group of its own; `files` are its standard input, output and error."""

    def __init__(self, work: Callable[[], None], *, folder: Path, variables: Mapping[str, str], files: tuple[Path, Path, Path]) -> None:
        self._process = _NURSERY.Process(target=_live, args=(work, folder, variables, files))
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    @property
    def code(self) -> int | None:
        """Its exit code, or less than zero for the signal that ended it; None while it runs."""
        return self._process.exitcode

    def send(self, number: signal.Signals) -> None:
        if self.code is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it and all that it has started."""
        if self.code is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            # It may not have come to lead a group yet.
            self._process.kill()
        self.wait()

    def wait(self, seconds: float = _PATIENCE) -> int:
        """Wait until it ends by itself, and return its exit code."""
        self._process.join(seconds)
        assert self.code is not None, f"it has not ended within {seconds} s"
        return self.code


@dataclass(frozen=True, slots=True)
class Done:
    """A process that has ended."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str, folder: Path, given: str = "", **variables: str) -> Done:
    """Run a command to its end, with `given` on its standard input."""
    return ended(diptych(*arguments), folder=folder, given=given, variables=environment(**variables))


def ended(work: Callable[[], None], *, folder: Path, variables: Mapping[str, str], given: str = "") -> Done:
    """Have some work done, in an environment of just these variables."""
    with TemporaryDirectory() as kept:
        files = stdin, stdout, stderr = Path(kept, "stdin"), Path(kept, "stdout"), Path(kept, "stderr")
        stdin.write_text(given)
        process = Forked(work, folder=folder, variables=variables, files=files)
        try:
            return Done(process.wait(), stdout.read_text(), stderr.read_text())
        finally:
            process.kill()


def _command(arguments: tuple[str, ...]) -> None:
    sys.argv = ["diptych", *arguments]
    app()


def _script(name: str, as_module: str) -> None:
    sys.argv = [name]
    sys.path.insert(0, str(Path.cwd()))
    runpy.run_path(name, run_name=as_module)


def settle(folder: Path, variables: Mapping[str, str], files: Sequence[int]) -> None:
    """Give this process a folder, an environment, and open files as its standard input, output and error."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    for place, file in enumerate(files):
        os.dup2(file, place)
        os.close(file)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)


def _live(work: Callable[[], None], folder: Path, variables: Mapping[str, str], files: tuple[Path, Path, Path]) -> None:
    """The life of a process that was forked."""
    os.setsid()
    settle(folder, variables, [os.open(path, _APPENDED if place else os.O_RDONLY, 0o600) for place, path in enumerate(files)])
    try:
        work()
    finally:
        # A process that was forked ends without them.
        atexit._run_exitfuncs()
