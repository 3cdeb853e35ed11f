"""Text that no database here can store: U+0000 and lone surrogates."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from diptych.semantics.json_value import JSON, Document
from diptych.semantics.outcome import MOST_VIOLATIONS, Violation
from diptych.semantics.pointer import pointer

UNPRINTABLE: Final = "Must be text without U+0000 and lone surrogates."

_CHARACTERS: Final = re.compile("[\0\ud800-\udfff]")


def unprintable(values: Document, names: Mapping[str, str]) -> list[Violation]:
    """A violation for each text that has such a character, member names in JSON columns included, up to MOST_VIOLATIONS.

    `values` are by attribute name; `names` has their JSON names.
    """
    places = (path for attribute, value in values.items() for path in _places(value, (names.get(attribute, attribute),)))
    return [Violation(pointer(*path), "not_allowed", UNPRINTABLE) for path in islice(places, MOST_VIOLATIONS)]


def is_unprintable(text: str) -> bool:
    return _CHARACTERS.search(text) is not None


def _places(value: JSON, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    match value:
        case str():
            if is_unprintable(value):
                yield path
        case Mapping():
            for name, item in value.items():
                if is_unprintable(name):
                    yield path
                yield from _places(item, (*path, name))
        case list() | tuple():
            for index, item in enumerate(value):
                yield from _places(item, (*path, index))
        case _:
            pass
