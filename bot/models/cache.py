"""Keep what a chat model said, by all that it was given: its name, prompt, passages and question."""

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.models.kept import connected

TABLE = "CREATE TABLE IF NOT EXISTS said (given TEXT PRIMARY KEY, text TEXT, at REAL)"
DAY = 86_400.0


class Cache:
    """Texts that were said, for so many days (0: none). What can't be read or written is asked anew."""

    def __init__(self, path: Path, *, days: float, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._seconds = days * DAY
        self._now = now

    def find(self, key: str) -> str:
        """What was said to this, or nothing."""
        if not self._seconds or not self._path.exists():
            return ""
        try:
            with closing(connected(self._path, TABLE)) as connection:
                row = connection.execute(
                    "SELECT text FROM said WHERE given = ? AND at > ?", (key, self._now() - self._seconds)
                ).fetchone()
        except sqlite3.Error:
            return ""
        return str(row[0]) if row else ""

    def keep(self, key: str, text: str) -> None:
        """Keep a text, and forget what is too old."""
        if not self._seconds:
            return
        try:
            with closing(connected(self._path, TABLE)) as connection, connection:
                connection.execute("DELETE FROM said WHERE at <= ?", (self._now() - self._seconds,))
                connection.execute("INSERT OR REPLACE INTO said VALUES (?, ?, ?)", (key, text, self._now()))
        except sqlite3.Error:
            return


def key_of(model: str, messages: Sequence[tuple[str, str]], shape: dict[str, Any]) -> str:
    """One name for all that a model is given.

    >>> key_of("a", [("user", "Who?")], {}) == key_of("b", [("user", "Who?")], {})
    False
    """
    given = json.dumps([model, list(messages), shape], sort_keys=True)
    return hashlib.blake2b(given.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()
