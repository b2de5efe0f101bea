"""Answer in the documents' own words: choose evidence and say it.

The unit of an answer is a sentence with what it needs, a list with its lead-in, or table rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.answer.dated import in_order_of_time, told_by_date
from bot.answer.decide import decide
from bot.answer.draft import Draft, DraftSentence, Place
from bot.answer.evidence import Evidence, asks_for_several
from bot.answer.lists import Neighbours, listing_of, say_list
from bot.answer.saying import is_lead, place_of
from bot.understand import Query
from bot.wording import plain, said
from ingest.types import Document
from ingest.words import stems_of

Documents = Callable[[str], Document | None]

MAX_WORDS = 75  # of an answer that is no list; the shape of an answer allows about 80
MAX_SENTENCES = 3
ROOM_FOR_ALL = 90  # words, when several questions share an answer
NEARLY_AS_GOOD = 0.80  # without a reranker: of the best score
ENOUGH = 0.3  # of a verdict; see DECISIONS.md for what other values cost
ENOUGH_IN_TALK = 0.0  # ... where the question leans on another
AS_GOOD = 4.0  # how far behind the best score another unit may be and still be said
SAME = 0.8  # of the words; what says no more than this anew is not said


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
    sentences = told_by_date(query, evidence, documents) or _best(query, evidence, documents, neighbours, room)
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
        nearest.setdefault(one.passage.id, place_of(one))
    headings = dict.fromkeys(one.passage.headings[-1] for one in evidence[:10] if one.passage.headings)
    return Draft(
        "not_found",
        nearest=tuple(nearest.values())[:3],
        missing=query.text,
        suggestions=tuple(f"What do the documents say about “{plain(heading)}”?" for heading in headings)[:2],
    )


def _best(
    query: Query, evidence: list[Evidence], documents: Documents, neighbours: Neighbours, room: _Room
) -> list[DraftSentence]:
    best = evidence[0]
    several = asks_for_several(query.asked)
    if several or is_lead(best):
        whole = _whole_list(best, neighbours, room, several=several)
        if whole:
            return [whole]
    chosen: list[Evidence] = []
    words = 0
    for one in evidence:
        if len(chosen) == room.sentences or not _nearly_as_good(one, best, AS_GOOD):
            break
        if is_lead(one) and query.kind not in ("number", "money", "date"):
            continue
        length = len(one.text.split())
        fits = words + length <= room.words and not any(_says_the_same(one, other) for other in chosen)
        if fits or not chosen:
            chosen.append(one)
            words += length
    return in_order_of_time(query, chosen or [best], evidence, documents)


def _says_the_same(one: Evidence, other: Evidence) -> bool:
    """Whether most of the words of one stand in the other."""
    mine, theirs = stems_of(one.text), stems_of(other.text)
    return len(mine & theirs) >= SAME * min(len(mine), len(theirs))


def _whole_list(best: Evidence, neighbours: Neighbours, room: _Room, *, several: bool) -> DraftSentence | None:
    """The list that the best evidence belongs to; where none was asked for, only one that is short."""
    if not (is_lead(best) or best.unit.kind == "item"):
        return None
    listing = listing_of(best.passage, best.unit, neighbours)
    if not listing:
        return None
    long = sum(len(said(passage, item).split()) for passage, item in listing.items) > room.words
    return None if long and not several else say_list(listing, best.score)


def _nearly_as_good(one: Evidence, best: Evidence, within: float) -> bool:
    return one.score >= best.score - within
