"""What tables a database has, read in a few queries for all of them together."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.reflection import Inspector

# The builtin provider knows only orders by code point. Versions before 15 have no providers, hence the way through JSON.
_COLLATION: Final = """
    SELECT CASE
        WHEN c.collname <> 'default' THEN c.collname
        WHEN to_jsonb(database) ->> 'datlocprovider' = 'b' THEN 'pg_c_utf8'
        WHEN coalesce(to_jsonb(database) ->> 'datlocprovider', 'c') = 'c' THEN database.datcollate
        ELSE 'default'
    END
    FROM pg_attribute AS attribute
    JOIN pg_collation AS c ON c.oid = attribute.attcollation
    JOIN pg_database AS database ON database.datname = current_database()
    WHERE attribute.attrelid = to_regclass(:name) AND attribute.attname = :column
"""


class FoundTables:
    """The columns, keys, indexes and references of some tables that are there, by table name, in SQLAlchemy's own form."""

    def __init__(self, connection: sa.Connection, inspector: Inspector, names: Sequence[str]) -> None:
        self.connection = connection
        # An empty filter would be none at all.
        self.columns = _by_table(inspector.get_multi_columns(filter_names=names)) if names else {}
        self.keys = _by_table(inspector.get_multi_pk_constraint(filter_names=names)) if names else {}
        self.references = _by_table(inspector.get_multi_foreign_keys(filter_names=names)) if names else {}
        if connection.dialect.name != "sqlite":
            self.indexes = _by_table(inspector.get_multi_indexes(filter_names=names)) if names else {}
            return
        # SQLite has an index for every unique constraint, where SQLAlchemy's reading of its CREATE TABLE misses some.
        self.indexes = {name: inspector.get_indexes(name, include_auto_indexes=True) for name in names}
        for name in names:
            self._complete_options(name)

    def sql(self, table: str) -> str:
        """The CREATE TABLE that made a table of SQLite."""
        found = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
        return str(self.connection.execute(found, {"name": table}).scalar_one())

    def sequence(self, table: str, column: str) -> str | None:
        """The sequence that a column of PostgreSQL counts with, serial or identity."""
        quoted = self.connection.dialect.identifier_preparer.quote(table)
        sequence: str | None = self.connection.execute(sa.select(sa.func.pg_get_serial_sequence(quoted, column))).scalar_one()
        return sequence

    def collation(self, table: str, column: str) -> str | None:
        """How PostgreSQL sorts a column of text; "default" stands for a database that does so by a language."""
        found = sa.text(_COLLATION)
        quoted = self.connection.dialect.identifier_preparer.quote(table)
        collation: str | None = self.connection.execute(found, {"name": quoted, "column": column}).scalar_one_or_none()
        return collation

    def _complete_options(self, table: str) -> None:
        """Read what a foreign key of SQLite does, which SQLAlchemy knows only of those that stand on lines of their own."""
        pragma = sa.text('SELECT "from", "table", on_delete, on_update FROM pragma_foreign_key_list(:name)')
        actions = {
            (column, referred): (delete, update) for column, referred, delete, update in self.connection.execute(pragma, {"name": table})
        }
        deferred = "INITIALLY DEFERRED" in self.sql(table).upper()
        for key in self.references[table]:
            delete, update = actions.get((key["constrained_columns"][0], key["referred_table"]), (None, None))
            key["options"] = {"ondelete": delete, "onupdate": update, "initially": "DEFERRED" if deferred else None}


def _by_table(found: Any) -> dict[str, Any]:
    return {table: entry for (_, table), entry in found.items()}
