"""Weigh the sentences, items and rows of the passages found, as evidence for an answer."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.answer.kinds import IsName, holds, is_of_place
from bot.answer.labels import with_what_follows
from bot.rerank.reading import reading_of
from bot.rerank.score import Reranker
from bot.retrieve import Found
from bot.understand import Query, content_words
from bot.vocabulary import PassageWords, Vocabulary
from bot.wording import said
from ingest.embed import Matrix
from ingest.types import Document, Passage, Unit
from ingest.words import stem, stems_of, words_of

Rarity = Callable[[str], float]
Documents = Callable[[str], Document | None]
Vectors = Callable[[Passage], Matrix]

JUDGED = 12  # units that the reranker may read: it loses none of the 252 questions of the dev split against 24
FIRST = 4  # ... of which it reads these first, and the others only where it is not sure of one of these
SURE = 5.5  # a verdict that makes reading on a waste of time: none of the 252 questions is lost by it
VERDICT = 1.0  # weight of a verdict beside the score
UNJUDGED = -3.0  # the verdict that is taken for the rest

NAME_WORD = re.compile(r"^[A-Z][a-z]+$")
RARE = 1.9  # a word of one passage in seven or fewer; what is more frequent is what all the documents are about
SAME = 0.99  # a name is held where it stands, not where one like it does
COMMON = re.compile(r"(?<![\w’'-])[a-z]{2,}\b")
NO_NAMES = frozenset(
    "north south east west new great upper lower january february march april may june july august september october "
    "november december monday tuesday wednesday thursday friday saturday sunday the this that".split()
)
LIST_ASKED, LIST_UNASKED = 1.0, 0.4
SEVERAL = re.compile(
    r"\b(list|name (the|all|every)|what are|what were|which are|who are|who were|what kinds?|what sorts?)\b|"
    r"\b(what|which) (?:[\w’'-]+ ){0,3}(?!(?:is|was|does|has)\b)[\w’'-]*[a-rt-z]s\b|"
    r"\b(what|which|who|name)\b.*\b(two|three|four|five|six|seven|eight|nine|ten)\b|"
    r"\bwho (would|will|gets?|has|have|sits?|makes?|belongs?|else)\b|"
    r"\b(include|consist|comprise|made up|cover|involve|responsible for|decide|sits? on|members of|part of)\b",
    re.IGNORECASE,
)


class Features(NamedTuple):
    """What speaks for a unit, each from 0 to about 1."""

    inside: float  # the share of the question's words, by rarity and nearness, that the unit holds
    above: float  # ... that it holds with its title and headings
    around: float  # ... that it holds with its passage
    meaning: float  # cosine of the unit, in its context, to the question
    passage_meaning: float
    rank: float  # of the passage, fused
    kind: float  # whether it holds a thing of the kind asked for
    year: float  # whether it or its document is of a year that is asked for
    row: float


# Fitted as a softmax over the units of a question, on the dev split of the known facts and on the training sets.
WEIGHTS = Features(1.0, 5.0, 3.2, 15.8, 3.3, 1.2, 2.3, 3.3, 0.2)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A unit of a passage with its score and what it is made of.

    `holds` is whether it has a thing of the kind asked for, `named` whether its passage has the names that are asked
    about; `verdict` is the reranker's, where it was asked.
    """

    passage: Passage
    unit: Unit
    score: float
    features: Features
    verdict: float | None = None
    holds: bool = True
    named: bool = True

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
    lists = _lists_of(found)
    share = LIST_ASKED if asks_for_several(query.asked) else LIST_UNASKED
    is_name = _names_in(found)
    held = _held(query, read, rarity, vocabulary, names=_asked_names(query, is_name, rarity))
    inside, above, around = (_with_items(values, lists, share) for values in held[:3])
    names_held = held[3]
    cosines = _with_items(np.concatenate([vectors(hit.passage) for hit in found]) @ question_vector, lists, share)
    asked = stems_of(" ".join(query.words))
    evidence = []
    at = 0
    for hit in found:
        passage = hit.passage
        document = about[passage.document_id]
        dated = (document.date if document else "") + " ".join([titles[passage.document_id], *passage.headings])
        for place, unit in enumerate(passage.units):
            number, at = at, at + 1
            if unit.kind == "heading":
                continue
            unit = with_what_follows(passage, place, asked)
            text = passage.text[unit.start - passage.start : unit.end - passage.start]
            kind = holds(query, text, is_name)
            features = Features(
                inside=float(inside[number]),
                above=float(above[number]),
                around=float(around[number]),
                meaning=float(cosines[number]),
                passage_meaning=hit.cosine,
                rank=hit.score,
                kind=float(bool(kind)),
                year=float(any(year in text or year in dated for year in query.years)),
                row=float(unit.kind == "row"),
            )
            score = sum(weight * value for weight, value in zip(WEIGHTS, features, strict=True))
            fits = kind is not False and is_of_place(
                query, " ".join([text, passage.context, *passage.headings, dated]), is_name
            )
            evidence.append(Evidence(passage, unit, score, features, holds=fits, named=bool(names_held[number])))
    return sorted(evidence, key=lambda one: (-one.score, one.passage.document_id, one.unit.start))


