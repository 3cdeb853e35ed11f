"""References inside one document, and the names of places in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from diptych.explain.errors import NotUnderstood
from diptych.semantics.pointer import escape


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a document, written as a JSON Pointer. Source: RFC 6901."""

    pointer: str = ""

    @classmethod
    def of(cls, reference: str) -> "Place":
        return cls(unquote(reference.removeprefix("#")))

    def __truediv__(self, name: str) -> "Place":
        return Place(f"{self.pointer}/{escape(name)}")

    def __str__(self) -> str:
        return self.pointer


class Reader:
    """Follows the references of one document. `which` names it in what is raised."""

    def __init__(self, document: Mapping[str, Any], which: str) -> None:
        self._document = document
        self._which = which

    def resolved(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """A value without a reference at its top; what stands beside one holds as well. Raises NotUnderstood."""
        seen: list[str] = []
        while "$ref" in value:
            reference = value["$ref"]
            if reference in seen:
                raise NotUnderstood(f"The {self._which} document refers in a circle at {reference}.")
            seen.append(reference)
            beside = {name: one for name, one in value.items() if name != "$ref"}
            value = {**self._at(reference), **beside}
        return value

    def _at(self, reference: Any) -> Mapping[str, Any]:
        found: Any = self._document
        if isinstance(reference, str) and reference.startswith("#/"):
            for part in unquote(reference[2:]).split("/"):
                name = part.replace("~1", "/").replace("~0", "~")
                found = found.get(name) if isinstance(found, Mapping) else None
            if isinstance(found, Mapping):
                return found
        raise NotUnderstood(f"The {self._which} document refers to {reference}, which is not in it.")
