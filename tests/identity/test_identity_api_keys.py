"""API keys: believed by their hash, from a mapping, a file, or a table of either database."""

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import create_async_engine

from diptych.identity import ApiKeys, ApiKeyTable, hash_api_key, new_api_key
from diptych.semantics.outcome import Unauthenticated, Unavailable
from diptych.semantics.principal import ANONYMOUS, Principal
from tests.docs.blocks import read_blocks
from tests.identity.issuer import NOW, Time, bearing, request

ANN, BEN = new_api_key(), new_api_key()
WHO: Final = Principal("ann", frozenset({"reader"}))
REFUSED: Final = Unauthenticated('Bearer realm="api", error="invalid_token"')
REFUSED_FIELD: Final = Unauthenticated('ApiKey realm="api", header="X-API-Key", error="invalid_token"')


def test_new_keys_are_long_and_differ() -> None:
    made = {new_api_key().key for _ in range(100)}
    assert len(made) == 100
    assert all(key.startswith("dk_") and len(key) == 46 for key in made)
    assert hash_api_key("dk_x") == "beda7f22b39b971e23ce487250e8ad66d03b799a9dd94ddc2417a20e00a38609"


async def test_a_key_in_either_field() -> None:
    bearer, field = ApiKeys({ANN.hash: WHO}), ApiKeys({ANN.hash: WHO}, header="X-API-Key")
    assert await bearer.identify(bearing(ANN.key)) == WHO
    assert await field.identify(request(("X-API-Key", ANN.key))) == WHO
    assert await bearer.identify(request(("X-API-Key", ANN.key))) == ANONYMOUS
    assert await field.identify(bearing(ANN.key)) == ANONYMOUS
    assert await bearer.identify(request()) == await field.identify(request()) == ANONYMOUS


WRONG: Final = {
    "unknown": BEN.key,
    "empty": "",
    "the-hash": ANN.hash,
    "the-hash-with-the-prefix": f"dk_{ANN.hash}",
    "one-character-less": ANN.key[:-1],
    "one-character-more": ANN.key + "A",
    "without-its-prefix": ANN.key.removeprefix("dk_"),
    "another-case": ANN.key.swapcase(),
    "not-ascii": ANN.key[:-1] + "é",
    "very-long": "dk_" + "x" * 100_000,
    "two-in-one": f"{ANN.key}, {ANN.key}",
}


@pytest.mark.parametrize("key", [pytest.param(key, id=name) for name, key in WRONG.items()])
async def test_a_wrong_key_is_refused(key: str, said: pytest.LogCaptureFixture) -> None:
    assert await ApiKeys({ANN.hash: WHO}).identify(bearing(key)) == REFUSED
    assert await ApiKeys({ANN.hash: WHO}, header="X-API-Key").identify(request(("X-API-Key", key))) == REFUSED_FIELD
    assert len(said.records) == 2
    assert all(record.getMessage().startswith("Refused an API key from 192.0.2.1: ") for record in said.records)
    assert len(key) < 8 or all(key not in record.getMessage() for record in said.records)


async def test_a_password_is_no_key() -> None:
    """Somebody who stores the hash of one finds that it does not work, before anybody guesses it."""
    assert await ApiKeys({hash_api_key("hunter2"): WHO}).identify(bearing("hunter2")) == REFUSED


async def test_two_fields_are_refused() -> None:
    twice = [("X-API-Key", ANN.key)] * 2
    assert await ApiKeys({ANN.hash: WHO}, header="X-API-Key").identify(request(*twice)) == REFUSED_FIELD
    twice = [("Authorization", f"Bearer {ANN.key}")] * 2
    assert await ApiKeys({ANN.hash: WHO}).identify(request(*twice)) == REFUSED


