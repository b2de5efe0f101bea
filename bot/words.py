"""The words of the documents, each with the sentences that explain it, and the words of the content owners."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Literal

from bot.answer.draft import Place
from bot.answer.verify import cited
from bot.defining import IS, MEANS, Defining, Readable, defined_terms
from bot.errors import UnknownTerm
from bot.kept import kept
from bot.meanings import Meaning, different_long_forms, meanings_of, spelled_as
from bot.types import Citation
from ingest.terms import Term
from ingest.types import Passage
from ingest.words import WORD

Status = Literal["explained", "used_not_expanded", "owners_only"]

MOST_USES = 3  # places shown of an abbreviation that is explained nowhere
LONGEST = 8  # letters of an abbreviation; what is longer and in capitals is a word in capitals
SHORT = re.compile(r"(?<![\w&])[A-Z][A-Za-z0-9&]{0,8}[A-Z0-9](?=s?(?![\w&]))")
NUMERAL = re.compile(r"[IVXLCDM]+")
FEW = 3  # words; fewer in capitals may be abbreviations all
SMALL = re.compile(r"(?<![\w&])[A-Za-z][a-z]+(?![\w&])")


@dataclass(frozen=True, slots=True)
class Told:
    """What a document says a word means, in its own words; `long` is what it spells an abbreviation out as."""

    text: str
    date: str
    citation: Citation
    long: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the documents or of their owners.

    `meanings` are those of the documents, the newest first. `owners_meaning` is in the owners' words and no quotation;
    `people_also_say` is theirs too. `used` are places where it stands, for one that is explained nowhere.
    """

    term: str
    status: Status
    long: str = ""
    meanings: tuple[Told, ...] = ()
    owners_meaning: str = ""
    people_also_say: tuple[str, ...] = ()
    used: tuple[Citation, ...] = ()
    names: tuple[str, ...] = field(default=())  # in small letters, by which it is found

    def to_json(self) -> dict[str, Any]:
        """The word as programs get it."""
        return {name: value for name, value in asdict(self).items() if name != "names"}


def words_in(documents: Readable, terms: Iterable[Term] = ()) -> tuple[Word, ...]:
    """All words that documents explain, abbreviations that they use and explain nowhere, and the owners' terms.

    They come in the order of the alphabet.
    """
    owned = tuple(terms)
    passages = [passage for one in documents.documents() for passage in documents.passages_of(one.id)]
    words = list(_abbreviations(documents))
    known = {name for word in words for name in word.names}
    words += _defined(passages, documents, known, owned)
    # What is part of a name is no abbreviation by itself.
    parts = {part for word in words for part in word.long.split()}
    words += _unexplained(passages, documents, {word.term for word in words} | parts)
    return tuple(sorted(_with_owners(words, owned), key=lambda one: (one.term.lower(), one.term)))


def words_kept(documents: Readable, terms: Callable[[], tuple[Term, ...]]) -> Callable[[], tuple[Word, ...]]:
    """Read the words when they are first asked for, and again when other explanations or terms are read."""
    return kept(lambda _, owned: words_in(documents, owned), documents.abbreviations, terms)


def find(term: str, words: Sequence[Word]) -> Word:
    """The word that somebody means, also by its long form or by what people say for it; raise `UnknownTerm`."""
    wanted = _name(term)
    for word in words:
        if wanted in word.names:
            return word
    for word in words:
        if wanted in map(_name, word.people_also_say):
            return word
    names = {name: word.term for word in words for name in word.names}
    near = get_close_matches(wanted, names, n=1)
    hint = f"Did you mean '{names[near[0]]}'? " if near else ""
    raise UnknownTerm(
        f"Neither the documents nor terms.md have the word '{term}'. {hint}Run `citewell glossary` to see all words."
    )


def _abbreviations(documents: Readable) -> Iterator[Word]:
    for short in documents.abbreviations():
        spelled = spelled_as(short, documents)
        meanings = meanings_of(spelled, documents) if spelled else []
        told = tuple(one for meaning in _worth_telling(meanings) for one in _told(meaning[1], documents))
        if spelled and told:
            long = next((one.long for one in told if one.long), spelled.longs[0])
            yield Word(short, "explained", long, told, names=tuple(map(_name, spelled.names)))


