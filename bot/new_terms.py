"""Offer words of unanswered questions to the content owners, as rows for terms.md."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.types import Answer
from bot.understand import STOP_WORDS
from bot.words import Word
from ingest.words import WORD, is_meant, stem

MOST_WORDS = 4  # of a phrase; what is longer is a sentence rather than a name
BREAK = re.compile(r"[,.;:!?()“”\"|/]")


@dataclass(frozen=True, slots=True)
class Row:
    """What people say and neither the documents nor terms.md have, and the term it may belong to.

    `term` is the one that the nearest passages speak of most, empty where they speak of none; `is_kept` tells whether
    terms.md has a row for it already. `questions` are those that say it.
    """

    said: str
    term: str
    meaning: str
    is_kept: bool
    questions: tuple[str, ...]

    def as_table_row(self) -> str:
        """The row as terms.md has it, with what is still to be filled in as an ellipsis."""
        return f"| {_cell(self.term)} | {_cell(self.said)} | {_cell(self.meaning)} |"


def rows_for(unanswered: Iterable[Answer], words: Sequence[Word], is_known: Callable[[str], bool]) -> list[Row]:
    """The rows that unanswered questions suggest, those asked for most often first.

    `is_known` tells of a stem whether documents have it.
    """
    said_already = {stem(part) for word in words for said in word.people_also_say for part in WORD.findall(said)}

    def is_new(word: str) -> bool:
        return is_meant(word) and not is_known(stem(word)) and stem(word) not in said_already

    found: dict[str, list[Answer]] = {}
    for answer in unanswered:
        for phrase in dict.fromkeys(_phrases(answer.question, is_new)):
            found.setdefault(phrase, []).append(answer)
    rows = [_row(phrase, answers, words) for phrase, answers in found.items()]
    return sorted(rows, key=lambda row: (-len(row.questions), row.said))


def _phrases(question: str, is_new: Callable[[str], bool]) -> Iterable[str]:
    """Runs of content words of which one is new.

    >>> list(_phrases("Where is the helpdesk rota kept?", lambda word: word == "rota"))
    ['helpdesk rota kept']
    """
    for part in BREAK.split(question):
        run: list[str] = []
        for word in [*part.split(), ""]:
            bare = word.strip("'’‘-–").removesuffix("'s").removesuffix("’s")
            if bare and bare.lower() not in STOP_WORDS:
                run.append(bare)
                continue
            if 0 < len(run) <= MOST_WORDS and any(is_new(one) for said in run for one in WORD.findall(said)):
                yield " ".join(run).lower()
            run = []


def _row(phrase: str, answers: Sequence[Answer], words: Sequence[Word]) -> Row:
    nearest = " ".join(citation.quote for answer in answers for citation in answer.citations).lower()
    counted = [(max(nearest.count(name) for name in word.names), word) for word in words if word.names]
    count, likeliest = max(counted, key=lambda one: (one[0], len(one[1].term)), default=(0, None))
    questions = tuple(dict.fromkeys(answer.question for answer in answers))
    if not likeliest or not count:
        return Row(phrase, "", "", False, questions)
    both = likeliest.long and likeliest.long.lower() != likeliest.term.lower()
    term = f"{likeliest.long} ({likeliest.term})" if both else likeliest.term
    return Row(phrase, term, likeliest.owners_meaning, bool(likeliest.owners_meaning), questions)


def _cell(text: str) -> str:
    # What people ask is theirs: it may not break the table, nor bring mark-up into it.
    return re.sub(r"[|\\`<>\[\]\r\n]+", " ", text).strip() or "…"
