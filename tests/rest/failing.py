"""A database that fails, which a real one does not do when asked."""

from typing import Any

from diptych.semantics.outcome import Unavailable


class FailingStore:
    """Answers every call with one refusal, or raises one error."""

    def __init__(self, failure: Unavailable | Exception) -> None:
        self._failure = failure

    async def fetch(self, *_: Any) -> Unavailable:
        return self._fail()

    async def window(self, *_: Any) -> Unavailable:
        return self._fail()

    async def rows(self, *_: Any) -> Unavailable:
        return self._fail()

    async def related(self, *_: Any) -> Unavailable:
        return self._fail()

    async def commit(self, *_: Any) -> Unavailable:
        return self._fail()

    def _fail(self) -> Unavailable:
        if isinstance(self._failure, Exception):
            raise self._failure
        return self._failure
