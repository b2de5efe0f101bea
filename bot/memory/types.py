"""What is remembered, and what the bot needs of whatever remembers it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.types import Answer

Rating = Literal["up", "down"]
ANYWHERE = -1  # of `Past.last`: keep the answer after whatever turn is the last by now


@dataclass(frozen=True, slots=True)
class Past:
    """What was said in a conversation before: its last answers, oldest first, and the number of its last turn.

    `conversation_id` is empty where a conversation only begins.
    """

    conversation_id: str = ""
    answers: tuple[Answer, ...] = ()
    last: int = 0


class Memory(Protocol):
    """What the bot needs, to answer a conversation turn by turn."""

    def begin(
        self, conversation_id: str, *, asker: str, channel: str = "", audiences: frozenset[str] | None = None
    ) -> None:
        """Begin a conversation of this id, where the asker has none yet."""

    def alone(self, conversation_id: str, *, asker: str) -> AbstractContextManager[None]:
        """Let the turns of one conversation be answered one after another."""

    def past(self, conversation_id: str, *, asker: str) -> Past:
        """What was said before; raise `UnknownConversation` where the asker has no such conversation."""

    def keep(self, answer: Answer, *, asker: str, past: Past) -> None:
        """Keep an answer, all of it or nothing; raise `Overtaken` where there is a turn that `past` doesn't know."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation of one asker. `audiences` are those whose documents it may be answered from; `None` means all."""

    id: str
    asker: str
    created: datetime
    updated: datetime
    channel: str = ""
    audiences: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """One turn of a conversation: the answer exactly as it was, with the question in it."""

    number: int
    answer: Answer
    at: datetime


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person thinks of one answer."""

    answer: Answer
    asker: str
    rating: Rating
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that the documents should answer and don't, reported to whoever owns them."""

    id: int
    question: str
    asker: str
    note: str
    document_ids: tuple[str, ...]
    answer_id: str
    at: datetime
    told: bool = False


@dataclass(frozen=True, slots=True)
class ProposedFact:
    """A question and what its answer has to contain, proposed by a person for the known facts."""

    id: int
    question: str
    expected: str
    asker: str
    note: str
    document_id: str
    answer_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was deleted."""

    conversations: int = 0
    turns: int = 0
    votes: int = 0
    reports: int = 0
    steps: int = 0
