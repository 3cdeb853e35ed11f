"""Tables that are missing are created; tables that are there are compared with the models, and never altered."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from diptych.store.errors import TableMismatch
from diptych.store.fit_types import difference_of_types, words
from diptych.store.found_tables import FoundTables
from diptych.store.tables import Stored

# Collations of PostgreSQL that sort text as SQLite and Python do.
_BY_CODE_POINT = ("C", "POSIX", "C.UTF-8", "C.UTF8", "C.utf8", "ucs_basic", "pg_c_utf8", "pg_unicode_fast")

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
    found = FoundTables(connection, inspector, [name for name in sorted(ours) if name in there])
    for stored in tables:
        if stored.table.name in there:
            differences += _differences(stored, found)
        if stored.ledger is not None and stored.ledger.name in there:
            differences += _column_differences(stored.ledger, stored, found)
    if differences:
        raise TableMismatch(differences)
    if missing:
        missing[0].metadata.create_all(connection, tables=missing, checkfirst=False)


def _missing_strangers(tables: Sequence[Stored], there: Collection[str]) -> list[str]:
    return [
        f"{stored.table.name}.{field.column} refers to a table {field.reference.table}, which is not there."
        for stored in tables
        for field in stored.resource.columns
        if field.reference is not None and field.reference.table not in there
    ]


def _differences(stored: Stored, found: FoundTables) -> list[str]:
    return [
        *_column_differences(stored.table, stored, found),
        *_key_differences(stored, found),
        *_unique_differences(stored, found),
        *_reference_differences(stored, found),
    ]


def _column_differences(table: sa.Table, stored: Stored, found: FoundTables) -> list[str]:
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


def _key_differences(stored: Stored, found: FoundTables) -> list[str]:
    table, key = stored.table.name, stored.key.name
    column = next((column for column in found.columns[table] if column["name"] == key), None)
    if column is None:
        return []
    counted = stored.key.autoincrement is True
    if counted and stored.dialect == "sqlite" and "AUTOINCREMENT" not in found.sql(table).upper():
        return [f"{table}.{key} has no AUTOINCREMENT, without which SQLite gives the key of a deleted row to a new one."]
    if counted and stored.dialect == "postgresql":
        # A batch draws its keys from the sequence beforehand, which GENERATED ALWAYS does not take.
        if found.sequence(table, key) is None or (column.get("identity") or {}).get("always"):
            return [f"{table}.{key} does not count by itself; the model expects SERIAL, BIGSERIAL or GENERATED BY DEFAULT AS IDENTITY."]
    elif isinstance(stored.key.type, sa.String) and stored.dialect == "postgresql":
        collation = found.collation(table, key)
        if collation not in _BY_CODE_POINT:
            return [f'{table}.{key} is sorted by the collation {collation}; the model expects COLLATE "C".']
    return []


def _unique_differences(stored: Stored, found: FoundTables) -> list[str]:
    table = stored.table.name
    unique = [index for index in found.indexes[table] if index["unique"]]
    there = {frozenset(index["column_names"]) for index in unique if not _is_special(index)}
    expected = {frozenset(unique.columns): unique.columns for unique in stored.resource.uniques}
    there.discard(frozenset([stored.key.name]))
    missing = [f"{table} has no unique constraint on ({', '.join(columns)})." for key, columns in expected.items() if key not in there]
    unknown = [
        f"{table} has a unique constraint on ({', '.join(sorted(str(name) for name in columns))}), which the model does not declare."
        for columns in there
        if columns not in expected and columns != {stored.key.name}
    ]
    special = [
        f"{table} has a unique index {index['name']} of expressions or of some rows only, which no model can declare."
        for index in unique
        if _is_special(index)
    ]
    return missing + unknown + special


def _is_special(index: Any) -> bool:
    return None in index["column_names"] or any(
        option.endswith("_where") and value is not None for option, value in index.get("dialect_options", {}).items()
    )


def _reference_differences(stored: Stored, found: FoundTables) -> list[str]:
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
