"""One declaration at two times, each in a MetaData of its own."""

from decimal import Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from diptych.resource.declaration import Resource, Versioned
from diptych.resource.reading import read_resources


class Then(Versioned):
    metadata = sa.MetaData()


class Now(Versioned):
    metadata = sa.MetaData()


class Mood(Enum):
    CALM = "calm"
    WILD = "wild"


class OwnerThen(Then, table=True):
    __tablename__ = "moved_owners"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=20, unique=True)


class NoteThen(Then, table=True):
    __tablename__ = "moved_notes"
    __table_args__ = (sa.CheckConstraint(r"count >= 0 AND title <> ' \:none 100%'"),)

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=40, unique=True)
    count: int = 0
    old: str | None = None
    gone: int | None = Field(default=None, foreign_key="moved_owners.id")
    parent: int | None = Field(default=None, foreign_key="moved_notes.id")


class TagThen(Then, table=True):
    __tablename__ = "moved_tags"

    id: str = Field(primary_key=True, max_length=20)
    text: str = ""


class OwnerNow(Now, table=True):
    __tablename__ = "moved_owners"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=20, unique=True)


class NoteNow(Now, table=True):
    __tablename__ = "moved_notes"
    __table_args__ = (sa.CheckConstraint(r"count >= 0 AND title <> ' \:none 100%'"), sa.UniqueConstraint("title", "count"))

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=80)
    count: int | None = 0
    gone: int | None = None
    parent: int | None = Field(default=None, foreign_key="moved_notes.id")
    owner: int | None = Field(default=None, foreign_key="moved_owners.id", index=True)
    role: str = 'it\'s: a "user"'
    flag: bool = True
    price: Decimal = Field(default=Decimal("1.50"), max_digits=8, decimal_places=2)
    mood: Mood = Mood.CALM
    listed: list[Any] = Field(default_factory=list, sa_column=sa.Column("listed", sa.JSON, nullable=False))


class TagNow(Now, table=True):
    __tablename__ = "moved_tags"

    id: str = Field(primary_key=True, max_length=20)
    text: str | None = ""


class LabelNow(Now, table=True):
    __tablename__ = "moved_labels"

    id: str = Field(primary_key=True, max_length=20)


THEN = read_resources(
    [Resource(OwnerThen, type_name="Owner"), Resource(NoteThen, type_name="Note"), Resource(TagThen, type_name="Tag", keys="client")]
)
NOW = read_resources(
    [
        Resource(OwnerNow, type_name="Owner"),
        Resource(NoteNow, type_name="Note"),
        Resource(TagNow, type_name="Tag", keys="client"),
        Resource(LabelNow, type_name="Label", keys="client"),
    ]
)
