"""Changing the tables of a database that is in use: revisions, adoption of tables that are there, triggers for other programs."""

from diptych.migrations.errors import MigrationError
from diptych.migrations.ground import Ground
from diptych.migrations.revisions import Written

__all__ = ["Ground", "MigrationError", "Written"]