def test_whose_kind_a_key_is() -> None:
    bearer, field = ApiKeys({ANN.hash: WHO}), ApiKeys({ANN.hash: WHO}, header="X-API-Key")
    assert bearer.recognises(bearing("dk_unknown"))
    assert not bearer.recognises(bearing("a.b.c"))
    assert not bearer.recognises(request(("X-API-Key", ANN.key)))
    assert field.recognises(request(("X-API-Key", "")))
    assert not field.recognises(bearing(ANN.key))


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        pytest.param({}, "has no keys", id="none"),
        pytest.param({ANN.key: WHO}, "never stored", id="a-key-in-place-of-its-hash"),
        pytest.param({ANN.hash.upper(): WHO}, "lower-case", id="upper-case"),
        pytest.param({ANN.hash: ANONYMOUS}, "with a subject", id="of-nobody"),
        pytest.param("keys.toml", "no file keys.toml", id="no-file"),
        pytest.param("keys.yaml", "ends in .toml or .json", id="another-format"),
    ],
)
def test_keys_that_are_refused(keys: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refusal:
        ApiKeys(keys)
    assert ANN.key not in str(refusal.value)


def test_a_field_that_is_none() -> None:
    field: Any = "Cookie"
    with pytest.raises(ValueError, match="header= is"):
        ApiKeys({ANN.hash: WHO}, header=field)


# A file

TOML: Final = f"""
[[keys]]
hash = "{ANN.hash}"
subject = "ann"
roles = ["reader"]

[[keys]]
hash = "{BEN.hash}"
subject = "ben"
expires = 2027-01-15T08:00:10Z
"""
JSON: Final = json.dumps(
    {
        "keys": [
            {"hash": ANN.hash, "subject": "ann", "roles": ["reader"]},
            {"hash": BEN.hash, "subject": "ben", "expires": "2027-01-15T09:00:10+01:00"},
        ]
    }
)


@pytest.mark.parametrize(("name", "content"), [("keys.toml", TOML), ("keys.json", JSON)])
async def test_keys_in_a_file(name: str, content: str, tmp_path: Path, time: Time, said: pytest.LogCaptureFixture) -> None:
    path = tmp_path / name
    path.write_text(content)
    keys = ApiKeys(path, clock=time)
    assert await keys.identify(bearing(ANN.key)) == WHO
    time.now = NOW + 9.9
    assert await keys.identify(bearing(BEN.key)) == Principal("ben")
    time.now = NOW + 10
    assert await keys.identify(bearing(BEN.key)) == REFUSED
    assert "expired" in said.text
    # Revoked by taking it out; a file that is spoiled changes nothing.
    path.write_text(content.replace(ANN.hash, "0" * 64))
    assert await keys.identify(bearing(ANN.key)) == REFUSED
    path.write_text(content + "]")
    assert await keys.identify(bearing(ANN.key)) == REFUSED
    assert said.records[-2].levelname == "ERROR"


KEY: Final = {"hash": ANN.hash, "subject": "ann"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param([KEY], 'one member, "keys"', id="a-list"),
        pytest.param({"keys": [KEY], "more": 1}, 'one member, "keys"', id="another-member"),
        pytest.param({"keys": {ANN.hash: "ann"}}, "a list of keys", id="an-object"),
        pytest.param({"keys": [1]}, r"keys\[0\] has a hash and a subject", id="no-object"),
        pytest.param({"keys": [{"hash": ANN.hash}]}, r"keys\[0\] has a hash and a subject", id="no-subject"),
        pytest.param({"keys": [KEY, {**KEY, "role": "admin"}]}, r"keys\[1\].*nothing else", id="a-slip-of-the-pen"),
        pytest.param({"keys": [{**KEY, "hash": ANN.key}]}, r"keys\[0\].hash is no SHA-256", id="a-key"),
        pytest.param({"keys": [{**KEY, "subject": ""}]}, r"keys\[0\].subject", id="an-empty-subject"),
        pytest.param({"keys": [{**KEY, "roles": "admin"}]}, r"keys\[0\].roles is a list", id="roles-as-text"),
        pytest.param({"keys": [{**KEY, "expires": "2030-01-01"}]}, "with its time zone", id="no-time-zone"),
        pytest.param({"keys": [{**KEY, "expires": "soon"}]}, "with its time zone", id="no-moment"),
        pytest.param({"keys": [{**KEY, "expires": None}]}, "with its time zone", id="null"),
        pytest.param({"keys": [KEY, KEY]}, r"keys\[1\] has the same hash", id="twice"),
    ],
)
def test_a_file_that_is_refused(content: Any, told: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=told) as refusal:
        ApiKeys(path)
    assert ANN.key not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [("k.toml", f'key = "{ANN.key}'), ("k.toml", "\xff"), ("k.json", f'{{"{ANN.key}"')],
    ids=["toml", "not-utf-8", "json"],
)
def test_a_file_that_cannot_be_read_is_not_repeated(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="latin-1")
    with pytest.raises(ValueError, match="cannot be used") as refusal:
        ApiKeys(tmp_path / name)
    assert ANN.key not in str(refusal.value)


