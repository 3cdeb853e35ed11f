"""A real streaming replica whose replay is paused: who names what it has seen is never answered from before that."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from diptych import Bridge, DatabaseUrlError
from diptych.demo.models import RESOURCES
from diptych.demo.rows import store_first_rows
from tests.doors.door import DOCUMENT, USER, Graphql, Rest, item
from tests.proofs.raw import RawConnection
from tests.scaling.programs import with_parameters
from tests.scaling.streaming import Replica

pytestmark = pytest.mark.postgres

JANE = {"name": "Jane", "email": "jane@example.com"}


class Stand:
    """A bridge over a primary and a replica, its doors, and the replica to pause."""

    def __init__(self, bridge: Bridge, client: httpx.AsyncClient, replica: Replica, primary: str) -> None:
        self.bridge = bridge
        self.rest, self.graphql = Rest(client), Graphql(client)
        self.client = client
        self.replica = replica
        self.primary = primary

    async def name(self, key: Any, **headers: str) -> Any:
        """The name of a user as REST tells it, or the status."""
        answer = await self.client.get(item(USER, key), headers={name.replace("_", "-"): value for name, value in headers.items()})
        return answer.json()["name"] if answer.status_code == 200 else answer.status_code

    async def names(self, **headers: str) -> list[str]:
        """The names of all users by a list on REST, and the same by GraphQL."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        listed = await self.client.get("/api/users", headers=fields)
        assert listed.status_code == 200, listed.text
        query = {"query": "{ users(first: 50) { edges { node { name } } } }"}
        asked = await self.client.post("/graphql", json=query, headers=fields)
        rest = [row["name"] for row in listed.json()["items"]]
        assert rest == [edge["node"]["name"] for edge in asked.json()["data"]["users"]["edges"]], "both doors read the same copy"
        return rest


def bridge_over(primary: str, replica: str, busy_seconds: float = 5) -> Bridge:
    return Bridge(primary, RESOURCES, replica=replica, on_open=store_first_rows, busy_seconds=busy_seconds)


@asynccontextmanager
async def standing(primary: str, replica: Replica, busy_seconds: float = 5) -> AsyncIterator[Stand]:
    preparing = Bridge(primary, RESOURCES, on_open=store_first_rows)
    await preparing.open()
    await preparing.close()
    await replica.catch_up(primary)
    bridge = bridge_over(primary, replica.url(), busy_seconds)
    await bridge.open()
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
            yield Stand(bridge, client, replica, primary)
    finally:
        await bridge.close()
        await replica.resume()


@pytest.fixture
async def stand(postgres_url: str, streaming_replica: Replica) -> AsyncIterator[Stand]:
    async with standing(postgres_url, streaming_replica) as stand:
        yield stand


async def test_reads_are_answered_by_the_replica(stand: Stand) -> None:
    """Of who names nothing, nothing is promised: reads are as old as the replica, and this is what a replica is for."""
    await stand.replica.pause()
    assert (await stand.rest.merge_patch(USER, 1, {"name": "New"})).version == 2
    assert await stand.name(1) == "Ada Lovelace"
    assert (await stand.graphql.fetch(USER, 1)).version == 1
    assert "New" not in await stand.names()
    by_key = await stand.graphql.send('{ usersByIds(ids: ["1"]) { name documents(first: 1) { totalCount } } }')
    assert by_key.json()["data"]["usersByIds"][0]["name"] == "Ada Lovelace"
    assert (await stand.rest.create(DOCUMENT, {"id": "of-one", "title": "T", "ownerId": 1})).code == "created"
    related = await stand.graphql.send('{ user(id: "1") { documents(first: 5) { edges { node { id } } } } }')
    assert related.json()["data"]["user"]["documents"]["edges"] == []
    seen = await stand.client.post(
        "/graphql",
        json={"query": '{ user(id: "1") { documents(first: 5) { edges { node { id } } } } }'},
        headers={"diptych-seen": 'documents/of-one="1"'},
    )
    assert seen.json()["data"]["user"]["documents"]["edges"] == [{"node": {"id": "of-one"}}]
    await stand.replica.resume()
    await stand.replica.catch_up(stand.primary)
    assert await stand.name(1) == "New"
    assert "New" in await stand.names()


