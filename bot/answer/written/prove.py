"""Prove a sentence of a chat model by what it quotes, or say what is wrong with it.

The checks are lexical: a sentence has the figures, dates, names and nearly all words of its quotations, mostly in their
order, and neither loses nor adds a "not" or a "will". Whatever a document or a question talked a model into, a sentence
that passes says what stands at a place in a document, which is shown with it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Literal

from bot.answer.draft import DraftSentence, Place
from bot.answer.written.facts import (
    common_order,
    dates_in,
    figures_in,
    has_date,
    ordered_stems,
    runs_in,
    stands_in,
)
from bot.answer.written.given import UNSEEN, Documents, Given
from bot.answer.written.places import Quoted, quoted
from bot.answer.written.reading import Claim
from bot.intents import is_order
from bot.types import Dropped
from ingest.types import Passage
from ingest.words import stem, stems_of, words_of

Reason = Literal[
    "form", "passage", "quotation", "order", "number", "date", "name", "denial", "plan", "words", "turned", "reranker"
]
Verdicts = Callable[[Sequence[Place]], float | None]

MOST_WORDS = 60  # of a sentence; the longest of the shipped documents has 58
MOST_QUOTES = 4
# Shares of a sentence's content words. `citewell eval` calls a sentence supported from .8 on; see DECISIONS.md for what
# other values let through and drop.
QUOTED = 0.7  # that stand in the quotations
COVERED = 0.85  # ... or in title and headings, or in the question
IN_ORDER = 0.5  # of those that stand in the quotations, in one order with them
FEW = 3  # words that have no order to speak of
DISAGREES = -3.0  # a verdict, which 2 % of the known facts' quotations have; at -1.5, where answers are refused, 18 %
FORM = re.compile(r"https?:|www\.|[<>{}`|\\]|\]\(|!\[|\*\*|^\s*#|[\x00-\x08\x0b-\x1f\x7f]", re.IGNORECASE)
BAR = re.compile(r"\s*\|\s*")  # a table's row that was copied as it stands
DENIES = re.compile(
    r"\b(?:not|no|never|neither|nor|none|nobody|nothing|cannot|without|refus\w+|reject\w+|declin\w+|den(?:y|ie[sd]))\b|n['’]t\b",
    re.IGNORECASE,
)
# "May" in capitals is a month.
PLANS = re.compile(
    r"\bmay\b|(?i:\b(?:will|would|shall|should|might|could|plans?|planned|propos\w+|expect\w*|intend\w*|aims?|hopes?|"
    r"recommend\w*|draft|if|unless|whether)\b|\b(?:is|are|was|were|due|yet) to\b)"
)
# Words that make a plan of an event; nouns such as "plan" are no sign where only a document is named by them.
PLANNED = re.compile(
    r"\bmay\b|(?i:\b(?:will|would|shall|should|might|could|planned|proposed|expected|intended|unless)\b|"
    r"\b(?:is|are|was|were|due|yet) to\b)"
)

WRONG: dict[Reason, str] = {
    "form": "it has links, mark-up or too many words",
    "passage": "it names no passage that was given",
    "quotation": "the words relied on don't stand in the passage: {}",
    "order": "what it quotes gives orders instead of telling something",
    "number": "not in the quotation: {}",
    "date": "not in the quotation: {}",
    "name": "not in the quotation: {}",
    "denial": "the quotation and the sentence differ in a “not”",
    "plan": "the quotation tells of something planned or possible, the sentence of an event",
    "words": "too many words that are not in the quotation: {}",
    "turned": "it turns the order of the quotation's words round",
    "reranker": "the quotation does not answer the question",
}


class Failed(Exception):
    """What is wrong with a sentence."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


def prove(claim: Claim, given: Given, documents: Documents, *, verdicts: Verdicts) -> DraftSentence | Dropped:
    """The sentence with its quotations, or why there is no proof."""
    try:
        return _proven(claim, given, documents, verdicts)
    except Failed as failed:
        return Dropped(claim.text, failed.reason, WRONG[failed.reason].format(failed.detail))


