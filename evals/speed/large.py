"""`ask` over 100,000 passages, made of the corpus by repetition with variation.

Embedding them would take a quarter of an hour, so that their vectors are those of the passages they were made of,
with noise; everything else is real.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evals.speed.figures import Figure, p50
from evals.speed.material import CORPUS, passages, questions, write_variations
from evals.speed.warm_ask import QUESTIONS, ask_beside_embedding, prepare_ask
from evals.speed.workers import process
from ingest.embed import Matrix, MiniLM, open_embedder
from ingest.sync import SyncReport, sync

PASSAGES = 100_000
NOISE = 0.3  # the length of what is added to a vector of length 1: a cosine of .96 to it, as of a close paraphrase
ROUNDS = 3


class Prepared(MiniLM):
    """The default embedder, with prepared vectors for passages and their parts."""

    def __init__(self, vectors: list[list[float]]) -> None:
        super().__init__()
        self._vectors = np.array(vectors, dtype=np.float32)
        self._chance = np.random.default_rng(1)
        self._drawing = threading.Lock()  # a generator of random numbers serves one thread at a time

    def embed_parts(self, text: str, parts: Sequence[tuple[int, int]]) -> tuple[list[float], Matrix]:  # noqa: ARG002
        with self._drawing:
            chosen = self._vectors[self._chance.integers(len(self._vectors), size=1 + len(parts))]
            noise = self._chance.normal(size=chosen.shape)
        near = chosen + NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
        rows = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
        vector: list[float] = rows[0].tolist()
        return vector, rows[1:]


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
    how = f"p50 {p50(asks):.1f} - {p50(embeddings):.1f}; synced in {report.seconds:.0f} s"
    over = p50(asks) - p50(embeddings)
    return [Figure(f"ask on {report.passages:,} passages over the embedding", over, "ms", "<=", 20, how)]


def build(folder: Path, data_dir: Path, wanted: int) -> SyncReport:
    """Write the documents and sync them."""
    texts = passages(CORPUS)
    write_variations(folder, copies=-(-wanted // len(texts)))
    embedder = Prepared(open_embedder("all-MiniLM-L6-v2").embed_documents(texts))
    return sync(folder, location=str(data_dir / "index"), data_dir=data_dir, embedder=embedder)
