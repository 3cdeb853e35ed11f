"""The client that awaits, in the manner of the one that waits, so that both are told the same stories."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any

from diptych.client import AsyncClient


class Blocking:
    """Runs whatever a method of `target` returns on one event loop."""

    def __init__(self, target: Any, runner: "asyncio.Runner") -> None:
        self._target = target
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)

        def call(*args: Any, **given: Any) -> Any:
            result = method(*args, **given)
            if inspect.isasyncgen(result):
                return self._each(result)
            if inspect.iscoroutine(result):
                return self._runner.run(result)
            return Blocking(result, self._runner) if name == "resource" else result

        return call

    def _each(self, rows: AsyncIterator[Any]) -> Iterator[Any]:
        async def following() -> Any:
            return await anext(rows, None)

        while (row := self._runner.run(following())) is not None:
            yield row


def blocking_client(runner: "asyncio.Runner", url: str, **given: Any) -> Any:
    async def made() -> AsyncClient:
        return AsyncClient(url, **given)

    return Blocking(runner.run(made()), runner)
