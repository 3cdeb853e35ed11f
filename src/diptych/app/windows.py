"""Where requests are counted: windows in this process, or in Redis, as `limits` would have a storage."""

import time
from collections import OrderedDict
from importlib.util import find_spec
from typing import Any, Final

from limits.aio.storage import RedisStorage, Storage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.errors import ConfigurationError

# Callers that are remembered at once for one quota, about 20 MB; beyond it the oldest windows are forgotten.
MOST_WINDOWS: Final = 100_000
# Seconds that Redis may take to answer, or to take a connection; every request waits for it.
_PATIENCE: Final = 0.25


class RedisMissing(Exception):
    """The Redis client is not installed."""


class MemoryWindows(Storage):
    """Windows in this process, all of one length, the one that ends first in front.

    The storage of `limits` itself looks at every window for each request, and has no bound on how many there are.
    """

    # No scheme of a URL leads here.
    STORAGE_SCHEME = None

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, most: int = MOST_WINDOWS, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._most = most
        self._windows: OrderedDict[str, tuple[int, float]] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        count, ends = self._windows.get(key, (0, 0.0))
        # A window that ends later than a new one would began before somebody set the clock back.
        if now < ends <= now + expiry:
            self._windows[key] = (count + amount, ends)
            return count + amount
        self._windows.pop(key, None)
        while self._windows and (len(self._windows) >= self._most or next(iter(self._windows.values()))[1] <= now):
            self._windows.popitem(last=False)
        self._windows[key] = (amount, now + expiry)
        return amount

    async def get(self, key: str) -> int:
        count, ends = self._windows.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    async def get_expiry(self, key: str) -> float:
        return self._windows.get(key, (0, time.time()))[1]

    async def check(self) -> bool:
        return True

    async def reset(self) -> int | None:
        count = len(self._windows)
        self._windows.clear()
        return count

    async def clear(self, key: str) -> None:
        self._windows.pop(key, None)

    def __len__(self) -> int:
        return len(self._windows)


def redis_windows(url: str) -> RedisStorage:
    """Windows in Redis, for all processes that count there. Raises RedisMissing, and ValueError for a URL that is none."""
    if find_spec("redis") is None:
        raise RedisMissing
    try:
        return RedisStorage(url, implementation="redispy", key_prefix="diptych", socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE)
    except ConfigurationError as error:
        raise ValueError("this Redis URL cannot be read") from error


async def let_go(windows: RedisStorage) -> None:
    """Close the connections; the next use makes new ones."""
    bridge = windows.bridge
    assert isinstance(bridge, RedispyBridge), "made with it"
    client: Any = bridge.get_connection()
    await client.aclose()
