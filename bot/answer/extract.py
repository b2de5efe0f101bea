"""Answer in the documents' own words: choose evidence and say it.

The unit of an answer is a sentence with what it needs, a list with its lead-in, or table rows.
"""

import re
from collections.abc import Callable

from bot.answer.draft import Draft, DraftSentence, Place
from bot.answer.evidence import Evidence, Rarity, weigh
from bot.answer.wording import listed, plain, said
from bot.conflicts import Count, count_of
from bot.retrieve import Found
from bot.understand import STOP_WORDS, Query, stem, words_of
from ingest.types import Document, Unit

Documents = Callable[[str], Document | None]

MAX_WORDS = 70  # of an answer that is no list; the shape of an answer allows about 80
MAX_SENTENCES = 3
ENOUGH_COVERAGE = 0.34  # below, the evidence speaks of something else
ENOUGH_COSINE = 0.25
NEARLY_AS_GOOD = 0.72  # of the best score; a sentence below adds more noise than answer
HOW_MANY = re.compile(
    r"\bhow many ((?:[\w’'&-]+ ){0,5}?[\w’'&-]+?)"
    r"(?=\s+(?:are|is|were|was|do|does|did|has|have|had|will|make|in|of|at|on|for|there|work)\b|[,?.!]|$)",
    re.IGNORECASE,
)


def extract(query: Query, found: list[Found], documents: Documents, rarity: Rarity) -> Draft:
    """Propose an answer made of quotations, or `not_found` with the nearest places."""
    evidence = weigh(query, found, rarity)
    if not evidence or not _answers(query, evidence[0]):
        return not_found(query, evidence)
    counted = _counts(query, evidence, documents)
    sentences = counted or _best(query, evidence)
    return Draft("answered", tuple(sentences))


def not_found(query: Query, evidence: list[Evidence]) -> Draft:
    """Say what was looked for and where it might stand."""
    nearest: dict[str, Place] = {}
    for one in evidence[:20]:
        nearest.setdefault(one.passage.id, _place(one))
    headings = dict.fromkeys(one.passage.headings[-1] for one in evidence[:10] if one.passage.headings)
    return Draft(
        "not_found",
        nearest=tuple(nearest.values())[:3],
        missing=query.text,
        suggestions=tuple(f"What do the documents say about “{plain(heading)}”?" for heading in headings)[:2],
    )


def _answers(query: Query, best: Evidence) -> bool:
    if not query.terms:
        return False
    return (best.coverage_around >= ENOUGH_COVERAGE and best.cosine >= ENOUGH_COSINE) or best.coverage >= 0.6


def _counts(query: Query, evidence: list[Evidence], documents: Documents) -> list[DraftSentence]:
    """Answer "how many": the count that holds now first, then what earlier documents counted."""
    asked = HOW_MANY.search(query.text)
    if not asked:
        return []
    thing = tuple(stem(word) for word in words_of(asked[1]) if word.lower() not in STOP_WORDS)
    by_document: dict[str, tuple[Evidence, Count]] = {}
    for one in evidence:
        count = count_of(thing, one.text)
        if count and one.score >= NEARLY_AS_GOOD * evidence[0].score:
            by_document.setdefault(one.passage.document_id, (one, count))
    if not by_document:
        return []

    def newest(entry: tuple[Evidence, Count]) -> tuple[str, float]:
        document = documents(entry[0].passage.document_id)
        return (document.date if document else "", entry[0].score)

    ordered = sorted(by_document.values(), key=newest, reverse=True)
    first, count = ordered[0]
    sentences = [DraftSentence(_led_by(count.says, said(first.passage, first.unit)), (_place(first),))]
    told = {count.value}
    for one, other in ordered[1:]:
        if other.value in told:
            continue
        told.add(other.value)
        document = documents(one.passage.document_id)
        when = document.date[:4] if document and document.date else ""
        opening = f"Earlier, in {when}:" if when else "Another document:"
        saying = _led_by(other.says, said(one.passage, one.unit))
        sentences.append(DraftSentence(f"{opening} {saying}", (_place(one),), earlier=True, says=other.says))
    if len(sentences) == 1 and query.asks_change:
        agreeing = [one for one, other in ordered[1:] if other.value == count.value]
        sentences += [DraftSentence(said(one.passage, one.unit), (_place(one),)) for one in agreeing[-1:]]
    return sentences[:MAX_SENTENCES]


def _led_by(value: str, sentence: str) -> str:
    """Put what was asked for in front, unless the sentence begins with it."""
    return sentence if sentence.lower().startswith(value.lower()) else f"{value[0].upper()}{value[1:]}. {sentence}"


def _best(query: Query, evidence: list[Evidence]) -> list[DraftSentence]:
    best = evidence[0]
    if (best.unit.kind == "item" and query.kind == "list") or _is_lead(best):
        whole = _whole_list(best)
        if whole:
            return [whole]
    chosen = [best]
    words = len(best.text.split())
    for one in evidence[1:]:
        if len(chosen) == MAX_SENTENCES or one.score < NEARLY_AS_GOOD * best.score:
            break
        length = len(one.text.split())
        if words + length <= MAX_WORDS and not _is_lead(one) and all(one.text != other.text for other in chosen):
            chosen.append(one)
            words += length
    return [DraftSentence(_with_lead(one), (_place(one),)) for one in chosen]


def _is_lead(one: Evidence) -> bool:
    return one.unit.kind == "sentence" and one.text.endswith(":")


def _whole_list(one: Evidence) -> DraftSentence | None:
    """Say the list that a unit belongs to, with its lead-in, as one quotation."""
    units = one.passage.units
    at = units.index(one.unit)
    first = at
    while first > 0 and units[first].kind == "item":
        first -= 1
    lead = units[first] if units[first].kind != "item" else None
    items: list[Unit] = []
    for unit in units[first + 1 if lead else first :]:
        if unit.kind != "item":
            break
        items.append(unit)
    if not items:
        return None
    opening = said(one.passage, lead) if lead else plain(one.passage.context)
    text = listed(opening, [said(one.passage, item) for item in items])
    start = lead.start if lead else items[0].start
    return DraftSentence(text, (Place(one.passage, start, items[-1].end, one.score),))


def _with_lead(one: Evidence) -> str:
    """Say an item with the lead-in that makes a sentence of it."""
    if one.unit.kind != "item" or len(one.text.split()) > 12:
        return one.text
    before = [unit for unit in one.passage.units if unit.end <= one.unit.start and unit.kind == "sentence"]
    lead = said(one.passage, before[-1]) if before else plain(one.passage.context)
    return f"{lead} {one.text}" if lead.endswith(":") else one.text


def _place(one: Evidence) -> Place:
    return Place(one.passage, one.unit.start, one.unit.end, one.score)
