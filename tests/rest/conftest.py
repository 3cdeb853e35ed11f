"""The demo behind the REST door, in this process: one database for each file of tests, whose tests make rows of their own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from diptych.demo import demo_bridge


@asynccontextmanager
async def _demo(database: str) -> AsyncIterator[httpx.AsyncClient]:
    bridge = demo_bridge(database)
    await bridge.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app()), base_url="http://test") as client:
        yield client
    await bridge.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rest")


@pytest.fixture(scope="module")
def own_postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    """A PostgreSQL database that other tests do not empty."""
    server: Any = request.getfixturevalue("postgres_server")
    server.psql("CREATE DATABASE rest;")
    url: str = server.get_uri("rest")
    yield url
    server.psql("DROP DATABASE rest WITH (FORCE);")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def own_database(request: pytest.FixtureRequest, folder: Path) -> str:
    url: str = f"sqlite:///{folder / 'client.db'}" if request.param == "sqlite" else request.getfixturevalue("own_postgres")
    return url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(own_database: str) -> AsyncIterator[httpx.AsyncClient]:
    """The demo on every database."""
    async with _demo(own_database) as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The demo on one database, for what never reaches it or does not depend on which it is."""
    async with _demo(f"sqlite:///{folder / 'door.db'}") as client:
        yield client
