"""Draft the path for new starters from the documents: short cited steps, for an editor to improve."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.defining import IS, MEANS, Readable
from bot.onboarding import CHECK, CHECK_QUESTIONS
from bot.types import Answer
from bot.understand import STOP_WORDS
from bot.wording import said
from bot.words import Word
from ingest.types import Document, Passage, Unit
from ingest.words import stem, words_of

SENTENCES = 4  # of a step
FEWEST_WORDS, MOST_WORDS = 7, 32  # of a sentence that a newcomer reads
NAMES = 4  # that the path is about; the first counts most
QUESTIONS = 3  # of a step
SAME = 0.5  # of the words of a sentence that another has too: one of them is enough
MOST_ITEMS, ITEM_WORDS = 8, 8  # of a list that is said in a sentence
WORDS_TOLD = 6  # in the step about words
SPELLED = re.compile(r"\b(?:short|stands?) for\b")  # says what the letters are, and not what the thing is
PAST = ("superseded", "historical")
LEANS = re.compile(
    r"^(?:it|its|this|that|these|those|they|their|he|she|his|her|there|such|both|however|but|and|or|also|then|another|"
    r"the (?:former|latter|same|slides?|minutes|paper|document|report|appendix|figure|table|diagram))\b",
    re.IGNORECASE,
)
ABOUT_THE_DOCUMENT = re.compile(
    r"\b(?:minutes|slides|appendix|figure|table|diagram|page|paragraph|paper|document|plan says|names nobody|"
    r"cannot be read|not named?|no supporting)\b",
    re.IGNORECASE,
)
MONTHS = "january february march april may june july august september october november december".split()
DATE = re.compile(rf"\b(?:(?:(\d{{1,2}})(?:st|nd|rd|th)? )?({'|'.join(MONTHS)}) )?((?:19|20)\d\d)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kind:
    """A step: its title, what its sentences speak of, and what to ask about it; `{0}` is a name the path is about."""

    title: str
    cue: str
    asked: tuple[str, ...]
    needed: str = ""  # stands in a sentence beside the cue
    in_order: bool = False  # of the dates in the sentences


KINDS = (
    Kind(
        "How it came about",
        r"\b(?:establish|found|creat|form(?:ed|ally)|set up|merg|replac|became|began|launch|recogni[sz]ed|disbanded|"
        r"abolished|took over|succeed)\w*\b",
        ("When was the {0} established?", "When did the {0} begin its work?", "What did the {0} replace?"),
        needed=DATE.pattern,
        in_order=True,
    ),
    Kind(
        "What it does",
        r"\b(?:responsib\w+|role|tasks?|purpose|dut(?:y|ies)|functions?|vision|aims?)\b",
        ("What is the {0} responsible for?", "What does the {0} do?", "What is the purpose of the {0}?"),
    ),
    Kind(
        "Who leads it",
        r"\b(?:chairs?|chief|directors?|executives?|directorates?|head of|leadership|leaders?|managers?|board)\b",
        ("Who is on the board of the {0}?", "How many directorates does the {0} have?", "Who leads the {0}?"),
    ),
    Kind(
        "Who it works with",
        r"\b(?:partners?|partnerships?|alliance|networks?|jointly|together with|councils?|collaborat\w+|providers?)\b",
        (
            "Who are the partners of the {0}?",
            "Which partnerships are there?",
            "What is the {1}?",
        ),
    ),
    Kind(
        "The place in figures",
        r"\b(?:people|population|live|staff|posts|budget|spend|cost|practices|square|million|billion)\b",
        ("How many people live in the area?", "What is the budget of the {0}?", "How many posts does the {0} have?"),
        needed=r"\d",
    ),
    Kind(
        "What is planned",
        r"\b(?:will|plans? to|planned|expected to|is to|are to)\b",
        ("What is planned for the {0}?", "What will the {0} do?", "What changes are expected?"),
    ),
)


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence for a step, and the quotation it comes from."""

    text: str
    document_id: str
    quote: str
    passage: Passage


