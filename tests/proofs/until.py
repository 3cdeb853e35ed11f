"""Waiting for what nobody tells of."""

import asyncio
from collections.abc import Callable


async def until(is_so: Callable[[], bool], seconds: float = 120) -> None:
    """Look again and again; fails if it is not so in time."""
    for _ in range(int(seconds * 1000)):
        if is_so():
            return
        await asyncio.sleep(0.001)
    raise AssertionError(f"it was not so within {seconds} s")
