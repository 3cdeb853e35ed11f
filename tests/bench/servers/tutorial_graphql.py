"""Baseline (b): Strawberry's FastAPI router over the same session, with its parser and validation caches and its DataLoader."""

from collections.abc import AsyncIterator
from enum import Enum
from typing import Annotated, Any, Self

import strawberry
from fastapi import Depends, FastAPI
from sqlalchemy import tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.fastapi import GraphQLRouter
from strawberry.types import Info

from . import users
from .tutorial_rest import open_session

Context = dict[str, Any]
RequestInfo = Info[Context, None]


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Document:
    id: strawberry.ID
    version: int
    title: str


@strawberry.type
class DocumentEdge:
    cursor: str
    node: Document


@strawberry.type
class DocumentConnection:
    edges: list[DocumentEdge]
    page_info: PageInfo


@strawberry.type
class User:
    id: strawberry.ID
    version: int
    name: str
    email: str
    role: str
    bio: str | None

    @classmethod
    def of(cls, row: users.User) -> Self:
        assert row.version is not None
        return cls(id=strawberry.ID(str(row.id)), version=row.version, name=row.name, email=row.email, role=row.role, bio=row.bio)

    @strawberry.field
    async def documents(self, info: RequestInfo, first: int = 20) -> DocumentConnection:
        # Nobody here has more than a few, so all are loaded and the first ones taken.
        rows = await info.context["documents"].load(int(self.id))
        edges = [
            DocumentEdge(cursor=str(row.id), node=Document(id=strawberry.ID(str(row.id)), version=row.version, title=row.title))
            for row in rows[:first]
        ]
        page_info = PageInfo(has_next_page=len(rows) > first, end_cursor=edges[-1].cursor if edges else None)
        return DocumentConnection(edges=edges, page_info=page_info)


@strawberry.type
class UserWritten:
    version: int
    user: User


@strawberry.interface
class Problem:
    code: str
    detail: str


@strawberry.type
class NotFound(Problem):
    pass


@strawberry.type
class UserVersionMismatch(Problem):
    pass


@strawberry.type
class UniqueConflict(Problem):
    pass


CreateUserResult = Annotated[UserWritten | UniqueConflict, strawberry.union("CreateUserResult")]
ReplaceUserResult = Annotated[UserWritten | NotFound | UserVersionMismatch | UniqueConflict, strawberry.union("ReplaceUserResult")]


@strawberry.input
class CreateUserInput:
    name: str
    email: str
    role: str = "user"
    bio: str | None = None


@strawberry.input
class ReplaceUserInput:
    name: str
    email: str
    role: str = "user"
    bio: str | None = None


@strawberry.input
class StringFilter:
    eq: str | None = None


@strawberry.input
class UserWhere:
    role: StringFilter | None = None


@strawberry.enum
class UserOrder(Enum):
    ID_ASC = "id"
    NAME_ASC = "name"


@strawberry.type
class UserEdge:
    cursor: str
    node: User


@strawberry.type
class UserConnection:
    edges: list[UserEdge]
    page_info: PageInfo


def _session(info: RequestInfo) -> AsyncSession:
    session = info.context["session"]
    assert isinstance(session, AsyncSession)
    return session


async def _save(session: AsyncSession, user: users.User) -> UserWritten | UserVersionMismatch | UniqueConflict:
    session.add(user)
    try:
        await session.commit()
    except StaleDataError:
        return UserVersionMismatch(code="version_mismatch", detail="The user has changed.")
    except IntegrityError:
        return UniqueConflict(code="unique_conflict", detail="Another user has that email.")
    await session.refresh(user)
    written = User.of(user)
    return UserWritten(version=written.version, user=written)


@strawberry.type
class Query:
    @strawberry.field
    async def user(self, info: RequestInfo, id: strawberry.ID) -> User | None:
        user = await _session(info).get(users.User, int(id))
        return None if user is None else User.of(user)

    @strawberry.field
    async def users(
        self,
        info: RequestInfo,
        where: UserWhere | None = None,
        order_by: list[UserOrder] | None = None,
        first: int = 20,
        after: str | None = None,
    ) -> UserConnection:
        session, key, name = _session(info), col(users.User.id), col(users.User.name)
        asked = select(users.User).limit(first + 1)
        if where is not None and where.role is not None and where.role.eq is not None:
            asked = asked.where(users.User.role == where.role.eq)
        if order_by and order_by[0] is UserOrder.NAME_ASC:
            asked = asked.order_by(name, key)
            if after is not None and (last := await session.get(users.User, int(after))) is not None:
                asked = asked.where(tuple_(name, key) > (last.name, last.id))
        else:
            asked = asked.order_by(key).where(key > int(after or 0))
        rows = (await session.exec(asked)).all()
        edges = [UserEdge(cursor=str(row.id), node=User.of(row)) for row in rows[:first]]
        page_info = PageInfo(has_next_page=len(rows) > first, end_cursor=edges[-1].cursor if edges else None)
        return UserConnection(edges=edges, page_info=page_info)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def create_user(self, info: RequestInfo, input: CreateUserInput) -> CreateUserResult:
        user = users.User(name=input.name, email=input.email, role=input.role, bio=input.bio)
        written = await _save(_session(info), user)
        assert not isinstance(written, UserVersionMismatch)
        return written

    @strawberry.mutation
    async def replace_user(
        self, info: RequestInfo, id: strawberry.ID, input: ReplaceUserInput, version: int | None = None
    ) -> ReplaceUserResult:
        session = _session(info)
        user = await session.get(users.User, int(id))
        if user is None:
            return NotFound(code="not_found", detail="There is no such user.")
        if version is not None and user.version != version:
            return UserVersionMismatch(code="version_mismatch", detail="The user has changed.")
        user.sqlmodel_update({"name": input.name, "email": input.email, "role": input.role, "bio": input.bio})
        return await _save(session, user)


async def context(session: Annotated[AsyncSession, Depends(open_session)]) -> AsyncIterator[Context]:
    async def load_documents(owners: list[int]) -> list[list[users.OwnedDocument]]:
        found: dict[int | None, list[users.OwnedDocument]] = {owner: [] for owner in owners}
        owner, key = col(users.OwnedDocument.owner_id), col(users.OwnedDocument.id)
        for row in await session.exec(select(users.OwnedDocument).where(owner.in_(owners)).order_by(owner, key)):
            found[row.owner_id].append(row)
        return [found[owner] for owner in owners]

    yield {"session": session, "documents": DataLoader(load_fn=load_documents)}


schema = strawberry.Schema(Query, Mutation, extensions=[ParserCache, ValidationCache])
app = FastAPI()
app.include_router(GraphQLRouter(schema, context_getter=context), prefix="/graphql")
