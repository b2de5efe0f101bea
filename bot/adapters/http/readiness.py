"""Whether the service can answer, asked as often as anybody likes, looked at no more than once a second."""

import time
from threading import Lock

from bot.assemble import Bot
from bot.memory.store import Store

LASTS = 1.0  # seconds; looking takes as long as an answer, and anybody may ask


class Readiness:
    """Looks whether embedder, index and store are usable."""

    def __init__(self, bot: Bot, store: Store) -> None:
        self._bot = bot
        self._store = store
        self._looking = Lock()
        self._good_until = 0.0

    def check(self) -> None:
        """Raise what is amiss."""
        with self._looking:
            if time.monotonic() < self._good_until:
                return
            self._bot.answer("Is everything ready?")
            self._store.prepare()
            self._good_until = time.monotonic() + LASTS
