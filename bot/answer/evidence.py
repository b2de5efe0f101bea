"""Weigh the sentences, items and rows of the passages found, as evidence for an answer."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from bot.rerank.reading import reading_of
from bot.rerank.score import Reranker
from bot.retrieve import Found
from bot.understand import Query, content_words
from bot.vocabulary import PassageWords, Vocabulary
from bot.wording import said
from ingest.embed import Matrix
from ingest.types import Document, Passage, Unit
from ingest.words import stem

Rarity = Callable[[str], float]
Documents = Callable[[str], Document | None]
Vectors = Callable[[Passage], Matrix]

JUDGED = 24  # units that the reranker reads: what answers is among them for four of five known facts

MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
SIGN_OF: dict[str, re.Pattern[str]] = {
    "number": re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty)\b", re.I),
    "money": re.compile(r"[£$€]\s?\d|\d(?:\.\d+)?\s?(?:bn|billion|m\b|million|pounds|euros|dollars)", re.I),
    "date": re.compile(rf"\b(?:19|20)\d\d\b|\b{MONTH}\b|\b(?:spring|summer|autumn|winter)\b|\bQ[1-4]\b", re.I),
    "person": re.compile(r"\b[A-Z][a-z]+(?:-[A-Z][a-z]+)? [A-Z][a-z]+(?:-[A-Z][a-z]+)?\b"),
    "reason": re.compile(
        r"\b(?:because|since|so that|in order to|due to|reason|therefore|as a result|to ensure)\b", re.I
    ),
    "definition": re.compile(r"\b(?:is|are|means?|called|known as|refers? to|stands? for)\b|\([A-Z]{2,}", re.I),
}


class Features(NamedTuple):
    """What speaks for a unit, each from 0 to about 1."""

    inside: float  # the share of the question's words, by rarity and nearness, that the unit holds
    above: float  # ... that it holds with its title and headings
    around: float  # ... that it holds with its passage
    meaning: float  # cosine of the unit, in its context, to the question
    passage_meaning: float
    rank: float  # of the passage, fused
    kind: float  # whether it holds a thing of the kind asked for
    new: float  # ... that is not in the question
    year: float  # whether it or its document is of a year that is asked for
    row: float


# Fitted as a softmax over the units of a question, on the dev split of the known facts and on the training sets.
WEIGHTS = Features(3.4, 5.8, 4.1, 9.4, 0.7, 1.6, 0.9, 1.5, 2.2, 0.6)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A unit of a passage with its score and what it is made of; `verdict` is the reranker's, where it was asked."""

    passage: Passage
    unit: Unit
    score: float
    features: Features
    verdict: float | None = None

    @property
    def text(self) -> str:
        """The unit as it would be said."""
        return said(self.passage, self.unit)


def weigh(
    query: Query,
    question_vector: Matrix,
    found: list[Found],
    *,
    vectors: Vectors,
    rarity: Rarity,
    vocabulary: Vocabulary,
    documents: Documents,
) -> list[Evidence]:
    """Score every unit of the passages found, best first."""
    if not found:
        return []
    about = {hit.passage.document_id: documents(hit.passage.document_id) for hit in found}
    titles = {name: document.title if document else "" for name, document in about.items()}
    read = [vocabulary.words_of(hit.passage, titles[hit.passage.document_id]) for hit in found]
    inside, above, around = _held(query, read, rarity, vocabulary)
    cosines = np.concatenate([vectors(hit.passage) for hit in found]) @ question_vector
    sign = SIGN_OF.get(query.kind)
    asked = query.text.lower()
    evidence = []
    at = 0
    for hit in found:
        passage = hit.passage
        document = about[passage.document_id]
        dated = (document.date if document else "") + " ".join([titles[passage.document_id], *passage.headings])
        for unit in passage.units:
            number, at = at, at + 1
            if unit.kind == "heading":
                continue
            text = passage.text[unit.start - passage.start : unit.end - passage.start]
            signs = [match.lower() for match in sign.findall(text)] if sign else []
            features = Features(
                inside=float(inside[number]),
                above=float(above[number]),
                around=float(around[number]),
                meaning=float(cosines[number]),
                passage_meaning=hit.cosine,
                rank=hit.score,
                kind=float(bool(signs)),
                new=float(any(one not in asked for one in signs)),
                year=float(any(year in text or year in dated for year in query.years)),
                row=float(unit.kind == "row"),
            )
            score = sum(weight * value for weight, value in zip(WEIGHTS, features, strict=True))
            evidence.append(Evidence(passage, unit, score, features))
    return sorted(evidence, key=lambda one: (-one.score, one.passage.document_id, one.unit.start))


