"""What must be done to a database so that its tables are those of the declaration."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext

from diptych.store.errors import TableMismatch
from diptych.store.fit import fit_or_create
from diptych.store.fit_types import difference_of_types, words
from diptych.store.found_tables import FoundTables
from diptych.store.tables import Stored

_NAME: Final = 63  # bytes, the longest name of PostgreSQL


def compare(connection: sa.Connection, tables: Sequence[Stored], *, keep_columns: bool = False) -> ops.UpgradeOps:
    """The operations that lead from the tables that are there to the declared ones; tables of others are none of our business.

    What the bridge accepts is no difference: a wider type, a unique index in the place of a constraint, a default. `keep_columns`
    leaves columns alone that no model has.
    """
    dialect = tables[0].dialect
    found = _found(connection, tables)
    ours = {table.name for table in _tables(tables)}

    def included(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        match kind:
            case "table":
                return name in ours
            case "column":
                return not (keep_columns and reflected and other is None)
            case "unique_constraint" | "index" if not reflected and _is_unique(item):
                return frozenset(column.name for column in item.columns) not in _uniques(found, item.table.name)
            case "unique_constraint" | "index" if reflected and _is_unique(item):
                return frozenset(column.name for column in item.columns) not in _declared(tables, item.table.name)
            case _:
                return True

    def differ(_: Any, __: Any, ___: Any, there: Any, declared: Any) -> bool:
        return difference_of_types(there, declared, dialect) is not None

    options = {"compare_type": differ, "compare_server_default": False, "include_object": included, "version_table": "alembic_version"}
    context = MigrationContext.configure(connection, opts=options)
    # Alembic looks at the tables that somebody refers to as well.
    upgrade = produce_migrations(context, tables[0].table.metadata).upgrade_ops
    assert upgrade is not None
    _forget_keys(upgrade, tables)
    _drop_nameless(upgrade, connection, tables)
    upgrade.ops = [*upgrade.ops, *_collations(connection, tables)]
    return upgrade


def named(operations: Iterable[ops.MigrateOperation]) -> None:
    """Give every constraint that is added or dropped a name: what has none can be dropped by nobody."""
    for operation in flat(operations):
        match operation:
            case ops.CreateUniqueConstraintOp() if operation.constraint_name is None:
                operation.constraint_name = _named(operation.table_name, operation.columns, "key")
            case ops.CreateForeignKeyOp() if operation.constraint_name is None:
                operation.constraint_name = _named(operation.source_table, operation.local_cols, "fkey")
            case ops.DropConstraintOp() if operation.constraint_name is None:
                constraint: Any = operation.to_constraint()
                ending = "fkey" if isinstance(constraint, sa.ForeignKeyConstraint) else "key"
                operation.constraint_name = _named(operation.table_name, [column.name for column in constraint.columns], ending)
            case _:
                pass


def flat(operations: Iterable[ops.MigrateOperation]) -> Iterator[ops.MigrateOperation]:
    for operation in operations:
        if isinstance(operation, ops.OpContainer):
            yield from flat(operation.ops)
        else:
            yield operation


def sentences(upgrade: ops.UpgradeOps, tables: Sequence[Stored]) -> list[str]:
    """One sentence for each difference."""
    dialect = tables[0].dialect
    said = []
    for operation in flat(upgrade.ops):
        match operation:
            case ops.CreateTableOp(table_name=table):
                said.append(f"There is no table {table}.")
            case ops.AddColumnOp(table_name=table, column=column):
                said.append(f"{table}.{column.name} is missing.")
            case ops.DropColumnOp(table_name=table, column_name=name):
                said.append(f"{table}.{name} is in no model; a revision would drop it with its values.")
            case ops.AlterColumnOp(table_name=table, column_name=name):
                if operation.modify_type is not None and operation.existing_type is not None:
                    there, wanted = (words(type_, dialect) for type_ in (operation.existing_type, operation.modify_type))
                    said.append(
                        f"{table}.{name} is sorted by the wrong collation."
                        if there == wanted
                        else f"{table}.{name} is {there}; the model expects {wanted}."
                    )
                if operation.modify_nullable is not None:
                    is_now, wanted = ("NOT NULL", "NULL") if operation.modify_nullable else ("NULL", "NOT NULL")
                    said.append(f"{table}.{name} is {is_now}; the model expects {wanted}.")
            case ops.CreateIndexOp(table_name=table, index_name=name):
                said.append(f"{table} has no index {name}.")
            case ops.DropIndexOp(table_name=table, index_name=name):
                said.append(f"{table} has an index {name} that no model declares.")
            case ops.CreateUniqueConstraintOp(table_name=table, columns=columns):
                said.append(f"{table} has no unique constraint on ({', '.join(columns)}).")
            case ops.CreateForeignKeyOp(source_table=table, local_cols=columns):
                said.append(f"{table} has no foreign key on ({', '.join(columns)}).")
            case ops.DropConstraintOp(table_name=table, constraint_name=name):
                said.append(f"{table} has a constraint {name or 'without a name'} that no model declares.")
            case _:
                said.append(f"{type(operation).__name__} is to be done.")
    return said


def misfits(connection: sa.Connection, tables: Sequence[Stored]) -> tuple[str, ...]:
    """Why a bridge would not open over these tables, in the store's own sentences."""
    try:
        fit_or_create(connection, tables=tables, create=False)
    except TableMismatch as mismatch:
        return mismatch.differences
    return ()


