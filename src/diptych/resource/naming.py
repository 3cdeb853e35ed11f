"""Names: from Python's to JSON's, GraphQL's and URLs'."""

import re
from typing import Final

from diptych.resource.shape import Names

# Where a word of a CapWords name begins: HTTPServerLog is HTTP, Server, Log.
_WORD_STARTS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SAME_IN_PLURAL: Final = frozenset({"series", "species", "sheep", "fish", "deer", "aircraft", "news", "equipment", "information"})
_IRREGULAR: Final = {
    "person": "people",
    "man": "men",
    "woman": "women",
    "child": "children",
    "foot": "feet",
    "tooth": "teeth",
    "goose": "geese",
    "mouse": "mice",
    "leaf": "leaves",
    "life": "lives",
    "knife": "knives",
    "wife": "wives",
    "half": "halves",
    "shelf": "shelves",
    "wolf": "wolves",
    "hero": "heroes",
    "potato": "potatoes",
    "tomato": "tomatoes",
    "echo": "echoes",
    "quiz": "quizzes",
    "criterion": "criteria",
    "phenomenon": "phenomena",
    "ox": "oxen",
}
_HISSES: Final = ("s", "x", "z", "ch", "sh")


def camel_case(attribute: str) -> str:
    """`owner_id` is `ownerId`; a trailing underscore, which keeps clear of a Python name, is dropped."""
    first, *others = attribute.rstrip("_").split("_") or [""]
    return first + "".join(part[:1].upper() + part[1:] for part in others)


def screaming_snake_case(name: str) -> str:
    """`ownerId` is `OWNER_ID`, as values of a GraphQL enum are written."""
    return "_".join(_words(name)).upper()


def plural_of(word: str) -> str:
    """The English plural of a lower-case word, as far as rules go."""
    if word in _SAME_IN_PLURAL:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("sis"):
        return f"{word[:-2]}es"
    if word.endswith(_HISSES):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in ("a", "e", "i", "o", "u", ""):
        return f"{word[:-1]}ies"
    return f"{word}s"


def names_of(type_name: str, *, singular: str | None = None, plural: str | None = None, path: str | None = None) -> Names:
    """Derive what is not given: `StockItem` is `stockItem`, `stockItems`, `/stock-items`."""
    singular = singular or _joined(_words(type_name))
    if plural is None:
        words = _words(singular)
        plural = _joined([*words[:-1], plural_of(words[-1])])
    return Names(type_name, singular, plural, path or "-".join(_words(plural)))


def _words(name: str) -> list[str]:
    return [word.lower() for part in name.split("_") for word in _WORD_STARTS.split(part) if word] or [name]


def _joined(words: list[str]) -> str:
    return words[0] + "".join(word.capitalize() for word in words[1:])
