"""What engines other than PostgreSQL itself may lack or do otherwise, shown on PostgreSQL, and what a database URL can say for them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlmodel import Field

from diptych import Bridge, DatabaseUrlError, Resource, Versioned
from diptych.demo import demo_bridge
from diptych.service.ports import StoreError
from diptych.store.postgres_options import read_options
from tests.proofs.raw import RawConnection
from tests.scaling.programs import with_parameters

# A function of our own in the place of the engine's, which is found first.
NO_LOCKS = """
CREATE SCHEMA engine;
CREATE FUNCTION engine.pg_advisory_xact_lock(bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'there are no advisory locks here' USING ERRCODE = '{code}'; END $$;
ALTER DATABASE test SET search_path = engine, pg_catalog, public
"""


@pytest.fixture
async def raw(postgres_url: str) -> AsyncIterator[RawConnection]:
    connection = await RawConnection(postgres_url).open()
    yield connection
    await connection.run("ALTER DATABASE test RESET ALL", "DROP SCHEMA IF EXISTS engine CASCADE")
    await connection.close()


class Crate(Versioned, table=True):
    """A thing in a store, of which there are many tables."""

    __tablename__ = "scaled_crates"

    id: int | None = Field(default=None, primary_key=True)
    label: str = Field(unique=True)


@pytest.mark.postgres
@pytest.mark.parametrize("code", ["0A000", "42883"], ids=["refused", "unknown"])
async def test_an_engine_without_advisory_locks(postgres_url: str, raw: RawConnection, code: str) -> None:
    """Eight processes make the same tables at once and run into each other; all of them open, and serve."""
    await raw.run(NO_LOCKS.format(code=code))
    # Objects without a schema are made in the first of the path that is not the engine's own.
    await raw.run("ALTER DATABASE test SET search_path = engine, pg_catalog, public", "GRANT USAGE ON SCHEMA engine TO PUBLIC")
    bridges = [Bridge(postgres_url, [Resource(Crate, versions="optional")]) for _ in range(8)]
    await asyncio.gather(*(bridge.open() for bridge in bridges))
    assert await asyncio.gather(*(bridge.ready() for bridge in bridges)) == [True] * 8
    for bridge in bridges:
        await bridge.close()


@pytest.mark.postgres
@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
async def test_processes_that_open_at_once(postgres_url: str, isolation: str) -> None:
    """One makes the tables while the others wait, and these find them, however old what they see of the database is."""
    url = with_parameters(postgres_url, default_transaction_isolation=isolation)
    bridges = [Bridge(url, [Resource(Crate, versions="optional")]) for _ in range(8)]
    await asyncio.gather(*(bridge.open() for bridge in bridges))
    for bridge in bridges:
        await bridge.close()


@pytest.mark.postgres
async def test_a_lock_that_fails_for_another_reason_is_told(postgres_url: str, raw: RawConnection) -> None:
    await raw.run(NO_LOCKS.format(code="42501"))
    bridge = demo_bridge(postgres_url)
    with pytest.raises(StoreError, match="tables cannot be created"):
        await bridge.open()
    await bridge.close()


PLAIN = "postgresql://app:secret@db.example.com/shop"


@pytest.mark.parametrize(
    ("query", "dsn", "settings", "most_kept"),
    [
        pytest.param(
            "",
            "",
            {"lock_timeout": "5000", "statement_timeout": "30000", "default_transaction_isolation": "read committed"},
            None,
            id="nothing-said",
        ),
        pytest.param(
            "?default_transaction_isolation=serializable&lock_timeout=100",
            "?default_transaction_isolation=serializable&lock_timeout=100",
            {"statement_timeout": "30000"},
            None,
            id="the-url-comes-first",
        ),
        pytest.param("?statement_cache_size=0&sslmode=require", "?sslmode=require", {}, 0, id="behind-a-pooler"),
        pytest.param("?prepared_statement_cache_size=0", "", {}, 0, id="as-sqlalchemy-calls-it"),
        pytest.param(
            "?statement_cache_size=50",
            "",
            {"lock_timeout": "5000", "statement_timeout": "30000", "default_transaction_isolation": "read committed"},
            50,
            id="a-few",
        ),
    ],
)
def test_what_a_url_says(query: str, dsn: str, settings: dict[str, str], most_kept: int | None) -> None:
    read = read_options(PLAIN + query, 5, 30)
    assert read.dsn == PLAIN + dsn
    assert read.settings == {"application_name": "diptych", **settings}
    assert read.most_kept == most_kept


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param("default_transaction_isolation=snapshot", "read committed, repeatable read, serializable", id="no-such-isolation"),
        pytest.param("default_transaction_isolation=", "read committed, repeatable read, serializable", id="no-isolation"),
        pytest.param("statement_cache_size=none", "whole number", id="no-number"),
        pytest.param("statement_cache_size=-1", "whole number", id="below-nothing"),
        pytest.param("statement_cache_size=0&prepared_statement_cache_size=9", "whole number", id="two-numbers"),
    ],
)
def test_what_a_url_cannot_say(query: str, words: str) -> None:
    with pytest.raises(DatabaseUrlError, match=words) as refused:
        demo_bridge(f"{PLAIN}?{query}")
    assert "secret" not in str(refused.value)
