"""Hearing of the statements that are sent past SQLAlchemy."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import asyncpg


@contextmanager
def heard_of_asyncpg(note: Callable[[str], None]) -> Iterator[None]:
    """Note each statement that the store hands to asyncpg itself; those of SQLAlchemy take another way through it."""
    fetch = asyncpg.Connection.fetch

    def noting(connection: Any, query: str, *values: Any) -> Coroutine[Any, Any, Any]:
        note(query)
        return fetch(connection, query, *values)

    with patch.object(asyncpg.Connection, "fetch", noting):
        yield
