"""What the tests of scopes share: rows of several owners, a table of memberships that is no resource, and scopes on them."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import select

from diptych.resource.scope import Scope
from diptych.semantics.change import Committed, Insert
from diptych.semantics.version import NOTHING
from diptych.store import SqlStore

from .conftest import Author, Direct, Essay

OTHER: Any = aliased(Author)
# The models as the type checker does not see them: attributes are columns there.
AUTHOR: Any = Author
ESSAY: Any = Essay
MEMBERSHIPS = sa.Table("store_memberships", sa.MetaData(), sa.Column("person", sa.String), sa.Column("town", sa.String))


def author(name: str, town: str | None = None, books: int = 0, **more: Any) -> dict[str, Any]:
    return {"name": name, "email": f"{name}@x", "town": town, "phone": None, "books": books, **more}


def essay(author_id: int | None = None, answers: str | None = None, **body: Any) -> dict[str, Any]:
    return {"body": body, "authorId": author_id, "answers": answers}


async def born(store: SqlStore, shapes: SimpleNamespace, towns: Sequence[str | None]) -> None:
    """Authors 1, 2, …, of these towns, called a1, a2, …, with as many books as their key."""
    for key, town in enumerate(towns, 1):
        made = await store.commit(shapes.author, (Insert(None, author(f"a{key}", town, key), NOTHING),))
        assert isinstance(made, Committed)
        assert made.rows[0].key == key


async def members(direct: Direct, *pairs: tuple[str, str]) -> None:
    await direct.run("CREATE TABLE IF NOT EXISTS store_memberships (person VARCHAR, town VARCHAR)")
    for person, town in pairs:
        await direct.run(f"INSERT INTO store_memberships (person, town) VALUES ('{person}', '{town}')")


def of_town(town: str) -> Any:
    return AUTHOR.town == town


def of_member(person: str) -> Any:
    """Authors of the towns that a person is a member of, as a table that is no resource has it."""
    return AUTHOR.town.in_(sa.select(MEMBERSHIPS.c.town).where(MEMBERSHIPS.c.person == person))


def of_reader(key: str) -> Any:
    """Authors that an essay refers to, as another resource has it."""
    return AUTHOR.id.in_(select(ESSAY.author_id).where(ESSAY.id == key))


def of_namesakes(name: str) -> Any:
    """Authors of the town that somebody lives in, as the resource itself has it."""
    return AUTHOR.town.in_(select(OTHER.town).where(OTHER.name == name))


def seen(condition: Any) -> Scope:
    return Scope(seen=condition)


def touched(condition: Any) -> Scope:
    return Scope(touched=condition)


async def all_of(*asked: Any) -> list[Any]:
    """The answers of callers that ask in one turn."""
    return list(await asyncio.gather(*asked))
