"""What documents say that an abbreviation means, document by document, the newest first."""

from dataclasses import dataclass

from bot.defining import DOES, Defining, Readable, defining, same_words
from bot.understand import STOP_WORDS
from ingest.abbreviations import Abbreviation
from ingest.types import Document
from ingest.words import stem, words_of

NEWEST = 20  # documents that are read for what a term means; one that hundreds spell out means the same in most
SAME = 0.6  # of the words of a definition that another has too: they say the same

Meaning = tuple[Document, Defining]


@dataclass(frozen=True, slots=True)
class Spelled:
    """An abbreviation with its long forms, and where the newest documents spell it out."""

    short: str
    longs: tuple[str, ...]
    places: tuple[tuple[Abbreviation, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the term is called, in the singular where that is easy to tell."""
        singular = (long[:-1] for long in self.longs if long.endswith("s") and not long.endswith("ss"))
        return tuple(dict.fromkeys((self.short, *self.longs, *singular)))


def meanings_of(spelled: Spelled, documents: Readable, *, each: int = 1) -> list[Meaning]:
    """What documents say about an abbreviation, newest first: the best places of each, once where they say the same.

    `each` is how many definitions of one document are wanted.
    """
    by_document: dict[str, list[Abbreviation]] = {}
    for place, name in reversed(spelled.places):
        by_document.setdefault(name, []).append(place)
    found: list[Meaning] = []
    for name, places in list(by_document.items())[:NEWEST]:
        document = documents.document(name)
        best = defining(spelled.names, places, documents.passages_of(name))
        if document:
            found += [(document, one) for one in _spelling_and_saying(best, each)]
    return _different(sorted(found, key=lambda one: one[0].date, reverse=True))


def spelled_as(term: str, documents: Readable) -> Spelled | None:
    """The abbreviation that a term is or is the long form of; None where no document explains it."""
    explained = documents.abbreviations()
    short = _short_of(term, explained)
    if not short:
        return None
    places = tuple(explained[short])
    return Spelled(short, tuple(dict.fromkeys(one.long for one, _ in reversed(places))), places)


def different_long_forms(meanings: list[Meaning]) -> list[Meaning]:
    """The meanings that spell an abbreviation out, once for each long form."""
    kept: list[Meaning] = []
    for meaning in meanings:
        long = meaning[1].long
        if long and not any(same_words(long, other.long) for _, other in kept):
            kept.append(meaning)
    return kept


def _short_of(term: str, explained: dict[str, list[tuple[Abbreviation, str]]]) -> str:
    """The abbreviation that a term is, in whatever case, or is the long form of."""
    lowered = term.lower()
    for short in explained:
        # One of two letters might be a word ("it"), so its case counts.
        if lowered in (short.lower(), f"{short.lower()}s") and (len(short) > 2 or term[:2].isupper()):
            return short
    singular = lowered.rstrip("s")
    for short, places in explained.items():
        if any(one.long.lower().rstrip("s") == singular for one, _ in places):
            return short
    return ""


def _spelling_and_saying(best: list[Defining], each: int) -> list[Defining]:
    """Of the places in a document those that define best, and one for each of two long forms it spells out."""
    if not best:
        return []
    spelling = next((one for one in best if one.long), None)
    others = [one for one in best if one.long and spelling and not same_words(one.long, spelling.long)]
    more = [one for one in best[1:each] if one.weight >= DOES]
    chosen = [best[0], *more, *([spelling] if spelling else []), *others[:1]]
    return list(dict.fromkeys(chosen))


def _different(meanings: list[Meaning]) -> list[Meaning]:
    """Leave out definitions that a newer document has in much the same words."""
    kept: list[Meaning] = []
    known: list[set[str]] = []
    for meaning in meanings:
        if meaning[1].weight >= DOES:
            stems = _stems(meaning[1].text)
            if any(len(stems & other) >= SAME * min(len(stems), len(other)) for other in known):
                continue
            known.append(stems)
        kept.append(meaning)
    return kept


def _stems(text: str) -> set[str]:
    return {stem(word) for word in words_of(text) if word.lower() not in STOP_WORDS}
