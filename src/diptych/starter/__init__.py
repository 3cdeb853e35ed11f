"""A project to start from: what it may be called, and its files as text."""

from diptych.starter.names import UnfitName, checked_name
from diptych.starter.project import Database, files_of

__all__ = ["Database", "UnfitName", "checked_name", "files_of"]
