"""How often one caller may ask: by who it is, and by where it comes from, before anything else of a request is looked at.

The counters are those of `limits`, a window that begins with the first request in it; in this process, or in Redis for many.
"""

import asyncio
import logging
import time
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from limits.aio.storage import RedisStorage, Storage

from diptych.app.addresses import group_of
from diptych.app.windows import MemoryWindows, RedisMissing, let_go, redis_windows
from diptych.http.answer import Fields
from diptych.http.doorkeeper import TurnedAway
from diptych.semantics.principal import Principal
from diptych.semantics.problems import problem
from limits import RateLimitItem, parse_many

log = logging.getLogger("diptych")

# Seconds for which a Redis that has failed is not asked again, so that callers do not wait for it one by one.
_PAUSE: Final = 5.0


class RateLimitError(ValueError):
    """A rate limit that cannot be; the message says what would be accepted."""


@dataclass(frozen=True, slots=True)
class _Policy:
    """One quota. `name` is what the fields of an answer call it."""

    name: str
    item: RateLimitItem
    windows: Storage


class RateLimit:
    """So many requests in a time, for each principal and for each address; None counts nothing.

    A quota is written as `limits` reads it: `"600/minute"`, `"10 per second"`. Who did not say who they are is counted by address
    alone. An IPv6 address counts with its whole /64. Loopback is not counted: behind it stands a proxy that has not said for
    whom it asks, or somebody at the machine. `storage` is `memory://`, for this process, or a Redis URL, for all that share it.
    A Redis that does not answer lets everybody in, and the log says so.
    Raises RateLimitError for a quota or a storage that cannot be.
    """

    def __init__(
        self, *, per_principal: str | None = "6000/minute", per_address: str | None = "12000/minute", storage: str = "memory://"
    ) -> None:
        self.per_principal, self.per_address, self.storage = per_principal, per_address, storage
        self._is_shared = storage != "memory://"
        shared = _redis(storage) if self._is_shared else None
        self._by_principal = _policy("principal", per_principal, shared)
        self._by_address = _policy("address", per_address, shared)
        policies = [policy for policy in (self._by_principal, self._by_address) if policy is not None]
        self._shared = shared
        self._policies = {policy.name: _written(policy).encode() for policy in policies}
        self._paused_until = 0.0

    def counts(self, address: str) -> bool:
        """Whether requests from this address are counted by it."""
        return self._by_address is not None and group_of(address) is not None

    async def admit(self, principal: Principal, address: str | None, stamps: list[tuple[bytes, bytes]]) -> TurnedAway | None:
        """Count one request, and turn it away where it is one too many; `stamps` gain the fields that tell what is left.

        `address` is the one that the server has for the client, None where there is none.
        """
        asked: list[tuple[_Policy, str]] = []
        if self._by_principal is not None and principal.subject is not None:
            asked.append((self._by_principal, principal.subject))
        if self._by_address is not None and address is not None and (group := group_of(address)) is not None:
            asked.append((self._by_address, group))
        if not asked or time.monotonic() < self._paused_until:
            return None
        try:
            if self._is_shared:
                counted = list(await asyncio.gather(*(_count(policy, who) for policy, who in asked)))
            else:
                counted = [await _count(policy, who) for policy, who in asked]
        except Exception as error:
            if not self._is_shared:
                raise
            self._paused_until = time.monotonic() + _PAUSE
            # Its words could repeat the URL, and a password in it.
            log.warning("rates are not counted for %d seconds: Redis failed with %s", _PAUSE, type(error).__name__)
            return None
        return self._told(counted, stamps)

    async def close(self) -> None:
        """Let the connections to Redis go."""
        if self._shared is not None:
            await let_go(self._shared)

    def _told(self, counted: "list[_Counted]", stamps: list[tuple[bytes, bytes]]) -> TurnedAway | None:
        # Source: draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4. No partition key is told: it would say who is counted.
        policy = b", ".join(self._policies[one.policy.name] for one in counted)
        left = ", ".join(f'"{one.policy.name}";r={one.left};t={one.seconds}' for one in counted)
        stamps += ((b"ratelimit-policy", policy), (b"ratelimit", left.encode()))
        over = [one for one in counted if one.is_over]
        if not over:
            return None
        seconds = max(one.seconds for one in over)
        said = " and ".join(f"{one.policy.item.amount} requests in {one.policy.item.get_expiry()} seconds" for one in over)
        fields: Fields = ((b"retry-after", b"%d" % seconds),)
        return TurnedAway(problem("too_many_requests", f"One caller may send {said}. Try again in {seconds} seconds."), fields)


@dataclass(frozen=True, slots=True)
class _Counted:
    """One window, this request included. `seconds` are those until it ends."""

    policy: _Policy
    count: int
    seconds: int

    @property
    def is_over(self) -> bool:
        return self.count > self.policy.item.amount

    @property
    def left(self) -> int:
        return max(self.policy.item.amount - self.count, 0)


async def _count(policy: _Policy, who: str) -> _Counted:
    key = policy.item.key_for(policy.name, who)
    count = await policy.windows.incr(key, policy.item.get_expiry())
    ends = await policy.windows.get_expiry(key)
    return _Counted(policy, count, max(ceil(ends - time.time()), 1))


def _policy(name: str, quota: str | None, shared: Storage | None) -> _Policy | None:
    if quota is None:
        return None
    try:
        (item,) = parse_many(quota)
    except (ValueError, AttributeError, TypeError):
        raise RateLimitError(f'RateLimit(per_{name}={quota!r}): write a number and a time, such as "600/minute", or None.') from None
    if item.amount < 1:
        raise RateLimitError(f"RateLimit(per_{name}={quota!r}): must allow at least one request.")
    # Windows of one length are in the order of their ends, so each quota has its own in memory.
    return _Policy(name, item, MemoryWindows() if shared is None else shared)


def _redis(storage: Any) -> RedisStorage:
    # What was given is never repeated: a Redis URL may hold a password.
    if not isinstance(storage, str) or not storage.startswith(("redis://", "rediss://", "redis+unix://")):
        raise RateLimitError("RateLimit(storage=…): write memory://, or where Redis is: redis://, rediss:// or redis+unix://.")
    try:
        return redis_windows(storage)
    except RedisMissing:
        raise RateLimitError("RateLimit(storage=…): a Redis URL needs the Redis client: pip install 'diptych[redis]'.") from None
    except ValueError:
        raise RateLimitError("RateLimit(storage=…): this Redis URL cannot be read. Write redis://host:port/0.") from None


def _written(policy: _Policy) -> str:
    return f'"{policy.name}";q={policy.item.amount};w={policy.item.get_expiry()}'