def _proven(claim: Claim, given: Given, documents: Documents, verdicts: Verdicts) -> DraftSentence:
    text = BAR.sub("; ", " ".join(UNSEEN.sub("", claim.text).split()).strip("| "))
    words = words_of(text)
    if not words or len(words) > MOST_WORDS or FORM.search(text):
        raise Failed("form")
    found = _quotations(claim, given)
    places = tuple(dict.fromkeys(one.place for one in found))
    quotes = [_text(place) for place in places]
    if any(is_order(UNSEEN.sub("", quote)) for quote in quotes):
        raise Failed("order")
    _hold_facts(text, quotes, given.question)
    _hold_sense(text, "".join(one.clauses or _text(one.place) for one in found), " ".join(quotes))
    _hold_words(text, quotes, _known(places, documents), given.question)
    verdict = verdicts(places)
    if verdict is not None and verdict <= DISAGREES:
        raise Failed("reranker")
    scored = tuple(replace(place, score=verdict or 0.0) for place in places)
    return DraftSentence(text if text.endswith((".", "!", "?")) else f"{text}.", scored)


def _quotations(claim: Claim, given: Given) -> list[Quoted]:
    """Where the words relied on stand: in the passage named, and nowhere else."""
    if not claim.quotes:
        return _anywhere(claim, given)
    known = [(passage, words) for number, words in claim.quotes if (passage := given.passage(number))]
    if not known:
        raise Failed("passage")
    found: list[Quoted] = []
    for passage, words in known[:MOST_QUOTES]:
        places = quoted(words, passage, claim.text)
        if not places:
            raise Failed("quotation", f"“{' '.join(words.split())[:120]}”")
        found += places
    return found


def _anywhere(claim: Claim, given: Given) -> list[Quoted]:
    """The sentence, item or row of all passages that has most of the claim's words."""
    stems = stems_of(claim.text)
    found = [quoted("", passage, claim.text) for passage in given.passages]
    best = max((one for one in found if one), key=lambda one: len(stems & stems_of(_text(one[-1].place))), default=None)
    if not best:
        raise Failed("quotation", "it names none, and no passage has them")
    return best


def _hold_facts(text: str, quotes: list[str], question: str) -> None:
    """Every number, amount, date and name stands in a quotation."""
    figures = set().union(*map(figures_in, quotes))
    missing = figures_in(text) - figures
    if missing:
        raise Failed("number", ", ".join(sorted(missing)))
    dates = set().union(*map(dates_in, quotes))
    for date in dates_in(text):
        if not has_date(date, dates):
            raise Failed("date", " ".join(part for part in date if part))
    stems = [[stem(word) for word in words_of(quote)] for quote in quotes]
    asked = {stem(word) for word in words_of(question) if word[:1].islower()}
    for place, run in enumerate(runs_in(text)):
        opens = place == 0 and len(run) == 1 and run[0] in asked and text[:1].isupper()
        if not opens and not any(stands_in(run, one) for one in stems):
            raise Failed("name", " ".join(run))


def _hold_sense(text: str, clauses: str, quotes: str) -> None:
    """What is denied stays denied, and what is planned is no event."""
    if bool(DENIES.search(text)) != bool(DENIES.search(clauses)) and bool(DENIES.search(text)) != bool(
        DENIES.search(quotes)
    ):
        raise Failed("denial")
    if PLANNED.search(clauses) and not PLANS.search(text):
        raise Failed("plan")


def _hold_words(text: str, quotes: list[str], known: str, question: str) -> None:
    """Nearly all words that say something stand in the quotations, and most of those in their order."""
    mine = ordered_stems(text)
    theirs = [ordered_stems(quote) for quote in quotes]
    quoted_stems = set().union(*theirs)
    beside = quoted_stems | set(ordered_stems(known)) | set(ordered_stems(question))
    held = [one for one in mine if one in quoted_stems]
    if mine and (len(held) < QUOTED * len(mine) or sum(one in beside for one in mine) < COVERED * len(mine)):
        raise Failed("words", ", ".join(dict.fromkeys(one for one in mine if one not in quoted_stems)))
    if len(held) > FEW:
        ways = permutations(theirs) if len(theirs) <= FEW else [tuple(theirs)]
        orders = ([one for part in order for one in part] for order in ways)
        if max(common_order(held, order) for order in orders) < IN_ORDER * len(held):
            raise Failed("turned")


def _known(places: Sequence[Place], documents: Documents) -> str:
    """What stands above the quotations: title, headings, lead-in, header of a table."""
    parts: list[str] = []
    for place in places:
        document = documents(place.passage.document_id)
        parts += [document.title if document else "", *place.passage.headings, place.passage.context]
    return " ".join(parts)


def _text(place: Place) -> str:
    passage: Passage = place.passage
    return passage.text[place.start - passage.start : place.end - passage.start]
