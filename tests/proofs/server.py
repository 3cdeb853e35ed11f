"""Real servers: `diptych serve` in a process of its own, on a free port, ended by the test that began it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import httpx

DIPTYCH = str(Path(sys.executable).with_name("diptych"))
# Seconds that a server may take to start on a machine that is busy, and to stop.
_PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(**more: str) -> dict[str, str]:
    """This process's environment without any choice that was made for diptych in it."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("DIPTYCH_")}, **more}


class Server:
    """A server process and what it said. It leads a process group of its own, so that its workers end with it."""

    def __init__(self, *arguments: str, folder: Path, port: int | None = None, variables: Mapping[str, str] | None = None) -> None:
        self.port = port or free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._said: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed with the server
        options = () if variables and "DIPTYCH_PORT" in variables else ("--port", str(self.port))
        self._process = subprocess.Popen(
            [DIPTYCH, "serve", *arguments, *options],
            cwd=folder,
            env=environment(**(variables or {})),
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    async def ready(self, path: str = "/problems") -> None:
        """Wait until it answers; fails with what it said when it ends instead."""
        patience = time.monotonic() + _PATIENCE
        async with httpx.AsyncClient() as client:
            while True:
                assert self._process.poll() is None, f"the server ended with {self._process.returncode}: {self.said}"
                try:
                    if (await client.get(self.base + path)).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                assert time.monotonic() < patience, f"the server did not start: {self.said}"
                await asyncio.sleep(0.05)

    @property
    def said(self) -> str:
        self._said.seek(0)
        return self._said.read().decode()

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it and its workers without a word, as a power cut would."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(_PATIENCE)

    def wait(self) -> int:
        """Wait until it ends by itself, and return its exit code."""
        return self._process.wait(_PATIENCE)

    def close(self) -> None:
        self.kill()
        self._said.close()


@asynccontextmanager
async def serving(
    *arguments: str, folder: Path, variables: Mapping[str, str] | None = None, count: int = 1
) -> AsyncIterator[Sequence[Server]]:
    """Servers that are ready, and are gone afterwards; they start at the same time."""
    servers = [Server(*arguments, folder=folder, variables=variables) for _ in range(count)]
    try:
        for server in servers:
            await server.ready()
        yield servers
    finally:
        for server in servers:
            server.close()