# What a request says that it has seen once user 1 was changed to version 2, and whether the paused replica may still answer it.
NAMED: list[tuple[str, dict[str, str], Any]] = [
    ("nothing-named", {}, "Ada Lovelace"),
    ("an-older-version-in-if-none-match", {"if_none_match": '"1"'}, 304),
    ("an-older-version-in-if-match", {"if_match": '"1"'}, "Ada Lovelace"),
    ("the-version-in-if-none-match", {"if_none_match": '"2"'}, 304),
    ("the-version-weakened-by-a-proxy", {"if_none_match": 'W/"2"'}, 304),
    ("the-version-among-others", {"if_none_match": '"1", "2"'}, 304),
    ("the-version-in-if-match", {"if_match": '"2"'}, "New"),
    ("one-of-two-in-if-match", {"if_match": '"1", "2"'}, "New"),
    ("a-version-that-is-not-there-yet", {"if_none_match": '"9"'}, "New"),
    ("an-older-version-seen", {"diptych_seen": 'users/1="1"'}, "Ada Lovelace"),
    ("the-version-seen", {"diptych_seen": 'users/1="2"'}, "New"),
    ("a-weakened-version-seen", {"diptych_seen": 'users/1=W/"2"'}, "New"),
    ("two-rows-seen", {"diptych_seen": 'users/2="1", users/1="2"'}, "New"),
    ("other-rows-seen-as-they-are", {"diptych_seen": 'documents/notes="1", users/2="1"'}, "Ada Lovelace"),
    ("a-row-seen-to-be-gone-that-is-still-there", {"diptych_seen": 'users/2="0"'}, "New"),
    ("a-row-seen-to-be-gone-that-is-not-there", {"diptych_seen": 'users/99="0"'}, "Ada Lovelace"),
    ("a-row-seen-that-the-replica-does-not-have", {"diptych_seen": 'users/99="1"'}, "New"),
]


async def test_who_names_a_version_is_never_answered_from_before_it(stand: Stand, subtests: pytest.Subtests) -> None:
    await stand.replica.pause()
    assert (await stand.graphql.merge_patch(USER, 1, {"name": "New"})).version == 2
    for situation, headers, told in NAMED:
        with subtests.test(msg=situation):
            assert await stand.name(1, **headers) == told
            if "diptych_seen" in headers:
                # The same field on lists and on the other door.
                assert await stand.names(**headers) == [told, "Grace Hopper"]
    await stand.replica.resume()
    await stand.replica.catch_up(stand.primary)
    for situation, headers, _ in NAMED:
        with subtests.test(msg=f"{situation}, caught up"):
            assert await stand.name(1, **headers) in ("New", 304, 412)


async def test_a_row_that_the_replica_does_not_have_is_looked_up_at_the_primary(stand: Stand) -> None:
    """The `Location` of a create can be followed at once."""
    await stand.replica.pause()
    made = await stand.rest.create(USER, JANE)
    assert await stand.name(made.key) == "Jane"
    assert (await stand.graphql.fetch(USER, made.key)).row == made.row
    assert "Jane" not in await stand.names()
    assert "Jane" in await stand.names(diptych_seen=f'users/{made.key}="1"')
    assert await stand.name(999) == 404


async def test_deletes_are_seen_by_who_says_so(stand: Stand) -> None:
    made = await stand.rest.create(DOCUMENT, {"id": "a b".replace(" ", "."), "title": "t"})
    await stand.replica.catch_up(stand.primary)
    await stand.replica.pause()
    assert (await stand.rest.delete(DOCUMENT, made.key, version=1)).code == "deleted"
    assert (await stand.rest.fetch(DOCUMENT, made.key)).code == "found", "the replica still has it"
    gone = await stand.client.get(item(DOCUMENT, made.key), headers={"diptych-seen": f'documents/{made.key}="0"'})
    assert gone.status_code == 404
    again = await stand.rest.create(DOCUMENT, {"id": made.key, "title": "again"})
    assert again.version == 2
    back = await stand.client.get(item(DOCUMENT, made.key), headers={"diptych-seen": f'documents/{made.key}="2"'})
    assert back.json()["title"] == "again"


