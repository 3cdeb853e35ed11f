"""The office on every database, once for all the lines of a table: making one takes longer than a hundred requests."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from tests.policies.office import Office
from tests.policies.world import office as new_office


@pytest.fixture(scope="module")
def office_postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    """A PostgreSQL database that other tests do not empty."""
    server: Any = request.getfixturevalue("postgres_server")
    server.psql("CREATE DATABASE office;")
    url: str = server.get_uri("office")
    yield url
    server.psql("DROP DATABASE office WITH (FORCE);")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('office')}/rows.db"
    url: str = request.getfixturevalue("office_postgres")
    return url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(office_url: str) -> AsyncIterator[Office]:
    made = Office(new_office(office_url))
    await made.bridge.open()
    await made.tidy()
    yield made
    await made.close()
