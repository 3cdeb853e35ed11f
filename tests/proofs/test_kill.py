"""`kill -9` of a real server under load: every acknowledged write is there afterwards, with its version.

Each writer owns one client key and one row of stock, and walks them through births, changes and deaths through alternating doors.
It remembers the state that was acknowledged last, and the state it had asked for when the connection broke; after the restart the
row is in one of the two.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.doors.door import DOCUMENT, STOCK, Answer, Door, Graphql, Key, Rest, Subject
from tests.effort import SOAK, progress
from tests.proofs.server import Server, serving
from tests.proofs.until import until

ROUNDS = 5
WRITERS = 8
# Acknowledged writes in each round before its end.
LOAD = (10, 80)


@dataclass
class Life:
    """One row as its only writer knows it. `version` is 0 where nothing is there, `last` the highest it ever had."""

    subject: Subject
    key: Key
    row: Any = None
    version: int = 0
    last: int = 0
    # The title or quantity that was asked for, None for a delete; and the version it would have.
    pending: tuple[int, Any] | None = None
    acknowledged: int = 0

    def learn(self, answer: Answer) -> None:
        """An answer came: what it says is durable."""
        self.pending = None
        self.acknowledged += 1
        if answer.code == "deleted":
            self.row, self.version = None, 0
        else:
            assert answer.row is not None
            assert answer.version == self.last + 1, "births and changes count on"
            self.row, self.version = answer.row, answer.version
            self.last = answer.version


@dataclass
class Writer:
    """Asks for one thing after the other until the server is gone."""

    number: int
    lives: list[Life] = field(default_factory=list)

    async def write(self, doors: Sequence[Door]) -> None:
        chance = random.Random(self.number)
        try:
            while True:
                life, door = chance.choice(self.lives), chance.choice(doors)
                answer = await self.ask(life, door, chance)
                assert answer.accepted, answer
                life.learn(answer)
        except httpx.TransportError:
            return

    async def ask(self, life: Life, door: Door, chance: random.Random) -> Answer:
        asked = life.last + 1
        name = "title" if life.subject is DOCUMENT else "quantity"
        value: Any = f"{self.number}.{asked}" if life.subject is DOCUMENT else asked
        life.pending = (asked, value)
        if life.version == 0:
            return await door.create(life.subject, {"id": life.key, "title": value})
        if life.subject is DOCUMENT and chance.random() < 0.15:
            life.pending = (0, None)
            return await door.delete(life.subject, life.key, version=life.version)
        match chance.randrange(3):
            case 0:
                return await door.merge_patch(life.subject, life.key, {name: value}, version=life.version)
            case 1:
                operations = [{"op": "replace", "path": f"/{name}", "value": value}]
                return await door.json_patch(life.subject, life.key, operations, version=life.version)
            case _:
                document = {one: life.row[one] for one in life.row if one not in ("id", "version")}
                return await door.replace(life.subject, life.key, {**document, name: value}, version=life.version)


async def check(life: Life, doors: Sequence[Door]) -> None:
    """The row is as it was acknowledged, or as it was asked for last; go on from there."""
    one, two = [await door.fetch(life.subject, life.key) for door in doors]
    assert one == two
    if one.row == life.row:
        life.pending = None
        return
    assert life.pending is not None, f"{life.row} was acknowledged, {one.row} is there"
    version, value = life.pending
    life.pending = None
    if version == 0:
        assert one.code == "not_found", one
        life.row, life.version = None, 0
        return
    assert one.version == version, f"{life.row} was acknowledged and version {version} asked for, {one.row} is there"
    assert one.row is not None
    assert one.row["title" if life.subject is DOCUMENT else "quantity"] == value
    life.row, life.version, life.last = one.row, version, version


async def begin(doors: Sequence[Door]) -> list[Writer]:
    writers = []
    for number in range(WRITERS):
        made = await doors[0].create(STOCK, {"sku": f"W-{number}", "name": "n", "quantity": 1})
        writers.append(Writer(number, [Life(DOCUMENT, f"w{number}"), Life(STOCK, made.key, made.row, 1, 1)]))
    return writers


def acknowledged(writers: Sequence[Writer]) -> int:
    return sum(life.acknowledged for writer in writers for life in writer.lives)


async def reached(writers: Sequence[Writer], enough: int, load: Sequence[asyncio.Task[None]]) -> None:
    """Wait for so many acknowledged writes, or for a writer that came to an end before its time."""
    await until(lambda: acknowledged(writers) >= enough or any(task.done() for task in load))


def clients(server: Server) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.base, timeout=30)


@pytest.mark.slow
async def test_every_acknowledged_write_survives_kill_9(database_url: str, tmp_path: Path) -> None:
    chance = random.Random(9)
    writers: list[Writer] = []
    for round_ in range(ROUNDS * SOAK + 1):
        async with serving("--database", database_url, folder=tmp_path) as (server,), clients(server) as client:
            doors = (Rest(client), Graphql(client))
            await doors[1].list(STOCK)
            if round_ == 0:
                writers = await begin(doors)
            for life in (life for writer in writers for life in writer.lives):
                await check(life, doors)
            if round_ == ROUNDS * SOAK:
                break
            enough = acknowledged(writers) + chance.randint(*LOAD)
            load = [asyncio.create_task(writer.write(doors)) for writer in writers]
            progress(f"round {round_ + 1} of {ROUNDS * SOAK}: {acknowledged(writers)} writes are there")
            await reached(writers, enough, load)
            server.kill()
            await asyncio.gather(*load)
