"""Baseline (c): FastAPI and asyncpg tuned by hand: no ORM, no response models, prepared statements, no reset between two users of
a connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from fastapi import FastAPI, Request, Response
from pydantic import ValidationError
from pydantic_core import to_json

from .users import CONNECTIONS, URL, Document, Patch

_COLUMNS = "id, version, name, email, role, bio"
_GET = f"SELECT {_COLUMNS} FROM users WHERE id = $1"
_LIST = f"SELECT {_COLUMNS} FROM users WHERE id > $1 ORDER BY id LIMIT $2"
_CREATE = f"INSERT INTO users (version, name, email, role, bio) VALUES (1, $1, $2, $3, $4) RETURNING {_COLUMNS}"
_REPLACE = (
    "UPDATE users SET name = $3, email = $4, role = $5, bio = $6, version = version + 1 "
    f"WHERE id = $1 AND version = coalesce($2, version) RETURNING {_COLUMNS}"
)


class _Connection(asyncpg.Connection):
    # The pool's reset is a round trip at every release, and these statements leave nothing behind that it could mend.
    async def reset(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 (asyncpg's own signature)
        return None


class _Shelf:
    """The pool, made when the server starts."""

    pool: "asyncpg.Pool[Any]"


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(URL, min_size=CONNECTIONS, max_size=CONNECTIONS, connection_class=_Connection) as pool:
        _Shelf.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)


def _answer(row: asyncpg.Record | None, status: int = 200) -> Response:
    if row is None:
        return _refusal(404, b'{"detail":"There is no such user."}')
    return Response(to_json(dict(row)), status, {"ETag": f'"{row["version"]}"'}, "application/json")


def _seen(request: Request) -> int | None:
    tag = request.headers.get("if-match")
    return None if tag is None else int(tag.strip('"'))


def _refusal(status: int, body: bytes) -> Response:
    return Response(body, status, media_type="application/json")


def _taken() -> Response:
    return _refusal(409, b'{"detail":"Another user has that email."}')


def _invalid(error: ValidationError) -> Response:
    return Response(error.json(include_url=False), 422, media_type="application/json")


async def _changed(sql: str, user_id: int, *values: object) -> Response:
    try:
        row = await _Shelf.pool.fetchrow(sql, user_id, *values)
    except asyncpg.UniqueViolationError:
        return _taken()
    if row is not None:
        return _answer(row)
    if await _Shelf.pool.fetchrow(_GET, user_id) is None:
        return _answer(None)
    return _refusal(412, b'{"detail":"The user has changed."}')


@app.get("/api/users")
async def list_users(limit: int = 20, after: int = 0) -> Response:
    return Response(to_json([dict(row) for row in await _Shelf.pool.fetch(_LIST, after, limit)]), media_type="application/json")


@app.get("/api/users/{user_id}")
async def get_user(user_id: int) -> Response:
    return _answer(await _Shelf.pool.fetchrow(_GET, user_id))


@app.post("/api/users")
async def create_user(request: Request) -> Response:
    try:
        user = Document.model_validate_json(await request.body())
    except ValidationError as error:
        return _invalid(error)
    try:
        return _answer(await _Shelf.pool.fetchrow(_CREATE, user.name, user.email, user.role, user.bio), 201)
    except asyncpg.UniqueViolationError:
        return _taken()


@app.put("/api/users/{user_id}")
async def replace_user(user_id: int, request: Request) -> Response:
    try:
        user = Document.model_validate_json(await request.body())
    except ValidationError as error:
        return _invalid(error)
    return await _changed(_REPLACE, user_id, _seen(request), user.name, user.email, user.role, user.bio)


@app.patch("/api/users/{user_id}")
async def patch_user(user_id: int, request: Request) -> Response:
    try:
        patch = Patch.model_validate_json(await request.body())
    except ValidationError as error:
        return _invalid(error)
    fields = sorted(patch.model_fields_set)
    changes = ", ".join(f"{name} = ${number}" for number, name in enumerate(fields, start=3))
    sql = f"UPDATE users SET {changes}, version = version + 1 WHERE id = $1 AND version = coalesce($2, version) RETURNING {_COLUMNS}"
    return await _changed(sql, user_id, _seen(request), *(getattr(patch, name) for name in fields))
