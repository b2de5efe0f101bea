"""Log what the SDK complains of once in a while: it repeats itself every few seconds while Slack is away."""

import logging
import time

REPEATED_AFTER = 300.0  # seconds until the same complaint is logged again


class Seldom(logging.Filter):
    """Let the same complaint through once in a while."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        record.exc_info = None  # a traceback of the SDK tells an administrator nothing
        kind = f"{record.levelno}{record.getMessage().partition('(')[0]}"
        now = time.monotonic()
        if self._seen.get(kind, -REPEATED_AFTER) + REPEATED_AFTER > now:
            return False
        self._seen[kind] = now
        return True


def seldom(name: str) -> logging.Logger:
    """A logger for the SDK to use."""
    logger = logging.getLogger(name)
    if not any(isinstance(one, Seldom) for one in logger.filters):
        logger.addFilter(Seldom())
    return logger
