"""Real servers: `diptych serve` in a process of its own, on a free port, ended by the test that began it."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.proofs.command import Forked, diptych, environment

DIPTYCH = str(Path(sys.executable).with_name("diptych"))
# Seconds that a server may take to start on a machine that is busy.
_PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A server process and what it said. It leads a process group of its own, so that its workers end with it."""

    def __init__(self, *arguments: str, folder: Path, port: int | None = None, variables: Mapping[str, str] | None = None) -> None:
        self.port = port or free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._kept = TemporaryDirectory()
        self._said = Path(self._kept.name, "said")
        options = () if variables and "DIPTYCH_PORT" in variables else ("--port", str(self.port))
        self._process = Forked(
            diptych("serve", *arguments, *options),
            folder=folder,
            variables=environment(**(variables or {})),
            files=(Path(os.devnull), self._said, self._said),
        )

    async def ready(self, path: str = "/problems") -> None:
        """Wait until it answers; fails with what it said when it ends instead."""
        patience = time.monotonic() + _PATIENCE
        async with httpx.AsyncClient() as client:
            while True:
                assert self._process.code is None, f"the server ended with {self._process.code}: {self.said}"
                try:
                    if (await client.get(self.base + path)).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                assert time.monotonic() < patience, f"the server did not start: {self.said}"
                await asyncio.sleep(0.05)

    @property
    def said(self) -> str:
        return self._said.read_text() if self._said.exists() else ""

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        self._process.send(number)

    def kill(self) -> None:
        """End it and its workers without a word, as a power cut would."""
        self._process.kill()

    def wait(self) -> int:
        """Wait until it ends by itself, and return its exit code."""
        return self._process.wait()

    def close(self) -> None:
        self.kill()
        self._kept.cleanup()


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
