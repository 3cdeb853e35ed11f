"""Relations: what is read out of SQLModel's relationships, and what is not."""

from typing import Any

import pytest
from sqlalchemy.orm import Mapped, registry
from sqlmodel import Field, Relationship

from diptych import Resource, Versioned
from diptych.resource.declaration import DeclarationError
from diptych.resource.reading import read_resources
from diptych.resource.shape import Relation


class Related(Versioned, registry=registry()):
    """A registry of its own: these relationships are not what SQLAlchemy would have, and must not spoil those of other models."""


class Author(Related, table=True):
    __tablename__ = "related_authors"

    id: int | None = Field(default=None, primary_key=True)
    # Told apart by the columns that SQLAlchemy is told, too.
    books: list["Book"] = Relationship(sa_relationship_kwargs={"foreign_keys": "Book.written_by"})
    read_books: Mapped[list["Book"]] = Relationship(sa_relationship_kwargs={"foreign_keys": "[Book.proofread_by]"})
    card: "Card" = Relationship()


class Book(Related, table=True):
    __tablename__ = "related_books"

    id: int | None = Field(default=None, primary_key=True)
    written_by: int = Field(foreign_key="related_authors.id")
    proofread_by: int | None = Field(default=None, foreign_key="related_authors.id")
    author: Author = Relationship(sa_relationship_kwargs={"foreign_keys": "Book.written_by"})
    proofreader: Author | None = Relationship(sa_relationship_kwargs={"foreign_keys": "Book.proofread_by"})
    stranger: "Stranger" = Relationship()
    by_hand: Author = Relationship(sa_relationship_kwargs={"primaryjoin": "Book.written_by == Author.id"})


class Card(Related, table=True):
    __tablename__ = "related_cards"

    id: int | None = Field(default=None, primary_key=True)
    holder_id: int = Field(foreign_key="related_authors.id")
    holder: Author = Relationship()


class Stranger(Related, table=True):
    __tablename__ = "related_strangers"

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
    class Letter(Related, table=True):
        __tablename__ = "related_letters"

        id: int | None = Field(default=None, primary_key=True)
        sent_by: int = Field(foreign_key="related_authors.id")
        sent_to: int = Field(foreign_key="related_authors.id")
        sender: Author = Relationship()

    with pytest.raises(DeclarationError, match=r"Letter\.sender: sent_by, sent_to of Letter all refer to Author; say which is meant"):
        relations(Author, Letter)


def test_a_relation_has_a_name_of_its_own() -> None:
    class Parcel(Related, table=True):
        __tablename__ = "related_parcels"

        id: int | None = Field(default=None, primary_key=True)
        sender_id: int = Field(foreign_key="related_authors.id", alias="sender")
        sender: Author = Relationship()

    with pytest.raises(DeclarationError, match=r"Parcel\.sender: there is a field 'sender' already"):
        relations(Author, Parcel)
