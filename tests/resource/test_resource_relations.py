"""Relations: what is read out of SQLModel's relationships, and what is not."""

from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlalchemy.orm import Mapped
from sqlmodel import Field, Relationship

from diptych import Resource, Versioned
from diptych.resource.declaration import DeclarationError
from diptych.resource.reading import read_resources
from diptych.resource.shape import Relation


class Author(Versioned, table=True):
    __tablename__ = "related_authors"
    metadata = MetaData()

    id: int | None = Field(default=None, primary_key=True)
    # Told apart by the columns that SQLAlchemy is told, too.
    books: list["Book"] = Relationship(sa_relationship_kwargs={"foreign_keys": "Book.written_by"})
    read_books: Mapped[list["Book"]] = Relationship(sa_relationship_kwargs={"foreign_keys": "[Book.proofread_by]"})
    card: "Card" = Relationship()


class Book(Versioned, table=True):
    __tablename__ = "related_books"
    metadata = Author.metadata

    id: int | None = Field(default=None, primary_key=True)
    written_by: int = Field(foreign_key="related_authors.id")
    proofread_by: int | None = Field(default=None, foreign_key="related_authors.id")
    author: Author = Relationship(sa_relationship_kwargs={"foreign_keys": "Book.written_by"})
    proofreader: Author | None = Relationship(sa_relationship_kwargs={"foreign_keys": "Book.proofread_by"})
    stranger: "Stranger" = Relationship()
    by_hand: Author = Relationship(sa_relationship_kwargs={"primaryjoin": "Book.written_by == Author.id"})


class Card(Versioned, table=True):
    __tablename__ = "related_cards"
    metadata = Author.metadata

    id: int | None = Field(default=None, primary_key=True)
    holder_id: int = Field(foreign_key="related_authors.id")
    holder: Author = Relationship()


class Stranger(Versioned, table=True):
    __tablename__ = "related_strangers"
    metadata = Author.metadata

    id: int | None = Field(default=None, primary_key=True)


def relations(*models: Any, **options: Any) -> dict[str, set[Relation]]:
    return {shape.name: set(shape.relations) for shape in read_resources([Resource(model, **options) for model in models])}


def test_both_ends_of_a_foreign_key() -> None:
    read = relations(Author, Book, Card)
    assert read["Book"] == {Relation("author", "Author", "writtenBy", False), Relation("proofreader", "Author", "proofreadBy", False)}
    assert read["Author"] == {Relation("books", "Book", "writtenBy", True), Relation("readBooks", "Book", "proofreadBy", True)}
    assert read["Card"] == {Relation("holder", "Author", "holderId", False)}


def test_a_model_that_is_no_resource_is_no_target() -> None:
    assert relations(Book) == {"Book": set()}


def test_a_hidden_foreign_key_relates_nothing() -> None:
    author, card = (Resource(Author), Resource(Card, hidden={"holder_id"}))
    assert [shape.relations for shape in read_resources([author, card])][1] == ()


def test_two_foreign_keys_must_be_told_apart() -> None:
    class Letter(Versioned, table=True):
        __tablename__ = "related_letters"
        metadata = Author.metadata

        id: int | None = Field(default=None, primary_key=True)
        sent_by: int = Field(foreign_key="related_authors.id")
        sent_to: int = Field(foreign_key="related_authors.id")
        sender: Author = Relationship()

    with pytest.raises(DeclarationError, match=r"Letter\.sender: sent_by, sent_to of Letter all refer to Author; say which is meant"):
        relations(Author, Letter)


def test_a_relation_has_a_name_of_its_own() -> None:
    class Parcel(Versioned, table=True):
        __tablename__ = "related_parcels"
        metadata = Author.metadata

        id: int | None = Field(default=None, primary_key=True)
        sender_id: int = Field(foreign_key="related_authors.id", alias="sender")
        sender: Author = Relationship()

    with pytest.raises(DeclarationError, match=r"Parcel\.sender: there is a field 'sender' already"):
        relations(Author, Parcel)
