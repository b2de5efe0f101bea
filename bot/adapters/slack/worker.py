"""Answer questions in a bounded number of threads, each thread of Slack's in order, and drain at the end."""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from queue import Empty, Full, Queue

from bot.errors import StoreError
from bot.memory.slack.claims import Claims
from bot.memory.slack.types import Question, ThreadKey

LOG = logging.getLogger("citewell.slack")
HOUR = 3600.0
WAITING = 1000  # threads that are remembered at once; what is beyond is in the database, and found by the next look


class PutOff(Exception):
    """The question can't be answered now: try again after so many seconds."""

    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(why)
        self.seconds = seconds


class Worker:
    """Threads that take questions from the database. `run` finishes a question, or raises `PutOff`."""

    def __init__(
        self,
        claims: Claims,
        run: Callable[[Question, str], None],
        *,
        threads: int,
        lease: float,
        look_every: float,
        stopping: threading.Event,
        hourly: Callable[[], None] = lambda: None,
    ) -> None:
        self.holder = uuid.uuid4().hex
        self._claims = claims
        self._run = run
        self._lease = lease
        self._hourly = hourly
        self._look_every = look_every
        self._queue: Queue[ThreadKey] = Queue(WAITING)
        self._queued: set[ThreadKey] = set()
        self._held: set[ThreadKey] = set()
        self._lock = threading.Lock()
        self._stopping = stopping
        self._threads = [threading.Thread(target=self._work, name=f"slack-{n}", daemon=True) for n in range(threads)]
        self._keeper = threading.Thread(target=self._keep, name="slack-keeper", daemon=True)

    def start(self) -> None:
        """Begin, with what an earlier process left."""
        for thread in (*self._threads, self._keeper):
            thread.start()

    def wake(self, thread: ThreadKey) -> None:
        """Say that a thread has a question; it costs nothing to say it twice."""
        with self._lock:
            if thread in self._queued or self._stopping.is_set():
                return
            try:
                self._queue.put_nowait(thread)
            except Full:
                return
            self._queued.add(thread)

    def stop(self, *, within: float) -> bool:
        """Take nothing new, finish what is in hand within so many seconds, and leave the rest to others.

        Gives whether all was finished.
        """
        self._stopping.set()
        ends = time.monotonic() + within
        for worker in self._threads:
            if worker.is_alive():
                worker.join(max(0.0, ends - time.monotonic()))
        with self._lock:
            left = set(self._held)
        for thread in left:
            LOG.warning("Not finished in %.0f s, left for the next start: %s", within, thread.conversation_id)
            self._claims.release(thread, holder=self.holder)
        return not left

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                thread = self._queue.get(timeout=0.1)
            except Empty:
                continue
            with self._lock:
                self._queued.discard(thread)
            try:
                self._drain(thread)
            except StoreError as error:  # locked or away: what is asked stays there
                LOG.warning("%s", error)
                self._stopping.wait(self._look_every)
                self.wake(thread)
            except Exception:
                LOG.exception("A thread could not be answered; it is tried again: %s", thread.conversation_id)

    def _drain(self, thread: ThreadKey) -> None:
        more = True
        while more and not self._stopping.is_set():
            with self._lock:
                if thread in self._held:
                    return  # another of our threads is at it, and takes all that is due
                self._held.add(thread)
            try:
                question = self._claims.take(thread, holder=self.holder, lease=self._lease)
                if question is None:
                    return
                self._answer(question)
            finally:
                with self._lock:
                    self._held.discard(thread)
            more = self._claims.is_due(thread)

    def _answer(self, question: Question) -> None:
        try:
            self._run(question, self.holder)
        except PutOff as error:
            LOG.info("Put off for %.1f s: %s (%s)", error.seconds, question.name, error)
            self._claims.put_off(question, seconds=error.seconds, holder=self.holder)

    def _keep(self) -> None:
        """Prolong what is held, and look for questions that are due: put off, or left by one that died."""
        prolonged, tidied = time.monotonic(), float("-inf")
        while True:
            try:
                if time.monotonic() - tidied > HOUR and not self._stopping.is_set():
                    tidied = time.monotonic()
                    self._hourly()
                if time.monotonic() - prolonged > self._lease / 3:
                    with self._lock:
                        held = set(self._held)
                    if held:
                        self._claims.prolong(held, holder=self.holder, lease=self._lease)
                    prolonged = time.monotonic()
                if not self._stopping.is_set():
                    for thread in self._claims.due_threads():
                        self.wake(thread)
            except StoreError as error:
                LOG.warning("%s", error)
            except Exception:
                LOG.exception("Looking for questions failed; it is done again")
            if self._stopping.wait(self._look_every) and not self._held:
                return
            if self._stopping.is_set():
                time.sleep(min(self._look_every, 0.2))
