"""The root fields of one resource: each translates its arguments, asks the service, and translates the outcome."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Annotated, Any

import strawberry

from diptych.graphql import problems
from diptych.graphql.arguments import Arguments, Given
from diptych.graphql.context import Context
from diptych.graphql.errors import planned
from diptych.graphql.fields import FieldTypes
from diptych.graphql.payloads import Payloads
from diptych.graphql.types import ResourceTypes
from diptych.resource.shape import ResourceShape
from diptych.semantics.command import WriteCommand
from diptych.semantics.outcome import Invalid

Body = Callable[[Context, Given], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a root field. Where it may be left out and has no default of its own, `default` is UNSET."""

    name: str
    annotation: Any
    description: str
    default: Any = Parameter.empty


def query_names(resource: ResourceShape) -> tuple[str, str]:
    return resource.names.singular, resource.names.plural


def mutation_names(resource: ResourceShape) -> tuple[str, ...]:
    return tuple(f"{verb}{resource.name}" for verb in ("create", "replace", "patch", "jsonPatch", "delete"))


def query_fields(resource: ResourceShape, types: ResourceTypes, fields: FieldTypes) -> dict[str, Any]:
    """The fields `user` and `users`, by name."""
    arguments, payloads, name = Arguments(resource, fields), Payloads(resource, types), resource.name
    single, many = query_names(resource)

    async def fetch(context: Context, given: Given) -> Any:
        return payloads.fetched(await context.service.fetch(resource, arguments.fetch(given)))

    async def page(context: Context, given: Given) -> Any:
        command = arguments.list(given)
        return payloads.page(command if isinstance(command, Invalid) else await context.service.list(resource, command))

    window = (
        Argument(
            "first", int | None, "How many rows to read from the start, or after `after`: 1 to 100, 20 unless said.", strawberry.UNSET
        ),
        Argument("after", str | None, "A cursor; the page starts behind it.", strawberry.UNSET),
        Argument(
            "last", int | None, "How many rows to read from the end, or before `before`: 1 to 100. Not with `first`.", strawberry.UNSET
        ),
        Argument("before", str | None, "A cursor; the page ends in front of it.", strawberry.UNSET),
    )
    return {
        single: _field(single, types.row | None, (_key(resource),), fetch, f"One {name}; null if there is none with this key."),
        many: _field(many, types.connection, window, page, f"A page of {name} rows, in the order of their keys."),
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
        field: _field(field, answer | None, given, _writes(resource, payloads, read), description)
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
    async def write(context: Context, given: Given) -> Any:
        return payloads.written(await context.service.write(resource, read(given)), context.prefix)

    return write


def _field(name: str, answer: Any, arguments: Sequence[Argument], body: Body, description: str) -> Any:
    async def resolve(info: strawberry.Info[Context, None], **given: Any) -> Any:
        try:
            return await body(info.context, given)
        except Exception as error:
            raise planned(error) from None

    # Strawberry reads arguments from a signature; ours are known only now.
    parameters = [Parameter("info", Parameter.KEYWORD_ONLY, annotation=strawberry.Info)]
    for argument in arguments:
        annotation, said = argument.annotation, strawberry.argument(name=argument.name, description=argument.description)
        parameters.append(
            Parameter(argument.name, Parameter.KEYWORD_ONLY, annotation=Annotated[annotation, said], default=argument.default)
        )
    resolve.__signature__ = Signature(parameters, return_annotation=answer)  # type: ignore[attr-defined]
    resolve.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters} | {"return": answer}
    return strawberry.field(resolver=resolve, name=name, description=description)
