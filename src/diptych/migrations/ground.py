"""The tables of a declaration and the database they are in: everything that `diptych migrate` does, one method for each."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import sqlalchemy as sa

from diptych.migrations import adopting, moving, triggers
from diptych.migrations.connecting import WAIT, connect, dialect_of
from diptych.migrations.differences import compare, misfits, sentences
from diptych.migrations.errors import MigrationError
from diptych.migrations.folder import Folder, open_folder
from diptych.migrations.revisions import Written, write_revision
from diptych.resource.shape import ResourceShape
from diptych.store.tables import build_tables


class Ground:
    """Resources over one database. Each method that touches the database does so in one transaction.

    `folder` is where the revisions are, and `wait` how many seconds a statement waits for a table that others have locked. Every
    method raises MigrationError for what cannot be done, and DatabaseUrlError for a URL that is not one of ours.
    """

    def __init__(self, database: str, resources: Sequence[ResourceShape]) -> None:
        self._database = database
        self._dialect = dialect_of(database)
        self._tables = build_tables(resources, self._dialect)

    def write_revision(self, folder: Path, message: str, *, empty: bool = False, keep_columns: bool = False) -> Written:
        """Write what leads from the database to the declaration."""
        revisions = open_folder(folder, self._dialect, make=True)
        return connect(
            self._database,
            lambda connection: write_revision(connection, revisions, self._tables, message, empty=empty, keep_columns=keep_columns),
        )

    def adopt(self, folder: Path, message: str) -> tuple[Written, str]:
        """Write the revision that makes resources of tables that are there; returns it and the one before, "base" where there is none."""
        revisions = open_folder(folder, self._dialect, make=True)
        before = ",".join(revisions.heads) or "base"
        return connect(self._database, lambda connection: adopting.adopt(connection, revisions, self._tables, message)), before

    def upgrade(
        self, folder: Path, revision: str, say: Callable[[str], None], *, wait: float = WAIT, must_fit: bool = False
    ) -> tuple[str, ...]:
        """Run revisions; returns why the bridge would not open over the tables. With `must_fit` nothing is changed if so."""
        revisions = self._open(folder)

        def work(connection: sa.Connection) -> tuple[str, ...]:
            moving.upgrade(connection, revisions, self._tables, revision, say)
            told = misfits(connection, self._tables)
            if told and must_fit:
                raise MigrationError(
                    "\n".join(["The tables would still not fit, so nothing was changed:", *(f"- {each}" for each in told)])
                )
            return told

        return connect(self._database, work, wait=wait)

    def downgrade(self, folder: Path, revision: str, say: Callable[[str], None], *, wait: float = WAIT) -> None:
        revisions = self._open(folder)
        connect(self._database, lambda connection: moving.downgrade(connection, revisions, self._tables, revision, say), wait=wait)

    def upgrade_sql(self, folder: Path, revision: str) -> str:
        """The SQL of an upgrade, from the very beginning unless `revision` is FROM:TO; nobody is connected to."""
        out = io.StringIO()
        moving.upgrade_sql(self._open(folder), self._dialect, revision, out)
        return out.getvalue()

    def downgrade_sql(self, folder: Path, revision: str) -> str:
        """The SQL of a downgrade; `revision` is FROM:TO."""
        out = io.StringIO()
        moving.downgrade_sql(self._open(folder), self._dialect, revision, out)
        return out.getvalue()

    def current(self) -> tuple[str, ...]:
        """The revisions that the database is at; none before the first upgrade."""
        return connect(self._database, moving.current)

    def history(self, folder: Path) -> list[str]:
        return list(moving.history(self._open(folder)))

    def differences(self, *, keep_columns: bool = False) -> list[str]:
        """What declaration and database differ in, a sentence each."""
        return connect(
            self._database, lambda connection: sentences(compare(connection, self._tables, keep_columns=keep_columns), self._tables)
        )

    def install_triggers(self, *, wait: float = WAIT) -> list[str]:
        """Make the triggers; returns the tables that have them."""
        return connect(self._database, lambda connection: triggers.install_triggers(connection, self._tables), wait=wait)

    def drop_triggers(self, *, wait: float = WAIT) -> bool:
        """Take the triggers away; tells whether there were any."""
        return connect(self._database, lambda connection: triggers.drop_triggers(connection, self._tables), wait=wait)

    def trigger_sql(self, *, drop: bool = False) -> list[str]:
        return connect(self._database, lambda connection: triggers.trigger_sql(connection, self._tables, drop=drop))

    def _open(self, folder: Path) -> Folder:
        return open_folder(folder, self._dialect)
