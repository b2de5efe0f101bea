"""The bare model: all-MiniLM-L6-v2 by sentence-transformers, without anything around it."""

import os
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.embed import model_folder

Matrix = npt.NDArray[np.float32]

BATCHES = (8, 32, 64)
PRECISIONS = ("float32", "bfloat16")
_models: dict[str, Any] = {}


def full_precision(precision: str = "float32") -> Any:
    """Load the model for the CPU, once a process."""
    if precision not in _models:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        kwargs = {"dtype": getattr(torch, precision)}
        _models[precision] = SentenceTransformer(str(model_folder()), device="cpu", model_kwargs=kwargs)
    return _models[precision]


def encode(texts: list[str]) -> Matrix:
    """Embed texts in fp32, normalised."""
    vectors: Matrix = full_precision().encode(texts, normalize_embeddings=True, show_progress_bar=False)
    return vectors


def passages_a_second(texts: list[str], precision: str, threads: int, batch: int) -> float:
    """Time one `encode` of the texts at a setting."""
    import torch

    model = full_precision(precision)
    torch.set_num_threads(threads)
    model.encode(texts[:batch], batch_size=batch, show_progress_bar=False)
    began = time.perf_counter()
    model.encode(texts, batch_size=batch, show_progress_bar=False)
    return len(texts) / (time.perf_counter() - began)


def best_setting(texts: list[str]) -> tuple[str, int, int]:
    """Find the fastest precision, number of threads and batch size on this machine."""
    settings = [
        (precision, threads, batch)
        for precision in PRECISIONS
        for threads in range(1, (os.cpu_count() or 1) + 1)
        for batch in BATCHES
    ]
    return max(settings, key=lambda setting: passages_a_second(texts, *setting))
