"""Writing a revision: a file with the way forth and the way back, for people to read before it runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError, rev_id

from diptych.migrations.defaults import fill
from diptych.migrations.differences import compare, flat, named, sentences
from diptych.migrations.errors import MigrationError
from diptych.migrations.folder import Folder
from diptych.migrations.rendering import NAMES, imports_of, render
from diptych.store.tables import Stored


@dataclass(frozen=True, slots=True)
class Written:
    """A revision that was written, what it does in words, and what somebody must look after by hand."""

    revision: str
    path: Path
    does: tuple[str, ...]
    warnings: tuple[str, ...]


def write_revision(
    connection: sa.Connection, folder: Folder, tables: Sequence[Stored], message: str, *, empty: bool = False, keep_columns: bool = False
) -> Written:
    """Write what leads from the database to the declaration; with `empty`, a revision to be filled in by hand.

    Raises MigrationError where nothing differs, and where the database has not had all the revisions that are there.
    """
    refuse_unless_newest(connection, folder)
    dialect = tables[0].dialect
    if empty:
        return save(folder, message, tables, upgrades="", downgrades="", does=("It is empty: fill in what it does.",))
    upgrade = compare(connection, tables, keep_columns=keep_columns)
    does = tuple(sentences(upgrade, tables))
    if not does:
        raise MigrationError("The database is as declared: there is nothing to revise. An empty revision is made with --empty.")
    warnings = fill(upgrade.ops, tables)
    downgrade = ops.DowngradeOps([])
    upgrade.reverse_into(downgrade)
    named(upgrade.ops)
    named(downgrade.ops)
    counted = {stored.table.name for stored in tables if stored.key.autoincrement is True}
    declared = {stored.table.name: [check.sql for check in stored.resource.checks if check.name is None] for stored in tables}
    there = unnamed_checks(connection, tables)
    return save(
        folder,
        message,
        tables,
        upgrades=render(upgrade, dialect, checks=declared, counted=counted),
        downgrades=render(downgrade, dialect, checks=there, counted=counted),
        does=does,
        warnings=(*warnings, *_lossy(upgrade.ops)),
    )


def save(
    folder: Folder,
    message: str,
    tables: Sequence[Stored],
    *,
    upgrades: str,
    downgrades: str,
    does: Iterable[str],
    warnings: Iterable[str] = (),
) -> Written:
    """Write the file of a revision after the newest one. Raises MigrationError where there are two newest ones."""
    try:
        script = folder.script.generate_revision(
            rev_id(),
            message,
            upgrades=upgrades,
            downgrades=downgrades,
            imports=imports_of(upgrades, downgrades),
            names=NAMES if "naming_convention=NAMES" in upgrades + downgrades else "",
            database=tables[0].dialect,
        )
    except CommandError as error:
        raise MigrationError(f"{str(error).rstrip('.')}.") from error
    except OSError as error:
        raise MigrationError(f"The revision cannot be written: {error.strerror}.") from error
    assert script is not None
    return Written(script.revision, Path(script.path), tuple(does), tuple(warnings))


def refuse_unless_newest(connection: sa.Connection, folder: Folder) -> None:
    """A revision is made from what the database is at the newest one."""
    at = tuple(MigrationContext.configure(connection).get_current_heads())
    if sorted(at) != sorted(folder.heads):
        raise MigrationError(
            f"The database is at {', '.join(at) or 'no revision'}, and the newest revision is {', '.join(folder.heads) or 'none'}."
            " Run `diptych migrate upgrade` first, or name the right --folder."
        )


def unnamed_checks(connection: sa.Connection, tables: Sequence[Stored]) -> dict[str, list[str]]:
    """The CHECK constraints without a name that tables of the database have, by table."""
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    return {
        stored.table.name: [check["sqltext"] for check in inspector.get_check_constraints(stored.table.name) if check["name"] is None]
        for stored in tables
        if stored.table.name in there
    }


def _lossy(operations: Sequence[Any]) -> list[str]:
    return [
        f"It drops {operation.table_name}.{operation.column_name}, and what is in it is lost. To keep such columns: --keep-columns."
        for operation in flat(operations)
        if isinstance(operation, ops.DropColumnOp)
    ]
