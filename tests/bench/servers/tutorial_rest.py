"""Baseline (a): FastAPI, SQLModel's AsyncSession and asyncpg, in the way the tutorials teach: get, compare, set, commit, refresh."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Response
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from .users import CONNECTIONS, URL, Document, Patch, Public, User

app = FastAPI()
engine = create_async_engine(URL.replace("postgresql://", "postgresql+asyncpg://"), pool_size=CONNECTIONS, max_overflow=0)


async def open_session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        yield session


Session = Annotated[AsyncSession, Depends(open_session)]
IfMatch = Annotated[str | None, Header()]


async def _find(session: AsyncSession, user_id: int, if_match: str | None = None) -> User:
    user = await session.get(User, user_id)
    if user is None:
        raise HTTPException(404, "There is no such user.")
    if if_match is not None and if_match != f'"{user.version}"':
        raise HTTPException(412, "The user has changed.")
    return user


async def _save(session: AsyncSession, user: User, response: Response) -> User:
    session.add(user)
    try:
        await session.commit()
    except StaleDataError:
        raise HTTPException(412, "The user has changed.") from None
    except IntegrityError:
        raise HTTPException(409, "Another user has that email.") from None
    await session.refresh(user)
    response.headers["ETag"] = f'"{user.version}"'
    return user


@app.get("/api/users", response_model=list[Public])
async def list_users(session: Session, limit: int = 20, after: int = 0) -> object:
    return (await session.exec(select(User).where(col(User.id) > after).order_by(col(User.id)).limit(limit))).all()


@app.get("/api/users/{user_id}", response_model=Public)
async def get_user(user_id: int, session: Session, response: Response) -> object:
    user = await _find(session, user_id)
    response.headers["ETag"] = f'"{user.version}"'
    return user


@app.post("/api/users", response_model=Public, status_code=201)
async def create_user(document: Document, session: Session, response: Response) -> object:
    user = await _save(session, User.model_validate(document), response)
    response.headers["Location"] = f"/api/users/{user.id}"
    return user


@app.put("/api/users/{user_id}", response_model=Public)
async def replace_user(user_id: int, document: Document, session: Session, response: Response, if_match: IfMatch = None) -> object:
    user = await _find(session, user_id, if_match)
    user.sqlmodel_update(document.model_dump())
    return await _save(session, user, response)


@app.patch("/api/users/{user_id}", response_model=Public)
async def patch_user(user_id: int, patch: Patch, session: Session, response: Response, if_match: IfMatch = None) -> object:
    user = await _find(session, user_id, if_match)
    user.sqlmodel_update(patch.model_dump(exclude_unset=True))
    return await _save(session, user, response)