def _held(
    query: Query, read: list[PassageWords], rarity: Rarity, vocabulary: Vocabulary
) -> tuple[Matrix, Matrix, Matrix]:
    """The share of the question's words that each unit holds: itself, with what stands above it, with its passage."""
    words = list(query.words)
    extra = [word for one in query.alternatives for word in content_words(one.other)]
    near = vocabulary.nearness(words + extra)
    units = np.concatenate([one.units for one in read])
    offsets = np.cumsum([0, *(len(one.units) for one in read)])[:-1]
    starts = np.concatenate([one.starts + offset for one, offset in zip(read, offsets, strict=True)])
    per_unit = np.maximum.reduceat(near[:, units], starts, axis=1)
    counts = [len(one.starts) for one in read]
    firsts = np.cumsum([0, *counts])[:-1]
    headed = np.stack([near[:, one.above].max(axis=1) for one in read], axis=1)
    per_passage = np.maximum(np.maximum.reduceat(per_unit, firsts, axis=1), headed)
    above = np.maximum(per_unit, np.repeat(headed, counts, axis=1))
    around = np.repeat(per_passage, counts, axis=1)
    weights = np.array(
        [rarity(stem(word)) * weight for word, weight in zip(words, query.weights, strict=True)], dtype=np.float32
    )
    weights /= max(float(weights.sum()), 1e-9)
    return tuple(weights @ _with_alternatives(query, words, held) for held in (per_unit, above, around))  # type: ignore[return-value]


def _with_alternatives(query: Query, words: list[str], held: Matrix) -> Matrix:
    """Let words of the question count as held where their alternative is held whole."""
    own, at = held[: len(words)].copy(), len(words)
    stems = [stem(word) for word in words]
    for alternative in query.alternatives:
        other = content_words(alternative.other)
        whole = held[at : at + len(other)].min(axis=0) if other else np.zeros(held.shape[1], dtype=np.float32)
        at += len(other)
        for word in content_words(alternative.used):
            if stem(word) in stems:
                row = stems.index(stem(word))
                own[row] = np.maximum(own[row], whole)
    return own


def judged(query: Query, evidence: list[Evidence], *, reranker: Reranker, documents: Documents) -> list[Evidence]:
    """Let the reranker judge the best of the evidence and put it in the order of its verdicts; the rest follows."""
    asked = evidence[:JUDGED]
    readings = []
    for one in asked:
        document = documents(one.passage.document_id)
        title, date = (document.title, document.date) if document else ("", "")
        readings.append(reading_of(one.passage, one.unit, title=title, date=date))
    verdicts = reranker.scores(query.widened, readings)
    ranked = [replace(one, verdict=verdict) for one, verdict in zip(asked, verdicts, strict=True)]
    return sorted(ranked, key=_merit, reverse=True) + evidence[JUDGED:]


PRIOR = 2.0


def _merit(one: Evidence) -> float:
    return (one.verdict or 0.0) + PRIOR * one.score


def rarity_from(document_frequency: Callable[[str], int], passages: int) -> Rarity:
    """Weigh a term by its inverse document frequency (Spärck Jones 1972), smoothed as in BM25.

    A word that no document has counts as one that a single passage has: it can't be found, only what is near it.
    """

    @lru_cache(maxsize=20_000)
    def rarity(term: str) -> float:
        count = max(1, document_frequency(term))
        return math.log(1.0 + (passages - count + 0.5) / (count + 0.5))

    return rarity
