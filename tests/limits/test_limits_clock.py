"""Clocks that are set, and quotas that say more than one thing."""

import time

import pytest

from diptych import RateLimit, RateLimitError
from diptych.app.windows import MemoryWindows


async def test_a_clock_that_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller at the rate is not kept out until the clock has caught up, a day later."""
    now = time.time()
    monkeypatch.setattr("diptych.app.windows.time.time", lambda: now)
    windows = MemoryWindows()
    assert [await windows.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    now -= 86400
    assert await windows.incr("a", 60) == 1
    assert await windows.get_expiry("a") == now + 60
    assert await windows.incr("a", 60) == 2


async def test_the_border_of_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("diptych.app.windows.time.time", lambda: now)
    windows = MemoryWindows()
    await windows.incr("a", 60)
    now += 59.999
    assert await windows.incr("a", 60) == 2
    now = 1_000_060.0
    assert await windows.get("a") == 0
    assert await windows.incr("a", 60) == 1


@pytest.mark.parametrize("quota", ["10/second; 100/hour", "10/second,100/hour", "5/minute|1/second"])
@pytest.mark.parametrize("whose", ["per_principal", "per_address"])
def test_two_quotas_in_one_are_refused(quota: str, whose: str) -> None:
    """The second was once dropped without a word."""
    with pytest.raises(RateLimitError, match="write a number and a time"):
        RateLimit(**{whose: quota})
