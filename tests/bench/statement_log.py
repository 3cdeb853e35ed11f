"""Statements and commits, counted in what PostgreSQL logs."""

import re
from dataclasses import dataclass
from typing import Final

from .postgres import HARNESS

# What PostgreSQL logs of a statement: database, process, application, and how the statement begins.
_LOGGED: Final = re.compile(r"^(\w+) (\d+) ([^|]*)\|LOG:\s+(?:execute [^:]*|statement): (\w+)", re.MULTILINE)
_FRAME: Final = frozenset({"BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"})


@dataclass(frozen=True, slots=True)
class Logged:
    """Statements in a log of PostgreSQL: those that do work, and the commits that were asked for."""

    statements: int
    commits: int


def count_logged(text: str, database: str) -> Logged:
    """Count what the servers of one database sent; a statement outside of a transaction is a commit of its own."""
    statements = commits = 0
    inside: set[str] = set()
    for where, session, application, word in _LOGGED.findall(text):
        if where != database or application == HARNESS:
            continue
        verb = word.upper()
        if verb not in _FRAME:
            statements += 1
            commits += session not in inside
        elif verb == "COMMIT":
            commits += 1
        if verb in ("BEGIN", "START"):
            inside.add(session)
        elif verb in ("COMMIT", "ROLLBACK"):
            inside.discard(session)
    return Logged(statements, commits)
