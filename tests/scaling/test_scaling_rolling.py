"""Two server processes behind nginx are replaced one after the other under load: nothing is lost, and nothing is there twice."""

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.doors.door import DOCUMENT, STOCK, Answer, Door, Graphql, Rest
from tests.effort import SOAK, progress
from tests.proofs.raw import RawConnection
from tests.proofs.server import Server
from tests.proofs.until import until
from tests.scaling.proxying import answering, in_front_of

WRITERS = 12
# How often each of the two is replaced.
ROUNDS = 1 if SOAK == 1 else 2 * SOAK
_PROXY = (502, 504)


class NoAnswer(Exception):
    """No server has answered, so it is not known what became of the request."""


@dataclass
class Tally:
    """What was acknowledged: the changes of each writer's row, and its births."""

    changes: Counter[int] = field(default_factory=Counter)
    births: Counter[str] = field(default_factory=Counter)
    # Changes that were sent, left open, and found done.
    found: Counter[int] = field(default_factory=Counter)
    unsure: int = 0
    busy: int = 0


async def refuse_words_of_the_proxy(response: httpx.Response) -> None:
    if response.status_code in _PROXY:
        raise NoAnswer


async def answered(asking: Awaitable[Answer]) -> Answer | None:
    try:
        return await asking
    except (httpx.TransportError, NoAnswer):
        return None


class Writer:
    """Counts a row of its own up, one version after the other, and gives birth to a document at each."""

    def __init__(self, number: int, key: int, doors: Sequence[Door], tally: Tally) -> None:
        self.number = number
        self.key = key
        self.version = 1
        self._doors = doors
        self._tally = tally
        self.is_enough = False

    async def write(self) -> None:
        while not self.is_enough:
            await self._change()
            await self._give_birth(f"{self.number}-{self.version}")

    async def _change(self) -> None:
        """Count up by one; an answer that leaves it open is asked for again, which its version makes harmless."""
        is_open = False
        while True:
            door = self._doors[(self.number + self.version) % len(self._doors)]
            change = {"quantity": self.version, "location": f"{self.number}.{self.version}"}
            answer = await answered(door.merge_patch(STOCK, self.key, change, version=self.version))
            match answer:
                case None:
                    is_open = True
                    self._tally.unsure += 1
                case Answer(code="unavailable"):
                    self._tally.busy += 1
                case Answer(code="written"):
                    assert answer.version == self.version + 1
                    self._tally.changes[self.number] += 1
                    break
                case Answer(code="version_mismatch"):
                    assert is_open, f"refused, though nobody else writes this row: {answer}"
                    row = answer.facts["current"]
                    assert (row["version"], row["quantity"], row["location"]) == (self.version + 1, *change.values())
                    self._tally.found[self.number] += 1
                    break
                case _:
                    raise AssertionError(answer)
            await asyncio.sleep(0.02)
        self.version += 1

    async def _give_birth(self, key: str) -> None:
        is_open = False
        while True:
            answer = await answered(self._doors[self.version % len(self._doors)].create(DOCUMENT, {"id": key, "title": key}))
            match answer:
                case None:
                    is_open = True
                    self._tally.unsure += 1
                case Answer(code="unavailable"):
                    self._tally.busy += 1
                case Answer(code="created"):
                    assert answer.version == 1
                    break
                case Answer(code="already_exists"):
                    assert is_open, f"taken, though nobody else uses this key: {answer}"
                    break
                case _:
                    raise AssertionError(answer)
            await asyncio.sleep(0.02)
        self._tally.births[key] += 1


async def changed(tally: Tally, enough: int, load: Sequence[asyncio.Task[None]]) -> None:
    """Wait for so many changes in all, or for a writer that came to an end before its time."""
    await until(lambda: tally.changes.total() >= enough or any(task.done() for task in load))


async def replace(server: Server, database: str, folder: Path) -> Server:
    """Stop a server as an operator does, and start another in its place."""
    server.signal(signal.SIGTERM)
    await asyncio.to_thread(server.wait)
    server.close()
    new = Server("--database", database, folder=folder, port=server.port)
    await new.ready()
    return new


@pytest.mark.postgres
@pytest.mark.slow
async def test_a_rolling_restart_loses_and_doubles_nothing(postgres_url: str, tmp_path: Path) -> None:
    servers = [Server("--database", postgres_url, folder=tmp_path) for _ in range(2)]
    tally, started = Tally(), asyncio.get_running_loop().time()
    try:
        for server in servers:
            await server.ready()
        with in_front_of([server.port for server in servers], tmp_path) as address:
            hooks = {"response": [refuse_words_of_the_proxy]}
            async with httpx.AsyncClient(base_url=address, timeout=60, event_hooks=hooks) as client:
                await answering(client)
                doors: list[Door] = [Rest(client), Graphql(client)]
                made = [await doors[n % 2].create(STOCK, {"sku": f"W-{n}", "name": "n", "quantity": 0}) for n in range(WRITERS)]
                writers = [Writer(number, int(answer.key), doors, tally) for number, answer in enumerate(made)]
                load = [asyncio.create_task(writer.write()) for writer in writers]
                for round_ in range(ROUNDS):
                    for place in range(2):
                        before = tally.changes.total()
                        servers[place] = await replace(servers[place], postgres_url, tmp_path)
                        assert tally.changes.total() > before, "the other one went on serving"
                        await changed(tally, before + 10 * WRITERS, load)
                    progress(f"round {round_ + 1} of {ROUNDS}: {tally.changes.total()} changes, {tally.unsure} left open")
                for writer in writers:
                    writer.is_enough = True
                await asyncio.gather(*load)
    finally:
        for server in servers:
            server.close()
    await compare(postgres_url, writers, tally)
    progress(f"{tally.changes.total()} changes in {asyncio.get_running_loop().time() - started:.0f} s, {tally.busy} told to come again")


async def compare(database: str, writers: Sequence[Writer], tally: Tally) -> None:
    """Each row's version and quantity count its acknowledged changes, and each birth is there once."""
    raw = await RawConnection(database).open()
    rows = {key: (version, quantity) for key, version, quantity in await raw.rows("SELECT id, version, quantity FROM stock_items")}
    born = [key for (key,) in await raw.rows("SELECT id FROM documents WHERE id LIKE '%-%' AND version = 1")]
    await raw.close()
    for writer in writers:
        done = tally.changes[writer.number] + tally.found[writer.number]
        assert rows[writer.key] == (done + 1, done)
    assert sorted(born) == sorted(tally.births)
    assert set(tally.births.values()) == {1}
    # Few are left open: servers finish what they have begun before they go.
    assert tally.unsure <= tally.changes.total() * 0.05 + 4, tally
