"""What SQLite loses when a table is rebuilt, and gets back: where its keys had counted to, triggers, and views.

A rebuild makes a new table, copies the rows, drops the old one and renames the new one. With the old one go its triggers and its
place in the sequence: the key of a deleted row would be given again. And no table is renamed while a view lacks its own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from diptych.migrations.errors import MigrationError

_TEMPORARY: Final = "_alembic_tmp_"
# A name in quotes may have anything in it, a quote twice.
_DROPPED: Final = re.compile(r'^\s*DROP TABLE (?:"(?P<quoted>(?:[^"]|"")+)"|(?P<plain>[^"\s]+))\s*$', re.IGNORECASE)
_RENAMED: Final = re.compile(rf'^\s*ALTER TABLE (?:"{_TEMPORARY}(?:[^"]|"")+"|{_TEMPORARY}[^"\s]+) RENAME TO ', re.IGNORECASE)


@contextmanager
def kept_through_rebuilds(connection: sa.Connection) -> Iterator[None]:
    """Keep what rebuilds on this connection would lose. Raises MigrationError where a rebuild lost AUTOINCREMENT."""
    if connection.dialect.name != "sqlite":
        yield
        return
    aside: list[tuple[str, str, str]] = []

    def before(conn: sa.Connection, _: Any, statement: str, *__: Any) -> None:
        table = _dropped(statement)
        if table is not None and not table.startswith(_TEMPORARY) and _is_there(conn, _temporary(table)):
            _carry_sequence(conn, table)
            aside.extend(_take_away(conn))

    def after(conn: sa.Connection, _: Any, statement: str, *__: Any) -> None:
        if _RENAMED.match(statement):
            while aside:
                conn.exec_driver_sql(aside.pop(0)[2])

    counted = _counted(connection)
    sa.event.listen(connection, "before_cursor_execute", before)
    sa.event.listen(connection, "after_cursor_execute", after)
    try:
        yield
    finally:
        sa.event.remove(connection, "before_cursor_execute", before)
        sa.event.remove(connection, "after_cursor_execute", after)
    if lost := sorted(table for table in counted - _counted(connection) if _is_there(connection, table)):
        raise MigrationError(
            f"A revision rebuilds {', '.join(lost)} without AUTOINCREMENT, without which SQLite gives the key of a deleted row to a new"
            " one; nothing was changed. Give batch_alter_table table_kwargs={'sqlite_autoincrement': True}."
        )


def _dropped(statement: str) -> str | None:
    """The table that a statement drops, if it does."""
    found = _DROPPED.match(statement)
    return None if found is None else found["plain"] or found["quoted"].replace('""', '"')


def _temporary(table: str) -> str:
    # Alembic cuts the name.
    return f"{_TEMPORARY}{table}"[:50]


def _is_there(connection: sa.Connection, table: str) -> bool:
    found = sa.text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name")
    return connection.execute(found, {"name": table}).first() is not None


def _counted(connection: sa.Connection) -> set[str]:
    return {
        name
        for name, sql in connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if "AUTOINCREMENT" in (sql or "").upper() and not name.startswith(_TEMPORARY)
    }


def _carry_sequence(connection: sa.Connection, table: str) -> None:
    """Let the new table count on from where the old one was, which may be above its greatest key."""
    if not _is_there(connection, "sqlite_sequence"):
        return
    names = {"old": table, "new": _temporary(table)}
    reached = connection.execute(sa.text("SELECT max(seq) FROM sqlite_sequence WHERE name IN (:old, :new)"), names).scalar_one()
    if reached is not None:
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :new"), names)
        connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:new, :seq)"), {**names, "seq": reached})


def _take_away(connection: sa.Connection) -> list[tuple[str, str, str]]:
    """Drop all triggers and views, and say how to make them again, the views first."""
    query = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger') ORDER BY type = 'trigger', rowid"
    found = [(str(kind), str(name), str(sql)) for kind, name, sql in connection.exec_driver_sql(query).all()]
    quote = connection.dialect.identifier_preparer.quote
    for kind, name, _ in reversed(found):
        connection.exec_driver_sql(f"DROP {kind} IF EXISTS {quote(name)}")
    return found
