"""A small resource, written by hand, so that the rules are tried with the standard library alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import settings

from diptych.semantics.condition import Filterable, Operator
from diptych.semantics.json_value import JSON, Document, is_integer
from diptych.semantics.outcome import Violation
from diptych.semantics.row import Key, Row
from diptych.semantics.shape import Shape
from diptych.semantics.version import Version

# Examples share the machine with servers and databases, so how long one takes says nothing.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# In the order of declaration; `...` stands where a document must give the field.
DEFAULTS: Mapping[str, Any] = {"title": ..., "rank": None, "details": {}, "author": "nobody", "secret": "", "token": None}
PLAIN = ("title", "rank", "details")


@dataclass(frozen=True)
class Numbers:
    """How a field of integers is filtered."""

    operators: frozenset[Operator] = frozenset({"eq", "ne", "in", "nin", "lt", "lte", "gt", "gte", "isNull"})

    def read(self, value: JSON, operator: Operator) -> Any | Violation:
        return int(value) if is_integer(value) else Violation("", "type", "Must be an integer.")


@dataclass(frozen=True)
class Notes:
    """Notes: a title of 1 to 10 characters, a rank that is an integer or null, details that are any JSON object.

    Some kinds of notes have an author (read-only), a secret (hidden) and a token (minted) besides.
    """

    client_keyed: bool = False
    versions_required: bool = False
    names: tuple[str, ...] = PLAIN
    read_only: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    minted: frozenset[str] = frozenset()
    name: str = "Note"
    key_name: str = "id"

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(self.names)

    @property
    def kept(self) -> frozenset[str]:
        return self.read_only | self.hidden | self.minted

    @property
    def readable_names(self) -> frozenset[str]:
        return frozenset({"id", "version", *self.names}) - self.hidden

    @property
    def filters(self) -> Mapping[str, Filterable]:
        return {"id": Numbers(), "rank": Numbers()}

    @property
    def orders(self) -> frozenset[str]:
        return frozenset({"id", "rank"})

    def is_ordered_value(self, field: str, value: JSON) -> bool:
        return type(value) is int or (value is None and field == "rank")

    def key_from_text(self, text: str) -> Key | None:
        if self.client_keyed:
            return text if re.fullmatch("[a-z]{1,8}", text) else None
        return int(text) if re.fullmatch("[1-9][0-9]{0,8}", text) else None

    def key_from_json(self, value: JSON) -> Key | Violation:
        """In a document a client's key may be spelled in capitals, unlike in an address."""
        if not self.client_keyed:
            return int(value) if is_integer(value) else Violation("/id", "type", "Must be an integer.")
        if not isinstance(value, str):
            return Violation("/id", "type", "Must be text.")
        return value.lower() if re.fullmatch("[A-Za-z]{1,8}", value) else Violation("/id", "pattern", "Must be letters.")

    def check(self, members: Document, *, key: Key | None, version: Version) -> dict[str, JSON] | Sequence[Violation]:
        checked = {name: members.get(name, DEFAULTS[name]) for name in self.names}
        wrong = [Violation(f"/{name}", "required", "Must be given.") for name, value in checked.items() if value is ...]
        title, rank, details = checked["title"], checked["rank"], checked["details"]
        if title is not ... and not (isinstance(title, str) and 1 <= len(title) <= 10):
            wrong.append(Violation("/title", "too_long" if isinstance(title, str) else "type", "Must be 1 to 10 characters."))
        if title == f"{key} at {version}":
            # A rule that sees the key and the version, as a model's own validator may.
            wrong.append(Violation("", "rejected", "A note is not called after itself."))
        if is_integer(rank):
            checked["rank"] = int(rank)
        elif rank is not None:
            wrong.append(Violation("/rank", "type", "Must be an integer."))
        if not isinstance(details, dict):
            wrong.append(Violation("/details", "null" if details is None else "type", "Must be an object."))
        return wrong or checked

    def representation(self, row: Row) -> dict[str, JSON]:
        shown = {name: row.values[name] for name in self.names if name not in self.hidden}
        return {"id": row.key, **shown, "version": row.version}


ALL = tuple(DEFAULTS)
MARKED = Notes(names=ALL, read_only=frozenset({"author"}), hidden=frozenset({"secret"}), minted=frozenset({"token"}))

SHAPES: Mapping[str, Notes] = {
    "server": Notes(),
    "server-required": Notes(versions_required=True),
    "client": Notes(client_keyed=True),
    "client-required": Notes(client_keyed=True, versions_required=True),
    # With a read-only, a hidden and a minted field.
    "marked": MARKED,
    "client-marked": replace(MARKED, client_keyed=True),
    "hidden-read-only": Notes(names=ALL, read_only=frozenset({"secret"}), hidden=frozenset({"secret"})),
}


@pytest.fixture(scope="session")
def shapes() -> Mapping[str, Shape]:
    """The kinds of notes, by what is special about them."""
    return SHAPES
