"""A running demo on each database, for the clients to speak to."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.proofs.server import Server


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `diptych serve` in a process of its own."""
    folder = tmp_path_factory.mktemp("demo")
    database = f"sqlite:///{folder}/demo.db" if request.param == "sqlite" else request.getfixturevalue("clients_postgres")
    server = Server("--database", database, folder=folder)
    try:
        asyncio.run(server.ready())
        yield server.base
    finally:
        server.close()


@pytest.fixture(scope="module")
def clients_postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    """A PostgreSQL database that other tests do not empty."""
    server: Any = request.getfixturevalue("postgres_server")
    server.psql("CREATE DATABASE clients;")
    url: str = server.get_uri("clients")
    yield url
    server.psql("DROP DATABASE clients WITH (FORCE);")
