"""LangChain's stock recipe for hybrid retrieval: Chroma, BM25 and the ensemble of both, over the same passages.

It is the peer that `ask` is compared with: fp32 MiniLM by sentence-transformers, everything else by default.
"""

import warnings
from typing import Any

from langchain_core.embeddings import Embeddings

from evals.speed.bare import full_precision


class _SentenceTransformer(Embeddings):
    """What `HuggingFaceEmbeddings` does; the package with that name wants an older huggingface-hub."""

    def __init__(self) -> None:
        self._model = full_precision()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._model.encode(texts, show_progress_bar=False).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def stock_retriever(texts: list[str]) -> Any:
    """Build the recipe over passages, as its documentation shows it."""
    from langchain_chroma import Chroma
    from langchain_classic.retrievers import EnsembleRetriever

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that langchain-community is being sunset
        from langchain_community.retrievers import BM25Retriever

    dense = Chroma.from_texts(texts, _SentenceTransformer()).as_retriever()
    return EnsembleRetriever(retrievers=[BM25Retriever.from_texts(texts), dense], weights=[0.5, 0.5])
