"""The tables of users and of documents as the baselines in Python see them, and the settings they share."""

import os
from typing import Any

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

# The same number of database connections for every server, however many processes share them.
CONNECTIONS = int(os.environ.get("BENCH_CONNECTIONS", "16"))
URL = os.environ.get("BENCH_DATABASE", "")

_version = Column("version", BigInteger, nullable=False)


class Document(SQLModel):
    name: str = Field(min_length=1, max_length=200)
    email: str = Field(min_length=3, max_length=320)
    role: str = "user"
    bio: str | None = None


class Patch(SQLModel):
    name: str | None = Field(default=None, min_length=1, max_length=200)
    email: str | None = Field(default=None, min_length=3, max_length=320)
    role: str | None = None
    bio: str | None = None


class Public(Document):
    id: int
    version: int


class User(Document, table=True):
    """A row; SQLAlchemy counts the version up and guards every UPDATE with it."""

    __tablename__ = "users"
    __mapper_args__: Any = {"version_id_col": _version}

    id: int | None = Field(default=None, primary_key=True)
    version: int | None = Field(default=None, sa_column=_version)


class OwnedDocument(SQLModel, table=True):
    __tablename__ = "documents"

    id: int | None = Field(default=None, primary_key=True)
    version: int = Field(default=1, sa_type=BigInteger)
    title: str = Field(min_length=1, max_length=200)
    owner_id: int | None = Field(default=None, foreign_key="users.id", index=True)
