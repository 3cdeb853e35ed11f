"""Examples that Hypothesis makes, checked in the event loop that a store lives in."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import SOAK


async def for_all(check: Callable[[Any], Coroutine[Any, Any, None]], strategy: st.SearchStrategy[Any], examples: int = 100) -> None:
    """Check every example in the event loop that the store lives in; a soak makes more of them."""
    loop = asyncio.get_running_loop()

    @settings(max_examples=examples * SOAK, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def run(example: Any) -> None:
        asyncio.run_coroutine_threadsafe(check(example), loop).result(30)

    await asyncio.to_thread(run)
