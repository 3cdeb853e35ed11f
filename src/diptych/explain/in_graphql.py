"""From REST to GraphQL: the operation that means what a request means."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import strawberry

from diptych.explain.answers import InGraphql
from diptych.explain.errors import NotUnderstood
from diptych.explain.messages import Message
from diptych.explain.operations import OperationReader, RootField
from diptych.explain.requests import Asked
from diptych.explain.sameness import same_command
from diptych.explain.words import named
from diptych.graphql.spelling import Operation, Operations, Shown, Unspelled
from diptych.resource.shape import ResourceShape
from diptych.rest.spelling import Request
from diptych.semantics.command import Command, Create, Fetch, MergePatch, Replace
from diptych.semantics.document import VERSION, stated_version
from diptych.semantics.json_value import Document, same
from diptych.semantics.outcome import Invalid
from diptych.semantics.precondition import Absent, Precondition, at_version

# Fields that say nothing of what is asked, or that were read already.
_SILENT: Final = frozenset(
    {
        *("accept", "accept-encoding", "accept-language", "connection", "content-length", "content-type", "host", "user-agent"),
        *("if-match", "if-none-match", "prefer", "cache-control", "origin", "referer"),
    }
)


@dataclass(frozen=True, slots=True)
class _Loosened:
    """A command without what GraphQL has no word for, and what is to be said of that."""

    command: Command
    notes: tuple[str, ...] = ()


class InGraphqlSpeller:
    """Spells requests as operations, and reads each operation back to see that it says the same."""

    def __init__(self, schema: strawberry.Schema, resources: Sequence[ResourceShape], path: str, reader: OperationReader) -> None:
        self._operations = Operations(schema._schema, resources)
        self._path = path
        self._reader = reader

    def answer(self, asked: Asked, message: Message) -> InGraphql:
        resource = asked.resource
        loosened = _loosened(asked.command, resource)
        notes = [*loosened.notes, *_of_answer(asked, message)]
        exact = not notes
        notes += _carried(message)
        operation = self._operation(loosened.command, resource, Shown(asked.view.fields, asked.view.include))
        if isinstance(operation, Unspelled):
            return InGraphql(resource.name, named(asked.command), None, None, (*notes, operation.reason), exact=False)
        body = {"query": operation.query, "variables": dict(operation.variables), "operationName": operation.name}
        request = Request("POST", self._path, (("Content-Type", "application/json"),), body)
        return InGraphql(resource.name, named(asked.command), operation, request, tuple(notes), exact)

    def _operation(self, command: Command, resource: ResourceShape, shown: Shown) -> Operation | Unspelled:
        """An operation that GraphQL reads as this very command, or why there is none."""
        operation = self._operations.of(command, resource, shown)
        if isinstance(operation, Unspelled):
            return operation
        try:
            understood = self._reader.read(operation.query, operation.variables, operation.name)
        except NotUnderstood as error:
            return Unspelled(f"The schema refuses what REST answers as it finds it: {error}")
        match understood:
            case [RootField(command=read)] if not isinstance(read, Invalid) and same_command(command, read, resource):
                return operation
            case _:
                return Unspelled("GraphQL has no operation for this: it would read the values as others.")


def _loosened(command: Command, resource: ResourceShape) -> _Loosened:
    match command:
        case Create(_, (Absent(),)):
            said = (
                "A create starts from nothing anyway; If-None-Match: * only makes REST answer 412 in place of 409 where the key is taken."
            )
            return _of_document(replace(command, preconditions=()), resource, (said,))
        case Create() | Replace() | MergePatch():
            return _of_document(command, resource, ())
        case Fetch(key, preconditions, unless) if preconditions or unless:
            return _Loosened(Fetch(key), ("GraphQL has no conditional reads: the row is read whatever its version.",))
        case _:
            return _Loosened(command)


def _of_document(command: Create | Replace | MergePatch, resource: ResourceShape, notes: tuple[str, ...]) -> _Loosened:
    """Take out of a document what no input of GraphQL has: the key that the path says, the version, read-only fields."""
    content = command.patch if isinstance(command, MergePatch) else command.document
    if not isinstance(content, dict):
        return _Loosened(command, notes)
    kept = dict(content)
    if not isinstance(command, Create) and resource.key_name in kept and same(kept[resource.key_name], command.key):
        del kept[resource.key_name]
    frozen = sorted(kept.keys() & resource.read_only)
    for name in frozen:
        del kept[name]
    if frozen:
        said = f"{', '.join(frozen)}: GraphQL's inputs have no read-only fields; REST takes them with their current values."
        notes = (*notes, said)
    preconditions = command.preconditions
    stated = _precondition(kept)
    if stated is not None and preconditions in ((), (stated,)):
        del kept[VERSION]
        # Version 0 is what a create starts from.
        preconditions = () if isinstance(command, Create) and isinstance(stated, Absent) else (stated,)
        said = "The version in the document is an argument in GraphQL; where it is stale, REST answers 409 for it and 412 for If-Match."
        notes = (*notes, said)
    if isinstance(command, MergePatch):
        return _Loosened(replace(command, patch=kept, preconditions=preconditions), notes)
    return _Loosened(replace(command, document=kept, preconditions=preconditions), notes)


def _precondition(document: Document) -> Precondition | None:
    stated = stated_version(document)
    return None if stated is None else at_version(stated)


def _of_answer(asked: Asked, message: Message) -> Sequence[str]:
    """What a request says of its answer, for which an operation has no word."""
    notes = []
    if asked.preference is not None:
        notes.append("Prefer has no GraphQL spelling: what is answered is what is selected.")
    if asked.streamed:
        notes.append("GraphQL has no streams: this reads the first page; go on with `after` and the endCursor of each page.")
    if message.method == "HEAD":
        notes.append("GraphQL has no HEAD: this answers with the content too.")
    return notes


def _carried(message: Message) -> Sequence[str]:
    """Fields that go with the request to GraphQL as they are. Only their names are told: values may be secret."""
    names = list(dict.fromkeys(name for name, _ in message.headers if name.lower() not in _SILENT))
    return [f"Send {', '.join(names)} with the GraphQL request too."] if names else []
