"""UUIDs that begin with the time they were made at, so that new keys stand side by side in an index. Source: RFC 9562 section 5.7."""

import os
import threading
import time
from typing import Final
from uuid import UUID

_COUNTER_BITS: Final = 12
_MARKS: Final = 0x7 << 76 | 0b10 << 62

_lock: Final = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """Make a UUID of version 7 that is greater than every one that this process made before.

    48 bits are milliseconds since 1970, twelve bits the fraction of a millisecond, and 62 bits chance. Where two fall into one
    moment, or the clock has gone back, the later one takes the next moment. Source: RFC 9562 section 6.2, method 3.
    """
    global _last
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    moment = milliseconds << _COUNTER_BITS | (rest << _COUNTER_BITS) // 1_000_000
    with _lock:
        moment = _last = max(moment, _last + 1)
    chance = int.from_bytes(os.urandom(8)) >> 2
    return UUID(int=(moment >> _COUNTER_BITS) << 80 | (moment & 0xFFF) << 64 | _MARKS | chance)
