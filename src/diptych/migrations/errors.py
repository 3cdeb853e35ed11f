"""What is said when a migration cannot be made or run."""

from typing import Any, Final

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from diptych.store.errors import Failure, failure

_STATEMENT: Final = 2000


class MigrationError(Exception):
    """A migration that cannot be made or run; the message says what to do. The database is as it was before."""


def from_driver(error: DBAPIError) -> MigrationError:
    """Say which statement the database refused and what kind of refusal it was, in words of ours."""
    kind = failure(error)
    match kind:
        case Failure.BUSY:
            return MigrationError(
                "Others kept a table or the file locked for too long; nothing was changed. Try again, or wait longer with --wait."
            )
        case Failure.LOST:
            return MigrationError("The connection to the database was lost. `diptych migrate current` tells where the database is.")
        case _:
            cause: Any = error.orig
            code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or "no code"
            words = "" if kind is Failure.BROKEN else f": {kind.value}"
            statement = " ".join((error.statement or "").split())[:_STATEMENT]
            return MigrationError(f"The database refused a statement ({code}{words}); nothing was changed. It was:\n{statement}")


def from_alembic(error: CommandError) -> MigrationError:
    """Alembic's words are about revisions and meant for people; only one of them needs ours."""
    if "--sql mode" in str(error):
        return MigrationError(
            "SQLite changes this table by rebuilding it, for which it must be read: there is no SQL of that beforehand."
            " Run the upgrade on a copy of the file first."
        )
    return MigrationError(f"{str(error).rstrip('.')}.")
