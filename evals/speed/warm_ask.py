"""A whole warm `ask`, beside the mere retrieval of LangChain's stock recipe and the embedding of the question alone."""

import time
from pathlib import Path
from typing import Any

from bot.assemble import open_bot
from bot.settings import BotSettings
from evals.speed.figures import Figure, p50
from evals.speed.material import CORPUS, passages, questions
from evals.speed.workers import citewell, process
from ingest.embed import open_embedder

QUESTIONS = 50
ROUNDS = 5
_ready: dict[str, Any] = {}


def measure(workspace: Path, *, quick: bool) -> list[Figure]:
    """Time the three in turn for every question, each peer in a process of its own."""
    data_dir = workspace / "corpus-index"
    citewell("ingest", CORPUS, "--data-dir", data_dir)
    asked = questions(QUESTIONS)
    asks: list[float] = []
    embeddings: list[float] = []
    stock: list[float] = []
    with process(prepare_ask, data_dir) as ours, process(prepare_stock) as theirs:
        for question in asked:
            ours(ask_beside_embedding, question)
            theirs(stock_retrieval, question)
        for _ in range(2 if quick else ROUNDS):
            for question in asked:
                embedding, ask = ours(ask_beside_embedding, question)
                asks.append(ask)
                embeddings.append(embedding)
                stock.append(theirs(stock_retrieval, question))
    ask, embedding, peer = p50(asks), p50(embeddings), p50(stock)
    return [
        Figure(
            "warm ask / stock LangChain retrieval",
            ask / peer,
            "×",
            "<=",
            0.8,
            f"p50 {ask:.1f} / {peer:.1f} ms, {len(asked)} questions",
        ),
        Figure("ask over the question's embedding", ask - embedding, "ms", "<=", 5, f"p50 {ask:.1f} - {embedding:.1f}"),
    ]


def prepare_ask(data_dir: Path) -> None:
    """Open the bot in this process."""
    settings = BotSettings(data_dir=data_dir)
    _ready["bot"], _ready["embedder"] = open_bot(settings), open_embedder(settings.embedder)


def prepare_stock() -> None:
    """Build the stock recipe in this process."""
    from evals.speed.stock import stock_retriever

    _ready["stock"] = stock_retriever(passages(CORPUS))


def ask_beside_embedding(question: str) -> tuple[float, float]:
    """Milliseconds of embedding a question, and of asking it."""
    return milliseconds(_ready["embedder"].embed_query, question), milliseconds(_ready["bot"].ask, question)


def stock_retrieval(question: str) -> float:
    """Milliseconds of retrieving for a question by the stock recipe."""
    return milliseconds(_ready["stock"].invoke, question)


def milliseconds(function: Any, question: str) -> float:
    """Time one call."""
    began = time.perf_counter()
    function(question)
    return (time.perf_counter() - began) * 1000
