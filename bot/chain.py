"""One way through: question, evidence, draft, answer, as a LangChain `Runnable`."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langchain_core.runnables.config import var_child_runnable_config
from langsmith.utils import tracing_is_enabled

from bot.answer.clarify import clarifying
from bot.answer.defined import defined
from bot.answer.draft import Draft
from bot.answer.evidence import judged, rarity_from, weigh
from bot.answer.extract import extract
from bot.answer.reply import reply_to
from bot.answer.verify import Asked, checked
from bot.converse import Turn, is_unclear, standalone
from bot.explain import Explanation, Looked
from bot.glossary import Glossary
from bot.intents import intent_of
from bot.kept import kept
from bot.parts import parts_of
from bot.rerank.score import Reranker
from bot.retrieve import retrieve
from bot.spelling import Spelling
from bot.types import Answer
from bot.understand import Query, understand
from bot.vocabulary import Vocabulary, Words
from ingest.embed import Embedder, Matrix
from ingest.index import Index

Part = TypeVar("Part")
Progress = Callable[[str], None]  # is told the name of each step as it begins; what it raises stops the answer

PASSAGES = 40  # that the units are taken from; the answer stands in them for nine of ten known facts


def unwatched(step: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class _State:
    """What is known on the way from a question to its answer."""

    asked: Asked
    turns: tuple[Turn, ...] = ()
    looked: tuple[Looked, ...] = ()
    draft: Draft | None = None
    answer: Answer | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)
    progress: Progress = unwatched


def chain(index: Index, embedder: Embedder, *, reranker: Reranker | None = None, contact: str = "") -> "Chain":
    """Build the chain: it takes `{"question", "conversation_id"?, "turns"?, "progress"?}` and gives an `Answer`."""
    rarity = kept_while(lambda: index.version, lambda: rarity_from(index.document_frequency, index.count_passages()))
    documents = index.document
    glossary = kept(Glossary.of, index.abbreviations, index.catalog.terms)
    vocabulary = kept(lambda words: Vocabulary(words, embedder.embed_query), index.catalog.words)

    def spelling_of(words: Words) -> Spelling:
        # Words that stand only in what the asker may not read are not offered. What the embedder reads in one piece is
        # a word of the language; its vocabulary has the 30,000 most frequent.
        readable = {name: word for name, word in words.items() if index.document_frequency(name)}
        return Spelling(readable, lambda word: embedder.count(word) == 1)

    spelling = kept(spelling_of, index.catalog.words)

    def begin(given: dict[str, Any]) -> _State:
        question = given["question"]
        asked = Asked(question, question.strip(), given.get("conversation_id") or uuid.uuid4().hex, contact)
        state = _State(asked, given.get("turns", ()), progress=given.get("progress", unwatched))
        return _timed("understand", understood)(state)

    def understood(state: _State) -> dict[str, Any]:
        understand(state.asked.question)  # raises where it is no question, before anything else is made of it
        intent = intent_of(state.asked.question)
        if intent.kind != "ask":
            return {"draft": reply_to(intent.kind)}
        question = standalone(spelling().repaired(intent.question), state.turns)
        asked = replace(state.asked, standalone_question=question.text)
        known = glossary()
        return {"asked": asked, "looked": tuple(Looked(understand(part, known)) for part in parts_of(question))}

    def found(state: _State) -> dict[str, Any]:
        return {"looked": tuple(map(searched, state.looked))}

    def searched(looked: Looked) -> Looked:
        vector = vector_of(looked.query)
        hits = retrieve(looked.query.widened, vector.tolist(), index, limit=PASSAGES)
        return replace(looked, found=tuple(hits), vector=vector)

    def vector_of(query: Query) -> Matrix:
        vector: Matrix = np.array(embedder.embed_query(query.asked), dtype=np.float32)
        if query.text != query.asked:
            vector = (vector + np.array(embedder.embed_query(query.text), dtype=np.float32)) / np.float32(2)
        return vector

    def weighed(looked: Looked) -> Looked:
        evidence = weigh(
            looked.query,
            looked.vector,
            list(looked.found),
            vectors=lambda passage: index.unit_vectors(passage, len(looked.vector)),
            rarity=rarity(),
            vocabulary=vocabulary(),
            documents=documents,
        )
        if reranker:
            evidence = judged(looked.query, evidence, reranker=reranker, documents=documents)
        return replace(looked, evidence=tuple(evidence))

    def drafted(state: _State) -> dict[str, Any]:
        if not state.looked:
            return {}
        if len(state.looked) == 1:
            only = state.looked[0]
            told = defined(only.query, [hit.passage for hit in only.found], index)
            if told:
                return {"draft": told}
        looked = tuple(map(weighed, state.looked))
        answered = [(one.query, list(one.evidence)) for one in looked]
        asking = clarifying(*answered[0]) if not state.turns and is_unclear(state.asked.question) else None
        return {"looked": looked, "draft": asking or extract(answered, documents, index.passages_of)}

    def verified(state: _State) -> dict[str, Any]:
        assert state.draft is not None  # noqa: S101
        return {"answer": checked(state.draft, state.asked, documents)}

    def end(drafted: _State) -> Explanation:
        state = _timed("verify", verified)(drafted)
        assert state.answer is not None and state.draft is not None  # noqa: S101
        timings = {name: round(value, 2) for name, value in state.timings_ms.items()}
        timings["total"] = round(sum(state.timings_ms.values()), 2)
        return Explanation(replace(state.answer, timings_ms=timings), state.looked, state.draft)

    return Chain(begin, _timed("retrieve", found), _timed("answer", drafted), end)


def kept_while(version: Callable[[], object], make: Callable[[], Part]) -> Callable[[], Part]:
    """Make something when it is first asked for, and again when the version is another."""
    last: list[tuple[object, Part]] = []

    def part() -> Part:
        now = version()
        if not last or last[0][0] != now:
            last[:] = [(now, make())]
        return last[0][1]

    return part


class Chain(Runnable[dict[str, Any], Answer]):
    """The steps in a row; each is a link of its own for LangChain's tracers and callbacks.

    Where nobody traces, the steps are called directly: LangChain's machinery takes 3 ms for four links, more than
    searching does.
    """

    def __init__(
        self,
        begin: Callable[[dict[str, Any]], _State],
        retrieved: Callable[[_State], _State],
        drafted: Callable[[_State], _State],
        end: Callable[[_State], Explanation],
    ) -> None:
        self._direct: Callable[[dict[str, Any]], Explanation] = lambda given: end(drafted(retrieved(begin(given))))
        self._linked = (
            RunnableLambda(begin, name="understand")
            | RunnableLambda(retrieved, name="retrieve")
            | RunnableLambda(drafted, name="answer")
            | RunnableLambda(lambda state: end(state).answer, name="verify")
        )

    def explain(self, input: dict[str, Any]) -> Explanation:
        """Answer, and show the way to the answer."""
        return self._direct(input)

    def invoke(self, input: dict[str, Any], config: RunnableConfig | None = None, **_: Any) -> Answer:
        if config is None and var_child_runnable_config.get() is None and not tracing_is_enabled():
            return self._direct(input).answer
        return self._linked.invoke(input, config)


def _timed(name: str, step: Callable[[_State], dict[str, Any]]) -> Callable[[_State], _State]:
    def run(state: _State) -> _State:
        state.progress(name)
        began = time.perf_counter()
        changes = step(state)
        timings = {**state.timings_ms, name: (time.perf_counter() - began) * 1000}
        return replace(state, timings_ms=timings, **changes)

    return run
