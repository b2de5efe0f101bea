"""Idempotency-Key: the same request sent again gets the same answer, and is answered once.

After draft-ietf-httpapi-idempotency-key-header: another body with the same key is refused (422), and so is the same
while the first is still being answered (409).
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass

from bot.adapters.http.problem import Problem
from bot.types import Answer

KEPT = 1000  # answers, of a few kilobytes each
FOR = 24 * 60 * 60  # seconds; who sends again after a day asks anew
LONGEST = 255  # characters of a key


@dataclass(frozen=True, slots=True)
class Sent:
    """A request with a key: whose it is, and what was in it."""

    asker: str
    key: str
    fingerprint: str

    @classmethod
    def of(cls, asker: str, key: str, *parts: str) -> "Sent":
        """Tell a request by its parts; raise `Problem` where the key can't be one."""
        if len(key) > LONGEST or not key.isprintable():
            raise Problem(400, "bad-idempotency-key", f"An Idempotency-Key has at most {LONGEST} plain characters.")
        return cls(asker, key, hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest())


@dataclass(slots=True)
class _Kept:
    fingerprint: str
    at: float
    answer: Answer | None = None


class Replays:
    """The answers of late, by caller and key. For one event loop."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    def find(self, sent: Sent) -> Answer | None:
        """The answer to the same request, if it was answered before; raise `Problem` where it can't be told."""
        known = self._kept.get((sent.asker, sent.key))
        if not sent.key or known is None or time.monotonic() - known.at >= FOR:
            return None
        if known.fingerprint != sent.fingerprint:
            raise Problem(
                422, "idempotency-key-reused", "This Idempotency-Key was sent with another question. Send a new one."
            )
        if known.answer is None:
            raise Problem(
                409,
                "being-answered",
                "This question is being answered just now. Send it again in a moment.",
                headers={"Retry-After": "1"},
            )
        return known.answer

    def keep(self, sent: Sent, running: "asyncio.Task[Answer]") -> None:
        """Keep the answer when it is there; one that fails or is stopped leaves nothing, so that a retry works."""
        if not sent.key:
            return
        name = sent.asker, sent.key
        kept = self._kept[name] = _Kept(sent.fingerprint, time.monotonic())
        self._kept.move_to_end(name)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

        def done(task: "asyncio.Task[Answer]") -> None:
            if not task.cancelled() and task.exception() is None:
                kept.answer = task.result()
            elif self._kept.get(name) is kept:
                del self._kept[name]

        running.add_done_callback(done)
