"""Database URLs as people write them."""

from pathlib import Path

import pytest

from diptych.store import DatabaseUrlError, SqlStore
from diptych.store.url import Place, PostgresServer, SqliteFile, read_url


@pytest.mark.parametrize(
    ("url", "place"),
    [
        pytest.param("sqlite:///shop.db", SqliteFile(Path("shop.db")), id="relative-file"),
        pytest.param("sqlite:////var/lib/shop.db", SqliteFile(Path("/var/lib/shop.db")), id="absolute-file"),
        pytest.param("sqlite:///a%20shop.db", SqliteFile(Path("a shop.db")), id="escaped-space"),
        pytest.param("postgresql://jane:secret@db/shop", PostgresServer("postgresql://jane:secret@db/shop"), id="server"),
        pytest.param("postgres://db/shop", PostgresServer("postgresql://db/shop"), id="short-scheme"),
        pytest.param(
            "postgresql://postgres:@/shop?host=/tmp/socket",
            PostgresServer("postgresql://postgres:@/shop?host=/tmp/socket"),
            id="unix-socket",
        ),
    ],
)
def test_read_url(url: str, place: Place) -> None:
    assert read_url(url) == place


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("shop.db", "no database URL", id="just-a-file-name"),
        pytest.param("sqlite://", "must name a file", id="sqlite-in-memory"),
        pytest.param("sqlite:///:memory:", "must name a file", id="sqlite-in-memory-by-name"),
        pytest.param("sqlite://shop.db", "three slashes", id="two-slashes"),
        pytest.param("sqlite:///shop.db?timeout=1", "no parameters", id="sqlite-parameters"),
        pytest.param("postgresql+asyncpg://db/shop", "no driver", id="driver"),
        pytest.param("postgresql://db", "must name a database", id="no-database"),
        pytest.param("postgresql://db:port/shop", "host or port", id="port-is-no-number"),
        pytest.param("mysql://db/shop", "Only SQLite and PostgreSQL", id="another-database"),
    ],
)
def test_refused_url(url: str, says: str) -> None:
    with pytest.raises(DatabaseUrlError, match=says):
        SqlStore(url, ())


def test_refusal_keeps_the_password() -> None:
    with pytest.raises(DatabaseUrlError) as refused:
        read_url("mysql://jane:secret@db/shop")
    assert "secret" not in str(refused.value)


async def test_missing_folder(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path}/nowhere/shop.db", ())
    with pytest.raises(DatabaseUrlError, match="nowhere"):
        await store.open()
