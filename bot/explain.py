"""Show the way from a question to its answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.answer.draft import Draft
from bot.answer.evidence import Evidence, Features
from bot.retrieve import Found
from bot.types import Answer, Dropped
from bot.understand import Query
from ingest.embed import Matrix

SHOWN = 8  # passages and units of each question
LENGTH = 110  # characters of a text


@dataclass(frozen=True, slots=True)
class Looked:
    """One question of a message as understood, its vector, what was found for it, and its evidence, best first."""

    query: Query
    vector: Matrix = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    found: tuple[Found, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """How an answer came about."""

    answer: Answer
    looked: tuple[Looked, ...]
    draft: Draft
    dropped: tuple[Dropped, ...] = ()


def lines_of(explanation: Explanation) -> list[str]:
    """An explanation as lines of text: question, candidates from each side, evidence, decision."""
    lines: list[str] = []
    for number, looked in enumerate(explanation.looked, start=1):
        lines += [f"Question {number}: {looked.query.asked}", *_understood(looked.query)]
        lines += ["  Passages (fused, cosine, BM25)", *map(_passage, looked.found[:SHOWN])]
        lines += [f"  Evidence (score, verdict; {', '.join(Features._fields)})"]
        said = _said(explanation.answer)
        lines += [_unit(one, said) for one in looked.evidence[:SHOWN]]
    draft = explanation.draft
    lines.append(f"Decision: {explanation.answer.status}" + (f", since {draft.why}" if draft.why else ""))
    if draft.sentences and len(explanation.answer.sentences) < len(draft.sentences):
        left = len(draft.sentences) - len(explanation.answer.sentences)
        lines.append(f"  {left} proposed sentences were left out, since their quotations don't back them")
    return [*lines, *_modelled(explanation)]


def _modelled(explanation: Explanation) -> list[str]:
    """What a chat model took, and what of its sentences was dropped."""
    usage = explanation.answer.usage
    if usage is None:
        return []
    tokens = f"{usage.prompt_tokens:,} tokens read, {usage.completion_tokens:,} written"
    lines = [f"Chat model: {usage.model}, {usage.calls} calls, {tokens}" + (", from the cache" if usage.cached else "")]
    return lines + [f"  dropped ({one.reason}): {_short(one.text)} [{_short(one.says)}]" for one in explanation.dropped]


def _understood(query: Query) -> list[str]:
    words = ", ".join(f"{word} {weight:g}" for word, weight in zip(query.words, query.weights, strict=True))
    lines = [f"  asks for: {query.kind}", f"  words and weights: {words}"]
    if query.years:
        lines.append(f"  as of: {', '.join(query.years)}")
    if query.then:
        lines.append(f"  and earlier: {', '.join(filter(None, query.then)) or 'at any time'}")
    if query.alternatives:
        lines.append("  also: " + "; ".join(f"{one.used} = {one.other}" for one in query.alternatives))
    return lines


def _passage(hit: Found) -> str:
    where = " > ".join([hit.passage.document_id, *hit.passage.headings[-1:]])
    return f"    {hit.score:.2f} {hit.cosine:.2f} {hit.bm25:5.1f}  {where}: {_short(hit.passage.text)}"


def _unit(one: Evidence, said: Sequence[tuple[str, int, int]]) -> str:
    verdict = "" if one.verdict is None else f" {one.verdict:+.1f}"
    features = " ".join(f"{value:.2f}" for value in one.features)
    chosen = any(
        document == one.passage.document_id and start <= one.unit.start and one.unit.end <= end
        for document, start, end in said
    )
    mark = "*" if chosen else " " if one.holds else "-"
    return f"  {mark} {one.score:.1f}{verdict} [{features}] {_short(one.text)}"


def _said(answer: Answer) -> list[tuple[str, int, int]]:
    return [(citation.document_id, citation.start, citation.end) for citation in answer.citations]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LENGTH else f"{flat[: LENGTH - 1]}…"
