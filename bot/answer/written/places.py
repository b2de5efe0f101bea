"""Find the words that a sentence relies on in a passage, and take the sentence, item or row there as the quotation."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.answer.draft import Place
from bot.answer.written.given import ADDRESS, LINK, UNSEEN
from ingest.types import Passage, Unit
from ingest.words import stems_of

# What copying changes: white space, quotation marks, dashes, mark-up, the bars of a table.
UNCOUNTED = re.compile(r"[\s\"'“”‘’`´«»*_|\[\]()‹›<>…-]|[\u2010-\u2015\u2212]")
ELLIPSIS = re.compile(r"\s*(?:\.\.\.|…)\s*")
END = " .,;:!?"
FEWEST = 2  # letters and digits of words that are looked for
MOST_UNITS = 4  # that one quotation may have: more proves everything and nothing
LONGEST = 900  # characters of one quotation


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quotation that was found: its place, and its clauses that hold the words which are relied on."""

    place: Place
    clauses: str


def quoted(words: str, passage: Passage, claim: str) -> list[Quoted]:
    """The quotations for words, one for each part between ellipses; none where a part doesn't stand in the passage.

    Without words, it is the unit that has most of the claim's words.
    """
    spans = list(spans_of(words, passage)) if words.strip(END) else _likeliest(passage, claim)
    found = []
    for start, end in spans:
        units = [unit for unit in passage.units if unit.start < end and start < unit.end]
        first, last = (units[0].start, units[-1].end) if units else (start, end)
        if len(units) > MOST_UNITS or last - first > LONGEST:
            return []
        found += [Quoted(place, "") for place in _lead(passage, units)]
        found.append(Quoted(Place(passage, first, last), _clauses(passage, (first, last), (start, end))))
    return found


def spans_of(words: str, passage: Passage) -> Iterator[tuple[int, int]]:
    """Where words stand in the document; nothing at all where a part of them doesn't.

    >>> passage = Passage("a.md", "h", 0, 10, 40, 'The board has  **42** members.', "paragraph")
    >>> list(spans_of("the board has “42” members", passage)), list(spans_of("the board has 43", passage))
    ([(10, 39)], [])
    """
    text, offsets = _comparable(passage)
    found, at = [], 0
    for part in ELLIPSIS.split(words):
        wanted = UNCOUNTED.sub("", _folded(part.strip(END)))
        if not wanted:
            continue
        start = text.find(wanted, at)
        start = text.find(wanted) if start < 0 else start
        if start < 0 or len(wanted) < FEWEST:
            return
        at = start + len(wanted)
        found.append((passage.start + offsets[start], passage.start + offsets[at - 1] + 1))
    yield from found


@lru_cache(maxsize=512)
def _comparable(passage: Passage) -> tuple[str, tuple[int, ...]]:
    """The passage's characters that count, and where each stands."""
    hidden = [match.span() for match in UNSEEN.finditer(passage.text)]
    hidden += [match.span() for match in ADDRESS.finditer(passage.text)]
    for link in LINK.finditer(passage.text):
        hidden += [(link.start(), link.start(1)), (link.end(1), link.end())]
    unseen = {place for start, end in hidden for place in range(start, end)}
    characters: list[str] = []
    offsets: list[int] = []
    for place, character in enumerate(passage.text):
        if place in unseen or UNCOUNTED.match(character):
            continue
        folded = _folded(character)
        characters.append(folded)
        offsets += [place] * len(folded)
    return "".join(characters), tuple(offsets)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _likeliest(passage: Passage, claim: str) -> list[tuple[int, int]]:
    stems = stems_of(claim)
    units = [unit for unit in passage.units if unit.kind != "heading"]
    shares = [(len(stems & stems_of(_text(passage, unit))), -unit.start, unit) for unit in units]
    best = max(shares, default=None)
    return [(best[2].start, best[2].end)] if best and best[0] else []


def _lead(passage: Passage, units: list[Unit]) -> list[Place]:
    """The sentence that leads a list in, for an item of it, which says little by itself."""
    if not units or units[0].kind != "item":
        return []
    before = [unit for unit in passage.units if unit.end <= units[0].start and unit.kind == "sentence"]
    is_lead = bool(before) and _text(passage, before[-1]).rstrip().endswith(":")
    return [Place(passage, before[-1].start, before[-1].end)] if is_lead else []


def _clauses(passage: Passage, unit: tuple[int, int], span: tuple[int, int]) -> str:
    """The clauses of a quotation that the words relied on are in: what is denied or planned there counts."""
    text = passage.text[unit[0] - passage.start : unit[1] - passage.start]
    cuts = [0, *(match.end() for match in re.finditer(r"[,;:](?=\s)|(?<=[.!?])\s| [–-] ", text)), len(text)]
    kept = [text[start:end] for start, end in pairwise(cuts) if unit[0] + start < span[1] and span[0] < unit[0] + end]
    return "".join(kept)


def _text(passage: Passage, unit: Unit) -> str:
    return passage.text[unit.start - passage.start : unit.end - passage.start]
