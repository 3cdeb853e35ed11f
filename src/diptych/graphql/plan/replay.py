"""A service that has answered already: what was done is not done again, only written by other hands."""

from asyncio import Event
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from diptych.resource.shape import ResourceShape
from diptych.semantics.command import FetchMany, List
from diptych.semantics.json_value import JSON
from diptych.service.acting import Acting


class Replay:
    """Answers what root fields asked for the first time, in their order; None where the answer was not waited for.

    What relations ask is read once more: they can fail by themselves, and then not all of them were asked.
    """

    def __init__(self, asked: Sequence[tuple[object, Any]], service: Acting) -> None:
        self._answers = iter([answer for command, answer in asked if not isinstance(command, FetchMany)])
        self._rows = [(command, answer) for command, answer in asked if isinstance(command, FetchMany)]
        self._service = service

    async def fetch(self, _resource: ResourceShape, _command: object) -> Any:
        return await _told(next(self._answers))

    list = write = fetch

    async def fetch_many(self, resource: ResourceShape, command: FetchMany) -> Any:
        for number, (known, answer) in enumerate(self._rows):
            if known == command:
                del self._rows[number]
                return await _told(answer)
        return await self._service.fetch_many(resource, command)

    async def related(self, resource: ResourceShape, field: str, values: Sequence[JSON], command: List) -> Any:
        return await self._service.related(resource, field, values, command)


async def _told(answer: Any) -> Any:
    if answer is None:
        # Nor will it come now: what gave it up the first time is in the answers too.
        await Event().wait()
    if isinstance(answer, GraphQLError):
        raise answer
    assert answer is not None
    return answer
