"""How often and how long the client tries by itself."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retries:
    """Bounds on sending again: `attempts` in all, the first included, within `deadline` seconds of the first.

    Waits double from `first_wait` to `longest_wait` seconds, and are never shorter than what Retry-After says.
    Raises ValueError for a bound that would let nothing through.
    """

    attempts: int = 4
    deadline: float = 30.0
    first_wait: float = 0.1
    longest_wait: float = 5.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError("Retries(attempts=…) counts the first try, so it is 1 or more.")
        if self.deadline <= 0 or self.first_wait < 0 or self.longest_wait < 0:
            raise ValueError("Retries takes seconds that are 0 or more, and a deadline that is more than 0.")

    def wait(self, tried: int, retry_after: float | None) -> float:
        """Seconds to wait after `tried` tries. Spread, so that clients which failed together do not come back together."""
        grown = min(self.longest_wait, self.first_wait * 2.0 ** min(tried - 1, 30))
        spread = random.uniform(grown / 2, grown)
        return spread if retry_after is None else retry_after + spread


NONE = Retries(attempts=1)
