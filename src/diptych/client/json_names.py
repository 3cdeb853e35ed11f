"""Names of fields and types as the doors spell them."""

import re
from dataclasses import dataclass
from typing import Final

_WORD_STARTS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GRAPHQL_NAME: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")


def camel_case(attribute: str) -> str:
    """`owner_id` is `ownerId`; a trailing underscore, which keeps clear of a Python name, is dropped."""
    first, *others = attribute.rstrip("_").split("_") or [""]
    return first + "".join(part[:1].upper() + part[1:] for part in others)


def screaming_snake_case(name: str) -> str:
    """`ownerId` is `OWNER_ID`."""
    return "_".join(_words(name)).upper()


@dataclass(frozen=True, slots=True)
class GraphqlNames:
    """What the schema calls a resource: its type `StockItem`, one of them `stockItem`, several `stockItems`.

    Raises ValueError for what is no GraphQL name.
    """

    type: str
    singular: str
    plural: str

    def __post_init__(self) -> None:
        for name in (self.type, self.singular, self.plural):
            if not _GRAPHQL_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name in GraphQL; give the schema's own with names=GraphqlNames(type, singular, plural).")


def names_from(type_name: str, path: str) -> GraphqlNames:
    """Derive the names as the server does: the singular from the type's name, the plural from the path."""
    last = path.strip("/").rpartition("/")[2]
    return GraphqlNames(type_name, _joined(_words(type_name)), _joined(last.split("-")))


def _words(name: str) -> list[str]:
    return [word.lower() for part in name.split("_") for word in _WORD_STARTS.split(part) if word] or [name]


def _joined(words: list[str]) -> str:
    return words[0] + "".join(word.capitalize() for word in words[1:])
