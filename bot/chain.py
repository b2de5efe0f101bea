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

from bot.answer.draft import Draft
from bot.answer.evidence import judged, rarity_from, weigh
from bot.answer.extract import extract
from bot.answer.reply import reply_to
from bot.answer.verify import Asked, checked
from bot.converse import Turn, standalone
from bot.glossary import glossary_of
from bot.intents import intent_of
from bot.rerank.score import Reranker
from bot.retrieve import Found, retrieve
from bot.types import Answer
from bot.understand import Query, understand
from ingest.embed import Embedder
from ingest.index import Index

Part = TypeVar("Part")

PASSAGES = 40  # that the reranker's units are taken from; the answer stands in them for nine of ten known facts
PASSAGES_ALONE = 12  # without a reranker; more distract more than they add


Progress = Callable[[str], None]  # is told the name of each step as it begins; what it raises stops the answer


def unwatched(step: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class _State:
    """What is known on the way from a question to its answer."""

    asked: Asked
    turns: tuple[Turn, ...] = ()
    query: Query | None = None
    vector: tuple[float, ...] = ()
    found: tuple[Found, ...] = ()
    draft: Draft | None = None
    answer: Answer | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)
    progress: Progress = unwatched


def chain(
    index: Index, embedder: Embedder, *, reranker: Reranker | None = None, contact: str = ""
) -> Runnable[dict[str, Any], Answer]:
    """Build the chain: it takes `{"question", "conversation_id"?, "turns"?, "progress"?}` and gives an `Answer`."""
    rarity = kept_while(lambda: index.version, lambda: rarity_from(index.document_frequency, index.count_passages()))
    documents = index.document
    glossary = glossary_of(index.abbreviations)

    def begin(given: dict[str, Any]) -> _State:
        question = given["question"]
        asked = Asked(question, question.strip(), given.get("conversation_id") or uuid.uuid4().hex, contact)
        state = _State(asked, given.get("turns", ()), progress=given.get("progress", unwatched))
        return _timed("understand", understood)(state)

    def understood(state: _State) -> dict[str, Any]:
        understand(state.asked.question)
        intent = intent_of(state.asked.question)
        if intent.kind != "ask":
            return {"draft": reply_to(intent.kind)}
        question = standalone(intent.question, state.turns)
        asked = replace(state.asked, standalone_question=question)
        return {"asked": asked, "query": understand(question, glossary())}

    def found(state: _State) -> dict[str, Any]:
        if state.query is None:
            return {}
        vector = embedder.embed_query(state.query.widened)
        hits = retrieve(state.query.widened, vector, index, limit=PASSAGES if reranker else PASSAGES_ALONE)
        return {"vector": tuple(vector), "found": tuple(hits)}

    def drafted(state: _State) -> dict[str, Any]:
        if state.query is None:
            return {}
        vector = np.array(state.vector, dtype=np.float32)
        evidence = weigh(
            state.query,
            vector,
            list(state.found),
            vectors=lambda passage: index.unit_vectors(passage, len(vector)),
            rarity=rarity(),
        )
        if reranker:
            evidence = judged(state.query, evidence, reranker=reranker, documents=documents)
        return {"draft": extract(state.query, evidence, documents, index.passages_of)}

    def verified(state: _State) -> dict[str, Any]:
        assert state.draft is not None  # noqa: S101
        return {"answer": checked(state.draft, state.asked, documents)}

    def end(drafted: _State) -> Answer:
        state = _timed("verify", verified)(drafted)
        assert state.answer is not None  # noqa: S101
        timings = {name: round(value, 2) for name, value in state.timings_ms.items()}
        return replace(state.answer, timings_ms={**timings, "total": round(sum(state.timings_ms.values()), 2)})

    return _Chain(begin, _timed("retrieve", found), _timed("answer", drafted), end)


def kept_while(version: Callable[[], object], make: Callable[[], Part]) -> Callable[[], Part]:
    """Make something when it is first asked for, and again when the version is another."""
    kept: list[tuple[object, Part]] = []

    def part() -> Part:
        now = version()
        if not kept or kept[0][0] != now:
            kept[:] = [(now, make())]
        return kept[0][1]

    return part


class _Chain(Runnable[dict[str, Any], Answer]):
    """The steps in a row; each is a link of its own for LangChain's tracers and callbacks.

    Where nobody traces, the steps are called directly: LangChain's machinery takes 3 ms for four links, more than
    searching does.
    """

    def __init__(
        self,
        begin: Callable[[dict[str, Any]], _State],
        retrieved: Callable[[_State], _State],
        drafted: Callable[[_State], _State],
        end: Callable[[_State], Answer],
    ) -> None:
        self._direct: Callable[[dict[str, Any]], Answer] = lambda given: end(drafted(retrieved(begin(given))))
        self._linked = (
            RunnableLambda(begin, name="understand")
            | RunnableLambda(retrieved, name="retrieve")
            | RunnableLambda(drafted, name="answer")
            | RunnableLambda(end, name="verify")
        )

    def invoke(self, input: dict[str, Any], config: RunnableConfig | None = None, **_: Any) -> Answer:
        if config is None and var_child_runnable_config.get() is None and not tracing_is_enabled():
            return self._direct(input)
        return self._linked.invoke(input, config)


def _timed(name: str, step: Callable[[_State], dict[str, Any]]) -> Callable[[_State], _State]:
    def run(state: _State) -> _State:
        state.progress(name)
        began = time.perf_counter()
        changes = step(state)
        timings = {**state.timings_ms, name: (time.perf_counter() - began) * 1000}
        return replace(state, timings_ms=timings, **changes)

    return run
