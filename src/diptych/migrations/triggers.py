"""Triggers that keep the promise of versions where other programs write the same rows in plain SQL.

What the library writes never sets one off, or finds that it has nothing to do: every statement of the library says the version
itself, and births and deaths go through the ledger already.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from diptych.migrations import triggers_postgres, triggers_sqlite
from diptych.migrations.differences import misfits
from diptych.migrations.errors import MigrationError
from diptych.store.tables import VERSION, Stored


def install_triggers(connection: sa.Connection, tables: Sequence[Stored]) -> list[str]:
    """Make the triggers of all tables, those that are there anew; returns the tables. Raises MigrationError where a table does not fit."""
    for statement in trigger_sql(connection, tables):
        connection.exec_driver_sql(statement)
    return [stored.table.name for stored in tables]


def drop_triggers(connection: sa.Connection, tables: Sequence[Stored]) -> bool:
    """Drop all triggers of ours from the tables; tells whether there were any."""
    statements = trigger_sql(connection, tables, drop=True)
    for statement in statements:
        connection.exec_driver_sql(statement)
    return bool(statements)


def trigger_sql(connection: sa.Connection, tables: Sequence[Stored], *, drop: bool = False) -> list[str]:
    """The statements of `install_triggers`, or of `drop_triggers`, for this database."""
    if not drop and (told := misfits(connection, tables)):
        raise MigrationError("\n".join(["The database does not fit the models; upgrade it or adopt its tables first:", *_listed(told)]))
    return [*_dropping(connection, tables), *([] if drop else _making(connection, tables))]


@contextmanager
def set_aside(connection: sa.Connection, tables: Sequence[Stored]) -> Iterator[None]:
    """Do work on the tables without triggers, which would hold on to columns; those that were there are made again for the new columns."""
    were_there = drop_triggers(connection, tables)
    yield
    if were_there:
        for statement in _making(connection, [stored for stored in tables if _is_complete(connection, stored)]):
            connection.exec_driver_sql(statement)


def _making(connection: sa.Connection, tables: Sequence[Stored]) -> list[str]:
    making = triggers_sqlite.making if connection.dialect.name == "sqlite" else triggers_postgres.making
    inspector = sa.inspect(connection)
    statements: list[str] = []
    for stored in tables:
        there = {column["name"] for column in inspector.get_columns(stored.table.name)}
        # Between two revisions a declared column may be missing.
        statements += making(connection, stored, [column.name for column in stored.columns if column.name in there])
    return statements


def _dropping(connection: sa.Connection, tables: Sequence[Stored]) -> list[str]:
    dropping = triggers_sqlite.dropping if connection.dialect.name == "sqlite" else triggers_postgres.dropping
    return [statement for stored in tables for statement in dropping(connection, stored)]


def _is_complete(connection: sa.Connection, stored: Stored) -> bool:
    inspector = sa.inspect(connection)
    if not inspector.has_table(stored.table.name) or not (stored.ledger is None or inspector.has_table(stored.ledger.name)):
        return False
    return {VERSION, stored.key.name} <= {column["name"] for column in inspector.get_columns(stored.table.name)}


def _listed(sentences: Sequence[str]) -> list[str]:
    return [f"- {sentence}" for sentence in sentences]
