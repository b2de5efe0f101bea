"""The store: everything that is remembered, in one database, and for how long."""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from threading import Event, Thread

from bot.errors import StoreUnavailable, UnknownConversation
from bot.memory.conversations import Conversations
from bot.memory.database import Database
from bot.memory.forget import forget_conversation, forget_older, forget_user
from bot.memory.reports import Reports
from bot.memory.steps import Steps
from bot.memory.text import now
from bot.memory.types import Forgotten, Past
from bot.memory.votes import Votes
from bot.types import Answer

DAY = 24 * 60 * 60  # seconds


class Store:
    """Conversations, votes, reports and steps. It is the bot's memory (`bot.memory.types.Memory`)."""

    def __init__(self, database: Database, *, retention_days: int) -> None:
        """`retention_days` of 0 keeps everything until somebody deletes it."""
        self._database = database
        self._retention_days = retention_days
        self.conversations = Conversations(database)
        self.votes = Votes(database)
        self.reports = Reports(database)
        self.steps = Steps(database)

    @property
    def database(self) -> Database:
        """The database, for what an adapter stores of its own (`bot.memory.slack`)."""
        return self._database

    @property
    def place(self) -> str:
        """Where it is, for people; without a password."""
        return self._database.place

    def begin(
        self, conversation_id: str, *, asker: str, channel: str = "", audiences: frozenset[str] | None = None
    ) -> None:
        """Begin a conversation of an id that an adapter chose, where the asker has none yet."""
        self.conversations.begin(conversation_id, asker=asker, channel=channel, audiences=audiences)

    def alone(self, conversation_id: str, *, asker: str) -> AbstractContextManager[None]:
        """Let the turns of one conversation be answered one after another, in this process."""
        return self.conversations.alone(conversation_id, asker=asker)

    def past(self, conversation_id: str, *, asker: str) -> Past:
        """What was said before in a conversation; raise `UnknownConversation`."""
        return self.conversations.past(conversation_id, asker=asker)

    def keep(self, answer: Answer, *, asker: str, past: Past) -> None:
        """Keep an answer; raise `Overtaken` or `UnknownConversation`."""
        self.conversations.keep(answer, asker=asker, past=past)

    def forget_conversation(self, conversation_id: str, *, asker: str | None = None) -> Forgotten:
        """Delete a conversation for good; `UnknownConversation` where the asker (anybody: `None`) has none."""
        done = forget_conversation(self._database, conversation_id, asker=asker)
        if not done.conversations:
            raise UnknownConversation
        return done

    def forget_user(self, asker: str) -> Forgotten:
        """Delete for good all that a person asked, voted, reported, and did."""
        return forget_user(self._database, asker)

    def forget_older(self, days: float) -> Forgotten:
        """Delete for good what is older than so many days."""
        return forget_older(self._database, now() - timedelta(days=days))

    def tidy(self) -> Forgotten:
        """Delete what is older than it may become."""
        return self.forget_older(self._retention_days) if self._retention_days else Forgotten()

    @contextmanager
    def tidied_daily(self, *, every: float = DAY) -> Iterator[None]:
        """Tidy every so many seconds while the block runs; for processes that run for long."""
        stop = Event()

        def run() -> None:
            while not stop.wait(every):
                try:
                    self.tidy()
                except StoreUnavailable as error:
                    logging.getLogger(__name__).warning("Old conversations stay until tomorrow: %s", error)

        thread = Thread(target=run, name="tidy", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def exists(self) -> bool:
        """Whether there is a store already; false only where a file is still to be made."""
        return self._database.exists()

    def prepare(self) -> None:
        """Bring the tables up to date; raise `StoreError` where that is not possible."""
        self._database.prepare()

    def close(self) -> None:
        """Close it."""
        self._database.close()


@contextmanager
def open_store(address: str, *, retention_days: int, must_work: bool = False) -> Iterator[Store]:
    """Open a store (`sqlite:///…` or `postgresql+psycopg://…`), and delete what is too old.

    One that is locked, full or away is opened all the same, with a warning: answers go on, and it is used as soon as
    it is there. Where it `must_work`, it raises `StoreUnavailable` then. Raises `StoreTooNew`, `StoreDamaged`, and
    `SettingsError` for an address that can't be one.
    """
    store = Store(Database(address), retention_days=retention_days)
    try:
        try:
            store.tidy()
            store.prepare()
        except StoreUnavailable as error:
            if must_work:
                raise
            logging.getLogger(__name__).warning("%s", error)
        yield store
    finally:
        store.close()
