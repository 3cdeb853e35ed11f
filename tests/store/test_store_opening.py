"""What may stand in the way when a store opens: told as trouble that passes, or as trouble that stays."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from diptych.service.ports import StoreError
from diptych.store import DatabaseAway, SqlStore
from diptych.store.postgres_prepare import _PREPARING
from tests.store.conftest import Direct


async def refused(store: SqlStore) -> type[Exception]:
    """What `open` raises; the store is not ready then."""
    with pytest.raises(StoreError) as raised:
        await store.open()
    assert await store.ready() is False
    await store.close()
    return raised.type


@pytest.mark.postgres
async def test_another_process_that_prepares_for_long(postgres_url: str, shapes: SimpleNamespace) -> None:
    direct = Direct(postgres_url)
    await direct.run(f"SELECT pg_advisory_lock({_PREPARING})")
    store = SqlStore(postgres_url, shapes.all, busy_seconds=0.2, statement_seconds=0.2)
    assert await refused(store) is DatabaseAway
    await direct.close()
    # Making the tables may take longer than that on a slow disk.
    patient = SqlStore(postgres_url, shapes.all)
    await patient.open()
    assert await patient.ready()
    await patient.close()


async def test_a_name_that_something_else_has(database_url: str, shapes: SimpleNamespace, direct: Direct) -> None:
    await direct.run("CREATE TABLE stranger (id INTEGER)")
    await direct.run("CREATE INDEX store_authors ON stranger (id)")
    assert await refused(SqlStore(database_url, shapes.all)) is StoreError


@pytest.mark.postgres
async def test_a_database_of_another_encoding(postgres_server: Any, shapes: SimpleNamespace) -> None:
    postgres_server.psql("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;")
    store = SqlStore(postgres_server.get_uri("ascii"), shapes.all)
    with pytest.raises(StoreError, match="ENCODING 'UTF8'"):
        await store.open()
    await store.close()
    postgres_server.psql("DROP DATABASE ascii;")


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
async def test_a_file_that_another_process_writes_for_long(sqlite_url: str, shapes: SimpleNamespace, journal: str) -> None:
    direct = Direct(sqlite_url)
    await direct.run(f"PRAGMA journal_mode = {journal}")
    await direct.run("CREATE TABLE stranger (id INTEGER)")
    await direct.run("BEGIN IMMEDIATE")
    store = SqlStore(sqlite_url, shapes.all, busy_seconds=0.2)
    assert await refused(store) is DatabaseAway
    await direct.run("ROLLBACK")
    await direct.close()
    await store.open()
    assert await store.ready()
    await store.close()


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
async def test_a_file_that_another_process_writes_for_a_moment(sqlite_url: str, shapes: SimpleNamespace, journal: str) -> None:
    direct = Direct(sqlite_url)
    await direct.run(f"PRAGMA journal_mode = {journal}")
    await direct.run("CREATE TABLE stranger (id INTEGER)")
    await direct.run("BEGIN IMMEDIATE")
    store = SqlStore(sqlite_url, shapes.all, busy_seconds=30)
    opening = asyncio.create_task(store.open())
    await asyncio.sleep(0.2)
    assert not opening.done()
    await direct.run("ROLLBACK")
    await direct.close()
    await opening
    assert await store.ready()
    await store.close()


async def test_a_file_whose_schema_is_damaged(tmp_path: Path, shapes: SimpleNamespace) -> None:
    file = sqlite3.connect(tmp_path / "damaged.db", isolation_level=None)
    file.execute("CREATE TABLE stranger (id INTEGER)")
    file.execute("PRAGMA writable_schema = ON")
    file.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE ('")
    file.close()
    assert await refused(SqlStore(f"sqlite:///{tmp_path}/damaged.db", shapes.all)) is StoreError


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """The URL of a server that takes connections and says nothing."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    yield f"postgresql://nobody@127.0.0.1:{server.sockets[0].getsockname()[1]}/nothing?sslmode=disable"
    server.close()


async def test_a_server_that_says_nothing(silent: str, shapes: SimpleNamespace) -> None:
    assert await refused(SqlStore(silent, shapes.all, busy_seconds=0.2)) is DatabaseAway
