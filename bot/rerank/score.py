"""Score readings of units against a question with the trained cross-encoder."""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from bot.weights import opened
from ingest.embed import Matrix, model_folder

MODEL = Path(__file__).parent / "model.onnx"
MAX_PIECES = 120  # of question and reading together, as in training
THREADS = os.cpu_count() or 1
BATCH = 4  # readings of like length that a thread takes at a time, at most; fewer where others would be idle


class Reranker:
    """Gives a score a reading; above 0 means that it answers the question rather than that nothing does."""

    def __init__(self, path: Path = MODEL) -> None:
        """Load the model; raise `WeightsError` where it is missing or not the one that was shipped."""
        self._session = opened(path, shipped=MODEL, what="reranker", setting="CITEWELL_RERANKER")
        self._tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_PIECES, strategy="only_second")
        self._tokenizer.enable_padding()
        self._threads = ThreadPoolExecutor(THREADS)

    def scores(self, question: str, readings: list[str]) -> list[float]:
        """Score readings, in their order."""
        order = sorted(range(len(readings)), key=lambda i: -len(readings[i]))
        size = max(1, min(BATCH, math.ceil(len(order) / THREADS)))
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        scores = np.zeros(len(readings))
        for batch, found in zip(
            batches, self._threads.map(partial(self._run, question, readings), batches), strict=True
        ):
            scores[batch] = found
        return [float(score) for score in scores]

    def _run(self, question: str, readings: list[str], batch: list[int]) -> Matrix:
        encoded = self._tokenizer.encode_batch([(question, readings[i]) for i in batch])
        given = {
            "input_ids": np.array([one.ids for one in encoded], dtype=np.int64),
            "attention_mask": np.array([one.attention_mask for one in encoded], dtype=np.int64),
            "token_type_ids": np.array([one.type_ids for one in encoded], dtype=np.int64),
        }
        scores: Matrix = self._session.run(None, given)[0]
        return scores
