"""The triggers of one table on SQLite, where none can change a row on its way in: what must differ is changed right after."""

from collections.abc import Callable, Sequence
from typing import Final

import sqlalchemy as sa

from diptych.semantics.version import LAST
from diptych.store.tables import VERSION, Stored

_PREFIX: Final = "zz_diptych_"


def making(connection: sa.Connection, stored: Stored, columns: Sequence[str]) -> list[str]:
    """The triggers; `columns` are those whose change is a change of state."""
    quote: Callable[[str], str] = connection.dialect.identifier_preparer.quote
    name = stored.table.name
    table, key, version = quote(name), quote(stored.key.name), quote(VERSION)
    changed = " OR ".join(f"OLD.{quote(column)} IS NOT NEW.{quote(column)}" for column in columns)
    statements = []

    def add(what: str, when: str, condition: str, *body: str) -> None:
        where = f" WHEN {condition}" if condition else ""
        statements.append(
            f"CREATE TRIGGER {quote(f'{_PREFIX}{what}_{name}')} {when} ON {table} FOR EACH ROW{where}\nBEGIN\n"
            + "".join(f"    {line};\n" for line in body)
            + "END"
        )

    def stepped(to: str) -> str:
        return f"UPDATE {table} SET {version} = {to} WHERE {key} = NEW.{key}"

    add(
        "key",
        f"BEFORE UPDATE OF {key}",
        f"OLD.{key} IS NOT NEW.{key}",
        _refuse(f"The key of a row of {name} never changes. Delete the row and insert another."),
    )
    add(
        "order",
        f"BEFORE UPDATE OF {version}",
        f"NEW.{version} < OLD.{version} OR NEW.{version} > {LAST}",
        _refuse(f"The version of a row of {name} never goes down, and never beyond {LAST}."),
    )
    if changed:
        add(
            "step",
            "AFTER UPDATE",
            f"NEW.{version} = OLD.{version} AND ({changed})",
            _refuse(f"A row of {name} is at its last version, {LAST}, and takes no change.", f"OLD.{version} >= {LAST}"),
            stepped(f"OLD.{version} + 1"),
        )
    too_high = f"A row of {name} would be born beyond the last version, {LAST}."
    if stored.ledger is None:
        add(
            "birth",
            "AFTER INSERT",
            f"NEW.{version} < 1 OR NEW.{version} > {LAST}",
            _refuse(too_high, f"NEW.{version} > {LAST}"),
            stepped("1"),
        )
        return statements
    ledger = quote(stored.ledger.name)
    last = f"coalesce((SELECT l.version FROM {ledger} AS l WHERE l.key = NEW.{key}), 0)"
    raised = "ON CONFLICT (key) DO UPDATE SET version = excluded.version WHERE version < excluded.version"
    # REPLACE removes the row that is there without a word to the triggers of DELETE.
    add(
        "again",
        "BEFORE INSERT",
        f"EXISTS (SELECT 1 FROM {table} AS t WHERE t.{key} = NEW.{key})",
        f"INSERT INTO {ledger} (key, version) SELECT t.{key}, t.{version} FROM {table} AS t WHERE t.{key} = NEW.{key} {raised}",
    )
    add(
        "birth",
        "AFTER INSERT",
        f"NEW.{version} <= {last} OR NEW.{version} > {LAST}",
        _refuse(too_high, f"NEW.{version} > {LAST} OR {last} >= {LAST}"),
        stepped(f"{last} + 1"),
    )
    add("death", "AFTER DELETE", "", f"INSERT INTO {ledger} (key, version) VALUES (OLD.{key}, OLD.{version}) {raised}")
    return statements


def dropping(connection: sa.Connection, stored: Stored) -> list[str]:
    quote: Callable[[str], str] = connection.dialect.identifier_preparer.quote
    query = sa.text(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name AND name LIKE 'zz\\_diptych\\_%' ESCAPE '\\'"
    )
    found = connection.execute(query, {"name": stored.table.name}).scalars().all()
    return [f"DROP TRIGGER {quote(name)}" for name in found]


def _refuse(message: str, condition: str = "") -> str:
    quoted = message.replace("'", "''")
    return f"SELECT RAISE(ABORT, '{quoted}')" + (f" WHERE {condition}" if condition else "")
