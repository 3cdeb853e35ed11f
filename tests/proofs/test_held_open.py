"""A delete held open in one transaction while another creates the same client key, and the other way round.

The transaction that is held is ours, on a connection of our own, and takes its locks in the order that the ledger asks for: the
ledger row first, the row second. Whatever overlaps, no (key, version) may name two states.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from diptych import Bridge
from diptych.demo import demo_bridge
from tests.doors.door import DOCUMENT, Answer, Door, Graphql, Rest
from tests.proofs.raw import RawConnection

# Seconds that a command is given to come to its lock before it is looked at.
_MOMENT = 0.2


@asynccontextmanager
async def opened(database: str, door: str) -> AsyncIterator[tuple[Bridge, Door]]:
    """A bridge of its own, with connections of its own, and one of its doors."""
    bridge = demo_bridge(database)
    await bridge.open()
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
            yield bridge, Rest(client) if door == "rest" else Graphql(client)
    finally:
        await bridge.close()


@pytest.fixture(params=["rest", "graphql"])
async def stand(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[tuple[Bridge, Door, RawConnection]]:
    async with opened(database_url, request.param) as (bridge, door):
        raw = await RawConnection(database_url).open()
        yield bridge, door, raw
        await raw.close()


Stand = tuple[Bridge, Door, RawConnection]


async def brought_to(door: Door, version: int) -> dict[int, Any]:
    """Make the document `k` and bring it to a version; every state it had, by version."""
    states: dict[int, Any] = {}
    for number in range(1, version + 1):
        answer = await door.replace(DOCUMENT, "k", {"title": f"{number}"})
        assert answer.version == number
        states[number] = answer.row
    return states


async def delete_by_hand(raw: RawConnection, version: int) -> None:
    """What a delete does, short of its commit."""
    await raw.begin()
    if raw.is_sqlite:
        # There is no ledger row before the first delete here; the one writer holds the whole file.
        await raw.run(f"INSERT INTO documents_ledger (key, version) VALUES ('k', {version})")
    else:
        await raw.run(f"UPDATE documents_ledger SET version = {version} WHERE key = 'k'")
    await raw.run("DELETE FROM documents WHERE id = 'k'")


async def create_by_hand(raw: RawConnection) -> None:
    """What a create does, short of its commit."""
    await raw.begin()
    if not raw.is_sqlite:
        await raw.run(
            "INSERT INTO documents_ledger (key, version) VALUES ('k', 0) ON CONFLICT (key) DO UPDATE SET version = documents_ledger.version"
        )
    columns = "id, version, title, content, tags, metadata, owner_id"
    await raw.run(f"INSERT INTO documents ({columns}) VALUES ('k', 1, 'by hand', '', '[]', '{{}}', NULL)")


async def test_a_replace_waits_for_a_delete_and_is_born_above_it(stand: Stand) -> None:
    """The replace sees the row, waits for its lock, finds it gone, and makes it anew: at 4, since it was deleted at 3."""
    _, door, raw = stand
    await brought_to(door, 3)
    await delete_by_hand(raw, 3)
    waiting = asyncio.create_task(door.replace(DOCUMENT, "k", {"title": "anew"}))
    await asyncio.sleep(_MOMENT)
    assert not waiting.done(), "nothing may be acknowledged while the delete is open"
    await raw.run("COMMIT")
    answer = await waiting
    assert (answer.code, answer.version) == ("created", 4)


async def test_a_delete_that_is_taken_back_leaves_the_row_to_the_replace(stand: Stand) -> None:
    _, door, raw = stand
    await brought_to(door, 3)
    await delete_by_hand(raw, 3)
    waiting = asyncio.create_task(door.replace(DOCUMENT, "k", {"title": "anew"}))
    await asyncio.sleep(_MOMENT)
    await raw.run("ROLLBACK")
    answer = await waiting
    assert (answer.code, answer.version) == ("written", 4)


async def test_a_create_sees_the_row_until_its_delete_is_committed(stand: Stand) -> None:
    _, door, raw = stand
    await brought_to(door, 3)
    await delete_by_hand(raw, 3)
    taken = await door.create(DOCUMENT, {"id": "k", "title": "anew"})
    assert (taken.code, taken.facts["currentVersion"]) == ("already_exists", 3)
    await raw.run("COMMIT")
    born = await door.create(DOCUMENT, {"id": "k", "title": "anew"})
    assert (born.code, born.version) == ("created", 4)


async def test_a_create_waits_for_a_create(stand: Stand) -> None:
    _, door, raw = stand
    await create_by_hand(raw)
    waiting = asyncio.create_task(door.create(DOCUMENT, {"id": "k", "title": "second"}))
    await asyncio.sleep(_MOMENT)
    assert not waiting.done()
    await raw.run("COMMIT")
    answer = await waiting
    assert (answer.code, answer.facts) == ("already_exists", {"key": "k", "currentVersion": 1})
    assert ((await door.fetch(DOCUMENT, "k")).row or {})["title"] == "by hand"


async def test_a_create_follows_a_create_that_is_taken_back(stand: Stand) -> None:
    _, door, raw = stand
    await create_by_hand(raw)
    waiting = asyncio.create_task(door.replace(DOCUMENT, "k", {"title": "second"}))
    await asyncio.sleep(_MOMENT)
    await raw.run("ROLLBACK")
    answer = await waiting
    assert (answer.code, answer.version) == ("created", 1)


async def test_a_delete_does_not_see_a_create_before_its_commit(stand: Stand) -> None:
    _, door, raw = stand
    await create_by_hand(raw)
    assert (await door.delete(DOCUMENT, "k")).code == "not_found"
    await raw.run("COMMIT")
    assert (await door.delete(DOCUMENT, "k")).code == "deleted"
    assert (await door.create(DOCUMENT, {"id": "k", "title": "again"})).version == 2


async def test_a_delete_of_a_row_that_is_being_changed(stand: Stand) -> None:
    """The update of another holds the row; the delete waits, decides again on what it finds, and remembers that version."""
    _, door, raw = stand
    await brought_to(door, 2)
    await raw.begin()
    await raw.run("UPDATE documents SET version = 3, title = 'by hand' WHERE id = 'k'")
    waiting = asyncio.create_task(door.delete(DOCUMENT, "k"))
    stale = asyncio.create_task(door.delete(DOCUMENT, "k", version=2))
    await asyncio.sleep(_MOMENT)
    assert not waiting.done()
    assert not stale.done()
    await raw.run("COMMIT")
    codes = {(await waiting).code, (await stale).code}
    assert codes in ({"deleted", "version_mismatch"}, {"deleted", "not_found"})
    assert (await door.create(DOCUMENT, {"id": "k", "title": "again"})).version == 4


class Pause:
    """Holds every commit of a bridge back until it is released: what was decided on is then as old as may be."""

    def __init__(self, bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
        self.decided, self._gate, commit = asyncio.Event(), asyncio.Event(), bridge.store.commit

        async def commit_later(*arguments: Any) -> Any:
            self.decided.set()
            await self._gate.wait()
            return await commit(*arguments)

        monkeypatch.setattr(bridge.store, "commit", commit_later)

    def release(self) -> None:
        self._gate.set()


async def blocked(raw: RawConnection, count: int) -> None:
    """Wait until so many statements wait for a lock on PostgreSQL."""
    async with asyncio.timeout(30):
        while (await raw.rows("SELECT count(*) FROM pg_locks WHERE NOT granted"))[0][0] < count:
            await raw.rows("SELECT pg_sleep(0.01)")


@pytest.mark.parametrize("creating", ["create", "replace"])
async def test_a_birth_decided_before_another_life(creating: str, stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is there when the create decides. Before it commits, the key lives to version 2 and its delete is under way."""
    bridge, door, raw = stand
    pause = Pause(bridge, monkeypatch)
    asking: Awaitable[Answer] = (
        door.create(DOCUMENT, {"id": "k", "title": "late"})
        if creating == "create"
        else door.replace(DOCUMENT, "k", {"title": "late"}, version=0)
    )
    late = asyncio.ensure_future(asking)
    await pause.decided.wait()
    async with opened(bridge.database, "rest") as (_, other):
        states = await brought_to(other, 2)
        await delete_by_hand(raw, 2)
        pause.release()
        await asyncio.sleep(_MOMENT)
        assert not late.done(), "the ledger row, or the one writer's lock, is held"
        await raw.run("COMMIT")
        answer = await late
        assert (answer.code, answer.version) == ("created", 3)
        assert answer.version not in states
        assert (await other.fetch(DOCUMENT, "k")).row == answer.row


