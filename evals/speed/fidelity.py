"""Whether int8 means what fp32 means: cosines between both, and what either finds on SciFact."""

import csv
from pathlib import Path

import numpy as np

from bot.retrieve import DEPTH, fuse
from evals.speed.bare import Matrix, encode
from evals.speed.figures import Figure
from evals.speed.material import lines_of
from evals.speed.ranking import Judged, ndcg, recall
from evals.speed.workers import process
from ingest.embed import open_embedder
from ingest.lexical import LexicalIndex
from ingest.types import Document, Passage

Ranking = list[tuple[Passage, float]]


def measure(workspace: Path, *, bench: Path) -> list[Figure]:
    """Embed SQuAD questions and SciFact with both, and rank SciFact with either and with BM25."""
    scifact = bench / "scifact"
    squad = [row["text"] for row in lines_of(bench / "squad2_half_dev" / "queries.jsonl")]
    documents = {row["_id"]: _document(row) for row in lines_of(scifact / "corpus.jsonl")}
    judged = _judgements(scifact / "qrels.tsv")
    asked = {row["_id"]: row["text"] for row in lines_of(scifact / "queries.jsonl") if row["_id"] in judged}
    passages = [passage for _, passage in documents.values()]
    texts = [f"{document.title}\n{passage.text}" for document, passage in documents.values()]
    lexical = _lexical(workspace / "scifact-words", list(documents.values()))
    by_words: dict[str, Ranking] = {}
    by_id = {passage.id: passage for passage in passages}
    for name, question in asked.items():
        by_words[name] = [(by_id[found], score) for found, score in lexical.search(question, limit=DEPTH)]
    figures = [*_quality("BM25", by_words, judged)]
    embedded: dict[str, tuple[Matrix, Matrix, Matrix]] = {}
    for name, embed in (("int8", int8), ("fp32", encode)):
        with process() as one:
            embedded[name] = one(embed, squad), one(embed, texts), one(embed, list(asked.values()))
        _, of_texts, of_asked = embedded[name]
        dense = {one: _nearest(passages, of_texts @ row) for one, row in zip(asked, of_asked, strict=True)}
        fused = {one: [(found.passage, found.score) for found in fuse(dense[one], by_words[one])] for one in asked}
        figures += [*_quality(name, dense, judged), *_quality(f"BM25 + {name}", fused, judged)]
    small, full = embedded["int8"], embedded["fp32"]
    return [
        *_cosines("SQuAD questions", small[0], full[0]),
        *_cosines("SciFact abstracts", small[1], full[1]),
        *figures,
    ]


def int8(texts: list[str]) -> Matrix:
    """Embed texts as Citewell does."""
    return np.array(open_embedder("all-MiniLM-L6-v2").embed_documents(texts), dtype=np.float32)


def _cosines(of: str, small: Matrix, full: Matrix) -> list[Figure]:
    cosines = np.einsum("ij,ij->i", small, full)
    how = f"mean; least {cosines.min():.4f}; {len(cosines):,} texts"
    return [Figure(f"cosine of int8 to fp32, {of}", float(cosines.mean()), how=how)]


def _quality(name: str, rankings: dict[str, Ranking], judged: Judged) -> list[Figure]:
    ids = {asked: [passage.document_id for passage, _ in ranking] for asked, ranking in rankings.items()}
    how = f"recall@10 {recall(ids, judged, at=10):.4f}; {len(ids)} questions"
    return [Figure(f"SciFact nDCG@10, {name}", ndcg(ids, judged, at=10), how=how)]


def _nearest(passages: list[Passage], cosines: Matrix) -> Ranking:
    best = np.argsort(-cosines)[:DEPTH]
    return [(passages[at], float(cosines[at])) for at in best]


def _lexical(folder: Path, documents: list[tuple[Document, Passage]]) -> LexicalIndex:
    index = LexicalIndex(folder)
    for document, passage in documents:
        index.add(document, [passage])
    index.commit()
    return index


def _document(row: dict[str, str]) -> tuple[Document, Passage]:
    """An abstract as a document of one passage."""
    text = row["text"]
    document = Document(id=row["_id"], text=text, content_hash="", title=row["title"])
    return document, Passage(row["_id"], "", 0, 0, len(text), text, "paragraph")


def _judgements(path: Path) -> Judged:
    judged: Judged = {}
    with path.open(encoding="utf-8") as file:
        for asked, document, relevance in list(csv.reader(file, delimiter="\t"))[1:]:
            judged.setdefault(asked, {})[document] = int(relevance)
    return judged
