"""Programs that stand beside a server in production, started for real: nginx, PgBouncer, and a streaming replica of PostgreSQL."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

# Seconds that a program may take to start or to stop on a machine that is busy.
PATIENCE = 60.0


def program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    assert found is not None, f"the tests of scaling need {name}: `make test` installs it on Debian"
    return found


class Program:
    """A process that a test started, with what it said in a file."""

    def __init__(self, command: Sequence[str], log: Path, *, user: str | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._command = list(command)
        self._user = user
        self._environment = environment
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                env=self._environment,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(PATIENCE)
        self._process = None

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


@contextmanager
def running(program: Program) -> Iterator[Program]:
    program.start()
    try:
        yield program
    finally:
        program.stop()


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until a function of no arguments says yes."""
    patience = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < patience, what
        time.sleep(0.05)


def owner_if_root(path: Path) -> str | None:
    """Who owns a path, where we are root: some programs refuse to run as root, and must read what is the server's own."""
    return path.owner() if os.geteuid() == 0 else None


def socket_folder(url: str) -> Path:
    """The folder of the Unix socket that a database URL names."""
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def with_parameters(url: str, **parameters: str) -> str:
    """A database URL with more parameters; a space in a value is written as %20."""
    more = "&".join(f"{name}={value.replace(' ', '%20')}" for name, value in parameters.items())
    return f"{url}{'&' if '?' in url else '?'}{more}"
