"""Rows and documents between GraphQL's spelling and REST's: numbers among IDs, and the names of enums."""

from collections.abc import Callable
from functools import partial
from typing import Any

from diptych.resource.kinds import BigInteger, Enumeration, Integer, Json, Kind
from diptych.resource.shape import ResourceShape
from diptych.testing.answers import Key
from diptych.testing.doors import Document, complete


def from_graphql(shape: ResourceShape, row: Document) -> dict[str, Any]:
    """A row as REST spells it."""
    kinds = _kinds(shape)
    spelled = {name: _read(kinds[name], value) if name in kinds else value for name, value in row.items() if name != "__typename"}
    return complete(shape, spelled)


def into_graphql(shape: ResourceShape, document: Any) -> Any:
    """A document as GraphQL spells it; what is no document is left for the schema to judge."""
    if not isinstance(document, dict):
        return document
    kinds = _kinds(shape)
    return {name: _written(kinds[name], value) if name in kinds else value for name, value in document.items()}


def key_from_text(shape: ResourceShape, text: str) -> Key:
    """The key that an ID stands for; text that stands for none stays text, as on REST."""
    key = shape.key_from_text(text)
    return text if key is None else key


def _kinds(shape: ResourceShape) -> dict[str, Kind]:
    return {field.json_name: field.kind for field in (shape.key, *shape.columns)}


def _read(kind: Kind, value: Any) -> Any:
    match kind:
        case Integer() | BigInteger() if isinstance(value, str):
            return int(value)
        case Enumeration(enum):
            values = {member.name: member.value for member in enum}
            return values.get(value, value)
        case Json(items=items) if items is not None:
            return _each(value, partial(_read, items))
        case _:
            return value


def _written(kind: Kind, value: Any) -> Any:
    match kind:
        case Enumeration(enum):
            # Compared by type as well: to Python, True is 1.
            names = [member.name for member in enum if type(value) is type(member.value) and value == member.value]
            return names[0] if names else value
        case Json(items=items) if items is not None:
            return _each(value, partial(_written, items))
        case _:
            return value


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    return [change(inner) for inner in value] if isinstance(value, list) else change(value)
