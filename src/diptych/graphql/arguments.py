"""Arguments of mutations and queries, translated into commands."""

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.graphql.fields import FieldTypes, Read, reader_of_key
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import Address, Create, Delete, Fetch, JsonPatch, List, MergePatch, Replace, Unaddressable
from diptych.semantics.json_value import JSON, Document
from diptych.semantics.outcome import Invalid, Violation
from diptych.semantics.precondition import Precondition, at_version
from diptych.semantics.read import USUAL_PAGE, size_violation

# What the client gave, by name. What it left out, and what a variable without a value stands for, is not there.
Given = Mapping[str, Any]


class Arguments:
    """Translates for one resource."""

    def __init__(self, resource: ResourceShape, fields: FieldTypes) -> None:
        self._resource = resource
        readers = {column.json_name: fields.reader(column) for column in resource.writable}
        readers[resource.key.json_name] = reader_of_key(resource.key)
        self._readers: dict[str, Read] = {name: read for name, read in readers.items() if read is not None}

    def create(self, given: Given) -> Create:
        # Version 0 says that nothing is there, which is what a create starts from anyway: a key that is taken is told with
        # the constraints, as on REST without If-None-Match.
        version = given.get("version")
        return Create(self._document(given["input"]), (at_version(version),) if version else ())

    def replace(self, given: Given) -> Replace:
        return Replace(self._address(given), self._document(given["input"]), _conditions(given))

    def merge_patch(self, given: Given) -> MergePatch:
        return MergePatch(self._address(given), self._document(given["patch"]), _conditions(given))

    def json_patch(self, given: Given) -> JsonPatch:
        return JsonPatch(self._address(given), [dict(operation) for operation in given["operations"]], _conditions(given))

    def delete(self, given: Given) -> Delete:
        return Delete(self._address(given), _conditions(given))

    def fetch(self, given: Given) -> Fetch:
        return Fetch(self._address(given))

    def list(self, given: Given) -> List | Invalid:
        """Read a page's arguments; a null is one that was left out. Source: GraphQL Cursor Connections, section 4."""
        first, last, after, before = (given.get(name) for name in ("first", "last", "after", "before"))
        violations = [
            wrong for name, size in (("first", first), ("last", last)) if size is not None and (wrong := size_violation(name, size))
        ]
        if first is not None and last is not None:
            violations.append(Violation("/last", "not_allowed", "Must not stand together with `first`."))
        if violations:
            return Invalid(tuple(violations))
        # A cursor to end before, and nothing else, asks for the page that ends there.
        backwards = last is not None or (first is None and after is None and before is not None)
        size = next((size for size in (first, last) if size is not None), USUAL_PAGE)
        return List(size, "last" if backwards else "first", after, before)

    def _address(self, given: Given) -> Address:
        key = self._resource.key_from_text(given["id"])
        return Unaddressable(given["id"]) if key is None else key

    def _document(self, given: Given) -> Document:
        readers = self._readers
        if readers.keys().isdisjoint(given):
            return dict(given)
        return {name: _read(value, readers.get(name)) for name, value in given.items()}


def _read(value: Any, read: Read | None) -> JSON:
    return value if read is None or value is None else read(value)


def _conditions(given: Given) -> Sequence[Precondition]:
    version = given.get("version")
    return () if version is None else (at_version(version),)
