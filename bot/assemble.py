"""Build the bot from its settings, once, from the outside."""

import logging
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langchain_core.runnables import Runnable

from bot.chain import chain
from bot.converse import turns_of
from bot.errors import QuestionError, StoreError
from bot.memory.recent import Recent
from bot.memory.turn import answered
from bot.memory.types import Memory, Past
from bot.rerank.score import MODEL, Reranker
from bot.settings import BotSettings
from bot.types import Answer
from ingest.embed import open_embedder
from ingest.errors import SettingsError, WeightsError
from ingest.index import Index, open_index


@dataclass(frozen=True, slots=True)
class Bot:
    """Answers questions from one index. `chain` is a LangChain `Runnable`: invoke, batch, stream or trace it."""

    index: Index
    chain: Runnable[dict[str, Any], Answer]
    memory: Memory = field(default_factory=Recent)

    def ask(self, question: str, *, conversation_id: str = "", asker: str = "") -> Answer:
        """Answer one question, understood by the turns before it, and remember it.

        `asker` is whose conversation it is. Raises `QuestionError` where it is no question, and `UnknownConversation`
        where the memory knows of no such conversation of theirs (see `begin`).
        """
        # What is no valid text (bytes of another encoding in a terminal) can't be stored or sent.
        valid = question.encode("utf-8", "replace").decode()

        def answer(past: Past) -> Answer:
            turns = turns_of(past.answers)
            return self.chain.invoke({"question": valid, "conversation_id": past.conversation_id, "turns": turns})

        return answered(self.memory, answer, conversation_id=conversation_id, asker=asker)

    def begin(
        self, conversation_id: str, *, asker: str, channel: str = "", audiences: frozenset[str] | None = None
    ) -> None:
        """Let the asker have a conversation of an id that an adapter chose (a thread's name); again is no harm."""
        try:
            self.memory.begin(conversation_id, asker=asker, channel=channel, audiences=audiences)
        except StoreError as error:  # what is asked in it is answered all the same
            logging.getLogger(__name__).warning("%s", error)

    def ask_safely(self, question: str, *, conversation_id: str = "", asker: str = "") -> Answer:
        """Answer one question of many; one that can't be asked gets an answer that says so."""
        try:
            return self.ask(question, conversation_id=conversation_id, asker=asker)
        except QuestionError as error:
            return Answer(
                answer_id=uuid.uuid4().hex,
                conversation_id=conversation_id or uuid.uuid4().hex,
                question=question.encode("utf-8", "replace").decode(),
                standalone_question="",
                status="error",
                text=str(error),
            )


def open_bot(settings: BotSettings, *, memory: Memory | None = None) -> Bot:
    """Open the index and build the chain; remember conversations in `memory`, or in this process only.

    Raises `NoIndex` where nothing was ingested yet, and the other errors of `open_index`.
    """
    if settings.answerer != "extractive":
        raise SettingsError(
            f"CITEWELL_ANSWERER is '{settings.answerer}', and 'extractive' is the only answerer there is yet. Unset it."
        )
    embedder = open_embedder(settings.embedder)
    index = open_index(settings.index_location, settings.data_dir, embedder)
    reranker = open_reranker(settings.reranker)
    answering = chain(index, embedder, reranker=reranker, contact=settings.contact)
    return Bot(index, answering, memory or Recent())


def open_reranker(setting: str) -> Reranker | None:
    """Open the shipped reranker, another by its path, or none (`off`); one that can't be used is done without."""
    if setting == "off":
        return None
    try:
        return Reranker(reranker_path(setting))
    except WeightsError as error:
        logging.getLogger(__name__).warning("%s Answering without it.", error)
        return None


def reranker_path(setting: str) -> Path:
    """The file that a setting of the reranker names."""
    return MODEL if setting == "default" else Path(setting)
