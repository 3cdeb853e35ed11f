"""Lanes: callers that wait at the same time are served together, and each gets an answer of its own.

Callers of the same turn of the event loop, and all who arrive while a lane is busy, share the next batch. There are no timers: one
lone caller waits for nobody. Nobody joins a batch that was already sent, for what it reads could be older than the caller.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from time import monotonic
from typing import Final, Generic, TypeAlias, TypeVar

from diptych.semantics.deadline import DEADLINE, Overdue
from diptych.semantics.outcome import Unavailable
from diptych.service.ports import StoreError

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")

Worker: TypeAlias = Callable[[Sequence[Ask]], Awaitable[Sequence[Answer | StoreError]]]
Batch: TypeAlias = list[tuple[Ask, asyncio.Future[Answer | Unavailable]]]


# Entered when a batch is begun, with the callers in it and those who are left waiting; left when it is done.
LaneWatch: TypeAlias = Callable[[int, int], AbstractContextManager[None]]


class Lane(Generic[Ask, Answer]):
    """A bounded queue in front of one or more workers, each of which serves one batch at a time.

    A worker gets at most `largest` callers at once and gives their answers in the same order; an answer that is a StoreError is
    raised to its caller alone, and what the worker raises is raised to them all. With `alike` all callers of a batch
    ask for something of which it says the same. At most `most_waiting` callers are queued; beyond that the answer is Unavailable at
    once. So it is for a caller whose deadline passes: while it is queued, and where `settles` is false, also while it is served. A lane
    that settles tells whoever is being served what came of it, however late.
    """

    def __init__(
        self,
        *workers: Worker[Ask, Answer],
        most_waiting: int,
        largest: int,
        alike: Callable[[Ask], object] | None = None,
        settles: bool = False,
    ) -> None:
        self._idle = list(workers)
        self._most_waiting = most_waiting
        self._largest = largest
        self._alike = alike
        self._settles = settles
        self._waiting: dict[asyncio.Future[Answer | Unavailable], Ask] = {}
        self._overdue: Overdue[asyncio.Future[Answer | Unavailable]] = Overdue(self._give_up)
        self._busy: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.watch: LaneWatch = _unwatched

    async def serve(self, ask: Ask) -> Answer | Unavailable:
        """Wait for the answer. A caller that is cancelled meanwhile takes nobody with it; what it asked for may happen."""
        if len(self._waiting) >= self._most_waiting:
            return Unavailable()
        # While somebody is being served, this is the loop that serves: to ask which one runs is a system call on some machines.
        loop = self._loop if self._busy and self._loop is not None else asyncio.get_running_loop()
        self._loop = loop
        future: asyncio.Future[Answer | Unavailable] = loop.create_future()
        if (deadline := DEADLINE.get()) is not None:
            if deadline <= monotonic():
                return Unavailable()
            self._overdue.add(future, deadline, loop)
        self._waiting[future] = ask
        if self._idle:
            # The task starts in the loop's next turn, so that all callers of this one share its first batch.
            task = loop.create_task(self._work(self._idle.pop()))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)
        try:
            return await future
        except asyncio.CancelledError:
            self._waiting.pop(future, None)
            raise
        finally:
            if deadline is not None:
                self._overdue.discard(future)

    def _give_up(self, future: asyncio.Future[Answer | Unavailable]) -> None:
        was_queued = self._waiting.pop(future, None) is not None
        if not future.done() and (was_queued or not self._settles):
            future.set_result(Unavailable())

    async def finish(self) -> None:
        """Wait until every caller that is queued has its answer."""
        while self._busy:
            await asyncio.wait(self._busy)

    async def _work(self, worker: Worker[Ask, Answer]) -> None:
        try:
            while self._waiting:
                if batch := self._next_batch():
                    with self.watch(len(batch), len(self._waiting)):
                        await _serve(worker, batch)
        except BaseException as error:
            # The event loop is being shut down; whoever is still queued must not wait for ever.
            _fail(self._leave(list(self._waiting.items())), error)
            raise
        finally:
            self._idle.append(worker)

    def _next_batch(self) -> Batch[Ask, Answer]:
        # Only so many are looked at, those who ask something else included, so that a long queue costs no more than a short one.
        found = list(islice(self._waiting.items(), self._largest))
        if self._alike is not None:
            asked = self._alike(found[0][1])
            found = [one for one in found if self._alike(one[1]) == asked]
        return self._leave(found)

    def _leave(self, found: Sequence[tuple[asyncio.Future[Answer | Unavailable], Ask]]) -> Batch[Ask, Answer]:
        for future, _ in found:
            del self._waiting[future]
        # A future that is done already was cancelled in this very turn.
        return [(ask, future) for future, ask in found if not future.done()]


def _unwatched(batch: int, left: int) -> AbstractContextManager[None]:
    return _NOTHING


_NOTHING: Final = nullcontext()


async def _serve(worker: Worker[Ask, Answer], batch: Batch[Ask, Answer]) -> None:
    try:
        answers = await worker([ask for ask, _ in batch])
    except Exception as error:
        _fail(batch, error)
        return
    except BaseException as error:
        _fail(batch, error)
        raise
    for (_, future), answer in zip(batch, answers, strict=True):
        if future.done():
            continue
        if isinstance(answer, StoreError):
            future.set_exception(answer)
        else:
            future.set_result(answer)


def _fail(batch: Batch[Ask, Answer], error: BaseException) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(_for_one_caller(error))


def _for_one_caller(error: BaseException) -> StoreError:
    """An exception object grows a traceback wherever it is raised, so each caller gets one of its own."""
    own = StoreError(*error.args) if isinstance(error, StoreError) else StoreError("A batch failed for a reason that nobody planned.")
    own.__cause__ = error
    return own
