"""Tables that are there become resources: a version for each row, a ledger for keys that clients choose, keys never given twice."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops

from diptych.migrations.defaults import with_default
from diptych.migrations.differences import compare, misfits, sentences
from diptych.migrations.errors import MigrationError
from diptych.migrations.folder import Folder
from diptych.migrations.rendering import rebuild, render
from diptych.migrations.revisions import Written, refuse_unless_newest, save, unnamed_checks
from diptych.store.tables import VERSION, Stored


def adopt(connection: sa.Connection, folder: Folder, tables: Sequence[Stored], message: str) -> Written:
    """Write the revision that makes resources of the tables that are there. No row and no column of theirs is lost.

    Raises MigrationError with every difference that adoption does not mend, and where nothing is to be done.
    """
    refuse_unless_newest(connection, folder)
    told = misfits(connection, tables)
    if not told:
        raise MigrationError("The tables fit the models already: there is nothing to adopt.")
    if stays := [difference for difference in told if not _is_mended(difference, tables)]:
        raise MigrationError(
            "\n".join(
                ["These do not fit the models and cannot be adopted; change the model or the table:", *(f"- {each}" for each in stays)]
            )
        )
    dialect = tables[0].dialect
    checks = unnamed_checks(connection, tables)
    upgrade = ops.UpgradeOps(_needed(compare(connection, tables, keep_columns=True).ops))
    does = sentences(upgrade, tables)
    downgrade = ops.DowngradeOps([])
    upgrade.reverse_into(downgrade)
    upgrade.ops = _filled(connection, upgrade.ops, tables)
    uncounted = [stored.table.name for stored in tables if _starts(told, f"{stored.table.name}.{stored.key.name} has no AUTOINCREMENT")]
    counted = {stored.table.name for stored in tables if stored.key.autoincrement is True}
    upgrades = "\n".join([render(upgrade, dialect, checks={}, counted=counted), *(rebuild(table, checks) for table in uncounted)])
    return save(
        folder,
        message,
        tables,
        upgrades=upgrades.strip(),
        downgrades=render(downgrade, dialect, checks=checks, counted=counted),
        does=[*does, *(f"{table} does not keep its keys from being given twice." for table in uncounted)],
    )


def _is_mended(difference: str, tables: Sequence[Stored]) -> bool:
    for stored in tables:
        table, key = stored.table.name, stored.key.name
        names = [table] if stored.ledger is None else [table, stored.ledger.name]
        mended = (
            f"{table}.{VERSION} is missing;",
            f"{table}.{key} has no AUTOINCREMENT,",
            f"{table}.{key} is sorted by the collation ",
            *(f"There is no table {name}," for name in names),
        )
        if difference.startswith(mended):
            return True
    return False


def _starts(told: Sequence[str], beginning: str) -> bool:
    return any(difference.startswith(beginning) for difference in told)


def _needed(operations: Sequence[Any]) -> list[Any]:
    """Missing tables, missing versions, and keys in another order; everything else is the owner's."""
    made = {operation.table_name for operation in operations if isinstance(operation, ops.CreateTableOp)}
    needed: list[Any] = []
    for operation in operations:
        match operation:
            case ops.ModifyTableOps(table_name=table):
                needed += [each for each in operation.ops if table in made or _is_version(each)]
            case ops.CreateTableOp() | ops.AlterColumnOp():
                needed.append(operation)
            case _:
                pass
    for operation in needed:
        if _is_version(operation):
            operation.column = with_default(operation.column, "1")
    return needed


def _is_version(operation: Any) -> bool:
    return isinstance(operation, ops.AddColumnOp) and operation.column.name == VERSION


def _filled(connection: sa.Connection, operations: Sequence[Any], tables: Sequence[Stored]) -> list[Any]:
    """Follow each new ledger with the keys that are there, none of which was deleted yet."""
    quote = connection.dialect.identifier_preparer.quote
    there = set(sa.inspect(connection).get_table_names())
    owners = {stored.ledger.name: stored for stored in tables if stored.ledger is not None and stored.table.name in there}
    filled: list[Any] = []
    for operation in operations:
        filled.append(operation)
        if isinstance(operation, ops.CreateTableOp) and (stored := owners.get(operation.table_name)) is not None:
            keys = f"SELECT {quote(stored.key.name)}, 0 FROM {quote(stored.table.name)}"
            filled.append(ops.ExecuteSQLOp(f"INSERT INTO {quote(operation.table_name)} (key, version) {keys}"))
    return filled