def _names_in(found: list[Found]) -> IsName:
    """Tell words that are always written with a capital in what was found from those that are common words too."""
    common = frozenset().union(*(_common_stems(hit.passage) for hit in found))
    return lambda word: stem(word) not in common and word.lower() not in NO_NAMES


@lru_cache(maxsize=4096)
def _common_stems(passage: Passage) -> frozenset[str]:
    return frozenset(stem(word) for word in COMMON.findall(passage.text))


def _lists_of(found: list[Found]) -> list[tuple[int, int]]:
    """The lists in the passages found: the number of the lead-in and that of the last item."""
    lists: list[tuple[int, int]] = []
    at = 0
    for hit in found:
        units = hit.passage.units
        for number, unit in enumerate(units):
            last = number
            while last + 1 < len(units) and units[last + 1].kind in ("item", "row") and unit.kind == "sentence":
                last += 1
            if last > number:
                lists.append((at + number, at + last))
        at += len(units)
    return lists


def _with_items(values: Matrix, lists: list[tuple[int, int]], share: float) -> Matrix:
    """Let a lead-in gain a share of what the best of its items has more: it stands for the list."""
    gained = values.copy()
    for lead, last in lists:
        gained[lead] += share * max(0.0, float(values[lead : last + 1].max()) - float(values[lead]))
    return gained


def asks_for_several(question: str) -> bool:
    """Whether several things are asked for, so that a list is the answer rather than one of its items.

    >>> asks_for_several("What are the aims of the plan?"), asks_for_several("When was the plan agreed?")
    (True, False)
    """
    return bool(SEVERAL.search(question))


def _asked_names(query: Query, is_name: IsName, rarity: Rarity) -> frozenset[str]:
    """The stems of the names that a question asks about, but for those that stand all over the documents."""
    opening = {words_of(sentence)[0] for sentence in re.split(r"[.?!]\s+", query.asked) if words_of(sentence)}
    return frozenset(
        stem(word)
        for word, weight in zip(query.words, query.weights, strict=True)
        if weight == 1.0
        and NAME_WORD.search(word)
        and word not in opening
        and is_name(word)
        and rarity(stem(word)) > RARE
    )


def _held(
    query: Query, read: list[PassageWords], rarity: Rarity, vocabulary: Vocabulary, *, names: frozenset[str]
) -> tuple[Matrix, Matrix, Matrix, NDArray[np.bool_]]:
    """The share of the question's words that each unit holds: itself, with what stands above it, with its passage.

    The last says of each unit whether its passage holds all names that are asked about.
    """
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
    per_unit, above, around = (_with_alternatives(query, words, held) for held in (per_unit, above, around))
    rows = [number for number, word in enumerate(words) if stem(word) in names]
    named: NDArray[np.bool_] = np.all(around[rows] > SAME, axis=0)
    return _shares(weights, per_unit), _shares(weights, above), _shares(weights, around), named


def _shares(weights: Matrix, held: Matrix) -> Matrix:
    shares: Matrix = weights @ held
    return shares


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

    def verdicts_on(part: list[Evidence]) -> list[float]:
        readings = []
        for one in part:
            document = documents(one.passage.document_id)
            title, date = (document.title, document.date) if document else ("", "")
            readings.append(reading_of(one.passage, one.unit, title=title, date=date))
        return reranker.scores(query.judged, readings)

    verdicts = verdicts_on(evidence[:FIRST])
    if max(verdicts, default=0.0) < SURE:
        verdicts += verdicts_on(evidence[FIRST:JUDGED])
    ranked = [
        replace(one, verdict=verdict, score=one.score + VERDICT * verdict)
        for one, verdict in zip(evidence, verdicts, strict=False)
    ]
    rest = [replace(one, score=one.score + VERDICT * UNJUDGED) for one in evidence[len(verdicts) :]]
    return sorted(ranked, key=lambda one: one.score, reverse=True) + rest


def rarity_from(document_frequency: Callable[[str], int], passages: int) -> Rarity:
    """Weigh a term by its inverse document frequency (Spärck Jones 1972), smoothed as in BM25.

    A word that no document has counts as one that a single passage has: it can't be found, only what is near it.
    """

    @lru_cache(maxsize=20_000)
    def rarity(term: str) -> float:
        count = max(1, document_frequency(term))
        return math.log(1.0 + (passages - count + 0.5) / (count + 0.5))

    return rarity
