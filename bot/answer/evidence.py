"""Weigh the sentences, items and rows of the passages found, as evidence for an answer."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from bot.rerank.reading import reading_of
from bot.rerank.score import Reranker
from bot.retrieve import Found
from bot.understand import Query, stems_of
from bot.wording import said
from ingest.embed import Matrix
from ingest.types import Document, Passage, Unit

Rarity = Callable[[str], float]
Documents = Callable[[str], Document | None]
Vectors = Callable[[Passage], Matrix]

# Weights found on the dev split of the known facts: `citewell eval run --split dev`.
IN_UNIT, AROUND, MEANING, UNIT_MEANING, RANK, OF_KIND = 0.40, 0.20, 0.25, 0.80, 0.10, 0.12

PRIOR = (
    4.0  # of the first score beside the verdict: the gold unit is first for .40 of known facts, .37 by verdict alone
)
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


@dataclass(frozen=True, slots=True)
class Evidence:
    """A unit of a passage with its score, and the share of the question's terms that it and its passage hold.

    `cosine` is the unit's own, in its context; `verdict` the reranker's score, where it was asked.
    """

    passage: Passage
    unit: Unit
    score: float
    coverage: float
    coverage_around: float
    cosine: float
    verdict: float | None = None

    @property
    def text(self) -> str:
        """The unit as it would be said."""
        return said(self.passage, self.unit)


def weigh(
    query: Query, question_vector: Matrix, found: list[Found], *, vectors: Vectors, rarity: Rarity
) -> list[Evidence]:
    """Score every unit of the passages found, best first.

    A unit is scored by the share of the question's terms, weighted by how rare they are, in itself and in what
    stands around it, by its cosine and that of its passage, by the rank of the passage, and by whether it holds the
    kind of thing asked for.
    """
    weights = {term: rarity(term) for term in query.terms}
    total = sum(weights.values()) or 1.0
    sign = SIGN_OF.get(query.kind)
    if not found:
        return []
    cosines = iter((np.concatenate([vectors(hit.passage) for hit in found]) @ question_vector).tolist())
    evidence = []
    for hit in found:
        near = sum([weights[term] for term in weights if term in _around(hit.passage)]) / total
        of_passage = AROUND * near + MEANING * hit.cosine + RANK * hit.score
        for unit, own in zip(hit.passage.units, _own(hit.passage), strict=True):
            cosine = next(cosines)
            if unit.kind == "heading":
                continue
            inside = sum([weights[term] for term in weights if term in own]) / total
            kind = OF_KIND if sign and sign.search(hit.passage.text, *_within(hit.passage, unit)) else 0.0
            score = (of_passage + IN_UNIT * inside + UNIT_MEANING * cosine + kind) * (
                0.7 + 0.3 * min(1.0, len(own) / 6)
            )
            evidence.append(Evidence(hit.passage, unit, score, inside, near, cosine))
    return sorted(evidence, key=lambda one: (-one.score, one.passage.document_id, one.unit.start))


def _within(passage: Passage, unit: Unit) -> tuple[int, int]:
    return unit.start - passage.start, unit.end - passage.start


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


def _merit(one: Evidence) -> float:
    return (one.verdict or 0.0) + PRIOR * one.score


def rarity_from(document_frequency: Callable[[str], int], passages: int) -> Rarity:
    """Weigh a term by its inverse document frequency (Spärck Jones 1972), smoothed as in BM25."""

    @lru_cache(maxsize=20_000)
    def rarity(term: str) -> float:
        count = document_frequency(term)
        return math.log(1.0 + (passages - count + 0.5) / (count + 0.5))

    return rarity


@lru_cache(maxsize=4096)
def _own(passage: Passage) -> tuple[frozenset[str], ...]:
    return tuple(
        stems_of(passage.text[unit.start - passage.start : unit.end - passage.start]) for unit in passage.units
    )


@lru_cache(maxsize=4096)
def _around(passage: Passage) -> frozenset[str]:
    return stems_of(" ".join([passage.text, passage.context, *passage.headings]))
