"""`diptych migrate`: revisions of the tables, adoption of tables that are there, and triggers for other programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diptych.cli.saying import fail
from diptych.cli.targets import find_bridge
from diptych.service.ports import StoreError
from diptych.store.errors import DatabaseUrlError

# Alembic is an extra, which no other command needs: it is imported when a command runs.
if TYPE_CHECKING:
    from diptych.migrations import Ground, Written

Of = Annotated[str, typer.Argument(metavar="MODULE:BRIDGE", help="Where a Bridge is, such as shop:bridge.")]
To = Annotated[str, typer.Argument(metavar="REVISION", help="A revision, head, or a number of steps such as +1.")]
Back = Annotated[str, typer.Argument(metavar="REVISION", help="A revision, base, or a number of steps such as -1; with --sql, FROM:TO.")]
Message = Annotated[str, typer.Option("--message", "-m", help="What the revision does, in a few words.")]
Empty = Annotated[bool, typer.Option("--empty", help="Make a revision to be filled in by hand.")]
KeepColumns = Annotated[bool, typer.Option("--keep-columns", help="Leave columns alone that no model has.")]
Database = Annotated[str | None, typer.Option(envvar="DIPTYCH_DATABASE", help="Database URL in place of the bridge's own.")]
Folder = Annotated[Path, typer.Option("--folder", help="Where the revisions are.")]
Sql = Annotated[bool, typer.Option("--sql", help="Print the SQL and change nothing.")]
Wait = Annotated[float, typer.Option(min=0.001, help="Seconds to wait for a table that others have locked.")]
Apply = Annotated[bool, typer.Option("--apply", help="Run the revision as well.")]
Drop = Annotated[bool, typer.Option("--drop", help="Take the triggers away.")]

HERE = Path("migrations")
PATIENCE = 10.0

migrate = typer.Typer(help="Change the tables of a database that is in use.", no_args_is_help=True)


@migrate.command()
def revision(
    of: Of, message: Message, empty: Empty = False, keep_columns: KeepColumns = False, database: Database = None, folder: Folder = HERE
) -> None:
    """Write a revision from what the declaration and the database differ in."""
    with _over(of, database) as ground:
        _say_written(ground.write_revision(folder, message, empty=empty, keep_columns=keep_columns))


@migrate.command()
def upgrade(
    of: Of, revision: To = "head", sql: Sql = False, database: Database = None, folder: Folder = HERE, wait: Wait = PATIENCE
) -> None:
    """Run the revisions that the database has not had, all or none."""
    with _over(of, database) as ground:
        if sql:
            typer.echo(ground.upgrade_sql(folder, revision), nl=False)
            return
        misfits = ground.upgrade(folder, revision, _say, wait=wait)
        _say(f"The database is at {_at(ground)}.")
        if misfits:
            _say("The bridge would not open over these tables yet:\n" + "\n".join(f"- {misfit}" for misfit in misfits))


# A number of steps such as -1 looks like an option.
@migrate.command(context_settings={"ignore_unknown_options": True})
def downgrade(of: Of, revision: Back, sql: Sql = False, database: Database = None, folder: Folder = HERE, wait: Wait = PATIENCE) -> None:
    """Undo revisions down to one, which itself stays; `base` undoes all."""
    with _over(of, database) as ground:
        if sql:
            typer.echo(ground.downgrade_sql(folder, revision), nl=False)
            return
        ground.downgrade(folder, revision, _say, wait=wait)
        _say(f"The database is at {_at(ground)}.")


@migrate.command()
def current(of: Of, database: Database = None) -> None:
    """Print the revision that the database is at."""
    with _over(of, database) as ground:
        typer.echo(_at(ground))


@migrate.command()
def history(of: Of, database: Database = None, folder: Folder = HERE) -> None:
    """Print the revisions that there are, the newest first."""
    with _over(of, database) as ground:
        for line in ground.history(folder):
            typer.echo(line)


@migrate.command()
def check(of: Of, keep_columns: KeepColumns = False, database: Database = None) -> None:
    """Say what the declaration and the database differ in; exit 1 if they do."""
    with _over(of, database) as ground:
        if differences := ground.differences(keep_columns=keep_columns):
            fail("\n".join(["The database is not as declared:", *(f"- {difference}" for difference in differences)]))
        typer.echo("The database is as declared.")


@migrate.command()
def adopt(
    of: Of,
    message: Message = "adopt tables that are there",
    apply: Apply = False,
    sql: Sql = False,
    database: Database = None,
    folder: Folder = HERE,
    wait: Wait = PATIENCE,
) -> None:
    """Write a revision that makes resources of tables that are there, with all their rows; --apply runs it, --sql prints it."""
    if apply and sql:
        fail("Give --apply or --sql, not both.")
    with _over(of, database) as ground:
        written, before = ground.adopt(folder, message)
        _say_written(written)
        if sql:
            typer.echo(ground.upgrade_sql(folder, f"{before}:{written.revision}"), nl=False)
        if apply:
            ground.upgrade(folder, written.revision, _say, wait=wait, must_fit=True)
            _say(f"The database is at {_at(ground)}.")


@migrate.command()
def triggers(of: Of, drop: Drop = False, sql: Sql = False, database: Database = None, wait: Wait = PATIENCE) -> None:
    """Make triggers that step the version when other programs change rows, or take them away."""
    with _over(of, database) as ground:
        if sql:
            for statement in ground.trigger_sql(drop=drop):
                typer.echo(f"{statement};\n")
        elif drop:
            _say("The triggers are gone." if ground.drop_triggers(wait=wait) else "There were no triggers.")
        else:
            _say(f"The triggers are on {', '.join(ground.install_triggers(wait=wait))}.")


@contextmanager
def _over(of: str, database: str | None) -> "Iterator[Ground]":
    """The tables of a bridge and its database; what cannot be done with them ends the command in one message."""
    if find_spec("alembic") is None:
        fail("`diptych migrate` needs Alembic, which is not installed: pip install 'diptych[migrations]'.")
    from diptych.migrations import Ground, MigrationError

    bridge = find_bridge(of, database)
    try:
        yield Ground(bridge.database, bridge.resources)
    except (MigrationError, DatabaseUrlError, StoreError) as error:
        fail(str(error))


def _at(ground: "Ground") -> str:
    return ", ".join(ground.current()) or "no revision"


def _say(line: str) -> None:
    """Progress goes where it is in nobody's way: what is printed may be piped to a database."""
    typer.echo(line, err=True)


def _say_written(written: "Written") -> None:
    _say(f"{written.path}:")
    for sentence in (*written.does, *(f"Mind: {warning}" for warning in written.warnings)):
        _say(f"- {sentence}")