def draft_onboarding(documents: Readable, words: Sequence[Word], ask: Callable[[str], Answer]) -> str:
    """Write the path as Markdown; questions that the bot doesn't answer are left out."""
    listed = sorted(documents.documents(), key=lambda one: one.date, reverse=True)
    current = [one for one in listed if one.status not in PAST] or listed
    names = _names(words, current, documents)
    candidates = [one for document in current for one in _candidates(document, documents)]
    steps = [
        _step("What the organisation is", _definitions(names), ("What is the {0}?", "What is the {1}?"), names, ask)
    ]
    used: list[_Said] = []
    for kind in KINDS:
        chosen = _chosen(kind, candidates, names, used)
        used += chosen
        steps.append(
            _step(kind.title, [(one.text, one.document_id, one.quote) for one in chosen], kind.asked, names, ask)
        )
    told = _explained(words, documents, current)
    meaning = tuple(f"What does {word.term} mean?" for word in told)
    spelled = [
        (f"{one.term} stands for {one.long}.", one.meanings[0].citation.document_id, one.meanings[0].citation.quote)
        for one in told
    ]
    steps.append(_step("The words people use here", spelled, meaning, names, ask, as_list=True))
    steps.append(_step("Where to look next", list(_openings(listed, documents)), _about(listed), names, ask))
    return _page([step for step in steps if step])


def _names(words: Sequence[Word], current: Sequence[Document], documents: Readable) -> list[Word]:
    """The words that the path is about: those that documents of today define, most used first."""
    texts = [found.text for one in current if (found := documents.document(one.id))]
    known = {one.id for one in current}

    def uses(word: Word) -> int:
        name = re.compile(rf"\b(?:{re.escape(word.term)}|{re.escape(word.long or word.term)})s?\b")
        return sum(len(name.findall(text)) for text in texts)

    def is_defined(word: Word) -> bool:
        if not word.meanings or not word.long or SPELLED.search(word.meanings[0].text):
            return False
        first = word.meanings[0].citation
        return first.document_id in known and first.score >= IS / MEANS

    return sorted(filter(is_defined, words), key=uses, reverse=True)[:NAMES]


def _definitions(names: Sequence[Word]) -> list[tuple[str, str, str]]:
    return [(one.text, one.citation.document_id, one.citation.quote) for name in names for one in name.meanings[:1]]


def _candidates(document: Document, documents: Readable) -> Iterator[_Said]:
    """The sentences of a document that can stand alone, and short lists said in a sentence."""
    for passage in documents.passages_of(document.id):
        for number, unit in enumerate(passage.units):
            if unit.kind != "sentence":
                continue
            text, end = said(passage, unit), unit.end
            if text.endswith(":"):
                items = [said(passage, one).rstrip(".;,") for one in _items(passage, number)]
                if not 1 < len(items) <= MOST_ITEMS or any(len(one.split()) > ITEM_WORDS for one in items):
                    continue
                text, end = f"{text} {'; '.join(items)}.", _items(passage, number)[-1].end
            elif not FEWEST_WORDS <= len(text.split()) <= MOST_WORDS:
                continue
            if not LEANS.match(text) and not ABOUT_THE_DOCUMENT.search(text):
                quote = passage.text[unit.start - passage.start : end - passage.start]
                yield _Said(text, document.id, quote, passage)


def _items(passage: Passage, lead: int) -> list[Unit]:
    items: list[Unit] = []
    for unit in passage.units[lead + 1 :]:
        if unit.kind != "item":
            break
        items.append(unit)
    return items


def _chosen(kind: Kind, candidates: Sequence[_Said], names: Sequence[Word], used: Sequence[_Said]) -> list[_Said]:
    """The sentences that speak most of what a step is about, each of something else."""
    cue, needed = re.compile(kind.cue, re.IGNORECASE), re.compile(kind.needed, re.IGNORECASE)

    def worth(one: _Said) -> float:
        about = sum(
            (2.0 if number == 0 else 0.7)
            for number, name in enumerate(names)
            if re.search(rf"\b(?:{re.escape(name.term)}|{re.escape(name.long)})s?\b", one.text)
        )
        headed = bool(cue.search(" ".join(one.passage.headings[1:])))
        return min(len(set(cue.findall(one.text.lower()))), 3) + about + headed - len(one.text.split()) / 20

    fitting = [one for one in candidates if cue.search(one.text) and needed.search(one.text)]
    chosen: list[_Said] = []
    for one in sorted(fitting, key=worth, reverse=True):
        if len(chosen) < SENTENCES and not any(_alike(one.text, other.text) for other in [*used, *chosen]):
            chosen.append(one)
    return sorted(chosen, key=lambda one: _date_in(one.text)) if kind.in_order else chosen


