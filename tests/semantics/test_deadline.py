"""Until when a request may take: one timer gives up whatever is still waiting (the clock is moved by hand)."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextvars import Context
from typing import TypeVarTuple

import pytest

from diptych.semantics.deadline import DEADLINE, Overdue

NOON = 1000.0
Given = TypeVarTuple("Given")


class Clockwork(asyncio.SelectorEventLoop):
    """A loop that remembers its timers, and that runs only while time is made to pass."""

    def __init__(self) -> None:
        super().__init__()
        self.timers: list[asyncio.TimerHandle] = []

    def call_later(
        self, delay: float, callback: Callable[[*Given], object], *args: *Given, context: Context | None = None
    ) -> asyncio.TimerHandle:
        timer = super().call_later(delay, callback, *args, context=context)
        self.timers.append(timer)
        return timer

    def run_what_is_due(self) -> None:
        self.call_soon(self.stop)
        self.run_forever()

    def waiting(self) -> list[float]:
        """When the timers go off that are still to do so, in seconds after noon."""
        return [timer.when() - NOON for timer in self.timers if not timer.cancelled() and timer.when() > self.time()]


class Clock:
    """Seconds since noon. The numbers in the stories are halves and quarters, which add up exactly."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return NOON + self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that the loops and the deadlines go by."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock.now)
    return clock


@pytest.fixture
def loop(clock: Clock) -> Iterator[Clockwork]:
    loop = Clockwork()
    yield loop
    loop.close()


@pytest.fixture
def given_up() -> list[str]:
    return []


@pytest.fixture
def overdue(given_up: list[str]) -> Overdue[str]:
    return Overdue(given_up.append)


def test_nobody_has_a_deadline_until_a_door_says_so() -> None:
    assert Context().run(DEADLINE.get) is None
    assert DEADLINE.name == "diptych_deadline"


def test_who_waits_is_given_up_at_the_deadline_and_not_before(
    clock: Clock, loop: Clockwork, overdue: Overdue[str], given_up: list[str]
) -> None:
    overdue.add("one", NOON + 2, loop)
    clock.seconds = 1.75
    loop.run_what_is_due()
    assert (given_up, loop.waiting()) == ([], [2])
    clock.seconds = 2
    loop.run_what_is_due()
    assert (given_up, loop.waiting()) == (["one"], [])


def test_who_comes_too_late_is_given_up_at_once(loop: Clockwork, overdue: Overdue[str], given_up: list[str]) -> None:
    overdue.add("late", NOON - 5, loop)
    assert given_up == [], "but not while it is being added"
    loop.run_what_is_due()
    assert given_up == ["late"]


def test_who_is_served_in_time_is_not_given_up(clock: Clock, loop: Clockwork, overdue: Overdue[str], given_up: list[str]) -> None:
    overdue.add("served", NOON + 1, loop)
    overdue.add("waiting", NOON + 1, loop)
    overdue.discard("served")
    overdue.discard("stranger")
    clock.seconds = 1
    loop.run_what_is_due()
    assert given_up == ["waiting"]
    overdue.discard("waiting")
    loop.run_what_is_due()
    assert given_up == ["waiting"]


def test_one_timer_serves_all_in_the_order_of_their_deadlines(
    clock: Clock, loop: Clockwork, overdue: Overdue[str], given_up: list[str]
) -> None:
    for name, seconds in (("third", 3.0), ("last", 4.0), ("first", 1.0), ("second", 1.5), ("twin", 1.0)):
        overdue.add(name, NOON + seconds, loop)
    assert loop.waiting() == [1]
    assert len(loop.timers) == 2, "only an earlier deadline needs another timer"
    told = {}
    for seconds in (0.5, 1.0, 1.25, 1.5, 2.5, 3.0, 4.0):
        clock.seconds = seconds
        loop.run_what_is_due()
        told[seconds] = (list(given_up), loop.waiting())
        given_up.clear()
    assert told == {
        0.5: ([], [1]),
        1.0: (["first", "twin"], [1.5]),
        1.25: ([], [1.5]),
        1.5: (["second"], [3]),
        2.5: ([], [3]),
        3.0: (["third"], [4]),
        4.0: (["last"], []),
    }


def test_after_a_quiet_time_deadlines_are_kept_again(clock: Clock, loop: Clockwork, overdue: Overdue[str], given_up: list[str]) -> None:
    for seconds in (1.0, 5.0):
        overdue.add(f"until {seconds}", NOON + seconds, loop)
        clock.seconds = seconds
        loop.run_what_is_due()
    assert given_up == ["until 1.0", "until 5.0"]


def test_another_loop_gets_a_timer_of_its_own(clock: Clock, loop: Clockwork, overdue: Overdue[str], given_up: list[str]) -> None:
    """As where one loop ends before the next begins: its timer will never go off."""
    overdue.add("there", NOON + 1, loop)
    overdue.discard("there")
    other = Clockwork()
    overdue.add("here", NOON + 2, other)
    assert (loop.waiting(), other.waiting()) == ([], [2])
    overdue.add("here too", NOON + 3, other)
    assert len(other.timers) == 1
    clock.seconds = 2
    other.run_what_is_due()
    assert (given_up, other.waiting()) == (["here"], [3])
    other.close()
