"""One resource, for callers that await."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import httpx
from pydantic import BaseModel

from diptych.client.connecting import given_of, named_version
from diptych.client.conversation import Conversation
from diptych.client.driving import drive_async
from diptych.client.errors import ClientError
from diptych.client.known import Key, Known, Page
from diptych.client.merge import Conflicts, Merged
from diptych.client.rest import RestSpeech
from diptych.client.speech import Speech, Wanted
from diptych.client.streaming import Lines
from diptych.semantics.json_value import JSON

T = TypeVar("T")
Where = Mapping[str, JSON]


class AsyncResource(Generic[T]):
    """Reads and writes the rows of one resource. `AsyncClient.resource` makes them.

    Writes take a row as it was read, and name its version; or a key, with `version=` (0 says that nothing is there) or
    `unconditional=True`. Refusals are raised, see `diptych.client.refusals`.
    """

    def __init__(self, conversation: Conversation[T], speech: Speech[T], http: httpx.AsyncClient) -> None:
        self._talk = conversation
        self._speech = speech
        self._http = http

    async def get(self, key: Key) -> Known[T]:
        return await drive_async(self._talk.get(key), self._http)

    async def refresh(self, row: Known[T]) -> Known[T]:
        """Read a row again; the same object comes back where it has not changed and the door can tell."""
        return await drive_async(self._talk.get(row.key, row), self._http)

    async def page(
        self,
        *,
        where: Where | None = None,
        order: Sequence[str] = (),
        size: int | None = None,
        after: str | None = None,
        before: str | None = None,
        total: bool = False,
    ) -> Page[T]:
        """Read one page. `where` is a filter as JSON, `order` are JSON names, with `-` in front for descending."""
        return await drive_async(self._talk.page(Wanted(where, order, size, after, before, total)), self._http)

    async def iterate(self, *, where: Where | None = None, order: Sequence[str] = (), size: int = 100) -> AsyncIterator[Known[T]]:
        """Read all rows, page after page, as they are taken."""
        page = await self.page(where=where, order=order, size=size)
        for row in page:
            yield row
        while page.has_next:
            page = await self.page(where=where, order=order, size=size, after=page.end_cursor)
            for row in page:
                yield row

    async def stream(self, *, where: Where | None = None, order: Sequence[str] = ()) -> AsyncIterator[Known[T]]:
        """Read all rows in one answer, line by line; through GraphQL, which has no streams, page after page.

        A stream that is cut goes on behind its last row; in another order than that of keys it raises StreamCut.
        """
        if not isinstance(self._speech, RestSpeech):
            async for row in self.iterate(where=where, order=order):
                yield row
            return
        place = self._talk.begin_stream(self._speech, Wanted(where, order))
        while True:
            try:
                answered = await drive_async(self._talk.ask(self._speech.stream(place.rest())), self._http)
            except ClientError as failure:
                if (cut := place.stopped(failure)) is not None:
                    raise cut from failure
                raise
            assert answered.opened is not None
            try:
                lines = Lines()
                async for piece in answered.opened.aiter_bytes():
                    for line in lines.feed(piece):
                        yield place.take(line)
                for line in lines.last():
                    yield place.take(line)
                return
            except (httpx.TransportError, httpx.DecodingError):
                pause = place.pause()
            finally:
                await answered.opened.aclose()
            await asyncio.sleep(pause)

    async def create(self, given: T | BaseModel | Mapping[str, Any] | None = None, /, **members: Any) -> Known[T]:
        """Create a row; of a model's fields, those are sent that were given when it was made. A version in it is not sent."""
        return await drive_async(self._talk.create(given_of(self._talk, given, members)), self._http)

    async def replace(
        self,
        row: Known[T] | Key,
        given: T | BaseModel | Mapping[str, Any] | None = None,
        /,
        *,
        version: int | None = None,
        unconditional: bool = False,
    ) -> Known[T]:
        """Make a row what `given` says, whole; without it, what the value of the row has become. What it leaves out is reset."""
        whole = given_of(self._talk, row.value if given is None and isinstance(row, Known) else given, {})
        return await drive_async(self._talk.replace(row, whole, named_version(row, version, unconditional=unconditional)), self._http)

    async def patch(
        self,
        row: Known[T] | Key,
        given: BaseModel | Mapping[str, Any] | None = None,
        /,
        *,
        version: int | None = None,
        unconditional: bool = False,
        **members: Any,
    ) -> Known[T]:
        """Change what is given, and nothing else; None clears a field. Source: RFC 7396."""
        changes = given_of(self._talk, given, members)
        return await drive_async(self._talk.patch(row, changes, named_version(row, version, unconditional=unconditional)), self._http)

    async def json_patch(
        self,
        row: Known[T] | Key,
        operations: Sequence[Mapping[str, Any]],
        /,
        *,
        version: int | None = None,
        unconditional: bool = False,
    ) -> Known[T]:
        """Apply operations in order, all or none. Source: RFC 6902."""
        return await drive_async(
            self._talk.json_patch(row, operations, named_version(row, version, unconditional=unconditional)), self._http
        )

    async def delete(self, row: Known[T] | Key, /, *, version: int | None = None, unconditional: bool = False) -> None:
        await drive_async(self._talk.delete(row, named_version(row, version, unconditional=unconditional)), self._http)

    async def edit(self, row: Known[T] | Key, change: Callable[[T], T | None], /, *, attempts: int = 5) -> Known[T]:
        """Change a row by a function, on the current state if others are faster. It may change its argument, or return another value.

        Only what it changed is sent, with the version. VersionMismatch is raised when others were faster `attempts` times.
        """
        return await drive_async(self._talk.edit(row, change, attempts), self._http)

    def merge(self, base: Known[T], mine: T, theirs: Known[T]) -> Merged[T] | Conflicts[T]:
        """Put my change of `base` together with theirs, field by field; write the result with `replace(theirs, …)`."""
        return self._talk.merge(base, mine, theirs)
