"""Many writers at once: no update is lost, one writer wins each version, and no (key, version) ever names two states."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from diptych import Bridge
from diptych.demo import demo_bridge
from tests.doors.door import DOCUMENT, STOCK, Answer, Door, Graphql, Key, Rest, Subject
from tests.effort import SOAK, progress
from tests.proofs.server import Server, serving

WRITERS = 32
INCREMENTS = 4 * SOAK


class Witness:
    """Remembers every state that anybody saw; two states under one (key, version) are what must never be."""

    def __init__(self) -> None:
        self.states: dict[tuple[Key, int], Any] = {}
        self.winners: Counter[tuple[Key, int]] = Counter()

    def saw(self, answer: Answer) -> Answer:
        for row in (answer.row, answer.facts.get("current")):
            if row is not None:
                state = dict(row)
                assert self.states.setdefault((row["id"], row["version"]), state) == state, "one version, two states"
        return answer

    def won(self, key: Key, version: int) -> None:
        """A write on this version was acknowledged as a change."""
        self.winners[key, version] += 1
        assert self.winners[key, version] == 1, f"two writers won {key} at {version}"


async def change(door: Door, key: Key, row: Any, seen: int, how: int) -> Answer:
    """Add one to a quantity, in one of the three ways a row can be changed."""
    more = row["quantity"] + 1
    match how % 3:
        case 0:
            document = {name: row[name] for name in ("sku", "name", "location")}
            return await door.replace(STOCK, key, {**document, "quantity": more}, version=seen)
        case 1:
            return await door.merge_patch(STOCK, key, {"quantity": more}, version=seen)
        case _:
            return await door.json_patch(STOCK, key, [{"op": "replace", "path": "/quantity", "value": more}], version=seen)


async def count_up(number: int, doors: Sequence[Door], keys: Sequence[Key], witness: Witness) -> Counter[Key]:
    """Read, add one, write on the version that was read, until enough writes were acknowledged; how many on each key."""
    chance = random.Random(number)
    acknowledged: Counter[Key] = Counter()
    while acknowledged.total() < INCREMENTS:
        key = chance.choice(keys)
        read = witness.saw(await chance.choice(doors).fetch(STOCK, key))
        assert read.row is not None
        assert read.version is not None
        answer = witness.saw(await change(chance.choice(doors), key, read.row, read.version, chance.randrange(3)))
        if answer.code == "written":
            assert answer.version == read.version + 1
            witness.won(key, read.version)
            acknowledged[key] += 1
        else:
            assert answer.code == "version_mismatch", answer
            # Read again later than before: the row has moved on.
            assert answer.facts["currentVersion"] > read.version
    return acknowledged


async def race(doors: Sequence[Door]) -> None:
    """32 writers on 4 rows; the counters end at the number of acknowledged writes."""
    made = [await doors[0].create(STOCK, {"sku": f"R-{number}", "name": "n", "quantity": 0}) for number in range(4)]
    keys = [answer.key for answer in made]
    witness = Witness()
    acknowledged: Counter[Key] = Counter()
    progress(f"{WRITERS} writers, {INCREMENTS} writes each, through {len(doors)} doors")
    for counted in await asyncio.gather(*(count_up(number, doors, keys, witness) for number in range(WRITERS))):
        acknowledged += counted
    assert acknowledged.total() == WRITERS * INCREMENTS
    for key in keys:
        for door in doors:
            row = witness.saw(await door.fetch(STOCK, key)).row
            assert row is not None
            assert row["quantity"] == acknowledged[key]
            assert row["version"] == acknowledged[key] + 1
            assert all(witness.winners[key, version] == 1 for version in range(1, row["version"]))


@asynccontextmanager
async def in_process(bridge: Bridge) -> AsyncIterator[tuple[Rest, Graphql]]:
    """Both doors of a bridge in this process."""
    await bridge.open()
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
            yield Rest(client), Graphql(client)
    finally:
        await bridge.close()


@asynccontextmanager
async def doors_of(servers: Sequence[Server]) -> AsyncIterator[list[Door]]:
    """Both doors of each server."""
    async with AsyncExitStack() as stack:
        limits = httpx.Limits(max_connections=WRITERS)
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=server.base, limits=limits, timeout=60)) for server in servers
        ]
        yield [door for client in clients for door in (Rest(client), Graphql(client))]


async def test_writers_through_both_doors(database_url: str) -> None:
    async with in_process(demo_bridge(database_url)) as doors:
        await race(doors)


@pytest.mark.slow
async def test_writers_through_two_processes_on_one_file(sqlite_url: str, tmp_path: Path) -> None:
    async with serving("--database", sqlite_url, folder=tmp_path, count=2) as servers, doors_of(servers) as doors:
        await race(doors)


@pytest.mark.slow
@pytest.mark.postgres
async def test_writers_through_two_workers_of_one_server(postgres_url: str, tmp_path: Path) -> None:
    async with serving("--database", postgres_url, "--workers", "2", folder=tmp_path) as servers, doors_of(servers) as doors:
        await race(doors)


@pytest.mark.slow
@pytest.mark.postgres
async def test_two_processes_on_one_postgres(postgres_url: str, tmp_path: Path, subtests: pytest.Subtests) -> None:
    async with serving("--database", postgres_url, folder=tmp_path, count=2) as servers, doors_of(servers) as doors:
        with subtests.test(msg="32 writers on 4 rows"):
            await race(doors)
        with subtests.test(msg="keys that come and go"):
            await come_and_go(doors)
        with subtests.test(msg="shuffled batches of the same 64 keys"):
            await shuffle(doors)


async def live(number: int, doors: Sequence[Door], subject: Subject, keys: Sequence[Key], witness: Witness) -> None:
    """Create, replace and delete rows under keys that others create, replace and delete too."""
    chance = random.Random(number)
    for step in range(15 * SOAK):
        door, key, title = chance.choice(doors), chance.choice(keys), f"{number}.{step}"
        match chance.randrange(4):
            case 0:
                answer = await door.create(subject, {"id": key, "title": title})
            case 1:
                answer = await door.replace(subject, key, {"title": title})
            case 2:
                answer = await door.delete(subject, key)
            case _:
                answer = await door.fetch(subject, key)
        witness.saw(answer)
        assert answer.code in ("created", "written", "deleted", "found", "not_found", "already_exists", "version_mismatch"), answer


async def come_and_go(doors: Sequence[Door]) -> None:
    """Births, changes and deaths under four keys at once: however they overlap, no version is given twice."""
    witness = Witness()
    await asyncio.gather(*(live(number, doors, DOCUMENT, ["a", "b", "c", "d"], witness) for number in range(16)))
    assert len(witness.states) > 50


async def test_keys_that_come_and_go(database_url: str) -> None:
    async with in_process(demo_bridge(database_url)) as doors:
        await come_and_go(doors)


BATCH = [f"k{number:02}" for number in range(64)]


async def put_all(doors: Sequence[Door], number: int) -> Counter[str]:
    """Write the same 64 keys, all at once, in an order of one's own; now and then delete and create them instead."""
    chance = random.Random(number)
    told: Counter[str] = Counter()
    for round_ in range(3 * SOAK):
        keys = chance.sample(BATCH, len(BATCH))
        door = doors[number % len(doors)]
        if round_ % 3 == 2:
            answers = await asyncio.gather(*(door.delete(DOCUMENT, key) for key in keys))
            answers += await asyncio.gather(*(door.create(DOCUMENT, {"id": key, "title": f"{number}"}) for key in reversed(keys)))
        else:
            answers = await asyncio.gather(*(door.replace(DOCUMENT, key, {"title": f"{number}.{round_}"}) for key in keys))
        told.update(answer.code for answer in answers)
    return told