def _alike(one: str, other: str) -> bool:
    first, second = ({stem(word) for word in words_of(text) if word.lower() not in STOP_WORDS} for text in (one, other))
    return len(first & second) >= SAME * min(len(first), len(second))


def _date_in(text: str) -> tuple[int, int, int]:
    match = DATE.search(text)
    if not match:
        return (9999, 0, 0)
    month = MONTHS.index(match[2].lower()) + 1 if match[2] else 0
    return (int(match[3]), month, int(match[1] or 0))


def _explained(words: Sequence[Word], documents: Readable, current: Sequence[Document]) -> list[Word]:
    """The abbreviations that the documents use most."""
    text = " ".join(found.text for one in current if (found := documents.document(one.id)))
    short = [word for word in words if word.status == "explained" and word.long and word.meanings[0].long]
    return sorted(short, key=lambda word: len(re.findall(rf"\b{re.escape(word.term)}s?\b", text)), reverse=True)[
        :WORDS_TOLD
    ]


def _openings(listed: Sequence[Document], documents: Readable) -> Iterator[tuple[str, str, str]]:
    """What each of the newest documents says first."""
    for document in listed[: SENTENCES + 1]:
        found = next(
            (
                (passage, unit)
                for passage in documents.passages_of(document.id)
                for unit in passage.units
                if unit.kind == "sentence" and not said(passage, unit).endswith(":")
            ),
            None,
        )
        if found:
            text = said(*found)
            yield text, document.id, found[0].text[found[1].start - found[0].start : found[1].end - found[0].start]


def _about(listed: Sequence[Document]) -> tuple[str, ...]:
    return tuple(f"What is the {document.title} about?" for document in listed[:QUESTIONS])


def _step(
    title: str,
    told: Sequence[tuple[str, str, str]],
    asked: Iterable[str],
    names: Sequence[Word],
    ask: Callable[[str], Answer],
    *,
    as_list: bool = False,
) -> str:
    """A step as Markdown; empty where the documents tell nothing."""
    if not told:
        return ""
    sources = list(dict.fromkeys((document_id, " ".join(quote.split())) for _, document_id, quote in told))
    numbers = {source: number for number, source in enumerate(sources, start=1)}
    said_so = [f"{text} [{numbers[document_id, ' '.join(quote.split())]}]" for text, document_id, quote in told]
    text = "\n".join(f"- {one}" for one in said_so) if as_list else "\n".join(said_so)
    listed = "\n".join(f'{number}. {document_id} "{quote}"' for (document_id, quote), number in numbers.items())
    questions = _answered(asked, names, ask, {document_id for document_id, _ in sources})
    parts = [f"## {title}", text, "Sources:", listed]
    if questions:
        parts += ["Questions:", "\n".join(f"- {question}" for question in questions)]
    return "\n\n".join(parts)


def _answered(
    asked: Iterable[str], names: Sequence[Word], ask: Callable[[str], Answer], documents: set[str]
) -> list[str]:
    """The questions that the bot answers from the documents that the step quotes."""
    called = [name.long for name in names] + [""] * NAMES
    kept: list[str] = []
    for pattern in asked:
        question = pattern.format(*called) if "{" in pattern else pattern
        if len(kept) == QUESTIONS or "the ?" in question:
            continue
        answer = ask(question)
        if answer.status == "answered" and any(one.document_id in documents for one in answer.citations):
            kept.append(question)
    return kept


INTRODUCTION = f"""# For new starters

This page is the path that new starters are led along. It was drafted from the documents; change what you like. Each
heading below is a step. Each sentence ends with the number of its source, and each source is a document and a quotation
copied from it, so that nothing is said which the documents don't tell. The questions are offered for asking next, and
the last step, "{CHECK}", asks up to five more. `citewell onboard --check` says what no longer holds.
"""


def _page(steps: Sequence[str]) -> str:
    firsts = [match[1] for step in steps if (match := re.search(r"^- (.+\?)$", step, re.MULTILINE))]
    check = "\n\n".join([f"## {CHECK}", "Questions:", "\n".join(f"- {one}" for one in firsts[:CHECK_QUESTIONS])])
    return "\n\n".join([INTRODUCTION.strip(), *steps, *([check] if firsts else [])]) + "\n"
