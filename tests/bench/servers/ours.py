"""What is measured of ours: the users of the demo, and for the growth table any number of other resources beside them."""

import os
from collections.abc import Iterator
from typing import Any

from sqlalchemy import MetaData
from sqlmodel import Field
from sqlmodel.main import SQLModelMetaclass

from diptych import Bridge, Resource, Versioned


class User(Versioned, table=True):
    __tablename__ = "users"
    # The demo has a table of this name, in the MetaData that all SQLModel classes share.
    metadata = MetaData()

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(min_length=1, max_length=200)
    email: str = Field(min_length=3, max_length=320, unique=True)
    role: str = "user"
    bio: str | None = None


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

bridge = Bridge(URL, [Resource(User, versions="optional"), *beside(BESIDE)], title="bench")
