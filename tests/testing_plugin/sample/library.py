"""A bridge as a user would declare one: keys of both kinds, an enum, a reference, and somebody who is asked who asks."""

from enum import Enum
from pathlib import Path

from sqlmodel import Field

from diptych import Bridge, Policy, Principal, Resource, TrustedDocuments, Versioned, roles
from diptych.identity import ApiKeys, hash_api_key


class Genre(Enum):
    VERSE = "verse"
    PROSE = "prose"


class Writer(Versioned, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(min_length=1, max_length=100, unique=True)
    motto: str | None = None


class Book(Versioned, table=True):
    id: str = Field(primary_key=True)
    title: str = Field(min_length=1)
    genre: Genre = Genre.PROSE
    writer_id: int | None = Field(default=None, foreign_key="writer.id")
    advance: int | None = None


EDITOR = "dk_editor"

bridge = Bridge(
    "sqlite:///library.db",
    [
        Resource(Writer, versions="optional"),
        Resource(Book, keys="client", policy=Policy(delete=roles("editor"), readable={"advance": roles("editor")})),
    ],
    authenticator=ApiKeys({hash_api_key(EDITOR): Principal("keeper", frozenset({"editor"}))}),
    anonymous=True,
    # Tests ask what nobody has put on a list.
    trusted=TrustedDocuments(Path(__file__).with_name("trusted.json"), only=True),
)
