"""Arguments of mutations and queries, translated into commands."""

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.graphql.fields import FieldTypes, Read, reader_of_key
from diptych.graphql.page_arguments import PageArguments
from diptych.graphql.selected import ALL, Selected
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import Address, Create, Delete, Fetch, FetchMany, JsonPatch, MergePatch, Replace, Unaddressable
from diptych.semantics.json_value import JSON, Document
from diptych.semantics.outcome import Invalid, Violation
from diptych.semantics.precondition import Precondition, at_version

# What the client gave, by name. What it left out, and what a variable without a value stands for, is not there.
Given = Mapping[str, Any]


class Arguments:
    """Translates for one resource."""

    def __init__(self, resource: ResourceShape, fields: FieldTypes) -> None:
        self._resource = resource
        self.list = PageArguments(resource, fields).read
        readers = {column.json_name: fields.reader(column) for column in resource.writable}
        readers[resource.key.json_name] = reader_of_key(resource.key)
        self._readers: dict[str, Read] = {name: read for name, read in readers.items() if read is not None}

    def create(self, given: Given) -> Create:
        # Version 0 says that nothing is there, which is what a create starts from anyway: a key that is taken is told with
        # the constraints, as on REST without If-None-Match.
        version = given.get("version")
        return Create(self._document(given["input"]), (at_version(version),) if version else ())

    def replace(self, given: Given) -> Replace:
        return Replace(self._address(given["id"]), self._document(given["input"]), _conditions(given))

    def merge_patch(self, given: Given) -> MergePatch:
        return MergePatch(self._address(given["id"]), self._document(given["patch"]), _conditions(given))

    def json_patch(self, given: Given) -> JsonPatch:
        return JsonPatch(self._address(given["id"]), [dict(operation) for operation in given["operations"]], _conditions(given))

    def delete(self, given: Given) -> Delete:
        return Delete(self._address(given["id"]), _conditions(given))

    def fetch(self, given: Given) -> Fetch:
        return Fetch(self._address(given["id"]))

    def fetch_many(self, given: Given, selected: Selected = ALL) -> FetchMany | Invalid:
        ids = given["ids"]
        most = self._resource.limits.page_size
        if len(ids) > most:
            return Invalid((Violation("/ids", "too_large", f"Must have at most {most} values."),))
        return FetchMany(tuple(map(self._address, ids)), selected.fields)

    def _address(self, text: str) -> Address:
        key = self._resource.key_from_text(text)
        return Unaddressable(text) if key is None else key

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
