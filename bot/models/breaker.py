"""Stop asking a chat model that keeps failing, for a while.

After Nygard, Release It! (2007): closed, open, and half open, when one call may try.
"""

import time
from collections.abc import Callable
from threading import Lock

from bot.errors import ModelAway

FAILURES = 4  # in a row; each costs its asker the time limit, or three tries
PAUSE = 30.0  # seconds, in which most restarts of a server are over


class Breaker:
    """Counts failures in a row; open, it raises at once instead of letting a call through."""

    def __init__(self, *, failures: int = FAILURES, pause: float = PAUSE, now: Callable[[], float] = time.monotonic):
        self._most = failures
        self._pause = pause
        self._now = now
        self._failures = 0
        self._until = 0.0
        self._lock = Lock()

    def check(self) -> None:
        """Raise `ModelAway` while open. When the pause is over, one caller passes, and others wait for its fate."""
        with self._lock:
            if self._failures < self._most:
                return
            if self._now() < self._until:
                raise ModelAway("has failed several times in a row, and is asked again in half a minute")
            self._until = self._now() + self._pause

    def succeeded(self) -> None:
        """Close."""
        with self._lock:
            self._failures = 0

    def failed(self, *, for_good: bool = False) -> None:
        """Count a failure; one that will be the same next time (a wrong key) opens at once."""
        with self._lock:
            self._failures = self._most if for_good else self._failures + 1
            if self._failures >= self._most:
                self._until = self._now() + self._pause