def _worth_telling(meanings: list[Meaning]) -> list[Meaning]:
    """Definitions, and one place for each long form."""
    longs = different_long_forms([one for one in meanings if one[1].weight >= IS])
    longs += [one for one in different_long_forms(meanings) if not any(one[1].long == other.long for _, other in longs)]
    longs = different_long_forms(longs)
    return [one for one in meanings if one[1].weight >= IS or one in longs]


def _defined(passages: list[Passage], documents: Readable, known: set[str], owned: Sequence[Term]) -> Iterator[Word]:
    """The terms that are no abbreviations and that documents define."""
    names = {_name(name): name for term in owned for name in term.names}
    best: dict[str, tuple[str, Defining]] = {}
    for passage in passages:
        for term, one in defined_terms(passage, names.keys()):
            name = _name(term)
            if name not in known and (name not in best or best[name][1].weight < one.weight):
                best[name] = (names.get(name, term), one)
    for name, (term, one) in best.items():
        told = _told(one, documents)
        if told:
            yield Word(term, "explained", meanings=told, names=(name,))


def _unexplained(passages: list[Passage], documents: Readable, known: set[str]) -> Iterator[Word]:
    """Abbreviations that stand in the documents and are explained nowhere."""
    small = {word.lower() for passage in passages for word in SMALL.findall(passage.text)}
    used: dict[str, list[Place]] = {}
    for passage in passages:
        for unit in passage.units:
            text = passage.text[unit.start - passage.start : unit.end - passage.start]
            for short in dict.fromkeys(SHORT.findall(text)):
                if short not in known and _is_abbreviation(short, text, small):
                    used.setdefault(short, []).append(Place(passage, unit.start, unit.end))
    for short, places in used.items():
        citations = cited(tuple(places[:MOST_USES]), documents.document)
        if citations:
            yield Word(short, "used_not_expanded", used=citations, names=(_name(short),))


def _is_abbreviation(short: str, text: str, small: set[str]) -> bool:
    capitals = sum(map(str.isupper, short))
    if capitals < 2 or capitals < len(short) / 2 or len(short) > LONGEST or NUMERAL.fullmatch(short):
        return False
    words = WORD.findall(text)
    # A line in capitals is a heading or a shout, and its words are words.
    shouted = len(words) >= FEW and sum(map(str.isupper, words)) > len(words) / 2
    return short.lower() not in small and not shouted


def _with_owners(words: list[Word], owned: Sequence[Term]) -> Iterator[Word]:
    """Give words what their owners say about them; owners' terms that no document explains are words too."""
    by_name = {name: number for number, word in enumerate(words) for name in word.names}
    told: dict[int, Term] = {}
    for term in owned:
        number = next((by_name[name] for name in map(_name, reversed(term.names)) if name in by_name), None)
        if number is None or number in told:
            names = tuple(map(_name, term.names))
            yield Word(
                term.names[-1],
                "owners_only",
                term.names[0] if len(term.names) > 1 else "",
                owners_meaning=term.meaning,
                people_also_say=term.said,
                names=names,
            )
        else:
            told[number] = term
    for number, word in enumerate(words):
        if number in told:
            term = told[number]
            names = tuple(dict.fromkeys((*word.names, *map(_name, term.names))))
            yield replace(word, owners_meaning=term.meaning, people_also_say=term.said, names=names)
        else:
            yield word


def _told(one: Defining, documents: Readable) -> tuple[Told, ...]:
    place = Place(one.passage, one.start, one.end, one.weight / MEANS)
    return tuple(Told(one.text, citation.date, citation, one.long) for citation in cited((place,), documents.document))


def _name(term: str) -> str:
    lowered = " ".join(term.lower().replace("’", "'").split())
    return lowered if lowered.endswith("ss") else lowered.removesuffix("s")
