"""The SQL of both databases, read without either."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.schema import CreateTable

from diptych.store import gathered, reads, statements
from diptych.store.columns import Dialect
from diptych.store.tables import Stored, build_tables

DIALECTS: dict[Dialect, Any] = {"sqlite": sqlite.dialect(paramstyle="named"), "postgresql": asyncpg.dialect()}  # type: ignore[no-untyped-call]


def sql(statement: Any, dialect: Dialect) -> str:
    """The text of a statement, white space evened out and parameters named by a question mark."""
    text = re.sub(r"\s+", " ", str(statement.compile(dialect=DIALECTS[dialect])))
    return re.sub(r":\w+|\$\d+(::(TIMESTAMP WITH TIME ZONE|DOUBLE PRECISION|\w+)(\[\])?)?", "?", text)


def stored(shapes: SimpleNamespace, name: str, dialect: Dialect) -> Stored:
    tables = build_tables(shapes.all, dialect)
    return next(table for table in tables if table.resource is getattr(shapes, name))


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", ["author", "essay", "badge"])
def test_every_change_of_a_row_carries_its_guard(shapes: SimpleNamespace, name: str, dialect: Dialect) -> None:
    table = stored(shapes, name, dialect)
    guard = f"{table.table.name}.id = ? AND {table.table.name}.version = ?"
    assert guard in sql(statements.update_one(table), dialect)
    assert guard in sql(statements.remove_one(table), dialect)


def test_a_shared_update_locks_in_key_order_and_guards(shapes: SimpleNamespace) -> None:
    text = sql(gathered.update_many(stored(shapes, "author", "postgresql")), "postgresql")
    held, update = text.split(" UPDATE store_authors SET ", 1)
    assert held.startswith("WITH held AS (SELECT given.keys")
    assert held.endswith(
        "JOIN store_authors ON store_authors.id = given.keys AND store_authors.version = given.seen"
        " ORDER BY store_authors.id FOR NO KEY UPDATE OF store_authors)"
    )
    assert "WHERE store_authors.id = held.keys AND store_authors.version = held.seen AND store_authors.version < 2147483647" in update
    assert update.endswith("RETURNING held.ord, store_authors.version")


def test_births_lock_the_ledger_before_the_row(shapes: SimpleNamespace) -> None:
    essay = stored(shapes, "essay", "postgresql")
    for statement in (statements.insert_keyed(essay), gathered.insert_many_keyed(essay)):
        text = sql(statement, "postgresql")
        ledger, row = text.split(" INSERT INTO store_essays ", 1)
        assert "INSERT INTO store_essays_ledger" in ledger
        assert "ON CONFLICT (key) DO UPDATE SET version = store_essays_ledger.version" in ledger
        assert "ON CONFLICT (id) DO NOTHING" in row
    assert "ORDER BY asked.keys ON CONFLICT" in sql(gathered.insert_many_keyed(essay), "postgresql")


def test_deaths_lock_the_ledger_before_the_row(shapes: SimpleNamespace) -> None:
    text = sql(statements.remove_one(stored(shapes, "essay", "postgresql")), "postgresql")
    assert text.index("FOR UPDATE") < text.index("DELETE FROM store_essays USING locked") < text.index("UPDATE store_essays_ledger SET")
    text = sql(gathered.remove_many(stored(shapes, "essay", "postgresql")), "postgresql")
    ledger, row, delete, remembered = (
        text.index(part)
        for part in (
            "ORDER BY store_essays_ledger.key FOR UPDATE OF store_essays_ledger",
            "ORDER BY store_essays.id FOR UPDATE OF store_essays)",
            "DELETE FROM store_essays USING held WHERE store_essays.id = held.keys AND store_essays.version = held.seen",
            "UPDATE store_essays_ledger SET",
        )
    )
    assert ledger < row < delete < remembered


def test_text_is_sorted_by_code_point_and_numbers_are_never_given_twice(shapes: SimpleNamespace) -> None:
    essay, author = (CreateTable(stored(shapes, name, "postgresql").table) for name in ("essay", "author"))
    assert 'id VARCHAR(64) COLLATE "C" NOT NULL' in sql(essay, "postgresql")
    assert "id SERIAL NOT NULL" in sql(author, "postgresql")
    everything = CreateTable(stored(shapes, "everything", "sqlite").table)
    assert "id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT" in sql(everything, "sqlite")


def test_a_page_is_one_statement(shapes: SimpleNamespace) -> None:
    text = sql(reads.window(stored(shapes, "author", "sqlite"), after=True, before=True, end="last"), "sqlite")
    assert "EXISTS (SELECT * FROM store_authors WHERE store_authors.id <= ?) AS below" in text
    assert "EXISTS (SELECT * FROM store_authors WHERE store_authors.id >= ?) AS above" in text
    assert "store_authors.id > ? AND store_authors.id < ? ORDER BY store_authors.id DESC LIMIT ?" in text
