"""How often each caller may ask."""

import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from bot.adapters.http.problem import Problem
from ingest.errors import SettingsError


class Rate:
    """Counts asks by caller."""

    def __init__(self, rate: str) -> None:
        """`rate` is such as `120/minute`; empty for none. Raises `SettingsError`."""
        self._item = parsed(rate)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, caller: str) -> None:
        """Count one ask; raise `Problem` where it is one too many."""
        if self._item is None or self._limiter.hit(self._item, caller):
            return
        reset = self._limiter.get_window_stats(self._item, caller).reset_time
        raise Problem(
            429,
            "too-many",
            f"That is more than {self._item.amount} questions in {_period(self._item)}. Wait a moment.",
            headers={"Retry-After": str(max(1, math.ceil(reset - time.time())))},
        )


def parsed(rate: str) -> RateLimitItem | None:
    """Read a rate; raise `SettingsError` where it is none."""
    try:
        return parse(rate) if rate else None
    except ValueError as error:
        raise SettingsError(f"CITEWELL_RATE is '{rate}'. Give it a value such as 120/minute.") from error


def _period(item: RateLimitItem) -> str:
    count, name = item.multiples, item.GRANULARITY.name
    return f"one {name}" if count == 1 else f"{count} {name}s"
