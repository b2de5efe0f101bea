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
from bot.answer.written.release import Release
from bot.answer.written.write import Written, write
from bot.converse import Turn, is_unclear, standalone
from bot.explain import Explanation, Looked
from bot.glossary import Glossary
from bot.intents import intent_of
from bot.kept import kept
from bot.models.ask import Errand, Model
from bot.parts import parts_of
from bot.rerank.score import Reranker
from bot.retrieve import retrieve
from bot.rewrite import rewritten
from bot.spelling import Spelling
from bot.types import Answer, Dropped, Said
from bot.understand import Query, asked_of, understand
from bot.vocabulary import Vocabulary, Words
from ingest.embed import Embedder, Matrix
from ingest.index import Index

Part = TypeVar("Part")
# Is told the name of each step as it begins, and of a chat model's sentences each that is proven, and each that is
# dropped. What it raises stops the answer.
Progress = Callable[[str | Said | Dropped], None]

PASSAGES = 40  # that the units are taken from; the answer stands in them for nine of ten known facts


def unwatched(step: str | Said | Dropped) -> None:
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
    unclear: bool = False
    errand: Errand | None = None
    written: Written | None = None


def chain(
    index: Index,
    embedder: Embedder,
    *,
    encode: Callable[[str], list[float]] | None = None,
    reranker: Reranker | None = None,
    contact: str = "",
    model: Model | None = None,
) -> "Chain":
    """Build the chain: it takes `{"question"}` and gives an `Answer`.

    It may also be given `conversation_id`, `turns`, `asker`, and `progress` to be told.
    With a `model`, what it writes and can be proven is the answer; else the documents' own sentences are.
    """
    rarity = kept_while(lambda: index.version, lambda: rarity_from(index.document_frequency, index.count_passages()))
    documents = index.document
    encode = encode or embedder.embed_query
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
        errand = Errand(model, asker=given.get("asker", "")) if model else None
        state = _State(asked, given.get("turns", ()), progress=given.get("progress", unwatched), errand=errand)
        return _timed("understand", understood)(state)

    def understood(state: _State) -> dict[str, Any]:
        understand(state.asked.question)  # raises where it is no question, before anything else is made of it
        intent = intent_of(state.asked.question)
        if intent.kind != "ask":
            return {"draft": reply_to(intent.kind)}
        repaired = spelling().repaired(intent.question)
        question = standalone(repaired, state.turns)
        parts, text, unclear = parts_of(question), question.text, not state.turns and is_unclear(state.asked.question)
        # A question that is plain to the offline way is not worth a call.
        if state.errand and (unclear or len(parts) > 1 or question.text != question.question):
            told = rewritten(repaired, state.turns, state.errand)
            if told:
                parts, text, unclear = tuple(map(asked_of, told.questions)), " ".join(told.questions), told.unclear
        known = glossary()
        return {
            "asked": replace(state.asked, standalone_question=text),
            "looked": tuple(Looked(understand(part, known)) for part in parts),
            "unclear": unclear,
        }

    def found(state: _State) -> dict[str, Any]:
        return {"looked": tuple(map(searched, state.looked))}

    def searched(looked: Looked) -> Looked:
        vector = vector_of(looked.query)
        hits = retrieve(looked.query.widened, vector.tolist(), index, limit=PASSAGES)
        return replace(looked, found=tuple(hits), vector=vector)

    def vector_of(query: Query) -> Matrix:
        vector: Matrix = np.array(encode(query.asked), dtype=np.float32)
        if query.text != query.asked:
            vector = (vector + np.array(encode(query.text), dtype=np.float32)) / np.float32(2)
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
        asking = clarifying(*answered[0]) if state.unclear else None
        if asking:
            return {"looked": looked, "draft": asking}
        draft = extract(answered, documents, index.passages_of)
        if state.errand is None:
            return {"looked": looked, "draft": draft}
        written = write(
            state.asked.standalone_question,
            answered,
            draft,
            errand=state.errand,
            release=Release(state.asked, documents, state.progress),
            documents=documents,
            reranker=reranker,
        )
        for one in written.dropped:
            state.progress(one)
        return {"looked": looked, "draft": written.draft, "written": written}

    def verified(state: _State) -> dict[str, Any]:
        assert state.draft is not None  # noqa: S101
        answer = checked(state.draft, state.asked, documents)
        if state.written:
            answerer = state.written.answerer or answer.answerer
            answer = replace(answer, answerer=answerer, usage=state.written.usage, notice=state.written.notice)
        return {"answer": answer}

    def end(drafted: _State) -> Explanation:
        state = _timed("verify", verified)(drafted)
        assert state.answer is not None and state.draft is not None  # noqa: S101
        timings = {name: round(value, 2) for name, value in state.timings_ms.items()}
        timings["total"] = round(sum(state.timings_ms.values()), 2)
        dropped = state.written.dropped if state.written else ()
        return Explanation(replace(state.answer, timings_ms=timings), state.looked, state.draft, dropped)

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