async def shuffle(doors: Sequence[Door]) -> None:
    """Each caller gets an answer of the contract; that a deadlock happened, or nearly did, is nobody's to see."""
    told: Counter[str] = Counter()
    for counted in await asyncio.gather(*(put_all(doors, number) for number in range(len(doors)))):
        told += counted
    assert told.keys() <= {"created", "written", "deleted", "not_found", "already_exists", "version_mismatch"}, told
    assert told["written"] > len(BATCH)


@pytest.mark.parametrize("writer", [0, 1], ids=["rest", "graphql"])
async def test_one_wins_of_two_that_name_one_tag(database_url: str, writer: int) -> None:
    """Trap 33: the same tag through both faces at the same moment."""
    async with in_process(demo_bridge(database_url)) as doors:
        made = await doors[0].create(STOCK, {"sku": "two", "name": "n", "quantity": 0})
        for version in range(1, 20):
            answers = await asyncio.gather(
                doors[writer].merge_patch(STOCK, made.key, {"quantity": 2 * version}, version=version),
                doors[1 - writer].merge_patch(STOCK, made.key, {"quantity": 2 * version + 1}, version=version),
            )
            assert sorted(answer.code for answer in answers) == ["version_mismatch", "written"]
            won, lost = sorted(answers, key=lambda answer: answer.code, reverse=True)
            assert lost.facts["current"] == won.row
