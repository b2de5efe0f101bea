"""Encode questions with the trained query encoder.

Only questions: the vectors of the documents are the embedder's own, so an index is the same with and without it.
"""

from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from bot.weights import opened
from ingest.embed import DEFAULT_MAX_PIECES, mean_of, model_folder

MODEL = Path(__file__).parent / "model.onnx"


class QueryEncoder:
    """Gives a question a vector of length 1, to be compared with the default embedder's vectors of documents."""

    def __init__(self, path: Path = MODEL) -> None:
        """Load the model; raise `WeightsError` where it is missing or not the one that was shipped."""
        self._session = opened(path, shipped=MODEL, what="query encoder", setting="CITEWELL_QUERY_ENCODER")
        self._tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
        self._tokenizer.enable_truncation(DEFAULT_MAX_PIECES)
        self._tokenizer.no_padding()

    def embed(self, question: str) -> list[float]:
        """Encode one question."""
        ids = np.array([self._tokenizer.encode(question).ids], dtype=np.int64)
        tokens = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        vector: list[float] = mean_of(tokens).tolist()
        return vector
