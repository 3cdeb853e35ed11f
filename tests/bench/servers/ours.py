"""What is measured of ours: users and their documents, and for the growth table any number of other resources beside them."""

import os
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship
from sqlmodel.main import SQLModelMetaclass

from diptych import Bridge, Resource, Versioned


class _Measured(Versioned, registry=registry()):
    """A registry of its own: the demo has classes and tables of these names, in the one that all SQLModel classes share."""


class User(_Measured, table=True):
    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(min_length=1, max_length=200)
    email: str = Field(min_length=3, max_length=320, unique=True)
    role: str = Field(default="user", index=True)
    bio: str | None = None

    documents: list["Document"] = Relationship(back_populates="owner")


class Document(_Measured, table=True):
    __tablename__ = "documents"

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(min_length=1, max_length=200)
    owner_id: int | None = Field(default=None, foreign_key="users.id", index=True)

    owner: User | None = Relationship(back_populates="documents")


def beside(count: int) -> Iterator[Resource]:
    """Make so many further resources, each with a class, a table, routes and mutations of its own."""
    for number in range(1, count + 1):
        body: dict[str, Any] = {
            "__module__": __name__,
            "__qualname__": f"Thing{number}",
            "__annotations__": {"id": int | None, "title": str, "amount": int, "note": str | None, "done": bool},
            "id": Field(default=None, primary_key=True),
            "title": Field(min_length=1, max_length=200),
            "amount": Field(default=0, ge=0),
            "note": None,
            "done": False,
        }
        model: Any = SQLModelMetaclass(f"Thing{number}", (Versioned,), body, table=True)
        yield Resource(model, path=f"things-{number}")


URL = os.environ.get("BENCH_DATABASE", "sqlite:///bench.db")
BESIDE = int(os.environ.get("BENCH_RESOURCES_BESIDE", "0"))

users = Resource(User, versions="optional", filter_by={"role"}, order_by={"name"})
bridge = Bridge(URL, [users, Resource(Document, versions="optional"), *beside(BESIDE)], title="bench")
