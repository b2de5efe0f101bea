"""Answer in the documents' own words: choose evidence and say it.

The unit of an answer is a sentence with what it needs, a list with its lead-in, or table rows.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.answer.decide import decide
from bot.answer.draft import Draft, DraftSentence, Place
from bot.answer.evidence import Evidence, asks_for_several
from bot.answer.lists import Neighbours, listing_of, say_list
from bot.conflicts import Count, count_of
from bot.understand import STOP_WORDS, Query
from bot.wording import plain, said
from ingest.types import Document
from ingest.words import stem, stems_of, words_of

Documents = Callable[[str], Document | None]

MAX_WORDS = 75  # of an answer that is no list; the shape of an answer allows about 80
MAX_SENTENCES = 3
ROOM_FOR_ALL = 90  # words, when several questions share an answer
NEARLY_AS_GOOD = 0.80  # without a reranker: of the best score
ENOUGH = -1.5  # of a verdict; see DECISIONS.md for what other values cost
ENOUGH_IN_TALK = -4.0  # ... where the question leans on another
THEN_AND_NOW = 6.0  # how far behind the best evidence what another document says may be
AS_GOOD = 3.0  # how far behind the best verdict another unit may be and still be said
SAME = 0.8  # of the words; what says no more than this anew is not said
VERB = re.compile(
    r"\b(?:is|are|was|were|be|has|have|had|will|would|shall|should|must|may|might|can|could|does|do|did)\b",
    re.IGNORECASE,
)
HOW_MANY = re.compile(
    r"\bhow many ((?:[\w’'&-]+ ){0,5}?[\w’'&-]+?)"
    r"(?=\s+(?:are|is|were|was|do|does|did|has|have|had|will|make|in|of|at|on|for|there|work)\b|[,?.!]|$)",
    re.IGNORECASE,
)


def extract(answered: Sequence[tuple[Query, list[Evidence]]], documents: Documents, neighbours: Neighbours) -> Draft:
    """Propose an answer made of quotations to each question of a message, or `not_found` with the nearest places."""
    room = _Room.shared_by(len(answered))
    return joined([_extract(query, evidence, documents, neighbours, room) for query, evidence in answered])


def joined(drafts: Sequence[Draft]) -> Draft:
    """One answer of those to several questions: partial where one of them is missing."""
    found = [draft for draft in drafts if draft.status == "answered"]
    if len(drafts) == 1 or not found:
        missing = " ".join(dict.fromkeys(draft.missing for draft in drafts if draft.missing))
        return replace(drafts[0], missing=missing)
    sentences: dict[tuple[tuple[str, int, int], ...], DraftSentence] = {}
    for draft in found:
        for sentence in draft.sentences:
            places = tuple((place.passage.id, place.start, place.end) for place in sentence.places)
            sentences.setdefault(places, sentence)
    missing = " ".join(draft.missing for draft in drafts if draft.status != "answered")
    return Draft("partial" if missing else "answered", tuple(sentences.values()), missing=missing)


def _extract(
    query: Query, evidence: list[Evidence], documents: Documents, neighbours: Neighbours, room: "_Room"
) -> Draft:
    decision = decide(query, evidence, enough=ENOUGH if query.text == query.asked else ENOUGH_IN_TALK)
    if not decision.usable:
        return replace(not_found(query, evidence), why=decision.why)
    evidence = list(decision.usable)
    sentences = (
        _counts(query, evidence, documents)
        or _then_and_now(query, evidence, documents)
        or _best(query, evidence, neighbours, room)
    )
    return Draft("answered", tuple(sentences))


@dataclass(frozen=True, slots=True)
class _Room:
    """How much may be said in answer to one question."""

    words: int
    sentences: int

    @classmethod
    def shared_by(cls, questions: int) -> "_Room":
        return cls(MAX_WORDS, MAX_SENTENCES) if questions == 1 else cls(ROOM_FOR_ALL // questions, 2)


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


def _counts(query: Query, evidence: list[Evidence], documents: Documents) -> list[DraftSentence]:
    """Answer "how many": the count that holds now first, then what earlier documents counted."""
    asked = HOW_MANY.search(query.asked)
    if not asked:
        return []
    thing = tuple(stem(word) for word in words_of(asked[1]) if word.lower() not in STOP_WORDS)
    by_document: dict[str, tuple[Evidence, Count]] = {}
    for one in evidence:
        count = count_of(thing, one.text)
        if count and _nearly_as_good(one, evidence[0], THEN_AND_NOW):
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
    return sentences[:MAX_SENTENCES]


def _then_and_now(query: Query, evidence: list[Evidence], documents: Documents) -> list[DraftSentence]:
    """Answer what is so now and what was so then: what the newest document says, then what earlier ones do."""
    if not query.then:
        return []
    best: dict[str, Evidence] = {}
    for one in evidence:
        document = documents(one.passage.document_id)
        if document and document.date and one.score >= evidence[0].score - THEN_AND_NOW:
            best.setdefault(document.id, one)
    dated = sorted(best.values(), key=lambda one: (_date(one, documents), one.score), reverse=True)
    if len(dated) < 2:
        return []
    now, *before = dated
    wanted = [one for one in before if not any(query.then) or any(_is_of(one, year, documents) for year in query.then)]
    sentences = [_sentence(now)]
    for one in sorted(wanted or before, key=lambda one: -one.score)[: MAX_SENTENCES - 1]:
        sentence = _sentence(one)
        text = f"Earlier, in {_date(one, documents)[:4]}: {sentence.text}"
        sentences.append(replace(sentence, text=text, earlier=True, says=one.text))
    return sentences


def _date(one: Evidence, documents: Documents) -> str:
    document = documents(one.passage.document_id)
    return document.date if document else ""


def _is_of(one: Evidence, year: str, documents: Documents) -> bool:
    return year in one.text or _date(one, documents).startswith(year)


def _led_by(value: str, sentence: str) -> str:
    """Put what was asked for in front, unless the sentence begins with it."""
    return sentence if sentence.lower().startswith(value.lower()) else f"{value[0].upper()}{value[1:]}. {sentence}"


def _best(query: Query, evidence: list[Evidence], neighbours: Neighbours, room: _Room) -> list[DraftSentence]:
    best = evidence[0]
    several = asks_for_several(query.asked)
    if several or _is_lead(best):
        whole = _whole_list(best, neighbours, room, several=several)
        if whole:
            return [whole]
    chosen: list[Evidence] = []
    words = 0
    for one in evidence:
        if len(chosen) == room.sentences or not _nearly_as_good(one, best, AS_GOOD):
            break
        if _is_lead(one) and query.kind not in ("number", "money", "date"):
            continue
        length = len(one.text.split())
        fits = words + length <= room.words and not any(_says_the_same(one, other) for other in chosen)
        if fits or not chosen:
            chosen.append(one)
            words += length
    return [_sentence(one) for one in chosen or [best]]


def _says_the_same(one: Evidence, other: Evidence) -> bool:
    """Whether most of the words of one stand in the other."""
    mine, theirs = stems_of(one.text), stems_of(other.text)
    return len(mine & theirs) >= SAME * min(len(mine), len(theirs))


def _whole_list(best: Evidence, neighbours: Neighbours, room: _Room, *, several: bool) -> DraftSentence | None:
    """The list that the best evidence belongs to; where none was asked for, only one that is short."""
    if not (_is_lead(best) or best.unit.kind == "item"):
        return None
    listing = listing_of(best.passage, best.unit, neighbours)
    if not listing:
        return None
    long = sum(len(said(passage, item).split()) for passage, item in listing.items) > room.words
    return None if long and not several else say_list(listing, best.score)


def _nearly_as_good(one: Evidence, best: Evidence, within: float) -> bool:
    return one.score >= best.score - within


def _is_lead(one: Evidence) -> bool:
    return one.unit.kind == "sentence" and one.text.endswith(":")


def _sentence(one: Evidence) -> DraftSentence:
    """Say a unit; an item with the lead-in that makes a sentence of it, which is quoted too."""
    if one.unit.kind == "item" and not _is_whole(one.text):
        before = [unit for unit in one.passage.units if unit.end <= one.unit.start and unit.kind == "sentence"]
        if before and said(one.passage, before[-1]).endswith(":"):
            lead = Place(one.passage, before[-1].start, before[-1].end, one.score)
            return DraftSentence(f"{said(one.passage, before[-1])} {one.text}", (lead, _place(one)))
    return DraftSentence(f"{one.text[:-1]}." if _is_lead(one) else one.text, (_place(one),))


def _is_whole(text: str) -> bool:
    """Whether an item says something by itself, as a sentence with a verb does.

    >>> _is_whole("In 2020 the board's clerk was Ann Lee."), _is_whole("Two members from the councils.")
    (True, False)
    """
    return text.endswith(".") and text[:1].isupper() and bool(VERB.search(text))


def _place(one: Evidence) -> Place:
    return Place(one.passage, one.unit.start, one.unit.end, one.score)
