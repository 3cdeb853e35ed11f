"""Resources of each kind that the page of conditions speaks of, behind both doors, on every database."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import BigInteger
from sqlmodel import Field

from diptych import Bridge, Resource, Versioned
from tests.docs.nursery import nursery


class Described(Versioned):
    """The fields of all four."""

    name: str = Field(min_length=1)
    note: str | None = "by default"
    count: int = 1
    serial: int = Field(default=1, sa_type=BigInteger)


class Numbered(Described, table=True):
    __tablename__ = "documented_numbered"
    id: int | None = Field(default=None, primary_key=True)


class NumberedStrictly(Described, table=True):
    __tablename__ = "documented_numbered_strictly"
    id: int | None = Field(default=None, primary_key=True)


class Named(Described, table=True):
    __tablename__ = "documented_named"
    id: str = Field(primary_key=True)


class NamedStrictly(Described, table=True):
    __tablename__ = "documented_named_strictly"
    id: str = Field(primary_key=True)


RESOURCES = (
    Resource(Numbered, versions="optional", path="server-optional"),
    Resource(NumberedStrictly, path="server-required", plural="numberedStrictlyOnes"),
    Resource(Named, keys="client", versions="optional", path="client-optional"),
    Resource(NamedStrictly, keys="client", path="client-required", plural="namedStrictlyOnes"),
)


@pytest.fixture(scope="session")
def programs() -> Iterator[Path]:
    """A folder with a `diptych` that starts at once."""
    with TemporaryDirectory() as folder, nursery(Path(folder)):
        yield Path(folder)


@pytest.fixture(scope="module")
def documented_postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    """A PostgreSQL database that other tests do not empty."""
    server: Any = request.getfixturevalue("postgres_server")
    server.psql("CREATE DATABASE documented;")
    url: str = server.get_uri("documented")
    yield url
    server.psql("DROP DATABASE documented WITH (FORCE);")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def documented_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('conditions')}/rows.db"
    url: str = request.getfixturevalue("documented_postgres")
    return url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(documented_database: str) -> AsyncIterator[httpx.AsyncClient]:
    """One server for all rows of a table: making one takes longer than a hundred requests."""
    bridge = Bridge(documented_database, RESOURCES)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=bridge.app()), base_url="http://localhost") as client:
        yield client
    await bridge.close()
