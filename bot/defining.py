"""Find the sentences of documents that say what a term means."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.wording import said
from ingest.abbreviations import Abbreviation
from ingest.types import Document, Passage, Unit

Explained = dict[str, list[tuple[Abbreviation, str]]]

# How well a sentence defines: it says so; it says what the thing is; what the thing does; it only spells it out.
MEANS, IS, DOES, SPELLS = 4, 3, 2, 1
FRAGMENT = 6  # words; what is shorter tells a reader less than a sentence does

LEAD = r"(?:In (?:this|these|the|our) [^,.]{2,60},\s+)?(?:(?:an?|the)\s+)?"
SAYS = (
    r",?\s+(?:means?|meant|stands? for|(?:is|are|was) short for|refers? to|(?:is|are|was|were) (?:defined as|"
    r"an? (?:abbreviation|acronym) (?:of|for)|the (?:abbreviation|term|name|word) (?:of|for)))\b"
)
BEING = r"\s+(?:is|are|was|were) (?:also )?(?:an?|the|one|any|each|two|three|four|money|people|someone|anyone)\b"
NO_DEED = "is|are|was|were|has|have|had|will|would|can|could|may|might|should|must|in|on|at|of|for|and|or|to|by|with"
DOING = rf"\s+(?!(?:{NO_DEED})\b)(?-i:[a-z])[\w-]+"
BEFORE = re.compile(LEAD, re.IGNORECASE)
AFTER = re.compile(
    rf"s?(?:\s+\([^()]{{2,80}}\))?(?:\s+(?:of|in) (?:an?|each|any|every|the) [\w-]+)?"
    rf"(?:(?P<means>{SAYS})|(?P<being>{BEING})|(?P<doing>{DOING}))",
    re.IGNORECASE,
)
CALLED = re.compile(r"\b(?:is|are|was|were) (?:known as|called|named)\s+(?:an?\s+|the\s+)?[“\"']?", re.IGNORECASE)
EXPLAINED_AFTER = re.compile(r",\s+(?:an?|the) (?:[\w-]+ ){1,4}(?:who|that|which|of|for)\b", re.IGNORECASE)
# A term nobody has named yet: "A pooled budget is money that …", "Shadow form means …".
BRACKETS = r"(?:\s\([^()]{2,40}\))?"
NEW_TERM = re.compile(
    r"(?:In (?:this|these|the|our) [^,.]{2,60},\s+)?"
    rf"(?:(?:An?|The)\s+(?P<what>[^\W\d][\w’'-]*(?: [^\W\d][\w’'-]*){{0,4}}?){BRACKETS}{SAYS}"
    rf"|(?P<name>[A-Z][\w’'-]*(?: [\w’'-]+){{0,4}}?){BRACKETS}{SAYS}"
    rf"|An?\s+(?P<thing>[^\W\d][\w’'-]*(?: [^\W\d][\w’'-]*){{0,3}}?){BRACKETS}\s+is (?:an?|any|money)\b)"
)
SUBJECT = re.compile(rf"{LEAD}(?P<term>[^,.:;()]{{3,60}}?){BRACKETS}(?:(?P<means>{SAYS})|{BEING})", re.IGNORECASE)
# What a sentence may begin with and is no name of anything.
NO_TERM = re.compile(
    r"^(?:it|this|that|these|those|they|he|she|we|you|there|here|which|what|who|one|each|every|all|both|such|if|when|as|"
    r"number|part|aim|purpose|reason|result|example|list|total|first|second|third|next|last|main|key)\b|"
    r"\b(?:that|which|who|is|are|was|were|has|have|will|with|by|to|from)\b",
    re.IGNORECASE,
)


class Readable(Protocol):
    """What is read of an index, or of that part of it that somebody may see."""

    def documents(self) -> list[Document]:
        """All documents, without their texts."""

    def document(self, document_id: str) -> Document | None:
        """A document with its text."""

    def passages_of(self, document_id: str) -> list[Passage]:
        """The passages of a document in reading order."""

    def abbreviations(self) -> Explained:
        """Each abbreviation that documents explain, with the ids of those documents, oldest first."""


@dataclass(frozen=True, slots=True)
class Defining:
    """What a document says about a term: characters `start` to `end`, as it is said, and how well it defines.

    `long` is what it spells the abbreviation out as; empty where it only describes.
    """

    passage: Passage
    start: int
    end: int
    text: str
    weight: int
    long: str = ""


def defining(names: Sequence[str], explained: Iterable[Abbreviation], passages: Iterable[Passage]) -> list[Defining]:
    """The places in the passages of one document that define a term, the best first.

    `names` are what it is called, `explained` where the document spells it out.
    """
    spelled = sorted(explained, key=lambda one: one.start)
    known = sorted({form for name in names for form in (name.lower(), f"{name.lower()}s")}, key=len, reverse=True)
    found = []
    for passage in passages:
        text = passage.text.lower()
        if any(name in text for name in known):
            found += [one for unit in passage.units if (one := _defines(known, spelled, passage, unit))]
    return sorted(found, key=lambda one: (-one.weight, len(one.text.split()) < FRAGMENT, one.start))


def defined_terms(passage: Passage, known: Container[str] = frozenset()) -> Iterator[tuple[str, Defining]]:
    """The terms that sentences of a passage define, also those whose names nobody told; `known` are in small letters.

    >>> text = "A pooled budget is money that partners share. It is small. Quay time means the time at a quay."
    >>> units = (Unit("sentence", 0, 45), Unit("sentence", 46, 58), Unit("sentence", 59, 98))
    >>> [term for term, _ in defined_terms(Passage("a.md", "h", 0, 0, 98, text, "paragraph", units=units))]
    ['pooled budget', 'Quay time']
    """
    for unit in passage.units:
        if unit.kind in ("heading", "row"):
            continue
        text = said(passage, unit)
        if text.endswith(":"):
            continue
        subject = SUBJECT.match(text)
        if subject and subject["term"].lower() in known:
            weight = MEANS if subject["means"] else IS
            yield subject["term"], Defining(passage, unit.start, unit.end, text, weight)
            continue
        match = NEW_TERM.match(text)
        if match:
            term = match["what"] or match["name"] or match["thing"]
            if not NO_TERM.search(term):
                weight = IS if match["thing"] else MEANS
                yield term, Defining(passage, unit.start, unit.end, text, weight)


def long_form(text: str, one: Abbreviation) -> str:
    """What an abbreviation is short for, one of it where the document speaks of several.

    >>> quote = "Local Bus Networks (LBNs)"
    >>> long_form(quote, Abbreviation("LBN", "Local Bus Networks", 0, len(quote)))
    'Local Bus Network'
    """
    plural = re.search(rf"\b{re.escape(one.short)}s\b", text[one.start : one.end])
    if plural and one.long.endswith("s") and not one.long.endswith(("ss", "ies")):
        return one.long[:-1]
    return one.long


def same_words(one: str, other: str) -> bool:
    """Whether two long forms differ in no more than case, plural and hyphens, or one is the longer of the other.

    >>> same_words("Health and Well-being Boards", "health and wellbeing board"), same_words("Bus Stop", "Big Store")
    (True, False)
    """
    first, second = _letters(one), _letters(other)
    return first in second or second in first


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower()).rstrip("s")


def _defines(names: Sequence[str], spelled: list[Abbreviation], passage: Passage, unit: Unit) -> Defining | None:
    if unit.kind == "heading":
        return None
    here = next((one for one in spelled if unit.start <= one.start and one.end <= unit.end), None)
    long = long_form(passage.text, _shifted(here, passage.start)) if here else ""
    text = said(passage, unit)
    weight = _weight(names, text) if unit.kind != "row" and not text.endswith(":") else 0
    if here and unit.kind == "row":
        # A row may hold a whole portfolio: only what spells the term out is quoted.
        quote = " ".join(passage.text[here.start - passage.start : here.end - passage.start].split())
        return Defining(passage, here.start, here.end, quote, SPELLS, long)
    if here:
        after = passage.text[here.end - passage.start : unit.end - passage.start]
        weight = max(weight, IS if EXPLAINED_AFTER.match(after) else SPELLS)
    elif weight == DOES:
        return None  # a sentence about the thing, as there are many
    return Defining(passage, unit.start, unit.end, text, weight, long) if weight else None


def _shifted(one: Abbreviation, by: int) -> Abbreviation:
    return Abbreviation(one.short, one.long, one.start - by, one.end - by)


def _weight(names: Sequence[str], text: str) -> int:
    lowered = text.lower()
    begins = BEFORE.match(text)
    at = begins.end() if begins else 0
    after = next((AFTER.match(text, at + len(name)) for name in names if lowered.startswith(name, at)), None)
    if after and after["means"]:
        return MEANS
    if (after and after["being"]) or any(_follows(names, lowered, called.end()) for called in CALLED.finditer(text)):
        return IS
    return DOES if after else 0


def _follows(names: Sequence[str], lowered: str, at: int) -> bool:
    return any(lowered.startswith(name, at) and not lowered[at + len(name) :][:1].isalpha() for name in names)
