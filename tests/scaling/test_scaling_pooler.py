"""A real PgBouncer in transaction mode between the store and PostgreSQL: every transaction may meet another session."""

import asyncio
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from diptych.demo import demo_bridge
from tests.docs.blocks import ROOT
from tests.doors.door import DOCUMENT, STOCK, Door, Graphql, Rest
from tests.effort import SOAK
from tests.proofs.raw import RawConnection
from tests.proofs.server import free_port, serving
from tests.proofs.test_races import come_and_go, doors_of, race, shuffle
from tests.proofs.until import until
from tests.scaling.programs import Program, owner_if_root, program, running, socket_folder, wait_until

pytestmark = pytest.mark.postgres

INI = ROOT / "docs" / "how-to" / "deployment" / "pgbouncer.ini"
WRITERS = 64


class Pooler(Program):
    """PgBouncer, and where it listens."""

    port = 0


@pytest.fixture
def pooler(postgres_url: str) -> Iterator[Pooler]:
    """PgBouncer with the configuration of the documentation, changed in where things are, and with fewer connections than writers."""
    user = owner_if_root(socket_folder(postgres_url))
    # pytest's own folders are closed to the user that PgBouncer runs as.
    folder = Path(tempfile.mkdtemp(prefix="pb-"))
    if user is not None:
        shutil.chown(folder, user)
    port = free_port()
    config = folder / "pgbouncer.ini"
    config.write_text(configured(postgres_url, port))
    found = Pooler([program("pgbouncer"), str(config)], folder / "pgbouncer.log", user=user)
    found.port = port
    with running(found):
        wait_until(lambda: "process up" in found.said, f"PgBouncer did not come up: {found.said}")
        yield found
    shutil.rmtree(folder)


