"""The types of refusals that are the same for every resource."""

import strawberry

from diptych.graphql.make import as_mapping, enum_type
from diptych.semantics.outcome import Effect


@strawberry.interface(
    description="A refusal, as data. Nothing was written. `... on Problem { code detail }` handles whatever a client does not name."
)
class Problem:
    type: str = strawberry.field(description="The path of the page about this kind of problem.")
    title: str = strawberry.field(description="The kind of problem, in a few words.")
    status: int = strawberry.field(description="The status that REST answers to the same request.")
    code: str = strawberry.field(description="The kind of problem, in one word for programs.")
    detail: str = strawberry.field(description="What happened to this request, in a sentence.")


@strawberry.type(description="No row is stored under the key.")
class NotFound(Problem):
    key: strawberry.ID = strawberry.field(description="The key that was addressed.")


@strawberry.type(description="The key of a create is taken.")
class AlreadyExists(Problem):
    key: strawberry.ID = strawberry.field(description="The key that is taken.")
    current_version: int = strawberry.field(description="The version of the row that has the key.")


@strawberry.type(description="The row has had its last version; it takes no further change and can only be deleted.")
class VersionExhausted(Problem):
    key: strawberry.ID = strawberry.field(description="The key of the row.")


@strawberry.type(description="One thing that is wrong with a document.")
class Violation:
    pointer: str = strawberry.field(description="A JSON Pointer to the member that is wrong; empty for the whole document.")
    code: str = strawberry.field(
        description="What is wrong, in one word: required, unknown, type, null, too_short, too_long, too_small, too_large, "
        "pattern, format, not_allowed or rejected."
    )
    message: str = strawberry.field(description="What would be accepted.")


@strawberry.type(description="The document is not one that the resource can store.")
class Invalid(Problem):
    violations: list[Violation] = strawberry.field(description="Everything that is wrong, at once.")


@strawberry.type(description="Another row already has a value that no two rows may share.")
class UniqueConflict(Problem):
    fields: list[str] = strawberry.field(description="The fields whose values are taken together.")


@strawberry.type(description="The document refers to a row that is not there, or the row to be deleted is still referred to.")
class ReferenceConflict(Problem):
    resource: str = strawberry.field(description="The type that refers.")
    fields: list[str] = strawberry.field(description="The fields that refer.")


@strawberry.type(description="A `test` operation of a JSON Patch does not hold for the row as it is now.")
class PatchConflict(Problem):
    index: int = strawberry.field(description="The operation, counted from 0.")
    pointer: str = strawberry.field(description="A JSON Pointer to the value that was tested.")


@strawberry.type(description="An operation of a JSON Patch is malformed, or its path is not there.")
class PatchInvalid(Problem):
    index: int = strawberry.field(description="The operation, counted from 0.")
    pointer: str = strawberry.field(description="A JSON Pointer to the place that the operation could not change.")


_EFFECTS = {
    Effect.CREATED: "The row is new.",
    Effect.REPLACED: "The row was there and is now what the document says.",
    Effect.PATCHED: "The row was there and some of it has changed.",
    Effect.UNCHANGED: "The row already was as asked; its version stays.",
}
WriteOutcome = enum_type(
    "WriteOutcome",
    {effect.name: strawberry.enum_value(effect.value, description=words) for effect, words in _EFFECTS.items()},
    "What a write that succeeded did.",
)


@as_mapping
@strawberry.input(description="One operation of a JSON Patch (RFC 6902). Operations apply in order, all or none.")
class JsonPatchOperation:
    op: str = strawberry.field(description="add, remove, replace, move, copy or test.")
    path: str = strawberry.field(description="A JSON Pointer (RFC 6901) into the representation that REST shows.")
    from_: str | None = strawberry.field(
        name="from", description="A JSON Pointer to the source of a move or a copy.", default=strawberry.UNSET
    )
    value: strawberry.scalars.JSON | None = strawberry.field(
        description="The value to add, to replace with or to compare with, as REST spells it.", default=strawberry.UNSET
    )
