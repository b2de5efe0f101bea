"""Where documents of different dates answer differently: what holds now first, then what earlier ones said."""

import re
from collections.abc import Callable
from dataclasses import replace

from bot.answer.draft import DraftSentence
from bot.answer.evidence import Evidence
from bot.answer.kinds import values_of
from bot.answer.saying import place_of, sentence_of
from bot.conflicts import Count, count_of
from bot.understand import STOP_WORDS, Query
from bot.wording import said
from ingest.types import Document
from ingest.words import stem, stems_of, words_of

Documents = Callable[[str], Document | None]

MOST = 3  # sentences
BEHIND = 6.0  # how far behind the best evidence what another document says may be
COUNT_BEHIND = 15.0  # ... where it counts the very thing that is asked for
ALIKE = 0.35  # of the words of the shorter of two texts that differ about one thing
ANSWERS = 0.0  # the reranker's verdict on what does answer; only then a difference is one
HOW_MANY = re.compile(
    r"\bhow many ((?:[\w’'&-]+ ){0,5}?[\w’'&-]+?)"
    r"(?=\s+(?:are|is|were|was|do|does|did|has|have|had|will|make|in|of|at|on|for|there|work)\b|[,?.!]|$)",
    re.IGNORECASE,
)


def told_by_date(query: Query, evidence: list[Evidence], documents: Documents) -> list[DraftSentence]:
    """Say what holds now and what was said before, where things are counted or the question asks for both."""
    return _counts(query, evidence, documents) or _then_and_now(query, evidence, documents)


def _counts(query: Query, evidence: list[Evidence], documents: Documents) -> list[DraftSentence]:
    """Answer "how many": the count that holds now first, then what earlier documents counted."""
    asked = HOW_MANY.search(query.asked)
    if not asked:
        return []
    thing = tuple(stem(word) for word in words_of(asked[1]) if word.lower() not in STOP_WORDS)
    by_document: dict[str, tuple[Evidence, Count]] = {}
    for one in evidence:
        count = count_of(thing, one.text)
        if count and one.score >= evidence[0].score - COUNT_BEHIND:
            by_document.setdefault(one.passage.document_id, (one, count))
    if not by_document:
        return []

    def newest(entry: tuple[Evidence, Count]) -> tuple[str, float]:
        document = documents(entry[0].passage.document_id)
        return (document.date if document else "", entry[0].score)

    ordered = sorted(by_document.values(), key=newest, reverse=True)
    first, count = ordered[0]
    sentences = [DraftSentence(_led_by(count.says, said(first.passage, first.unit)), (place_of(first),))]
    told = {count.value}
    for one, other in ordered[1:]:
        when = _date(one, documents)[:4]
        # Beside a dated count, one without a date can't be said to be earlier, and not that it holds.
        if other.value in told or (not when and _date(first, documents)):
            continue
        told.add(other.value)
        opening = f"Earlier, in {when}:" if when else "Another document:"
        saying = _led_by(other.says, said(one.passage, one.unit))
        sentences.append(DraftSentence(f"{opening} {saying}", (place_of(one),), earlier=True, says=other.says))
    return sentences[:MOST]


def _then_and_now(query: Query, evidence: list[Evidence], documents: Documents) -> list[DraftSentence]:
    """Answer what is so now and what was so then: what the newest document says, then what earlier ones do."""
    if not query.then:
        return []
    best: dict[str, Evidence] = {}
    for one in evidence:
        document = documents(one.passage.document_id)
        if document and document.date and one.score >= evidence[0].score - BEHIND:
            best.setdefault(document.id, one)
    dated = sorted(best.values(), key=lambda one: (_date(one, documents), one.score), reverse=True)
    if len(dated) < 2:
        return []
    now, *before = dated
    wanted = [one for one in before if not any(query.then) or any(_is_of(one, year, documents) for year in query.then)]
    said_before = sorted(wanted or before, key=lambda one: -one.score)[: MOST - 1]
    return [sentence_of(now), *(_earlier(one, documents) for one in said_before)]


def in_order_of_time(
    query: Query, chosen: list[Evidence], evidence: list[Evidence], documents: Documents
) -> list[DraftSentence]:
    """Say what was chosen; of dates, numbers and sums that documents have differently, the newest first."""
    now, before = _differing(query, evidence, documents)
    if not now or not before:
        return [sentence_of(one) for one in chosen]
    rest = [one for one in chosen if one is not now and one not in before]
    sentences = [sentence_of(now), *(_earlier(one, documents) for one in before), *map(sentence_of, rest)]
    return sentences[:MOST]


def _differing(query: Query, evidence: list[Evidence], documents: Documents) -> tuple[Evidence | None, list[Evidence]]:
    """What the newest document that answers says, and what earlier ones have instead."""
    if query.years:  # what was so at a time is asked, not what is so now
        return None, []
    answering: dict[str, Evidence] = {}
    for one in evidence:
        if one.verdict is not None and one.verdict > ANSWERS and one.score >= evidence[0].score - BEHIND:
            answering.setdefault(_date(one, documents), one)
    dated = sorted(((date, one) for date, one in answering.items() if date), key=lambda each: each[0], reverse=True)
    if not dated:
        return None, []
    now, before = dated[0][1], []
    told = values_of(query, now.text)
    for _, one in dated[1:]:
        values = values_of(query, one.text)
        if told and values and not _share(told, values) and _is_about_the_same(now, one):
            before.append(one)
            told |= values
    return now, before


def _is_about_the_same(one: Evidence, other: Evidence) -> bool:
    """Whether two texts share so many words that they can be two statements of one thing."""
    mine, theirs = stems_of(one.text), stems_of(other.text)
    return len(mine & theirs) >= ALIKE * min(len(mine), len(theirs))


def _share(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether a value is among others, which may say it more exactly ("July 2022" and "1 July 2022")."""
    return any(one in other or other in one for one in some for other in others)


def _earlier(one: Evidence, documents: Documents) -> DraftSentence:
    sentence = sentence_of(one)
    text = f"Earlier, in {_date(one, documents)[:4]}: {sentence.text}"
    return replace(sentence, text=text, earlier=True, says=one.text)


def _date(one: Evidence, documents: Documents) -> str:
    document = documents(one.passage.document_id)
    return document.date if document else ""


def _is_of(one: Evidence, year: str, documents: Documents) -> bool:
    return year in one.text or _date(one, documents).startswith(year)


def _led_by(value: str, sentence: str) -> str:
    """Put what was asked for in front, unless the sentence begins with it."""
    return sentence if sentence.lower().startswith(value.lower()) else f"{value[0].upper()}{value[1:]}. {sentence}"
