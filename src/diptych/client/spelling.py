"""Where GraphQL spells a value in another way than REST: enums by name, and keys as text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from diptych.semantics.json_value import JSON, Document

_COMBINING: Final = frozenset({"and", "or", "not"})


@dataclass(frozen=True, slots=True)
class Spelling:
    """What is known of a model's fields, by their JSON names. `fields` is None where they must be found out from the schema.

    `enums` has the value of each member by its name; `integers` are fields that are numbers, whatever the schema calls them.
    """

    fields: tuple[str, ...] | None = None
    enums: Mapping[str, Mapping[str, JSON]] = field(default_factory=dict)
    integers: frozenset[str] = frozenset()

    def from_graphql(self, representation: Document) -> dict[str, JSON]:
        """A representation as REST has it."""
        return {name: self._from_graphql(name, value) for name, value in representation.items() if name != "__typename"}

    def to_graphql(self, document: Document) -> dict[str, JSON]:
        """A document or merge patch as GraphQL's inputs have it. A value that no member has is left for the server to judge."""
        spelled = dict(document)
        for name in self.enums.keys() & document.keys():
            names = {value: member for member, value in self.enums[name].items()}
            spelled[name] = _each(document[name], names)
        return spelled

    def where_to_graphql(self, where: Mapping[str, JSON]) -> dict[str, JSON]:
        """A condition as GraphQL's filters have it; what has not a condition's form is left for the server to judge."""
        return {name: self._condition(name, inner) for name, inner in where.items()}

    def _condition(self, name: str, inner: JSON) -> JSON:
        if isinstance(inner, list):
            return [self._condition("and", one) for one in inner]
        if not isinstance(inner, dict):
            return inner
        if name in _COMBINING:
            return self.where_to_graphql(inner)
        names = {value: member for member, value in self.enums.get(name, {}).items()}
        return {operator: _each(value, names) for operator, value in inner.items()}

    def _from_graphql(self, name: str, value: JSON) -> JSON:
        if name in self.enums:
            return _each(value, self.enums[name])
        if name in self.integers and isinstance(value, str) and value.removeprefix("-").isdecimal():
            return int(value)
        return value


def _each(value: JSON, translated: Mapping[JSON, JSON]) -> JSON:
    if isinstance(value, list):
        return [_each(one, translated) for one in value]
    # True is 1 to a dict.
    return translated.get(value, value) if isinstance(value, str | int) and not isinstance(value, bool) else value