@pytest.mark.postgres
async def test_a_delete_of_the_stores_own_held_open(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store's delete has the ledger and waits for the row, which we hold; a birth decided long before waits behind it."""
    async with opened(postgres_url, "rest") as (early_bridge, early), opened(postgres_url, "graphql") as (_, door):
        pause = Pause(early_bridge, monkeypatch)
        late = asyncio.create_task(early.create(DOCUMENT, {"id": "k", "title": "late"}))
        await pause.decided.wait()
        await brought_to(door, 2)
        raw = await RawConnection(postgres_url).open()
        await raw.begin()
        await raw.run("SELECT 1 FROM documents WHERE id = 'k' FOR UPDATE")
        deleting = asyncio.create_task(door.delete(DOCUMENT, "k"))
        await blocked(raw, 1)
        pause.release()
        await blocked(raw, 2)
        assert not deleting.done()
        assert not late.done()
        await raw.run("ROLLBACK")
        await raw.close()
        assert (await deleting).code == "deleted"
        answer = await late
        assert (answer.code, answer.version) == ("created", 3)


async def test_a_replace_decided_before_a_delete_and_a_birth(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row that a write was decided on is gone and another has its key, at a version that the first never had."""
    bridge, door, _ = stand
    await brought_to(door, 1)
    pause = Pause(bridge, monkeypatch)
    late = asyncio.create_task(door.merge_patch(DOCUMENT, "k", {"content": "late"}, version=1))
    await pause.decided.wait()
    async with opened(bridge.database, "rest") as (_, other):
        assert (await other.delete(DOCUMENT, "k")).code == "deleted"
        reborn = await other.create(DOCUMENT, {"id": "k", "title": "1"})
        assert reborn.version == 2
        pause.release()
        answer = await late
        assert (answer.code, answer.facts) == ("version_mismatch", {"currentVersion": 2, "current": reborn.row})
