"""Whether two commands ask the same, however each of them came about."""

from collections.abc import Sequence
from dataclasses import replace

from diptych.resource.shape import ResourceShape
from diptych.semantics.command import Command, Content, Create, Delete, FetchMany, JsonPatch, List, MergePatch, Replace
from diptych.semantics.condition import EVERYTHING
from diptych.semantics.condition_writing import meaning
from diptych.semantics.json_value import JSON, Missing, same
from diptych.semantics.precondition import IsAt, Precondition
from diptych.semantics.version import LAST


def same_command(one: Command | FetchMany, other: Command | FetchMany, shape: ResourceShape) -> bool:
    """Tell whether two commands have the same outcome in every state of the database.

    What a complete document leaves out is its default. Which fields are wanted of the rows of a list is not looked at.
    """
    match one, other:
        case Create(first, asked), Create(second, also):
            return _alike(first, second, shape, frozenset()) and _judge(asked, also)
        case Replace(key, first, asked), Replace(again, second, also):
            return key == again and _alike(first, second, shape, shape.kept) and _judge(asked, also)
        case MergePatch(key, first, asked), MergePatch(again, second, also):
            return key == again and same(first, second) and _judge(asked, also)
        case JsonPatch(key, first, asked), JsonPatch(again, second, also):
            return key == again and same(first, second) and _judge(asked, also)
        case Delete(key, asked), Delete(again, also):
            return key == again and _judge(asked, also)
        case List(), List():
            return meaning(one.where) == meaning(other.where) and _without_fields(one) == _without_fields(other)
        case _:
            return _without_fields(one) == _without_fields(other)


def _judge(some: Sequence[Precondition], others: Sequence[Precondition]) -> bool:
    return list(map(_possible, some)) == list(map(_possible, others))


def _possible(precondition: Precondition) -> Precondition:
    """Without versions that no row ever has: a condition that names no other never holds."""
    if not isinstance(precondition, IsAt):
        return precondition
    return IsAt(frozenset(version for version in precondition.versions if 0 < version <= LAST))


def _alike(one: Content, other: Content, shape: ResourceShape, kept: frozenset[str]) -> bool:
    return same(_completed(one, shape, kept), _completed(other, shape, kept))


def _completed(document: Content, shape: ResourceShape, kept: frozenset[str]) -> JSON:
    """A document with the defaults that it leaves out; a field that some may not read or not write is nobody's to fill in."""
    if not isinstance(document, dict):
        return document
    defaults = {
        column.json_name: column.default
        for column in shape.writable
        if not isinstance(column.default, Missing)
        and column.json_name not in kept
        and not column.masked
        and column.attribute not in shape.policy.writable
    }
    return {**defaults, **document}


def _without_fields(command: Command | FetchMany) -> Command | FetchMany:
    match command:
        case List():
            return replace(command, fields=None, where=EVERYTHING)
        case FetchMany():
            return replace(command, fields=None)
        case _:
            return command