# A table

# The statement that the page shows.
PAGE: Final = Path(__file__).parents[2] / "docs" / "how-to" / "authenticate.md"
CREATE: Final = next(block.text for block in read_blocks(PAGE) if block.language == "sql")


async def execute(url: str, *statements: str) -> None:
    """Run statements as the operator of the database would."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        return
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as found:
        for statement in statements:
            await found.execute(sql(statement))
    await engine.dispose()


def row(hash: str, subject: str, roles: str = "''", expires: str = "NULL", revoked: str = "FALSE", table: str = "api_keys") -> str:
    return f"INSERT INTO {table} (hash, subject, roles, expires, revoked) VALUES ('{hash}', {subject}, {roles}, {expires}, {revoked})"


async def test_keys_in_a_table(database_url: str, time: Time, said: pytest.LogCaptureFixture) -> None:
    await execute(database_url, CREATE, row(ANN.hash, "'ann'", "'reader  writer'"), row(BEN.hash, "'ben'", expires=str(int(NOW) + 10)))
    keys = ApiKeys(ApiKeyTable(database_url, monotonic=time), clock=time)
    assert await keys.identify(bearing(ANN.key)) == Principal("ann", frozenset({"reader", "writer"}))
    assert await keys.identify(bearing(BEN.key)) == Principal("ben")
    assert await keys.identify(bearing(new_api_key().key)) == REFUSED
    # Its end is met to the second, although the row is remembered.
    time.now = NOW + 4.9
    await execute(database_url, "UPDATE api_keys SET revoked = TRUE WHERE subject = 'ann'")
    assert await keys.identify(bearing(ANN.key)) != REFUSED
    time.now = NOW + 5
    assert await keys.identify(bearing(ANN.key)) == REFUSED
    time.now = NOW + 10
    assert await keys.identify(bearing(BEN.key)) == REFUSED
    await execute(database_url, "UPDATE api_keys SET revoked = FALSE WHERE subject = 'ann'")
    assert await keys.identify(bearing(ANN.key)) == Principal("ann", frozenset({"reader", "writer"}))
    await keys.close()
    assert await keys.identify(bearing(ANN.key)) != REFUSED
    await keys.close()


async def test_a_row_that_is_taken_out(database_url: str, time: Time) -> None:
    await execute(database_url, CREATE, row(ANN.hash, "'ann'"))
    keys = ApiKeys(ApiKeyTable(database_url, monotonic=time), clock=time)
    assert await keys.identify(bearing(ANN.key)) == Principal("ann")
    await execute(database_url, "DELETE FROM api_keys")
    time.now += 5
    assert await keys.identify(bearing(ANN.key)) == REFUSED
    await keys.close()


LOOSE: Final = "CREATE TABLE loose (hash TEXT, subject TEXT, roles TEXT, expires BIGINT, revoked BOOLEAN)"


@pytest.mark.parametrize(
    ("columns", "is_believed"),
    [
        pytest.param({"roles": "NULL"}, True, id="no-roles"),
        pytest.param({"revoked": "NULL"}, False, id="revoked-unknown"),
        pytest.param({"subject": "NULL"}, False, id="of-nobody"),
        pytest.param({"subject": "''"}, False, id="of-an-empty-subject"),
        pytest.param({"expires": "0"}, False, id="expired-in-1970"),
    ],
)
async def test_loose_rows(columns: dict[str, str], is_believed: bool, database_url: str, time: Time) -> None:
    await execute(database_url, LOOSE, row(ANN.hash, **{"subject": "'ann'", **columns}, table="loose"))
    keys = ApiKeys(ApiKeyTable(database_url, "loose"), clock=time)
    assert (await keys.identify(bearing(ANN.key)) == Principal("ann")) is is_believed
    await keys.close()


async def test_text_where_a_number_belongs(sqlite_url: str, said: pytest.LogCaptureFixture) -> None:
    await execute(sqlite_url, LOOSE, row(ANN.hash, "'ann'", expires="'tomorrow'", table="loose"))
    assert await ApiKeys(ApiKeyTable(sqlite_url, "loose")).identify(bearing(ANN.key)) == REFUSED
    assert "no number in expires" in said.text


@pytest.mark.postgres
async def test_a_table_in_a_schema_of_its_own(postgres_url: str) -> None:
    create = CREATE.replace("TABLE api_keys", "TABLE private.api_keys")
    await execute(postgres_url, "DROP SCHEMA IF EXISTS private CASCADE", "CREATE SCHEMA private", create)
    await execute(postgres_url, row(ANN.hash, "'ann'", table="private.api_keys"))
    keys = ApiKeys(ApiKeyTable(postgres_url, "private.api_keys"))
    assert await keys.identify(bearing(ANN.key)) == Principal("ann")
    await keys.close()


def is_there(url: str) -> bool:
    return Path(url.removeprefix("sqlite:///")).exists()


async def test_no_table_there(database_url: str, said: pytest.LogCaptureFixture) -> None:
    """A key that cannot be looked up is not called a wrong one, and no file is made by looking."""
    keys = ApiKeys(ApiKeyTable(database_url))
    assert await keys.identify(bearing(ANN.key)) == Unavailable()
    assert said.records[-1].levelname == "WARNING"
    assert ANN.hash not in said.text
    assert not is_there(database_url)
    await keys.close()


async def test_nobody_listens_there(said: pytest.LogCaptureFixture) -> None:
    keys = ApiKeys(ApiKeyTable("postgresql://app:hunter2@127.0.0.1:1/shop"))
    assert await keys.identify(bearing(ANN.key)) == Unavailable()
    assert "hunter2" not in said.text
    await keys.close()


def test_a_table_in_several_event_loops(database_url: str) -> None:
    async def prepare() -> None:
        await execute(database_url, CREATE, row(ANN.hash, "'ann'"))

    asyncio.run(prepare())
    time = Time()
    keys = ApiKeys(ApiKeyTable(database_url, monotonic=time), clock=time)

    async def ask() -> None:
        time.now += 5
        assert await keys.identify(bearing(ANN.key)) == Principal("ann")
        await keys.close()

    asyncio.run(ask())
    asyncio.run(ask())


async def test_a_name_with_signs_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "a %41?b"
    folder.mkdir()
    with sqlite3.connect(folder / "keys.db") as connection:
        # As a server leaves it that writes ahead.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(CREATE)
        connection.execute(row(ANN.hash, "'ann'"))
    connection.close()
    from urllib.parse import quote

    keys = ApiKeys(ApiKeyTable(f"sqlite:///{quote(str(folder))}/keys.db"))
    assert await keys.identify(bearing(ANN.key)) == Principal("ann")


@pytest.mark.parametrize(
    "url",
    ["", "shop.db", "sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://a:hunter2@h/b", "postgresql://a:hunter2@h:port/b"],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="ApiKeyTable") as refusal:
        ApiKeyTable(url)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("table", ["", "a b", "a;b", 'a"b', "a.b.c", "1a", "á"])
def test_names_of_tables_that_are_refused(table: str) -> None:
    with pytest.raises(ValueError, match="name of a table"):
        ApiKeyTable("sqlite:///shop.db", table)
