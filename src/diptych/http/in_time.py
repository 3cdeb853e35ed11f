"""Waiting for a client until a deadline, at no cost for what has come already."""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Final, Generic, TypeVar

from diptych.semantics.deadline import Overdue

Result = TypeVar("Result")

# Why a task is cancelled that waits for too long; told apart from every other reason.
_LATE: Final = "the content is late"
_waiting: Final[Overdue[asyncio.Task[Any]]] = Overdue(lambda task: task.cancel(_LATE))


class TooSlow(Exception):
    """What was waited for has not come by the deadline."""


class InTime(Generic[Result]):
    """Awaits a coroutine that waits for the client, until `deadline`, in seconds of `time.monotonic`. Raises TooSlow then.

    The coroutine is begun at once, and only where it really has to wait is anybody asked which task this is, or a timer set:
    nearly all content is there before it is asked for.
    """

    def __init__(self, work: Coroutine[Any, Any, Result], deadline: float) -> None:
        self._work = work
        self._deadline = deadline

    def __await__(self) -> Generator[Any, Any, Result]:
        work = self._work
        try:
            awaited = work.send(None)
        except StopIteration as done:
            result: Result = done.value
            return result
        return (yield from self._wait(awaited))

    def _wait(self, awaited: Any) -> Generator[Any, Any, Result]:
        """Hand on what the coroutine awaits, and to it what comes of that."""
        work, task = self._work, asyncio.current_task()
        assert task is not None
        _waiting.add(task, self._deadline, asyncio.get_running_loop())
        try:
            while True:
                try:
                    came = yield awaited
                except GeneratorExit:
                    work.close()
                    raise
                except BaseException as error:  # whatever it is, it is the coroutine's to deal with first
                    awaited = work.throw(error)
                else:
                    awaited = work.send(came)
        except StopIteration as done:
            result: Result = done.value
            return result
        except asyncio.CancelledError as error:
            if error.args != (_LATE,):
                raise
            task.uncancel()
            raise TooSlow from None
        finally:
            _waiting.discard(task)
