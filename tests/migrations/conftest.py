"""Databases to migrate, plain SQL on them, and the command line."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from diptych.cli import app
from diptych.migrations import Ground
from diptych.migrations.connecting import connect
from diptych.resource.shape import ResourceShape
from diptych.store import SqlStore
from tests.store.conftest import SHAPES, Direct

Diptych = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "migrations"


def execute(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements of plain SQL in one transaction; returns the rows of the last."""

    def work(connection: sa.Connection) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for statement in statements:
            result = connection.exec_driver_sql(statement)
            rows = [tuple(row) for row in result] if result.returns_rows else []
        return rows

    return connect(url, work)


async def plainly(url: str, *statements: str) -> list[tuple[Any, ...]]:
    return await asyncio.to_thread(execute, url, *statements)


async def opened(url: str, shapes: Sequence[ResourceShape], *, create: bool = False) -> SqlStore:
    store = SqlStore(url, shapes, create_tables=create)
    await store.open()
    return store


async def moved(url: str, shapes: Sequence[ResourceShape], folder: Path, message: str = "a step") -> Ground:
    """Write a revision from what differs, and run it."""
    ground = Ground(url, shapes)
    await asyncio.to_thread(ground.write_revision, folder, message)
    await asyncio.to_thread(ground.upgrade, folder, "head", lambda _: None)
    return ground


@pytest.fixture
def diptych(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Diptych:
    """The command line in a folder of its own; `diptych("migrate", "current", …)`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("DIPTYCH_DATABASE", raising=False)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["migrate", *arguments], catch_exceptions=False)

    return run


@pytest.fixture
async def direct(database_url: str) -> AsyncIterator[Direct]:
    direct = Direct(database_url)
    yield direct
    await direct.close()


@pytest.fixture
def shapes() -> SimpleNamespace:
    """The resources of the store's own tests, by their type names in lower case."""
    return SimpleNamespace(**{shape.name.lower(): shape for shape in SHAPES}, all=SHAPES)


@pytest.fixture
async def store(database_url: str, shapes: SimpleNamespace) -> AsyncIterator[SqlStore]:
    """A store over tables that have the triggers."""
    store = SqlStore(database_url, shapes.all)
    await store.open()
    await asyncio.to_thread(Ground(database_url, shapes.all).install_triggers)
    yield store
    await store.close()
