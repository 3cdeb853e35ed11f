"""Tables that are missing are created; tables that are there are compared with the models, and never altered."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.reflection import Inspector

from diptych.store.errors import TableMismatch
from diptych.store.fit_types import difference_of_types, words
from diptych.store.tables import Stored

# What would change rows behind their versions.
_UNSEEN_ACTIONS = ("CASCADE", "SET NULL", "SET DEFAULT")


def fit_or_create(connection: sa.Connection, *, tables: Sequence[Stored], create: bool) -> None:
    """Create the tables that are missing, if asked to; raise TableMismatch for every way in which others do not fit, all at once."""
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    differences: list[str] = []
    missing: list[sa.Table] = []
    for stored in tables:
        for table in (stored.table, stored.ledger):
            if table is not None and table.name not in there:
                missing.append(table)
    ours = {table.name for stored in tables for table in (stored.table, stored.ledger) if table is not None}
    differences += _missing_strangers(tables, there | ours)
    if missing and not create:
        differences += [f"There is no table {table.name}, and tables are not to be created." for table in missing]
    found = _Found(connection, inspector, [name for name in sorted(ours) if name in there])
    for stored in tables:
        if stored.table.name in there:
            differences += _differences(stored, found)
        if stored.ledger is not None and stored.ledger.name in there:
            differences += _column_differences(stored.ledger, stored, found)
    if differences:
        raise TableMismatch(differences)
    if missing:
        missing[0].metadata.create_all(connection, tables=missing, checkfirst=False)


class _Found:
    """What the database has, read in a few queries for all tables together."""

    def __init__(self, connection: sa.Connection, inspector: Inspector, names: Sequence[str]) -> None:
        self.connection = connection
        self.columns = _by_table(inspector.get_multi_columns(filter_names=names)) if names else {}
        self.keys = _by_table(inspector.get_multi_pk_constraint(filter_names=names)) if names else {}
        self.references = _by_table(inspector.get_multi_foreign_keys(filter_names=names)) if names else {}
        self.indexes = _by_table(inspector.get_multi_indexes(filter_names=names)) if names else {}
        self.uniques = _by_table(inspector.get_multi_unique_constraints(filter_names=names)) if names else {}


def _by_table(found: Any) -> dict[str, Any]:
    return {table: entry for (_, table), entry in found.items()}


def _missing_strangers(tables: Sequence[Stored], there: Collection[str]) -> list[str]:
    return [
        f"{stored.table.name}.{field.column} refers to a table {field.reference.table}, which is not there."
        for stored in tables
        for field in stored.resource.columns
        if field.reference is not None and field.reference.table not in there
    ]


def _differences(stored: Stored, found: _Found) -> list[str]:
    return [
        *_column_differences(stored.table, stored, found),
        *_key_differences(stored, found),
        *_unique_differences(stored, found),
        *_reference_differences(stored, found),
    ]


def _column_differences(table: sa.Table, stored: Stored, found: _Found) -> list[str]:
    differences = []
    columns = {column["name"]: column for column in found.columns[table.name]}
    for expected in table.columns:
        at, null = f"{table.name}.{expected.name}", "NULL" if expected.nullable else "NOT NULL"
        column = columns.pop(expected.name, None)
        if column is None:
            differences.append(f"{at} is missing; the model expects {words(expected.type, stored.dialect)} {null}.")
            continue
        if (difference := difference_of_types(column["type"], expected.type, stored.dialect)) is not None:
            differences.append(f"{at} is {difference}.")
        # SQLite does not say NOT NULL of an integer key, which cannot be NULL.
        if bool(column["nullable"]) != expected.nullable and not expected.primary_key:
            differences.append(f"{at} is {'NULL' if column['nullable'] else 'NOT NULL'}; the model expects {null}.")
    for name, column in columns.items():
        if not column["nullable"] and column["default"] is None and not column.get("identity") and not column.get("computed"):
            differences.append(f"{table.name}.{name} is NOT NULL without a default, and the model has no such field.")
    key = list(found.keys[table.name]["constrained_columns"])
    if key != [column.name for column in table.primary_key.columns]:
        expected_key = ", ".join(column.name for column in table.primary_key.columns)
        differences.append(f"{table.name} has the primary key ({', '.join(key)}); the model expects ({expected_key}).")
    return differences


def _key_differences(stored: Stored, found: _Found) -> list[str]:
    table, key = stored.table.name, stored.key.name
    if stored.key.autoincrement is True and stored.dialect == "sqlite":
        sql = found.connection.execute(
            sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": table}
        ).scalar_one()
        if "AUTOINCREMENT" not in sql.upper():
            return [f"{table}.{key} has no AUTOINCREMENT, without which SQLite gives the key of a deleted row to a new one."]
    if stored.dialect == "postgresql":
        return _postgres_key_differences(stored, found)
    return []


def _postgres_key_differences(stored: Stored, found: _Found) -> list[str]:
    table, key = stored.table.name, stored.key.name
    if stored.key.autoincrement is True:
        quoted = found.connection.dialect.identifier_preparer.quote(table)
        sequence = found.connection.execute(sa.select(sa.func.pg_get_serial_sequence(quoted, key))).scalar_one()
        if sequence is None:
            return [f"{table}.{key} has no sequence of its own; the model expects SERIAL, BIGSERIAL or an identity."]
    elif isinstance(stored.key.type, sa.String):
        collation = found.connection.execute(
            sa.text(
                "SELECT CASE WHEN l.collname = 'default' THEN d.datcollate ELSE l.collname END FROM pg_attribute a"
                " JOIN pg_collation l ON l.oid = a.attcollation JOIN pg_database d ON d.datname = current_database()"
                " WHERE a.attrelid = to_regclass(:name) AND a.attname = :key"
            ),
            {"name": found.connection.dialect.identifier_preparer.quote(table), "key": key},
        ).scalar_one_or_none()
        if collation not in ("C", "POSIX", "C.UTF-8", "C.utf8", "C.UTF8", "ucs_basic", "pg_c_utf8"):
            return [f'{table}.{key} is sorted by the collation {collation}; the model expects COLLATE "C".']
    return []


def _unique_differences(stored: Stored, found: _Found) -> list[str]:
    table = stored.table.name
    there = {frozenset(unique["column_names"]) for unique in found.uniques[table]}
    there |= {frozenset(index["column_names"]) for index in found.indexes[table] if index["unique"] and not _is_partial(index)}
    expected = {frozenset(unique.columns): unique.columns for unique in stored.resource.uniques}
    there.discard(frozenset([stored.key.name]))
    missing = [f"{table} has no unique constraint on ({', '.join(columns)})." for key, columns in expected.items() if key not in there]
    unknown = [
        f"{table} has a unique constraint on ({', '.join(sorted(str(name) for name in columns))}), which the model does not declare."
        for columns in there
        if columns not in expected and columns != {stored.key.name}
    ]
    return missing + unknown


def _is_partial(index: Any) -> bool:
    return any(option.endswith("_where") and value for option, value in index.get("dialect_options", {}).items())


def _reference_differences(stored: Stored, found: _Found) -> list[str]:
    table = stored.table.name
    differences = []
    there = {_ends(key): key for key in found.references[table]}
    for field in stored.resource.columns:
        if field.reference is None:
            continue
        target = f"{field.reference.table}.{field.reference.column}"
        key = there.pop(((field.column,), field.reference.table, (field.reference.column,)), None)
        if key is None:
            differences.append(f"{table}.{field.column} has no foreign key to {target}.")
        else:
            differences += [f"The foreign key of {table}.{field.column} {trouble}." for trouble in _troubles(key["options"])]
    for columns, referred, _ in there:
        differences.append(f"{table} has a foreign key from ({', '.join(columns)}) to {referred}, which the model does not declare.")
    return differences


def _ends(key: Any) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    return tuple(key["constrained_columns"]), key["referred_table"], tuple(key["referred_columns"])


def _troubles(options: Any) -> list[str]:
    troubles = [
        f"says ON {event.upper()} {options[f'on{event}']}, which changes rows behind their versions"
        for event in ("delete", "update")
        if str(options.get(f"on{event}", "")).upper() in _UNSEEN_ACTIONS
    ]
    if str(options.get("initially", "")).upper() == "DEFERRED":
        troubles.append("is checked at the commit, where a violation has no owner")
    return troubles
