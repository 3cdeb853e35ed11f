"""The root fields of one resource: each translates its arguments, asks the service, and translates the outcome."""

from collections.abc import Callable, Sequence
from types import GenericAlias
from typing import Any

import strawberry

from diptych.graphql import problems
from diptych.graphql.arguments import Arguments, Given
from diptych.graphql.fields import FieldTypes
from diptych.graphql.make_field import Argument, Body, Info, make_field, page_arguments
from diptych.graphql.payloads import Payloads
from diptych.graphql.selected import selected
from diptych.graphql.types import ResourceTypes
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import WriteCommand
from diptych.semantics.outcome import Invalid


def query_names(resource: ResourceShape) -> tuple[str, str, str]:
    return resource.names.singular, resource.names.plural, f"{resource.names.plural}ByIds"


def mutation_names(resource: ResourceShape) -> tuple[str, ...]:
    return tuple(f"{verb}{resource.name}" for verb in ("create", "replace", "patch", "jsonPatch", "delete"))


def query_fields(resource: ResourceShape, types: ResourceTypes, fields: FieldTypes) -> dict[str, Any]:
    """The fields `user`, `users` and `usersByIds`, by name."""
    arguments, payloads, name = Arguments(resource, fields), Payloads(resource, types), resource.name
    single, many, several = query_names(resource)

    async def fetch(_root: Any, info: Info, given: Given) -> Any:
        return payloads.fetched(await info.context.service.fetch(resource, arguments.fetch(given)))

    async def page(_root: Any, info: Info, given: Given) -> Any:
        command = arguments.list(given, selected(info._raw_info, resource))
        return payloads.page(command if isinstance(command, Invalid) else await info.context.service.list(resource, command))

    async def fetch_many(_root: Any, info: Info, given: Given) -> Any:
        command = arguments.fetch_many(given, selected(info._raw_info, resource))
        return payloads.rows(command if isinstance(command, Invalid) else await info.context.service.fetch_many(resource, command))

    return {
        single: make_field(single, types.row | None, (_key(resource),), fetch, f"One {name}; null if there is none with this key."),
        many: make_field(
            many,
            types.connection,
            page_arguments(types, resource.limits),
            page,
            f"A page of {name} rows, in the order of their keys unless told otherwise.",
        ),
        several: make_field(
            several,
            GenericAlias(list, (types.row | None,)),
            (Argument("ids", list[strawberry.ID], f"The keys, at most {resource.limits.page_size}."),),
            fetch_many,
            f"Each {name} of these keys, in the order of the keys; null for one that there is none with.",
        ),
    }


def mutation_fields(resource: ResourceShape, types: ResourceTypes, fields: FieldTypes) -> dict[str, Any]:
    """The fields `createUser`, `replaceUser`, `patchUser`, `jsonPatchUser` and `deleteUser`, by name."""
    arguments, name = Arguments(resource, fields), resource.name
    key, version = _key(resource), _version(resource)
    # No result is non-null, so that one unforeseen error cannot take away the answers of mutations that did commit.
    declared: tuple[tuple[Any, Sequence[Argument], Callable[[Given], WriteCommand], str], ...] = (
        (
            types.create_result,
            (Argument("input", types.create_input, f"The new {name}."), _VERSION_OF_NOTHING),
            arguments.create,
            f"Make a new {name}.",
        ),
        (
            types.replace_result,
            (key, version, Argument("input", types.replace_input, f"All of the {name}.")),
            arguments.replace,
            _UPSERT.format(name) if resource.client_keyed else f"Make a {name} be what the document says, whole.",
        ),
        (
            types.patch_result,
            (key, version, Argument("patch", types.patch_input, "The changes.")),
            arguments.merge_patch,
            f"Change some fields of a {name} (RFC 7396).",
        ),
        (
            types.patch_result,
            (key, version, Argument("operations", list[problems.JsonPatchOperation], "The operations, at most 256.")),
            arguments.json_patch,
            f"Change a {name} by the operations of a JSON Patch (RFC 6902), all or none.",
        ),
        (types.delete_result, (key, version), arguments.delete, f"Delete a {name}."),
    )
    payloads = Payloads(resource, types)
    return {
        field: make_field(field, answer | None, given, _writes(resource, payloads, read), description)
        for field, (answer, given, read, description) in zip(mutation_names(resource), declared, strict=True)
    }


_UPSERT = "Make a {} be what the document says, whole; where nothing is there, it is created."
_VERSION_OF_NOTHING = Argument(
    "version",
    int | None,
    "What is there before: 0, for nothing. Any other number is a version mismatch, since create starts from nothing.",
    0,
)


def _key(resource: ResourceShape) -> Argument:
    return Argument("id", strawberry.ID, f"The key of the {resource.name}.")


def _version(resource: ResourceShape) -> Argument:
    what = "The version that the change was made on, as it was read; 0 says that nothing is there."
    if resource.versions_required:
        return Argument("version", int, what)
    return Argument("version", int | None, f"{what} Left out or null, any state will do.", strawberry.UNSET)


def _writes(resource: ResourceShape, payloads: Payloads, read: Callable[[Given], WriteCommand]) -> Body:
    async def write(_root: Any, info: Info, given: Given) -> Any:
        return payloads.written(await info.context.service.write(resource, read(given)), info.context.prefix)

    return write
