"""A bot whose answers are known, and an index whose documents are."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.slack.library import Step
from bot.errors import EmptyQuestion
from bot.memory.store import Store
from bot.memory.turn import answered
from bot.types import Answer, Citation, Conflict, Sentence
from ingest.abbreviations import Abbreviation
from ingest.types import Document

HR, BOARD, OPEN = "hr/leave.md", "board.md", "open.md"


@dataclass
class KnownBot:
    """Answers each question in the same way, and notes who asked for what; everything else of a bot is real."""

    store: Store
    delay: float = 0.0
    fails: Exception | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    text: Callable[[str], str] = lambda question: f"The answer to “{question}” is 42."
    status: str = "answered"
    at_once: int = 0
    most_at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, conversation_id: str, *, asker: str, channel: str = "", audiences: Any = None) -> None:
        self.store.begin(conversation_id, asker=asker, channel=channel, audiences=audiences)

    def ask(self, question: str, *, conversation_id: str = "", asker: str = "", **how: Any) -> Answer:
        with self._lock:
            self.asked.append({"question": question, "conversation_id": conversation_id, "asker": asker, **how})
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            time.sleep(self.delay)
            if self.fails:
                raise self.fails
            if not question.strip():
                raise EmptyQuestion("There is no question. Ask one in words.")
            return answered(
                self.store,
                lambda past: self._answer(question, past.conversation_id),
                conversation_id=conversation_id,
                asker=asker,
            )
        finally:
            with self._lock:
                self.at_once -= 1

    def _answer(self, question: str, conversation_id: str) -> Answer:
        text = self.text(question)
        sentences = [one + "." for one in text.rstrip(".").split(". ")]
        marked = " ".join(f"{one} [1]" for one in sentences)
        return Answer(
            answer_id=uuid.uuid4().hex,
            conversation_id=conversation_id,
            question=question,
            standalone_question=question,
            status=self.status,  # type: ignore[arg-type]
            text=marked,
            sentences=tuple(Sentence(one, (1,)) for one in sentences),
            citations=(
                Citation(1, HR, "Leave", "2022", "policy", "current", "Days", "p1", "It is 42.", 0, 9, _url(HR), 0.9),
                Citation(
                    2, OPEN, "Old", "2020", "plan", "superseded", "Days", "p2", "It is 43.", 0, 9, _url(OPEN), 0.8
                ),
            ),
            conflicts=(Conflict("43", 2, "2020"),),
            suggestions=("Since when?",),
        )


def _url(document_id: str) -> str:
    return f"/documents/{document_id}#p-0"


DOCUMENTS = {
    HR: Document(HR, "", "h", "Leave", "2022", audience="staff", owner="owner@example.org"),
    BOARD: Document(BOARD, "", "h", "Minutes of the board", "2023", audience="board"),
    OPEN: Document(OPEN, "", "h", "Old", "2020", audience="public"),
}
TERMS = {"AL": ("annual leave", HR), "BM": ("board minutes", BOARD)}


@dataclass(frozen=True)
class KnownIndex:
    """Three documents for three audiences, and abbreviations of two."""

    audiences: frozenset[str] | None = None

    def for_audiences(self, audiences: frozenset[str] | None) -> "KnownIndex":
        return KnownIndex(audiences)

    def documents(self) -> list[Document]:
        return [one for one in DOCUMENTS.values() if self.document(one.id)]

    def document(self, document_id: str) -> Document | None:
        found = DOCUMENTS.get(document_id)
        return found if found and (self.audiences is None or found.audience in self.audiences) else None

    def abbreviations(self) -> dict[str, list[tuple[Abbreviation, str]]]:
        return {
            short: [(Abbreviation(short, long, 0, 1), name)]
            for short, (long, name) in TERMS.items()
            if self.document(name)
        }


STEPS = (Step("Who we are", "We run ferries & buses.", ("Who runs the ferries?",)),)
