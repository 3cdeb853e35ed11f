"""The ground everything stands on: a folder of its own, PostgreSQL, and an end to all of it whatever happens."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .contestants import Running, Server, serve
from .databases import Database
from .machine import forgetful
from .postgres import PostgresServer
from .processes import Processes
from .sqlite_file import SqliteFile

# /tmp may lie in memory.
FOLDER: Final = Path("/var/tmp")


@dataclass
class Ground:
    """Where databases and logs are; PostgreSQL is started when it is first asked for."""

    folder: Path
    _stack: ExitStack
    _postgres: PostgresServer | None = None

    @property
    def postgres(self) -> PostgresServer:
        if self._postgres is None:
            self._postgres = self._stack.enter_context(PostgresServer(self.processes(), self.folder / "postgres"))
        return self._postgres

    def processes(self) -> Processes:
        """A set of processes that ends with the ground."""
        return self._stack.enter_context(Processes(self.folder))

    @contextmanager
    def serving(self, servers: tuple[Server, ...], *, sqlite: bool, workers: int = 1, beside: int = 0) -> Iterator[dict[str, Running]]:
        """Servers that run at the same time, each over a fresh database of its own; all have ended when the block is left."""
        with Processes(self.folder) as processes:
            running = {}
            for server in servers:
                database = self.database(server.name, sqlite)
                running[server.name] = serve(processes, server, database, workers=workers, beside=beside)
            yield running

    def database(self, name: str, sqlite: bool) -> Database:
        if not sqlite:
            return self.postgres.create(name)
        file = SqliteFile(self.folder / f"{name}.db")
        for path in self.folder.glob(f"{name}.db*"):
            path.unlink()
        file.create()
        return file


@contextmanager
def ground(folder: Path = FOLDER) -> Iterator[Ground]:
    """Make a folder in `folder` for one benchmark and clean everything up afterwards; raises ValueError where nothing would be durable."""
    folder.mkdir(parents=True, exist_ok=True)
    if forgetful(folder):
        raise ValueError(
            "The folder for the databases lies in memory, where no commit is durable. DATA=/another/folder names one on a disk."
        )
    # Said outright, because a shell has its background jobs ignore Ctrl-C.
    previous = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    own = Path(tempfile.mkdtemp(prefix="diptych-bench-", dir=folder))
    # PostgreSQL runs as a user of its own where root starts it.
    own.chmod(0o755)
    try:
        with ExitStack() as stack:
            yield Ground(own, stack)
    finally:
        shutil.rmtree(own, ignore_errors=True)
        for number, handler in previous.items():
            signal.signal(number, handler)


def progress_on(console: Console) -> Progress:
    """Progress in a terminal, silence in a pipe."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
