"""The words of the documents: abbreviations both ways."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.abbreviations import Abbreviation
from ingest.terms import Term as Kept
from ingest.words import stem, stems_of, words_of

Explained = dict[str, list[tuple[Abbreviation, str]]]

TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9&-]*")
MAX_LONG = 8  # words; what is longer is an explanation rather than a name
MAX_OFFICIAL = 4  # official words added to a question in everyday ones
MAX_MEANINGS = 2  # of one abbreviation added to a question; more would drown it


class Alternative(NamedTuple):
    """Words of a question, and other words that mean the same."""

    used: str
    other: str


class Phrase(NamedTuple):
    """What people say, the official word for it, and the stems of both."""

    said: str
    official: str
    stems: tuple[str, ...]
    official_stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class Term:
    """An abbreviation in lower case forms, as written, with its long forms, those of the newest documents first."""

    forms: tuple[str, str]
    short: str
    longs: tuple[str, ...]
    searched: tuple[str, ...]  # the long forms in lower case, without the plural


@dataclass(frozen=True, slots=True)
class Glossary:
    """The abbreviations that the documents explain.

    >>> glossary = Glossary.of({"LBN": [(Abbreviation("LBN", "Local Bus Networks", 0, 9), "a.md")]})
    >>> glossary.widened("how many LBNs"), glossary.widened("local bus networks?")
    ('how many LBNs (Local Bus Networks)', 'local bus networks? (LBN)')
    """

    terms: tuple[Term, ...] = ()
    everyday: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, explained: Explained, kept: Iterable[Kept] = ()) -> "Glossary":
        """Build a glossary of what documents explain, oldest document first, and of the terms that owners keep."""
        terms = []
        for short, meanings in explained.items():
            longs = _distinct([one.long for one, _ in meanings])
            forms = (short.lower(), f"{short.lower()}s")
            terms.append(Term(forms, short, tuple(longs), tuple(map(_searched, longs))))
        return cls(tuple(terms), _everyday(kept))

    def alternatives(self, question: str) -> tuple[Alternative, ...]:
        """What a question might have said instead: for an abbreviation its long forms, and the other way round."""
        lowered = question.lower()
        tokens = {token.lower(): token for token in TOKEN.findall(question)}
        found: list[Alternative] = []
        for term in self.terms:
            used = _is_used(term, tokens)
            long = next((long for long in term.searched if long in lowered), "")
            if long and not used:
                found.append(Alternative(long, term.short))
            elif used and not long:
                found += [Alternative(term.short, other) for other in term.longs[:MAX_MEANINGS]]
        return (*found, *self._official(question))

    def _official(self, question: str) -> list[Alternative]:
        """The official words for the everyday ones of a question; a longer phrase goes before one inside it."""
        said = [stem(word) for word in words_of(question)]
        places = [
            (at, at + len(phrase.stems), phrase)
            for at, name in enumerate(said)
            for phrase in self.everyday.get(name, ())
            if tuple(said[at : at + len(phrase.stems)]) == phrase.stems and not phrase.official_stems <= set(said)
        ]
        found: list[Alternative] = []
        for start, end, phrase in places:
            longer = any(first <= start and end <= last and last - first > end - start for first, last, _ in places)
            if not longer:
                found.append(Alternative(phrase.said, phrase.official))
        return found[:MAX_OFFICIAL]

    def widened(self, question: str) -> str:
        """Add the long form of each abbreviation in a question, and the abbreviation of each long form."""
        added = [alternative.other for alternative in self.alternatives(question)]
        return f"{question} ({'; '.join(added)})" if added else question


def _everyday(terms: Iterable[Kept]) -> dict[str, tuple[Phrase, ...]]:
    """What people say for official words, by the first stem of the phrase."""
    found: dict[str, tuple[Phrase, ...]] = {}
    for term in terms:
        official = term.names[0]
        for said in term.said:
            stems = tuple(stem(word) for word in words_of(said))
            if stems:
                phrase = Phrase(said, official, stems, stems_of(official))
                found[stems[0]] = (*found.get(stems[0], ()), phrase)
    return found


def _is_used(term: Term, tokens: dict[str, str]) -> bool:
    """Whether a question has the abbreviation; one that might be a word counts in capitals only."""
    for form in term.forms:
        token = tokens.get(form)
        if token and (len(term.short) > 2 or token[:2].isupper()):
            return True
    return False


def _distinct(longs: list[str]) -> list[str]:
    """Long forms that differ in more than case and plural, those of the newest documents first."""
    kept: dict[str, str] = {}
    for long in reversed(longs):
        if len(long.split()) <= MAX_LONG:
            kept.setdefault(_searched(long), long)
    return list(kept.values())


def _searched(long: str) -> str:
    return long.lower().rstrip("s")
