"""Until when a request may take. A door says so when the request comes in; whatever waits on its behalf looks here."""

import asyncio
import time
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from math import inf
from typing import Final, Generic, TypeVar

# In seconds of `time.monotonic`; None where nobody has said.
DEADLINE: Final[ContextVar[float | None]] = ContextVar("diptych_deadline", default=None)

Waiting = TypeVar("Waiting", bound=Hashable)


class Overdue(Generic[Waiting]):
    """Calls `give_up` for whatever is still waiting at its deadline.

    One timer serves all of them: a timer for each would cost every caller more than the rest of its waiting.
    """

    def __init__(self, give_up: Callable[[Waiting], object]) -> None:
        self._give_up = give_up
        self._deadlines: dict[Waiting, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        # When it goes off; later than any deadline while there is none.
        self._at = inf

    def add(self, one: Waiting, deadline: float, loop: asyncio.AbstractEventLoop) -> None:
        self._deadlines[one] = deadline
        if deadline < self._at or self._loop is not loop:
            self._arm(deadline, loop)

    def discard(self, one: Waiting) -> None:
        self._deadlines.pop(one, None)

    def _arm(self, deadline: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._loop, self._at = loop, deadline
        self._timer = loop.call_later(max(deadline - time.monotonic(), 0), self._look)

    def _look(self) -> None:
        assert self._loop is not None
        now = time.monotonic()
        self._timer, self._at = None, inf
        for one in [one for one, deadline in self._deadlines.items() if deadline <= now]:
            del self._deadlines[one]
            self._give_up(one)
        if self._deadlines:
            self._arm(min(self._deadlines.values()), self._loop)