def _forget_keys(upgrade: ops.UpgradeOps, tables: Sequence[Stored]) -> None:
    """Leave out that a key may be NULL, which SQLite says of an integer key although it cannot be."""
    keys = {(table.name, column.name) for table in _tables(tables) for column in table.primary_key.columns}

    def is_nothing(operation: Any) -> bool:
        if isinstance(operation, ops.AlterColumnOp) and (operation.table_name, operation.column_name) in keys:
            operation.modify_nullable = None
            return not operation.has_changes()
        return False

    for container in upgrade.ops:
        if isinstance(container, ops.ModifyTableOps):
            container.ops = [operation for operation in container.ops if not is_nothing(operation)]


def _drop_nameless(upgrade: ops.UpgradeOps, connection: sa.Connection, tables: Sequence[Stored]) -> None:
    """Drop the unique constraints without a name, of SQLite, that no model declares; Alembic passes them by."""
    if connection.dialect.name != "sqlite":
        return
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    changed = {each.table_name: each for each in upgrade.ops if isinstance(each, ops.ModifyTableOps)}
    for stored in tables:
        name, key = stored.table.name, frozenset([stored.key.name])
        for unique in inspector.get_unique_constraints(name) if name in there else ():
            columns = frozenset(unique["column_names"])
            if unique["name"] is not None or columns == key or columns in _declared(tables, name):
                continue
            table = sa.Table(name, sa.MetaData(), *(sa.Column(column) for column in unique["column_names"]))
            constraint = sa.UniqueConstraint(*table.c)
            if name not in changed:
                changed[name] = ops.ModifyTableOps(name, [])
                upgrade.ops = [*upgrade.ops, changed[name]]
            # Before a column of the constraint goes.
            changed[name].ops = [ops.DropConstraintOp.from_constraint(constraint), *changed[name].ops]


def _collations(connection: sa.Connection, tables: Sequence[Stored]) -> list[ops.MigrateOperation]:
    """A key that is sorted by a language must be sorted by code point; Alembic compares no collations."""
    told = misfits(connection, tables)
    changes: list[ops.MigrateOperation] = []
    for stored in tables:
        table, key = stored.table.name, stored.key
        if any(difference.startswith(f"{table}.{key.name} is sorted by the collation ") for difference in told):
            there = sa.String(getattr(key.type, "length", None))
            changes.append(ops.AlterColumnOp(table, key.name, existing_type=there, existing_nullable=False, modify_type=key.type))
    return changes


def _tables(tables: Sequence[Stored]) -> Iterator[sa.Table]:
    for stored in tables:
        yield stored.table
        if stored.ledger is not None:
            yield stored.ledger


def _found(connection: sa.Connection, tables: Sequence[Stored]) -> FoundTables:
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    return FoundTables(connection, inspector, [table.name for table in _tables(tables) if table.name in there])


def _is_unique(item: Any) -> bool:
    return isinstance(item, sa.UniqueConstraint) or bool(item.unique)


def _uniques(found: FoundTables, table: str) -> Collection[frozenset[str]]:
    return {frozenset(index["column_names"]) for index in found.indexes.get(table, ()) if index["unique"]}


def _declared(tables: Sequence[Stored], table: str) -> Collection[frozenset[str]]:
    return {frozenset(unique.columns) for stored in tables if stored.table.name == table for unique in stored.resource.uniques}


def _named(table: str, columns: Iterable[str], ending: str) -> str:
    return f"{'_'.join([table, *columns])[: _NAME - len(ending) - 1]}_{ending}"
