"""Metrics: every command is counted once, by names that were declared; workers are counted together."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from diptych import Bridge
from diptych.demo import demo_bridge
from tests.doors.door import USER, Door, Graphql, Rest
from tests.proofs.raw import RawConnection
from tests.proofs.server import Server, free_port, serving


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture
async def counted(bridge: Bridge, client: httpx.AsyncClient) -> httpx.AsyncClient:
    bridge.observe(metrics=True)
    return client


async def test_each_command_is_counted_by_how_it_ended(bridge: Bridge, counted: httpx.AsyncClient, door: Door) -> None:
    def count(command: str, outcome: str) -> float:
        return value("diptych_commands_total", door=door.name, resource="User", command=command, outcome=outcome)

    def timed(command: str) -> float:
        return value("diptych_command_seconds_count", door=door.name, resource="User", command=command)

    asked = (("create", "created"), ("create", "unique_conflict"), ("fetch", "found"), ("fetch", "not_found"), ("delete", "deleted"))
    before, times = {each: count(*each) for each in asked}, {each: timed(each) for each in ("create", "fetch", "delete")}
    made = await door.create(USER, {"name": "A", "email": "m@x"})
    await door.create(USER, {"name": "A", "email": "m@x"})
    await door.fetch(USER, made.key)
    await door.fetch(USER, 999_999)
    await door.delete(USER, made.key)
    assert {each: count(*each) - before[each] for each in asked} == dict.fromkeys(asked, 1.0)
    assert {each: timed(each) - times[each] for each in times} == {"create": 2.0, "fetch": 2.0, "delete": 1.0}


async def test_no_client_can_make_a_label(counted: httpx.AsyncClient) -> None:
    await counted.get("/api/users/1")
    for path in ("/api/made-up", "/api/users/made-up", "/made-up", "/api/made-up/1"):
        await counted.get(path)
        await counted.request("MADEUP", path)
    await counted.post("/graphql", json={"query": "{ madeUp }", "operationName": "madeUp"})
    await counted.post("/graphql", json={"query": '{ user(id: "made-up") { id } }'})
    for family in REGISTRY.collect():
        if family.name.startswith("diptych"):
            for sample in family.samples:
                assert not any("made" in text.lower() for text in sample.labels.values()), sample


async def test_batches_lanes_documents_and_plans(bridge: Bridge, counted: httpx.AsyncClient) -> None:
    names = ("diptych_batch_size_count", "diptych_batch_size_sum", "diptych_batch_seconds_count")
    before = {name: value(name, lane="commit") for name in names}
    rest = Rest(counted)
    keys = [(await rest.create(USER, {"name": "A", "email": f"{number}@b"})).key for number in range(20)]
    single = {name: value(name, lane="commit") - before[name] for name in names}
    assert single == {"diptych_batch_size_count": 20.0, "diptych_batch_size_sum": 20.0, "diptych_batch_seconds_count": 20.0}
    await asyncio.gather(*(rest.merge_patch(USER, key, {"name": "B"}) for key in keys))
    together = {name: value(name, lane="commit") - before[name] for name in names}
    assert together["diptych_batch_size_sum"] == 40.0
    assert together["diptych_batch_size_count"] < 40.0
    assert value("diptych_waiting", lane="commit") == 0.0
    assert value("diptych_lines_in_use", lane="commit") == 0.0

    kept = {found: value("diptych_graphql_documents_total", found=found) for found in ("yes", "no")}
    plans = value("diptych_graphql_plans_total")
    for _ in range(3):
        await counted.post("/graphql", json={"query": "{ users(first: 3) { edges { node { id name } } } }"})
    assert value("diptych_graphql_documents_total", found="no") - kept["no"] == 1.0
    assert value("diptych_graphql_documents_total", found="yes") - kept["yes"] == 2.0
    assert value("diptych_graphql_plans_total") - plans == 1.0


async def test_what_waits_and_what_works_is_told_while_it_does(bridge: Bridge, counted: httpx.AsyncClient) -> None:
    rest = Rest(counted)
    keys = [(await rest.create(USER, {"name": "A", "email": f"{number}@w"})).key for number in range(6)]
    raw = await RawConnection(bridge.database).open()
    await raw.begin()
    if not raw.is_sqlite:
        await raw.run("LOCK TABLE users IN EXCLUSIVE MODE")
    first = asyncio.create_task(rest.merge_patch(USER, keys[0], {"name": "B"}))
    for _ in range(200):
        await asyncio.sleep(0.01)
        if value("diptych_lines_in_use", lane="commit") == 1.0:
            break
    assert value("diptych_lines_in_use", lane="commit") == 1.0
    await raw.run("ROLLBACK")
    await raw.close()
    assert (await first).accepted
    assert value("diptych_lines_in_use", lane="commit") == 0.0


async def test_statuses_are_counted(counted: httpx.AsyncClient) -> None:
    before = value("diptych_answers_total", door="rest", status="415")
    await counted.put("/api/users/1", content="x", headers={"content-type": "text/plain"})
    assert value("diptych_answers_total", door="rest", status="415") - before == 1.0


async def test_off_nothing_is_counted_and_there_is_no_page(client: httpx.AsyncClient) -> None:
    before = value("diptych_commands_total", door="rest", resource="User", command="fetch", outcome="found")
    await client.get("/api/users/1")
    assert value("diptych_commands_total", door="rest", resource="User", command="fetch", outcome="found") == before
    assert (await client.get("/metrics")).status_code == 404


async def test_another_database_is_counted_too(tmp_path: Path, sqlite_url: str) -> None:
    first = demo_bridge(sqlite_url)
    first.observe(metrics=True)
    other = first.at(f"sqlite:///{tmp_path / 'other.db'}")
    await other.open()
    before = value("diptych_batch_size_count", lane="fetch")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(other.app()), base_url="http://test") as client:
        await client.get("/api/users/1")
    await other.close()
    assert value("diptych_batch_size_count", lane="fetch") - before == 1.0


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def fetched(text: str, door: str) -> float:
    labels = (("command", "fetch"), ("door", door), ("outcome", "found"), ("resource", "User"))
    return samples(text).get(("diptych_commands_total", labels), 0.0)


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("alone", [False, True], ids=["on-the-app", "at-a-port-of-its-own"])
async def test_served_by_one_process_or_two(tmp_path: Path, workers: str, alone: bool) -> None:
    """Whichever worker answers, the counts are those of all; what a dead one had in use is nobody's."""
    port = free_port()
    options = ("--metrics-port", str(port)) if alone else ("--metrics",)
    async with serving("--workers", workers, *options, "--log", "json", folder=tmp_path) as (server,):
        for _ in range(20):
            # A connection each, so that both workers are met.
            async with httpx.AsyncClient(base_url=server.base) as client:
                assert (await Rest(client).fetch(USER, 1)).accepted
                assert (await Graphql(client).fetch(USER, 1)).accepted
        address = f"http://127.0.0.1:{port}/metrics" if alone else f"{server.base}/metrics"
        async with httpx.AsyncClient() as client:
            for _ in range(4):
                async with httpx.AsyncClient() as scraper:
                    answer = await scraper.get(address)
                assert answer.headers["content-type"].startswith("text/plain")
                assert (fetched(answer.text, "rest"), fetched(answer.text, "graphql")) == (20.0, 20.0)
            assert (await client.get(server.base + "/metrics")).status_code == (404 if alone else 200)
        if workers == "2":
            await one_worker_dies(server, address)
        server.signal(signal.SIGTERM)
        assert server.wait() == 0
        assert "Traceback" not in server.said
        assert server.said.count('"command":"fetch"') == 40


def workers_of(server: Server) -> list[int]:
    """The worker processes of a server; a child that keeps account of semaphores is none."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in command_of(child)]


def command_of(process: str) -> bytes:
    """The command line of a process; nothing if it has ended since it was named."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


async def one_worker_dies(server: Server, address: str) -> None:
    """What it counted stays counted, and whoever takes its place counts on."""
    workers = workers_of(server)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    for _ in range(200):
        await asyncio.sleep(0.1)
        now = workers_of(server)
        if workers[0] not in now and len(now) == 2:
            break
    await server.ready()
    async with httpx.AsyncClient() as scraper:
        text = (await scraper.get(address)).text
    assert (fetched(text, "rest"), fetched(text, "graphql")) == (20.0, 20.0)
    assert all(number == 0.0 for (name, _), number in samples(text).items() if name == "diptych_lines_in_use")
