"""Alive and ready: told apart, without authentication, and in no document."""

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from diptych import Bridge
from diptych.demo import demo_bridge
from diptych.demo.models import RESOURCES
from diptych.identity import ApiKeys, new_api_key
from diptych.semantics.principal import Principal
from tests.proofs.raw import RawConnection


async def test_alive_and_ready(client: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        head = await client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == answer.headers["content-length"]
        refused = await client.post(path)
        assert (refused.status_code, refused.json()["code"], refused.headers["allow"]) == (405, "method_not_allowed", "GET, HEAD")


async def test_neither_is_in_the_document(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert "/api/users" in paths
    assert not {"/healthz", "/readyz", "/metrics"} & set(paths)


async def not_ready(client: httpx.AsyncClient) -> str:
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "1")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get("/healthz")).status_code == 200
    detail: str = answer.json()["detail"]
    return detail


async def test_a_database_that_is_away_makes_it_not_ready_until_it_is_back(tmp_path: Path) -> None:
    path = tmp_path / "late.db"
    raw = await RawConnection(f"sqlite:///{path}").open()
    await raw.run("CREATE TABLE other (id INTEGER)")
    await raw.run("BEGIN EXCLUSIVE")
    bridge = demo_bridge("sqlite:///nowhere.db").at(f"sqlite:///{path}", busy_seconds=0.2)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        assert "database" in await not_ready(client)
        await raw.run("ROLLBACK")
        await raw.close()
        assert (await client.get("/readyz")).status_code == 200
    await bridge.close()


@pytest.mark.postgres
async def test_a_server_that_has_gone_away_later(postgres_url: str) -> None:
    """It answered once; then nobody may connect any more."""
    bridge = demo_bridge(postgres_url)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        assert (await client.get("/readyz")).status_code == 200
        raw = await RawConnection(postgres_url.replace("/test?", "/postgres?")).open()
        await raw.run("ALTER DATABASE test ALLOW_CONNECTIONS false")
        await raw.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'test' AND pid <> pg_backend_pid()")
        try:
            await not_ready(client)
        finally:
            await raw.run("ALTER DATABASE test ALLOW_CONNECTIONS true")
            await raw.close()
        assert (await client.get("/readyz")).status_code == 200
    await bridge.close()


async def test_tables_that_do_not_fit_make_it_not_ready(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    raw = await RawConnection(database_url).open()
    await raw.run('CREATE TABLE "user" (id INTEGER PRIMARY KEY, version BIGINT NOT NULL, colour TEXT NOT NULL)')
    await raw.run("CREATE TABLE users (id INTEGER PRIMARY KEY, version BIGINT NOT NULL, colour TEXT NOT NULL)")
    await raw.close()
    bridge = demo_bridge(database_url)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        assert "colour" not in await not_ready(client)
        assert "colour" in caplog.text
    await bridge.close()


async def test_a_process_that_is_stopping_is_alive_and_not_ready(bridge: Bridge, client: httpx.AsyncClient) -> None:
    bridge.is_stopping = True
    assert "stopping" in await not_ready(client)
    assert (await client.get("/api/users")).status_code == 200


async def test_the_lifespan_says_when_it_stops(sqlite_url: str) -> None:
    bridge = demo_bridge(sqlite_url)
    app = bridge.app()
    async with app.router.lifespan_context(app):
        assert not bridge.is_stopping
    assert bridge.is_stopping


async def test_mounted_only_where_it_is_wanted(bridge: Bridge) -> None:
    for health, status in ((False, 404), (True, 200)):
        app = FastAPI()
        bridge.mount(app, health=health)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            assert [(await client.get(path)).status_code for path in ("/healthz", "/readyz")] == [status, status]


async def test_nobody_is_asked_who_they_are(sqlite_url: str) -> None:
    bridge = Bridge(sqlite_url, RESOURCES, authenticator=ApiKeys({new_api_key().hash: Principal("ann")}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        assert (await client.get("/api/users")).status_code == 401
        assert [(await client.get(path)).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    await bridge.close()


async def test_many_who_ask_at_once_are_answered(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.get("/readyz") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
