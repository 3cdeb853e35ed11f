"""At serializable: every transaction can be tried again, so no write is lost or doubled, and who has no luck at all is told so.

Source: PostgreSQL, section 13.2.3 and chapter 13.5: 40001 and 40P01 ask for the whole transaction once more.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from diptych.demo import demo_bridge
from diptych.store.postgres import PostgresDatabase
from diptych.store.postgres_batch import _ATTEMPTS as ATTEMPTS
from tests.doors.door import DOCUMENT, STOCK, USER, Answer, Door, Graphql, Rest, Subject
from tests.effort import SOAK
from tests.proofs.raw import RawConnection
from tests.proofs.server import serving
from tests.proofs.test_races import come_and_go, doors_of, race, shuffle
from tests.scaling.forced import When, fail_in_reads, fail_in_writes, failures, keep_failing, stop_failing
from tests.scaling.programs import with_parameters

pytestmark = pytest.mark.postgres

TABLES = {"User": "users", "Document": "documents", "StockItem": "stock_items"}
GOOD: dict[str, dict[str, Any]] = {
    "User": {"name": "Jane", "email": "jane@example.com"},
    "Document": {"id": "k", "title": "t"},
    "StockItem": {"sku": "S-1", "name": "bolt", "quantity": 1},
}
# More often than the store tries.
FOR_EVER = 1_000_000


@pytest.fixture
def serializable_url(postgres_url: str) -> str:
    return with_parameters(postgres_url, default_transaction_isolation="serializable")


@asynccontextmanager
async def doors_over(*urls: str) -> AsyncIterator[list[Door]]:
    """Both doors of a bridge over each URL, all in this process."""
    async with AsyncExitStack() as stack:
        doors: list[Door] = []
        for url in urls:
            bridge = demo_bridge(url)
            await bridge.open()
            stack.push_async_callback(bridge.close)
            client = await stack.enter_async_context(httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test"))
            doors += [Rest(client), Graphql(client)]
        yield doors


@pytest.fixture(params=[0, 1], ids=["rest", "graphql"])
async def door(request: pytest.FixtureRequest, serializable_url: str) -> AsyncIterator[Door]:
    async with doors_over(serializable_url) as doors:
        yield doors[request.param]


@pytest.fixture
async def raw(postgres_url: str) -> AsyncIterator[RawConnection]:
    connection = await RawConnection(postgres_url).open()
    yield connection
    await connection.close()


@pytest.mark.parametrize(
    ("parameters", "level"),
    [
        pytest.param({}, "read committed", id="whatever-the-database-says"),
        pytest.param({"default_transaction_isolation": "serializable"}, "serializable", id="the-url-says-serializable"),
        pytest.param({"default_transaction_isolation": "repeatable read"}, "repeatable read", id="the-url-says-repeatable-read"),
        pytest.param({"statement_cache_size": "0"}, "serializable", id="behind-a-pooler-the-database-says"),
    ],
)
async def test_the_isolation_that_statements_run_at(postgres_url: str, raw: RawConnection, parameters: dict[str, str], level: str) -> None:
    await raw.run("ALTER DATABASE test SET default_transaction_isolation = 'serializable'")
    database = PostgresDatabase(with_parameters(postgres_url, **parameters), busy_seconds=5, statement_seconds=30)
    for line in (database.reader(), database.writer(), database.searcher()):
        assert await line.run(lambda connection: connection.exec_driver_sql("SHOW transaction_isolation").scalar_one()) == level
        await line.close()
    await database.close()


async def begin(door: Door, subject: Subject) -> Answer:
    made = await door.create(subject, GOOD[subject.name])
    assert (made.code, made.version) == ("created", 1)
    return made


Writing = Callable[[Door, Subject, Answer], Awaitable[Answer]]


def without_key(subject: Subject) -> dict[str, Any]:
    return {name: value for name, value in GOOD[subject.name].items() if name != "id"}


def _replace(door: Door, subject: Subject, made: Answer) -> Awaitable[Answer]:
    return door.replace(subject, made.key, {**without_key(subject), TEXT[subject.name]: "changed"}, version=1)


def _merge(door: Door, subject: Subject, made: Answer) -> Awaitable[Answer]:
    return door.merge_patch(subject, made.key, {TEXT[subject.name]: "changed"}, version=1)


def _patch(door: Door, subject: Subject, made: Answer) -> Awaitable[Answer]:
    operations = [{"op": "replace", "path": f"/{TEXT[subject.name]}", "value": "changed"}]
    return door.json_patch(subject, made.key, operations, version=1)


def _delete(door: Door, subject: Subject, made: Answer) -> Awaitable[Answer]:
    return door.delete(subject, made.key, version=1)


TEXT = {"User": "name", "Document": "title", "StockItem": "name"}
WRITES: dict[str, tuple[Writing, str]] = {
    "replace": (_replace, "written"),
    "merge-patch": (_merge, "written"),
    "json-patch": (_patch, "written"),
    "delete": (_delete, "deleted"),
}
SUBJECTS = [pytest.param(subject, id=subject.name) for subject in (DOCUMENT, STOCK)]
# A deadlock is noticed while a statement waits, a serialization failure also at the commit.
FORCED: list[tuple[str, When]] = [("40001", "statement"), ("40001", "commit"), ("40P01", "statement")]


@pytest.mark.parametrize(("code", "when"), FORCED)
@pytest.mark.parametrize("subject", SUBJECTS)
async def test_a_write_that_fails_a_few_times_is_done_once(door: Door, raw: RawConnection, subject: Subject, code: str, when: When) -> None:
    """Every command, one after the other on one row: each is tried again until it is done, and its version is the next."""
    table = TABLES[subject.name]
    await fail_in_writes(raw, table, code, ATTEMPTS - 1, when)
    made = await begin(door, subject)
    assert await failures(raw) == ATTEMPTS, "the last attempt is the one that goes through"
    for name, (write, expected) in WRITES.items():
        # The row is at version 1 before each.
        await stop_failing(raw, table)
        await raw.run(f"UPDATE {table} SET version = 1, {TEXT[subject.name]} = 'before' WHERE id = '{made.key}'")
        await fail_in_writes(raw, table, code, ATTEMPTS - 1, when)
        answer = await write(door, subject, made)
        assert answer.code == expected, (name, answer)
        assert await failures(raw) == ATTEMPTS, name
        rows = await raw.rows(f"SELECT version, {TEXT[subject.name]} FROM {table} WHERE id = '{made.key}'")
        assert rows == ([] if name == "delete" else [(2, "changed")]), name


@pytest.mark.parametrize(("code", "when"), FORCED)
@pytest.mark.parametrize("subject", SUBJECTS)
async def test_a_write_that_always_fails_is_unavailable_and_leaves_nothing(
    door: Door, raw: RawConnection, subject: Subject, code: str, when: When
) -> None:
    table = TABLES[subject.name]
    made = await begin(door, subject)
    before = await raw.rows(f"SELECT * FROM {table}")
    await fail_in_writes(raw, table, code, FOR_EVER, when)
    for name, (write, _) in WRITES.items():
        asked = await failures(raw)
        answer = await write(door, subject, made)
        assert answer.code == "unavailable", (name, answer)
        assert await failures(raw) - asked == ATTEMPTS, "tried so often, and no more"
    other = {**GOOD[subject.name], **({"id": "l"} if subject is DOCUMENT else {"sku": "S-2"})}
    assert (await door.create(subject, other)).code == "unavailable"
    await stop_failing(raw, table)
    assert await raw.rows(f"SELECT * FROM {table}") == before
    assert (await door.create(subject, other)).version == 1


@pytest.mark.parametrize("code", ["40001", "40P01"])
@pytest.mark.parametrize("subject", SUBJECTS)
async def test_a_read_is_asked_again_and_then_unavailable(serializable_url: str, raw: RawConnection, subject: Subject, code: str) -> None:
    async with doors_over(serializable_url) as doors:
        made = await begin(doors[0], subject)
    async with doors_over(serializable_url) as doors:
        await fail_in_reads(raw, TABLES[subject.name], code, 1)
        for door in doors:
            await raw.run("ALTER SEQUENCE forced_failures RESTART")
            assert (await door.fetch(subject, made.key)).row == made.row
            assert await failures(raw) > 1
            await raw.run("ALTER SEQUENCE forced_failures RESTART")
            assert made.row in (await door.list(subject)).rows
            assert await failures(raw) > 1
        await keep_failing(raw, code)
        for door in doors:
            assert (await door.fetch(subject, made.key)).code == "unavailable"
            assert (await door.list(subject)).code == "unavailable"


@pytest.mark.parametrize(("code", "when"), FORCED)
async def test_callers_that_share_a_statement_are_each_served_once(
    serializable_url: str, raw: RawConnection, code: str, when: When
) -> None:
    """Two bridges, 48 callers each: births, changes and deaths in shared statements that fail again and again."""
    count = 48
    keys = [f"k{number:02}" for number in range(count)]
    async with doors_over(serializable_url, serializable_url) as doors:
        # A write is tried five times; the two bridges can be in each other's way as well.
        await fail_in_writes(raw, "documents", code, 2, when)
        born = await asyncio.gather(*(doors[n % 4].create(DOCUMENT, {"id": key, "title": "0"}) for n, key in enumerate(keys)))
        assert [(answer.code, answer.version) for answer in born] == [("created", 1)] * count
        for round_ in range(1, 4):
            await raw.run("ALTER SEQUENCE forced_failures RESTART")
            answers = await asyncio.gather(
                *(doors[n % 4].merge_patch(DOCUMENT, key, {"title": f"{round_}"}, version=round_) for n, key in enumerate(keys)),
                *(doors[(n + 1) % 4].merge_patch(DOCUMENT, key, {"title": f"{round_}"}, version=round_) for n, key in enumerate(keys)),
            )
            for mine, other in zip(answers[:count], answers[count:], strict=True):
                assert sorted([mine.code, other.code]) == ["version_mismatch", "written"]
        assert await raw.rows("SELECT DISTINCT version, title FROM documents WHERE id LIKE 'k%'") == [(4, "3")]
        await raw.run("ALTER SEQUENCE forced_failures RESTART")
        gone = await asyncio.gather(*(doors[n % 4].delete(DOCUMENT, key, version=4) for n, key in enumerate(keys)))
        assert {answer.code for answer in gone} == {"deleted"}
        assert await raw.rows("SELECT count(*) FROM documents WHERE id LIKE 'k%'") == [(0,)]


async def test_a_shared_delete_is_told_as_done_when_its_second_half_fails(serializable_url: str, raw: RawConnection) -> None:
    """Some rows were stored by another program and have no ledger row; opening one fails, and the others are deleted by then."""
    async with doors_over(serializable_url) as doors:
        known = [f"k{number}" for number in range(6)]
        for key in known:
            await doors[0].create(DOCUMENT, {"id": key, "title": "t"})
        foreign = [f"f{number}" for number in range(6)]
        for key in foreign:
            await raw.run(f"INSERT INTO documents (id, version, title, content, tags, metadata) VALUES ('{key}', 1, 't', '', '[]', '{{}}')")
        await fail_in_writes(raw, "documents_ledger", "40001", 1, "insert")
        answers = await asyncio.gather(*(doors[0].delete(DOCUMENT, key, version=1) for key in [*known, *foreign]))
        assert [answer.code for answer in answers] == ["deleted"] * 12
        assert (await raw.rows("SELECT count(*) FROM documents WHERE title = 't'")) == [(0,)]


async def test_a_conflict_that_is_real(serializable_url: str, raw: RawConnection, caplog: pytest.LogCaptureFixture) -> None:
    """Another program holds the row in a serializable transaction: the update waits, is told 40001, and decides anew."""
    caplog.set_level(logging.WARNING)
    async with doors_over(serializable_url) as doors:
        for door in doors:
            key = (await door.create(STOCK, {"sku": door.name, "name": "n", "quantity": 1})).key
            await raw.run("BEGIN ISOLATION LEVEL SERIALIZABLE", f"UPDATE stock_items SET quantity = 7, version = 2 WHERE id = {key}")
            stale = asyncio.create_task(door.merge_patch(STOCK, key, {"quantity": 2}, version=1))
            await asyncio.sleep(0.2)
            assert not stale.done()
            await raw.run("COMMIT")
            answer = await stale
            assert (answer.code, answer.facts["currentVersion"]) == ("version_mismatch", 2)
            assert (await door.merge_patch(STOCK, key, {"quantity": 2}, version=2)).version == 3
    assert caplog.records == []


@pytest.mark.parametrize("story", [race, come_and_go, shuffle], ids=["many-writers", "keys-that-come-and-go", "shuffled-batches"])
async def test_races_through_two_bridges(serializable_url: str, story: Callable[[list[Door]], Awaitable[None]]) -> None:
    async with doors_over(serializable_url, serializable_url) as doors:
        await story(doors)


@pytest.mark.slow
async def test_writers_through_two_servers(serializable_url: str, tmp_path: Path) -> None:
    async with serving("--database", serializable_url, folder=tmp_path, count=2) as servers, doors_of(servers) as doors:
        await race(doors)


async def test_readers_among_writers_see_whole_states(serializable_url: str) -> None:
    """Serializable readers may be what has to give way; they are asked again, and nobody notices."""
    async with doors_over(serializable_url, serializable_url) as doors:
        users = [(await doors[0].create(USER, {"name": "n", "email": f"u{number}@example.com"})).key for number in range(4)]
        told: set[str] = set()

        async def write(number: int) -> None:
            for step in range(10 * SOAK):
                told.add((await doors[number % 4].merge_patch(USER, users[step % 4], {"role": f"{number}.{step}"})).code)

        async def read(number: int) -> None:
            for _ in range(10 * SOAK):
                told.add((await doors[number % 4].list(USER)).code)
                told.add((await doors[number % 4].fetch(USER, users[number % 4])).code)

        await asyncio.gather(*(write(number) for number in range(12)), *(read(number) for number in range(12)))
        assert told == {"written", "page", "found"}
