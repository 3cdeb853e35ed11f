"""The demo's three resources."""

from typing import Annotated, Any, Final

from pydantic import StringConstraints
from sqlalchemy import JSON, Column
from sqlmodel import Field, Relationship

from diptych.resource.declaration import Resource, Versioned


class User(Versioned, table=True):
    """A person who may own documents."""

    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True, description="Number of the user, chosen by the server.")
    name: str = Field(min_length=1, max_length=200, description="Name to show.")
    email: str = Field(unique=True, min_length=3, max_length=320, description="E-mail address; no two users have the same.")
    role: str = Field(default="user", description="What the user may do.")
    bio: str | None = Field(default=None, description="A few words about the user.")

    documents: list["Document"] = Relationship(back_populates="owner")


class Document(Versioned, table=True):
    """A text with tags, under an address of its author's choice."""

    __tablename__ = "documents"

    # A pattern of SQLModel's own, regex=, would be checked by nobody.
    id: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9._-]+$")] = Field(
        primary_key=True, min_length=1, max_length=64, description="Name of the document in its address, chosen by the client."
    )
    title: str = Field(min_length=1, max_length=200, description="Title to show.")
    content: str = Field(default="", description="The text itself.")
    tags: list[str] = Field(
        default_factory=list, sa_column=Column("tags", JSON, nullable=False), description="Words to find the document by."
    )
    # SQLAlchemy keeps the attribute name `metadata` for itself; the alias is the name in JSON.
    metadata_: dict[str, Any] = Field(
        default_factory=dict,
        alias="metadata",
        sa_column=Column("metadata", JSON, nullable=False),
        description="Anything else worth keeping, as a JSON object.",
    )
    owner_id: int | None = Field(default=None, foreign_key="users.id", index=True, description="The user who owns the document.")

    owner: User | None = Relationship(back_populates="documents")


class StockItem(Versioned, table=True):
    """A thing on a shelf. Its quantity must never be overwritten blindly, so every write names a version."""

    __tablename__ = "stock_items"

    id: int | None = Field(default=None, primary_key=True, description="Number of the item, chosen by the server.")
    sku: str = Field(unique=True, min_length=1, max_length=64, description="Stock keeping unit; no two items have the same.")
    name: str = Field(min_length=1, max_length=200, description="Name to show.")
    quantity: int = Field(ge=0, description="How many there are.")
    location: str | None = Field(default=None, description="Where to find it.")


RESOURCES: Final = (
    Resource(User, versions="optional", filter_by={"name", "role", "bio"}, order_by={"name"}),
    Resource(Document, keys="client", versions="optional", filter_by={"title", "tags", "metadata_"}, order_by={"title"}),
    Resource(StockItem, versions="required", filter_by={"name", "quantity", "location"}, order_by={"quantity", "location"}),
)
