"""The memory: rows in an SQL database, many callers sharing statements and commits."""

from diptych.store.errors import DatabaseAway, DatabaseUrlError, TableMismatch
from diptych.store.sql import SqlStore

__all__ = ["DatabaseAway", "DatabaseUrlError", "SqlStore", "TableMismatch"]
