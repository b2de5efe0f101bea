"""Build the bot from its settings, once, from the outside."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from bot.chain import Chain, Progress, chain, unwatched
from bot.converse import Turn, turns_of
from bot.errors import QuestionError, StoreError
from bot.explain import Explanation
from bot.memory.recent import Recent
from bot.memory.turn import answered
from bot.memory.types import Memory, Past
from bot.models.ask import Model, model_of
from bot.models.cache import Cache
from bot.models.ledger import Ledger
from bot.models.limits import Limits, Prices
from bot.models.open import named
from bot.query_encoder.encode import MODEL as QUERY_ENCODER
from bot.query_encoder.encode import QueryEncoder
from bot.rerank.score import MODEL as RERANKER
from bot.rerank.score import Reranker
from bot.settings import BotSettings
from bot.types import Answer
from ingest.embed import DEFAULT, open_embedder
from ingest.errors import WeightsError
from ingest.index import Index, open_index
from ingest.selection import Selection

Weights = TypeVar("Weights")

KEPT_CHAINS = 64  # different sets of audiences that ask by turns; each keeps little more than word counts


@dataclass(frozen=True, slots=True)
class Bot:
    """Answers questions from one index.

    `chain` is a LangChain `Runnable`: invoke, batch, stream or trace it. `chain_for` gives the one that answers for
    people of some audiences only, from documents whose ids match some patterns only. `encode` gives a question its
    vector.
    """

    index: Index
    chain: Chain
    chain_for: Callable[[frozenset[str] | None, tuple[str, ...]], Chain]
    encode: Callable[[str], list[float]]
    memory: Memory = field(default_factory=Recent)

    def ask(
        self,
        question: str,
        *,
        conversation_id: str = "",
        asker: str = "",
        audiences: frozenset[str] | None = None,
        documents: tuple[str, ...] = (),
        progress: Progress = unwatched,
    ) -> Answer:
        """Answer one question, understood by the turns before it, and remember it.

        `asker` is whose conversation it is. Only documents for `audiences` are searched; `None` means all. `documents`
        are patterns (`hr/*`) for the ids of those to search; empty means all. `progress` is told of each step as it
        begins, and stops the answer by raising. Raises `QuestionError` where it is no question, and
        `UnknownConversation` where the memory knows of no such conversation of theirs (see `begin`).
        """

        def answer(past: Past) -> Answer:
            return self.answer(
                question,
                conversation_id=past.conversation_id,
                turns=turns_of(past.answers),
                asker=asker,
                audiences=audiences,
                documents=documents,
                progress=progress,
            )

        return answered(self.memory, answer, conversation_id=conversation_id, asker=asker)

    def explain(self, question: str) -> Explanation:
        """Answer one question by itself and show the way to the answer; nothing is remembered."""
        return self.chain.explain({"question": question.encode("utf-8", "replace").decode()})

    def answer(
        self,
        question: str,
        *,
        conversation_id: str = "",
        turns: tuple[Turn, ...] = (),
        asker: str = "",
        audiences: frozenset[str] | None = None,
        documents: tuple[str, ...] = (),
        progress: Progress = unwatched,
    ) -> Answer:
        """Answer one question, understood by these turns, and remember nothing."""
        # What is no valid text (bytes of another encoding in a terminal) can't be stored or sent.
        valid = question.encode("utf-8", "replace").decode()
        self.index.follow()
        answering = self.chain if audiences is None and not documents else self.chain_for(audiences, documents)
        return answering.invoke(
            {
                "question": valid,
                "conversation_id": conversation_id,
                "turns": turns,
                "asker": asker,
                "progress": progress,
            }
        )

    def begin(
        self, conversation_id: str, *, asker: str, channel: str = "", audiences: frozenset[str] | None = None
    ) -> None:
        """Let the asker have a conversation of an id that an adapter chose (a thread's name); again is no harm."""
        try:
            self.memory.begin(conversation_id, asker=asker, channel=channel, audiences=audiences)
        except StoreError as error:  # what is asked in it is answered all the same
            logging.getLogger(__name__).warning("%s", error)

    def ask_safely(
        self, question: str, *, conversation_id: str = "", asker: str = "", progress: Progress = unwatched
    ) -> Answer:
        """Answer one question of many; one that can't be asked gets an answer that says so."""
        try:
            return self.ask(question, conversation_id=conversation_id, asker=asker, progress=progress)
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
    model = open_model(settings)
    embedder = open_embedder(settings.embedder)
    index = open_index(settings.index_location, settings.data_dir, embedder)
    encoder = open_query_encoder(settings)
    encode = encoder.embed if encoder else embedder.embed_query
    reranker = open_reranker(settings.reranker)

    def chain_for(audiences: frozenset[str] | None, documents: tuple[str, ...] = ()) -> Chain:
        readable = index.for_audiences(audiences)
        searched = Selection(readable, documents, audiences=audiences) if documents else readable
        return chain(searched, embedder, encode=encode, reranker=reranker, contact=settings.contact, model=model)

    return Bot(index, chain_for(None), lru_cache(maxsize=KEPT_CHAINS)(chain_for), encode, memory or Recent())


def open_model(settings: BotSettings) -> Model | None:
    """The chat model that writes answers, or None for `extractive`; it is loaded when it is first asked.

    Raises `SettingsError` where no model can be meant or its package is not installed.
    """
    if settings.answerer == "extractive":
        return None
    kept = settings.data_dir / "models.db"
    return model_of(
        named(settings.answerer),
        limits=Limits(
            settings.model_seconds,
            settings.model_answer_tokens,
            settings.model_day_tokens,
            settings.model_user_tokens,
        ),
        prices=Prices.read(settings.model_prices),
        ledger=Ledger(kept),
        cache=Cache(kept, days=settings.model_cache_days),
    )


def open_query_encoder(settings: BotSettings) -> QueryEncoder | None:
    """Open what encodes questions for the default embedder's vectors; with another embedder there is none."""
    if settings.embedder != DEFAULT:
        return None
    return _unless_off(settings.query_encoder, QueryEncoder, QUERY_ENCODER)


def open_reranker(setting: str) -> Reranker | None:
    """Open the shipped reranker, another by its path, or none (`off`); one that can't be used is done without."""
    return _unless_off(setting, Reranker, RERANKER)


def _unless_off(setting: str, open_model: Callable[[Path], Weights], shipped: Path) -> Weights | None:
    if setting == "off":
        return None
    try:
        return open_model(file_of(setting, shipped))
    except WeightsError as error:
        logging.getLogger(__name__).warning("%s Answering without it.", error)
        return None


def file_of(setting: str, shipped: Path) -> Path:
    """The file that a setting of a model names."""
    return shipped if setting == "default" else Path(setting)
