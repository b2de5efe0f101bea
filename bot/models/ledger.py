"""Count the tokens of a day, for all and for each person, in a file that processes share."""

import hashlib
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import BudgetSpent
from bot.models.kept import connected

TABLE = "CREATE TABLE IF NOT EXISTS spent (day TEXT, who TEXT, tokens INTEGER, PRIMARY KEY (day, who))"
ALL = ""


class Ledger:
    """Tokens spent today (UTC). Persons are kept as hashes, and days before this one not at all."""

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now

    def check(self, asker: str, *, day_tokens: int, user_tokens: int) -> None:
        """Raise `BudgetSpent` where today's tokens, or those of the asker, are spent. 0 is no limit."""
        if day_tokens and self.spent(ALL) >= day_tokens:
            raise BudgetSpent("has had its tokens for today")
        if user_tokens and asker and self.spent(asker) >= user_tokens:
            raise BudgetSpent("has given you the tokens that one person has in a day")

    def spent(self, asker: str) -> int:
        """Tokens spent today: of one person, or of all."""
        try:
            with closing(connected(self._path, TABLE)) as connection:
                row = connection.execute(
                    "SELECT tokens FROM spent WHERE day = ? AND who = ?", (self._day(), _hidden(asker))
                ).fetchone()
        except sqlite3.Error:  # a full disk must not silence the bot
            return 0
        return int(row[0]) if row else 0

    def add(self, asker: str, tokens: int) -> None:
        """Count tokens for the asker and for all."""
        day = self._day()
        rows = [(day, _hidden(who), tokens) for who in dict.fromkeys((ALL, asker))]
        try:
            with closing(connected(self._path, TABLE)) as connection, connection:
                connection.execute("DELETE FROM spent WHERE day <> ?", (day,))
                connection.executemany(
                    "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET tokens = tokens + excluded.tokens",
                    rows,
                )
        except sqlite3.Error:
            return

    def _day(self) -> str:
        return datetime.fromtimestamp(self._now(), UTC).date().isoformat()


def _hidden(asker: str) -> str:
    return hashlib.blake2b(asker.encode(), digest_size=12).hexdigest() if asker else ALL