async def test_writes_look_at_the_primary(stand: Stand) -> None:
    """A replica that is years behind makes no write stale, and what a mutation shows is what it has made."""
    await stand.replica.pause()
    for version in range(1, 6):
        for door in (stand.rest, stand.graphql):
            current = (await door.merge_patch(USER, 1, {"bio": f"{door.name} {version}"})).version
            assert current is not None
            stale = await door.merge_patch(USER, 1, {"bio": "stale"}, version=current - 1)
            assert (stale.code, stale.facts["currentVersion"]) == ("version_mismatch", current)
    shown = await stand.graphql.send(
        'mutation { a: patchUser(id: "1", patch: {name: "Shown"}) { ... on UserWritten { user { name } } } '
        'b: createDocument(input: {id: "of-one", title: "T", ownerId: "1"}) '
        "{ ... on DocumentWritten { document { owner { name version } } } } }"
    )
    told = shown.json()["data"]
    assert told["a"]["user"]["name"] == "Shown"
    assert told["b"]["document"]["owner"]["name"] == "Shown", "a relation in a mutation's answer is no older than the mutation"


async def test_a_replica_that_is_away(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody is refused; the log says it once when it goes, and once when it is back."""
    caplog.set_level(logging.INFO, "diptych.store")
    assert (await stand.rest.merge_patch(USER, 1, {"name": "New"})).version == 2
    stand.replica.stop()
    for _ in range(3):
        assert await stand.name(1) == "New"
        assert "New" in await stand.names()
        assert "New" in await stand.names(diptych_seen='users/1="2"')
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "replica" in warnings[0].getMessage()
    stand.replica.start()
    await stand.replica.catch_up(stand.primary)
    async with asyncio.timeout(30):
        while not any("answers again" in record.getMessage() for record in caplog.records):
            assert await stand.name(1) == "New"
            await asyncio.sleep(0.1)
    await stand.replica.pause()
    assert (await stand.rest.merge_patch(USER, 1, {"name": "Newer"})).version == 3
    assert await stand.name(1) == "New", "the replica is read again"


@pytest.mark.slow
async def test_what_is_too_much_for_the_replica_is_not_asked_of_the_primary(
    postgres_url: str, streaming_replica: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    """A lock on the table, which the replica repeats: the read gives up, and nobody takes the replica to be away."""
    async with standing(postgres_url, streaming_replica, busy_seconds=0.5) as stand:
        assert await stand.name(1) == "Ada Lovelace"
        raw = await RawConnection(postgres_url).open()
        await raw.run("BEGIN", "LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        async with asyncio.timeout(30):
            while not await stand.replica.run(
                "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND locktype = 'relation'", "test"
            ):
                await stand.replica.run("SELECT pg_sleep(0.02)")
        assert await stand.name(1) == 503
        await raw.run("ROLLBACK")
        await raw.close()
        async with asyncio.timeout(30):
            while await stand.name(1) == 503:
                await stand.replica.run("SELECT pg_sleep(0.02)")
        assert await stand.name(1) == "Ada Lovelace"
    assert [record for record in caplog.records if record.name == "diptych.store"] == []


async def test_a_replica_that_says_nothing(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """Its processes stand still: a read of a row is held up once, and not again until they go on."""
    caplog.set_level(logging.INFO, "diptych.store")
    assert await stand.name(1) == "Ada Lovelace"
    pids = await stand.replica.run("SELECT array_agg(pid) FROM pg_stat_activity WHERE datname = 'test'")
    assert isinstance(pids, list)
    for pid in (*pids, stand.replica.process.pid):
        os.kill(pid, signal.SIGSTOP)
    clock = asyncio.get_running_loop().time
    try:
        begun = clock()
        assert await stand.name(1) == "Ada Lovelace"
        assert clock() - begun < 15
        begun = clock()
        for _ in range(10):
            assert await stand.name(1) == "Ada Lovelace"
            assert "Ada Lovelace" in await stand.names()
        assert clock() - begun < 4
    finally:
        for pid in (*pids, stand.replica.process.pid):
            os.kill(pid, signal.SIGCONT)
    async with asyncio.timeout(60):
        while not any("answers again" in record.getMessage() for record in caplog.records):
            await stand.replica.run("SELECT pg_sleep(0.1)")
    assert [record.levelname for record in caplog.records if record.name == "diptych.store"] == ["WARNING", "INFO"]


async def test_a_bridge_opens_without_its_replica(postgres_url: str, streaming_replica: Replica, caplog: pytest.LogCaptureFixture) -> None:
    streaming_replica.stop()
    try:
        bridge = bridge_over(postgres_url, streaming_replica.url())
        await bridge.open()
        assert await bridge.ready()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
            assert (await client.get("/api/users/1")).status_code == 200
        await bridge.close()
    finally:
        streaming_replica.start()
    assert [record.levelname for record in caplog.records if record.name == "diptych.store"] == ["WARNING"]


async def test_what_is_no_copy_of_the_database_is_not_read(
    postgres_url: str, streaming_replica: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    """Its tables do not fit, so the primary is read, and the log says what is missing."""
    bridge = bridge_over(postgres_url, streaming_replica.url("postgres"))
    await bridge.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        assert (await client.get("/api/users/1")).status_code == 200
    await bridge.close()
    warning = next(record.getMessage() for record in caplog.records if record.name == "diptych.store")
    assert "users" in warning


async def test_a_primary_at_serializable(postgres_url: str, streaming_replica: Replica) -> None:
    """A replica knows no serializable reads, so it is read at its own isolation, whatever the database's default is."""
    raw = await RawConnection(postgres_url).open()
    await raw.run("ALTER DATABASE test SET default_transaction_isolation = 'serializable'")
    await raw.close()
    primary = with_parameters(postgres_url, default_transaction_isolation="serializable")
    async with standing(primary, streaming_replica) as stand:
        await stand.replica.pause()
        assert (await stand.rest.merge_patch(USER, 1, {"name": "New"})).version == 2
        assert await stand.name(1) == "Ada Lovelace"
        assert await stand.name(1, if_none_match='"2"') == 304


MALFORMED = [
    "",
    "users/1",
    'users="1"',
    'users/1="x"',
    "users/1=1",
    'nobody/1="1"',
    'users/one="1"',
    'users/1="01"',
    'users/1="1" users/2="1"',
]
MALFORMED += ['users/1="-1"', 'users/1="4294967296"', 'users/%FF="1"', ", ".join(f'users/{number}="1"' for number in range(65))]


async def test_what_cannot_be_read_is_refused_in_words(stand: Stand, subtests: pytest.Subtests) -> None:
    for field in MALFORMED:
        for answer in (
            await stand.client.get("/api/users/1", headers={"diptych-seen": field}),
            await stand.client.post("/graphql", json={"query": "{ __typename }"}, headers={"diptych-seen": field}),
        ):
            with subtests.test(msg=field):
                assert answer.status_code == 400
                problem = answer.json()
                assert problem["code"] == "malformed"
                assert "Diptych-Seen" in problem["detail"]
                assert 'users/5="7"' in problem["detail"]


async def test_a_bridge_without_a_replica_passes_the_field_by(sqlite_url: str) -> None:
    """A client may always send it."""
    bridge = Bridge(sqlite_url, RESOURCES, on_open=store_first_rows)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        assert (await client.get("/api/users/1", headers={"diptych-seen": 'users/1="7"'})).status_code == 200
    await bridge.close()


@pytest.mark.parametrize(
    ("database", "replica", "words"),
    [
        pytest.param("sqlite:///a.db", "postgresql://host/b", "PostgreSQL", id="a-file-has-none"),
        pytest.param("postgresql://host/b", "sqlite:///a.db", "PostgreSQL", id="a-file-is-none"),
        pytest.param(
            "postgresql://host/b", "postgresql://host/b?default_transaction_isolation=serializable", "serializable", id="too-strict"
        ),
        pytest.param("postgresql://host/b", "mysql://secret@host/b", "Only SQLite and PostgreSQL", id="something-else"),
    ],
)
def test_a_replica_that_cannot_be_is_refused_when_the_bridge_is_built(database: str, replica: str, words: str) -> None:
    with pytest.raises(DatabaseUrlError, match=words) as refused:
        Bridge(database, RESOURCES, replica=replica)
    assert "secret" not in str(refused.value)


def test_another_database_has_another_replica() -> None:
    bridge = Bridge("postgresql://host/a", RESOURCES, replica="postgresql://copy/a")
    assert bridge.at("postgresql://host/a").replica == "postgresql://copy/a"
    assert bridge.at("postgresql://host/b").replica is None