def configured(postgres_url: str, port: int) -> str:
    here = {
        "shop": f"host={socket_folder(postgres_url)} dbname=test user=postgres",
        "listen_addr": "127.0.0.1",
        "listen_port": str(port),
        "default_pool_size": "3",
        "auth_type": "any",
    }
    text = INI.read_text()
    for name, value in here.items():
        text, count = re.subn(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
        assert count == 1, name
    text, count = re.subn(r"^auth_file = .*$", "", text, flags=re.MULTILINE)
    assert count == 1
    return f"{text}\nunix_socket_dir =\nserver_login_retry = 1\nadmin_users = admin\n"


@pytest.fixture
def pooled_url(pooler: Pooler) -> str:
    return f"postgresql://app@127.0.0.1:{pooler.port}/shop?statement_cache_size=0"


@pytest.fixture
async def doors(pooled_url: str) -> AsyncIterator[list[Door]]:
    """Both doors of two bridges, each behind the pooler."""
    async with AsyncExitStack() as stack:
        found: list[Door] = []
        for _ in range(2):
            bridge = demo_bridge(pooled_url)
            await bridge.open()
            stack.push_async_callback(bridge.close)
            client = await stack.enter_async_context(httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test"))
            found += [Rest(client), Graphql(client)]
        yield found


async def test_sessions_are_really_shared(doors: list[Door], postgres_url: str, pooled_url: str) -> None:
    """Else nothing here would prove anything: more of the store's connections than of the pooler's, and each of those serves many."""
    await asyncio.gather(*(doors[n % 4].create(DOCUMENT, {"id": f"k{n}", "title": "t"}) for n in range(WRITERS)))
    raw = await RawConnection(postgres_url).open()
    ((sessions,),) = await raw.rows("SELECT count(*) FROM pg_stat_activity WHERE datname = 'test' AND pid <> pg_backend_pid()")
    await raw.close()
    assert sessions <= 3
    connections = [await asyncpg.connect(pooled_url.partition("?")[0], statement_cache_size=0) for _ in range(8)]
    asked = "SELECT pg_backend_pid(), (SELECT count(*) FROM pg_prepared_statements) FROM pg_sleep(0.05)"
    served = [tuple(one[0]) for one in await asyncio.gather(*(connection.fetch(asked) for connection in connections))]
    for connection in connections:
        await connection.close()
    assert 1 < len({session for session, _ in served}) <= 3
    # A name that one client gave to a statement would be met, or missed, by another.
    assert {count for _, count in served} == {0}


@pytest.mark.parametrize("story", [race, come_and_go, shuffle], ids=["many-writers", "keys-that-come-and-go", "shuffled-batches"])
async def test_races_through_two_bridges(doors: list[Door], story: Any) -> None:
    await story(doors)


@pytest.mark.slow
async def test_writers_through_two_servers(pooled_url: str, tmp_path: Path) -> None:
    async with serving("--database", pooled_url, folder=tmp_path, count=2) as servers, doors_of(servers) as found:
        await race(found)


async def test_every_kind_of_read(doors: list[Door]) -> None:
    """Statements of many forms, none of which another session has parsed."""
    rest, graphql = doors[0], doors[3]
    assert isinstance(rest, Rest)
    assert isinstance(graphql, Graphql)
    for query in ("role=admin", "name[contains]=Ada&order=-name", 'where={"or":[{"role":"admin"},{"bio":null}]}', "include=documents"):
        assert (await rest.client.get(f"/api/users?{query}")).status_code in (200, 400), query
    answers = await asyncio.gather(*(rest.client.get(f"/api/users?name[contains]={letter}") for letter in "abcdefghij" for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    nested = await graphql.send(
        "{ users(first: 5) { totalCount edges { node { name documents(first: 2) { edges { node { title } } } } } } }"
    )
    assert "errors" not in nested.json()
    assert nested.json()["data"]["users"]["totalCount"] == 2


async def test_many_writers_while_the_pooler_is_restarted(doors: list[Door], pooler: Pooler, postgres_url: str) -> None:
    """64 writers, each with a row of its own and a version for every write: what was acknowledged is there, and nothing is there twice."""
    made = await asyncio.gather(*(doors[n % 4].create(STOCK, {"sku": f"W-{n}", "name": "n", "quantity": 0}) for n in range(WRITERS)))
    assert {answer.code for answer in made} == {"created"}
    told: Counter[str] = Counter()
    wanted = 6 * SOAK

    async def write(number: int) -> tuple[int, int]:
        """Count up to `wanted`; the row's version, and how many answers left open what had happened."""
        version, unsure = 1, 0
        while version <= wanted:
            answer = await doors[(number + version) % 4].merge_patch(STOCK, made[number].key, {"quantity": version}, version=version)
            told[answer.code] += 1
            match answer.code:
                case "written":
                    assert answer.version == version + 1
                    version += 1
                case "unavailable":
                    await asyncio.sleep(0.05)
                case "internal":
                    # The connection was lost under way: the write names its version, so it can be sent again.
                    unsure += 1
                    await asyncio.sleep(0.05)
                case "version_mismatch":
                    assert unsure > 0, answer
                    assert answer.facts["currentVersion"] == version + 1, "the one that was left open, and no other"
                    version += 1
                case _:
                    raise AssertionError(answer)
        return version, unsure

    writing = [asyncio.create_task(write(number)) for number in range(WRITERS)]
    await until(lambda: told["written"] >= WRITERS)
    pooler.stop()
    before = told["unavailable"] + told["internal"]
    await until(lambda: told["unavailable"] + told["internal"] > before)
    pooler.start()
    await asyncio.gather(*writing)
    raw = await RawConnection(postgres_url).open()
    rows = await raw.rows("SELECT DISTINCT quantity, version FROM stock_items WHERE sku LIKE 'W-%'")
    await raw.close()
    assert rows == [(wanted, wanted + 1)], "each write is there exactly once"


async def test_the_store_says_that_nothing_bounds_a_wait(pooled_url: str, postgres_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """The pooler takes no settings of a session; they are the role's, and the store says so where they were forgotten."""
    bridge = demo_bridge(pooled_url)
    await bridge.open()
    await bridge.close()
    assert [record.getMessage() for record in caplog.records if "no lock_timeout and no statement_timeout" in record.getMessage()]
    caplog.clear()
    raw = await RawConnection(postgres_url).open()
    await raw.run("ALTER DATABASE test SET lock_timeout = '5s'", "ALTER DATABASE test SET statement_timeout = '30s'")
    await raw.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'test' AND pid <> pg_backend_pid()")
    await raw.close()
    for _ in range(20):
        try:
            await bridge.open()
            break
        except Exception:
            # The pooler learns of a session that was ended when it next looks at it.
            await asyncio.sleep(0.2)
    await bridge.close()
    assert caplog.records == []


async def test_a_url_without_the_option_is_refused_with_what_to_do(pooled_url: str) -> None:
    bridge = demo_bridge(pooled_url.partition("?")[0])
    with pytest.raises(Exception, match="statement_cache_size=0"):
        await bridge.open()


async def test_what_a_pooler_ends_is_left_open(pooler: Pooler, doors: list[Door], postgres_url: str) -> None:
    """An administrator kills the pool while an update waits for its row: the update may still happen, so nobody is told that it did not."""
    raw = await RawConnection(postgres_url).open()
    admin = await asyncpg.connect(f"postgresql://admin@127.0.0.1:{pooler.port}/pgbouncer", statement_cache_size=0)
    for door in doors[:2]:
        key = (await door.create(STOCK, {"sku": door.name, "name": "n", "quantity": 0})).key
        await raw.run("BEGIN", f"SELECT 1 FROM stock_items WHERE id = {key} FOR UPDATE")
        writing = asyncio.create_task(door.merge_patch(STOCK, key, {"quantity": 1}, version=1))
        await asyncio.sleep(0.3)
        assert not writing.done()
        await admin.execute("KILL shop")
        answer = await writing
        await raw.run("COMMIT")
        await admin.execute("RESUME shop")
        assert answer.code == "internal", answer
        await asyncio.sleep(0.3)
        ((version,),) = await raw.rows(f"SELECT version FROM stock_items WHERE id = {key}")
        assert version == 2, "it did happen, though the connection was gone"
    await admin.close()
    await raw.close()
