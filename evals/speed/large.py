"""`ask` over 100,000 passages, made of the corpus by repetition with variation.

Embedding them would take a quarter of an hour, so that their vectors are those of the passages they were made of,
with noise; everything else is real.
"""

from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from evals.speed.figures import Figure, p50
from evals.speed.material import CORPUS, passages, questions, write_variations
from evals.speed.warm_ask import QUESTIONS, ask_beside_embedding, prepare_ask
from evals.speed.workers import process
from ingest.embed import open_embedder
from ingest.sync import SyncReport, sync

PASSAGES = 100_000
NOISE = 0.3  # the length of what is added to a vector of length 1: a cosine of .96 to it, as of a close paraphrase
ROUNDS = 3


class Prepared(Embeddings):
    """The default embedder, with prepared vectors for passages."""

    def __init__(self, vectors: list[list[float]]) -> None:
        real = open_embedder("all-MiniLM-L6-v2")
        self.name, self.max_pieces = real.name, real.max_pieces
        self.count, self.embed_query = real.count, real.embed_query  # type: ignore[method-assign]
        self._vectors = np.array(vectors)
        self._chance = np.random.default_rng(1)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        chosen = self._vectors[self._chance.integers(len(self._vectors), size=len(texts))]
        noise = self._chance.normal(size=chosen.shape)
        near = chosen + NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
        prepared: list[list[float]] = (near / np.linalg.norm(near, axis=1, keepdims=True)).tolist()
        return prepared

    def embed_query(self, text: str) -> list[float]:
        raise NotImplementedError


def measure(workspace: Path, *, passages_wanted: int = PASSAGES) -> list[Figure]:
    """Build the index, then time questions beside their embedding."""
    folder, data_dir = workspace / "variations", workspace / "large-index"
    with process() as builder:
        report: SyncReport = builder(build, folder, data_dir, passages_wanted)
    asks: list[float] = []
    embeddings: list[float] = []
    with process(prepare_ask, data_dir) as ours:
        for round_number in range(ROUNDS + 1):
            for question in questions(QUESTIONS):
                embedding, ask = ours(ask_beside_embedding, question)
                if round_number:
                    asks.append(ask)
                    embeddings.append(embedding)
    how = f"p50 {p50(asks):.1f} - {p50(embeddings):.1f}; {report.passages:,} passages, synced in {report.seconds:.0f} s"
    over = p50(asks) - p50(embeddings)
    return [Figure("ask on 100,000 passages over the embedding", over, "ms", "<=", 20, how)]


def build(folder: Path, data_dir: Path, wanted: int) -> SyncReport:
    """Write the documents and sync them."""
    texts = passages(CORPUS)
    write_variations(folder, copies=-(-wanted // len(texts)))
    embedder = Prepared(open_embedder("all-MiniLM-L6-v2").embed_documents(texts))
    return sync(folder, location=str(data_dir / "index"), data_dir=data_dir, embedder=embedder)
