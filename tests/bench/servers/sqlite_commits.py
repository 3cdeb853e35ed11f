"""Baseline for SQLite: FastAPI and the standard library's driver in threads, one durable commit for each request that writes."""

import os
import sqlite3
import threading
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException, Response

from .users import Document, Public

app = FastAPI()

_COLUMNS = "id, version, name, email, role, bio"
_CREATE = f"INSERT INTO users (version, name, email, role, bio) VALUES (1, ?, ?, ?, ?) RETURNING {_COLUMNS}"
_REPLACE = (
    f"UPDATE users SET name = ?, email = ?, role = ?, bio = ?, version = version + 1 WHERE id = ? AND version = ? RETURNING {_COLUMNS}"
)

_of_this_thread = threading.local()
# One writer at a time: SQLite would have them wait anyway, but by sleeping and trying again.
_turn = threading.Lock()


def _connection() -> sqlite3.Connection:
    connection: sqlite3.Connection | None = getattr(_of_this_thread, "connection", None)
    if connection is None:
        connection = sqlite3.connect(os.environ["BENCH_DATABASE"].removeprefix("sqlite:///"), isolation_level=None, timeout=30)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        _of_this_thread.connection = connection
    return connection


def _written(sql: str, *values: object) -> Public | None:
    with _turn:
        connection = _connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            row = connection.execute(sql, values).fetchone()
        except sqlite3.IntegrityError:
            connection.execute("ROLLBACK")
            raise HTTPException(409, "Another user has that email.") from None
        connection.execute("COMMIT")
    return None if row is None else Public(**dict(row))


def _found(user_id: int) -> Public:
    row = _connection().execute(f"SELECT {_COLUMNS} FROM users WHERE id = ?", (user_id,)).fetchone()
    if row is None:
        raise HTTPException(404, "There is no such user.")
    return Public(**dict(row))


@app.get("/api/users/{user_id}", response_model=Public)
def get_user(user_id: int, response: Response) -> object:
    user = _found(user_id)
    response.headers["ETag"] = f'"{user.version}"'
    return user


@app.post("/api/users", response_model=Public, status_code=201)
def create_user(document: Document, response: Response) -> object:
    user = _written(_CREATE, document.name, document.email, document.role, document.bio)
    assert user is not None
    response.headers.update({"ETag": f'"{user.version}"', "Location": f"/api/users/{user.id}"})
    return user


@app.put("/api/users/{user_id}", response_model=Public)
def replace_user(user_id: int, document: Document, response: Response, if_match: Annotated[str, Header()]) -> object:
    seen = int(if_match.strip('"'))
    user = _written(_REPLACE, document.name, document.email, document.role, document.bio, user_id, seen)
    if user is None:
        _found(user_id)
        raise HTTPException(412, "The user has changed.")
    response.headers["ETag"] = f'"{user.version}"'
    return user
