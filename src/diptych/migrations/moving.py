"""Moving a database along its revisions, in one transaction: all of the way or none of it."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError

from diptych.migrations.connecting import PREPARING
from diptych.migrations.errors import from_alembic
from diptych.migrations.folder import Folder
from diptych.migrations.rebuilds import kept_through_rebuilds
from diptych.migrations.rendering import SPOKEN
from diptych.migrations.triggers import set_aside
from diptych.store.columns import Dialect
from diptych.store.tables import Stored

Say = Callable[[str], None]


def upgrade(connection: sa.Connection, folder: Folder, tables: Sequence[Stored], revision: str, say: Say) -> None:
    """Run the revisions up to one; what is said are the steps."""
    _move(connection, folder, tables, lambda at, _: folder.script._upgrade_revs(revision, at), say)


def downgrade(connection: sa.Connection, folder: Folder, tables: Sequence[Stored], revision: str, say: Say) -> None:
    """Undo revisions down to one, which itself stays; `base` undoes all."""
    _move(connection, folder, tables, lambda at, _: folder.script._downgrade_revs(revision, at), say)


def upgrade_sql(folder: Folder, dialect: Dialect, revision: str, out: TextIO = sys.stdout) -> None:
    """Write the SQL of an upgrade, from the very beginning unless `revision` is FROM:TO; nobody is connected to."""
    start, colon, end = revision.rpartition(":")
    _write(folder, dialect, start if colon else None, end, lambda at, _: folder.script._upgrade_revs(end, at), out)


def downgrade_sql(folder: Folder, dialect: Dialect, revision: str, out: TextIO = sys.stdout) -> None:
    """Write the SQL of a downgrade; `revision` is FROM:TO."""
    start, colon, end = revision.rpartition(":")
    if not colon or not start:
        raise from_alembic(CommandError("For SQL, say where the downgrade begins: FROM:TO, such as head:-1 or 1a2b:base"))
    _write(folder, dialect, start, end, lambda at, _: folder.script._downgrade_revs(end, at), out)


def current(connection: sa.Connection) -> tuple[str, ...]:
    """The revisions that the database is at; none before the first upgrade."""
    return tuple(MigrationContext.configure(connection).get_current_heads())


def history(folder: Folder) -> Iterator[str]:
    """A line for each revision, the newest first."""
    for script in folder.revisions():
        yield _line(script.revision, script.doc) + (" (newest)" if script.is_head else "")


def _line(revision: str, doc: str | None) -> str:
    """A revision and the first line of what it says it is for; one that was written by hand may say nothing."""
    said = next(iter((doc or "").splitlines()), "")
    return f"{revision}  {said}".rstrip()


def _move(connection: sa.Connection, folder: Folder, tables: Sequence[Stored], steps: Any, say: Say) -> None:
    def told(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
        way = "up to" if step.is_upgrade else "down from"
        say(f"{way} {_line(step.up_revision_id, step.up_revision.doc)}")

    with set_aside(connection, tables), kept_through_rebuilds(connection):
        _run(folder, steps, connection=connection, transactional_ddl=True, on_version_apply=told)


def _write(folder: Folder, dialect: Dialect, start: str | None, end: str, steps: Any, out: TextIO) -> None:
    def locked(at: Any, context: Any) -> Any:
        if dialect == "postgresql":
            context.impl.static_output(f"SELECT pg_advisory_xact_lock({PREPARING});")
        return steps(at, context)

    options = {"as_sql": True, "dialect_name": SPOKEN[dialect], "transactional_ddl": True, "output_buffer": out, "starting_rev": start}
    try:
        _run(folder, locked, destination_rev=end, literal_binds=True, **options)
    except CommandError as error:
        raise from_alembic(error) from error


def _run(folder: Folder, steps: Any, **options: Any) -> None:
    environment = EnvironmentContext(
        Config(),
        folder.script,
        fn=steps,
        **{name: options[name] for name in ("as_sql", "starting_rev", "destination_rev") if name in options},
    )
    with environment:
        environment.configure(**{name: value for name, value in options.items() if name not in ("as_sql", "destination_rev")})
        with environment.begin_transaction():
            environment.run_migrations()
