"""Answer what a term means with the sentences of the documents that define it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from bot.answer.definition_questions import Wanted, wanted_in
from bot.answer.draft import Draft, DraftSentence, Place
from bot.defining import DOES, IS, MEANS, SPELLS, Defining, Readable, defined_terms, defining, same_words
from bot.meanings import Meaning, Spelled, different_long_forms, meanings_of, spelled_as
from bot.understand import STOP_WORDS, Query
from ingest.types import Passage
from ingest.words import WORD, words_of

MOST = 4  # sentences of an answer
MOST_WORDS = 80  # of an answer to one question
MOST_TERMS = 3  # of one question
CLEAR = 20  # words of a sentence that is said although it only spells a term out
LIKE = 0.85  # of difflib's ratio: two letters wrong in a word of twelve

SEVERAL = re.compile(r"\s*(?:,|/|\band\b|\bor\b)\s*", re.IGNORECASE)


def defined(query: Query, found: Sequence[Passage], documents: Readable) -> Draft | None:
    """Propose an answer to a question for the meaning of a term; None where it asks for something else.

    `found` are the passages found for the question; they are read for terms that are no abbreviations. An abbreviation
    that the documents use and explain nowhere gets `not_found` with a reply that says so.
    """
    for wanted in wanted_in(query):
        sentences = _meanings(wanted, query, found, documents)
        if sentences:
            return Draft("answered", tuple(sentences))
    for wanted in wanted_in(query):
        draft = _unexplained(wanted, query, found)
        if draft:
            return draft
    return None


def _meanings(wanted: Wanted, query: Query, found: Sequence[Passage], documents: Readable) -> list[DraftSentence]:
    # "What is care?" asks for the word, whatever CARE is short for.
    is_word = not wanted.strictly and wanted.term.islower() and _is_word(wanted.term, found)
    spelled = [] if is_word else _spelled(wanted.term, documents)
    if spelled:
        room = MOST_WORDS // len(spelled)
        wants = [(one, replace(wanted, term=term)) for term, one in spelled]
        return [sentence for one, want in wants for sentence in _told(one, want, query, documents, room)]
    return _term(wanted, found)


def _spelled(term: str, documents: Readable) -> list[tuple[str, Spelled]]:
    """The abbreviations of a question as they are asked for: one, or some with "and" between them."""
    whole = spelled_as(term, documents)
    if whole:
        return [(term, whole)]
    parts = [part.strip() for part in SEVERAL.split(term)]
    each = [(part, spelled_as(part, documents)) for part in parts if part]
    several = [(part, one) for part, one in each if one]
    return several[:MOST_TERMS] if len(several) == len(each) > 1 else []


def _told(spelled: Spelled, wanted: Wanted, query: Query, documents: Readable, room: int) -> list[DraftSentence]:
    """Say what an abbreviation stands for and what it is, as documents have it now, then what earlier ones say."""
    meanings = meanings_of(spelled, documents, each=1 if wanted.strictly else 2)
    if query.years:  # those of the years asked about first; the newest stay in front of the others
        meanings.sort(key=lambda one: not one[0].date.startswith(query.years))
    saying = [one for one in meanings if one[1].weight >= DOES]
    by_long_form = wanted.term.lower() not in (spelled.short.lower(), f"{spelled.short.lower()}s")
    if not meanings or (by_long_form and not saying):
        return []
    now = meanings[0][0].date[:4]
    expanded = [one for one in meanings if one[1].long]
    first = max(saying, key=lambda one: min(one[1].weight, IS), default=None)
    sentences = []
    if expanded and not by_long_form and not (first and _spells_itself(first[1], spelled.short)):
        spelling = first if first and first[1].long else expanded[0]
        sentences.append(DraftSentence(_stands_for(spelled.short, spelling[1]), _backing(spelling, expanded)))
    if first:
        # What something is takes more than what it means.
        more = [one for one in saying if one[0].id == first[0].id and one is not first and not wanted.strictly]
        sentences += [_dated(one, one[1].text, now, outdated=False) for one in (first, *more[:1])]
    elif not wanted.strictly and _is_clear(expanded[0][1]):
        sentences.append(DraftSentence(expanded[0][1].text, (_place(expanded[0][1]),)))
    since = (first or expanded[0])[0].date[:4]
    before = [one for one in saying if one is not first and one[1].weight >= IS and one[0].date[:4] < since]
    sentences += [_dated(one, one[1].text, now) for one in before]
    others = different_long_forms(expanded)[1:]
    sentences += [_dated(one, _stands_for(spelled.short, one[1]), now) for one in others]
    return _as_many_as_fit(sentences, room)


def _dated(meaning: Meaning, text: str, now: str, *, outdated: bool = True) -> DraftSentence:
    """Say when a definition held, where that is not now; `outdated` where something else holds since."""
    year = meaning[0].date[:4]
    if outdated:
        opening = f"Earlier, in {year}: " if year and year < now else "In another document: "
    else:
        opening = f"In {year}: " if year and year != now else ""
    return DraftSentence(f"{opening}{text}", (_place(meaning[1]),), earlier=outdated, says=text if outdated else "")


def _stands_for(short: str, one: Defining) -> str:
    """Say what an abbreviation stands for, in the number that the quotation has it in."""
    if re.search(rf"{re.escape(one.long)}(?!\w)", one.text):
        return f"{short} stands for {one.long}."
    return f"{short}s are {one.long}s."


def _backing(spelling: Meaning, expanded: list[Meaning]) -> tuple[Place, ...]:
    """What backs what an abbreviation stands for: what defines it too, or two documents that only spell it out."""
    if spelling[1].weight >= DOES:
        return (_place(spelling[1]),)
    same = [one for one in expanded if one is not spelling and same_words(one[1].long, spelling[1].long)]
    words = spelling[1].long.lower()
    return tuple(_place(one) for _, one in [spelling, *(one for one in same if words in one[1].text.lower())][:2])


def _as_many_as_fit(sentences: list[DraftSentence], room: int) -> list[DraftSentence]:
    kept = sentences[:1]
    for sentence in sentences[1:MOST]:
        if sum(len(one.text.split()) for one in kept) + len(sentence.text.split()) > room:
            break
        kept.append(sentence)
    return kept


def _term(wanted: Wanted, found: Sequence[Passage]) -> list[DraftSentence]:
    """The sentence among the passages found that defines a term which is no abbreviation."""
    name = wanted.term
    if len(name) < 3 or not [word for word in words_of(name) if word.lower() not in STOP_WORDS]:
        return []
    if wanted.strictly:
        known = {term.lower(): term for passage in found for term, _ in defined_terms(passage)}
        near = get_close_matches(name.lower(), known, n=1, cutoff=LIKE)
        name = known[near[0]] if near else name
    enough = IS if wanted.strictly or wanted.indefinite else MEANS
    every = (one for passage in found for one in defining((name,), (), (passage,)))
    # In capitals it is an abbreviation, and something else.
    places = [one for one in every if one.weight >= enough and (not name.islower() or name.upper() not in one.text)]
    best = max(places, key=lambda one: one.weight, default=None)
    return [DraftSentence(best.text, (_place(best),))] if best else []


def _unexplained(wanted: Wanted, query: Query, found: Sequence[Passage]) -> Draft | None:
    """Say that an abbreviation is used and spelled out nowhere."""
    short = wanted.term if sum(map(str.isupper, wanted.term)) > 1 else wanted.term.upper()
    if not short.isalnum() or not 2 <= len(short) <= 10 or short.lower() in STOP_WORDS or _is_word(short, found):
        return None
    using: list[Place] = []
    for passage in found:
        words = WORD.findall(passage.text)
        if short in words or f"{short}s" in words:
            unit = next((one for one in passage.units if short in _text(passage, one.start, one.end)), None)
            using += [Place(passage, unit.start, unit.end)] if unit else []
    if not using:
        return None
    reply = f"The documents use “{short}” and spell it out nowhere, so I can't say what it stands for."
    return Draft("not_found", nearest=tuple(using[:3]), missing=query.asked, reply=reply)


def _is_word(term: str, found: Sequence[Passage]) -> bool:
    """Whether the passages have a term in small letters, as a word like any other."""
    lowered = term.lower()
    return any(
        word.lower() == lowered and sum(map(str.isupper, word)) < 2
        for passage in found
        for word in WORD.findall(passage.text)
    )


def _spells_itself(one: Defining, short: str) -> bool:
    """Whether a definition begins with the abbreviation and says what it means: no other sentence is needed."""
    return one.weight == MEANS and bool(one.long) and one.text.startswith(short)


def _is_clear(one: Defining) -> bool:
    return one.weight == SPELLS and one.text.endswith(".") and len(one.text.split()) <= CLEAR


def _place(one: Defining) -> Place:
    return Place(one.passage, one.start, one.end, one.weight / MEANS)


def _text(passage: Passage, start: int, end: int) -> str:
    return passage.text[start - passage.start : end - passage.start]
