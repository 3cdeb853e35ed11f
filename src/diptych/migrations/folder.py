"""The folder of revisions, which Alembic reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alembic.config import MessagingOptions
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError

from diptych.migrations.errors import MigrationError, from_alembic
from diptych.store.columns import Dialect

_TEMPLATE: Final = "script.py.mako"
_NAMES: Final[dict[str, str]] = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with a template and the revisions made from it."""

    path: Path
    script: ScriptDirectory

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(self.script.get_heads())

    def revisions(self) -> Iterator[Script]:
        """The newest first."""
        return self.script.walk_revisions()

    def refuse_others(self, dialect: Dialect) -> None:
        """Raise MigrationError for a revision that was made for the other database: types and statements are of one of them."""
        for revision in self.revisions():
            made_for = getattr(revision.module, "database", None)
            if made_for is not None and made_for != dialect:
                raise MigrationError(
                    f"{revision.path} was made for {_NAMES.get(made_for, made_for)}, and the database is {_NAMES[dialect]}."
                    " Keep a folder for each and name it with --folder."
                )


def open_folder(path: Path, dialect: Dialect, *, make: bool = False) -> Folder:
    """Open the folder, made if it is not there and `make` says so. Raises MigrationError."""
    if (path / "env.py").exists():
        raise MigrationError(f"{path} has an env.py, so it belongs to Alembic's own command. Name another folder with --folder.")
    if make:
        try:
            (path / "versions").mkdir(parents=True, exist_ok=True)
            if not (path / _TEMPLATE).exists():
                (path / _TEMPLATE).write_text((Path(__file__).parent / _TEMPLATE).read_text(encoding="utf-8"), encoding="utf-8")
        except OSError as error:
            raise MigrationError(f"{path} cannot be made: {error.strerror}.") from error
    elif not (path / "versions").is_dir():
        raise MigrationError(f"There are no revisions in {path}. Make the first with `diptych migrate revision`, or name a --folder.")
    folder = Folder(path, ScriptDirectory(str(path), messaging_opts=MessagingOptions(quiet=True)))
    try:
        folder.refuse_others(dialect)
    except CommandError as error:
        raise from_alembic(error) from error
    return folder
