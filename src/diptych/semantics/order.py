"""Orders of a list, and cursors: opaque marks of a row's place in one, the same through both doors."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final, TypeAlias

from diptych.semantics.json_value import JSON
from diptych.semantics.row import Key, Row


@dataclass(frozen=True, slots=True)
class Order:
    """By one field, by JSON name. Text is ordered by code point, false is below true, and null above everything else."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in an order: the values of the fields ordered by, in canonical JSON, and its key."""

    values: tuple[JSON, ...]
    key: Key


@dataclass(frozen=True, slots=True)
class Mark:
    """Stands for the place of a row whose values are too long for a cursor, by their digest.

    The row under the key tells the place, while its values are still those.
    """

    digest: str
    key: Key


Orders: TypeAlias = Sequence[Order]

# Characters of a cursor that has the values of a place in it. A page sends two of them in one field, where proxies take a few kilobytes.
LONGEST_CURSOR: Final = 4096


def place_of(row: Row, order: Orders, key_name: str) -> Place:
    """Where a row stands; it has the values of the fields ordered by."""
    return Place(tuple(row.key if one.field == key_name else row.values[one.field] for one in order), row.key)


def cursor(row: Row, order: Orders, key_name: str) -> str:
    """Write the mark of a row's place, which holds for this order alone."""
    return write_place(place_of(row, order, key_name), order) if order else _key_cursor(row.key)


def write_place(place: Place, order: Orders) -> str:
    if not order:
        return _key_cursor(place.key)
    text = _encoded([ORDER_FORMAT, signature(order), list(place.values), place.key])
    return text if len(text) <= LONGEST_CURSOR else write_mark(mark_of(place), order)


def mark_of(place: Place) -> Mark:
    digest = sha256(json.dumps(place.values).encode()).digest()
    return Mark(_in_base64(digest), place.key)


def write_mark(mark: Mark, order: Orders) -> str:
    return _encoded([MARK_FORMAT, signature(order), mark.digest, mark.key])


def signature(order: Orders) -> str:
    """The name of an order, such as `name,-born`."""
    return ",".join(f"-{one.field}" if one.descending else one.field for one in order)


# What a cursor starts with, so that one of another order or another meaning can be told from it.
KEY_FORMAT: Final = "k1"
ORDER_FORMAT: Final = "o1"
MARK_FORMAT: Final = "m1"


@lru_cache(maxsize=8192)
def _key_cursor(key: Key) -> str:
    # A page has many, so numbers take the short way to the same text.
    return _in_base64(b'["%b",%d]' % (KEY_FORMAT.encode(), key)) if isinstance(key, int) else _encoded([KEY_FORMAT, key])


def _encoded(mark: JSON) -> str:
    return _in_base64(json.dumps(mark, separators=(",", ":")).encode())


def _in_base64(mark: bytes) -> str:
    return base64.urlsafe_b64encode(mark).decode().rstrip("=")
