"""Understand a question: its words, and the kind of thing it asks for."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import Stemmer

from bot.errors import EmptyQuestion, QuestionTooLong
from bot.glossary import Glossary
from ingest.lexical import without_plural_of_abbreviation

Kind = Literal["number", "money", "date", "person", "list", "definition", "reason", "yes_no", "any"]

MAX_QUESTION = 2000  # characters; a page of text is no question

# The first that matches says what is asked for.
ASKS_FOR: tuple[tuple[str, Kind], ...] = (
    (r"\bhow much\b.*\b(cost|money|budget|spen[dt]|paid|pay|fund)|\bwhat (is|was) the (budget|cost)\b", "money"),
    (
        r"\bhow (many|much|large|big|long|old|often|far)\b|\bwhat (number|percentage|share|proportion|score)\b",
        "number",
    ),
    (r"\b(when|what (date|year|month|day|time)|which (year|month)|since when|by when|how soon)\b", "date"),
    (r"\bwho\b|\bwhose\b|\bwhich person\b", "person"),
    (r"\b(list|name (the|all|every|some)|what are the|which are the|what .*\b(do|does|did) .* include)\b", "list"),
    (
        r"\b(stand for|stands for|mean|meaning of|definition|define)\b|^what('s| is| are) (an? )?[\w\s&'-]{1,40}\??$",
        "definition",
    ),
    (r"\bwhy\b|\bwhat (reason|for)\b|\bhow come\b", "reason"),
    (r"^(is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must)\b", "yes_no"),
)
# Words that carry a question and no content; "not" and numbers are content.
STOP_WORDS = frozenset(
    """
    a about above after again all also am an and any are as at be because been being both but by can come could
    did do does doing done each else every few for from get give go had has have he her here hers him his how i
    if in into is it its itself just let list many may me might more most much must my name of off on once only
    or other our ours out over own please same shall she should so some such tell than that the their theirs
    them then there these they thing things this those though through to too under until up us very was we well
    were what whats when where whether which while who whom whose why will with would you your yours always ever
    exactly currently
    """.split()
)
WORD = re.compile(r"[^\W_]+(?:[’'&][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Query:
    """A question as understood.

    `widened` is the question with what its abbreviations mean; `terms` are the stems of the content words of that, in
    order and once each.
    """

    text: str
    widened: str
    terms: tuple[str, ...]
    kind: Kind


def understand(question: str, glossary: Glossary = Glossary()) -> Query:  # noqa: B008  frozen
    """Understand a question; raise `EmptyQuestion` or `QuestionTooLong` where it is none.

    >>> query = understand("How many networks are there?")
    >>> query.terms, query.kind
    (('network',), 'number')
    """
    text = " ".join(question.split())
    if not WORD.search(text):
        raise EmptyQuestion("The question is empty. Ask in plain words, for example: Who chairs the board?")
    if len(text) > MAX_QUESTION:
        raise QuestionTooLong(
            f"The question has {len(text):,} characters; {MAX_QUESTION:,} are the most. Ask about one thing at a time."
        )
    kind: Kind = next((kind for pattern, kind in ASKS_FOR if re.search(pattern, text, re.IGNORECASE)), "any")
    wide = glossary.widened(text)
    words = [word for word in words_of(wide) if word.lower() not in STOP_WORDS]
    terms = tuple(dict.fromkeys(stem(word) for word in words if word.lower() not in ("change", "changed")))
    return Query(text, wide, terms, kind)


def words_of(text: str) -> list[str]:
    """The words and numbers of a text, without possessive endings.

    >>> words_of("The board's 42 LBNs")
    ['The', 'board', '42', 'LBNs']
    """
    return [word.split("'")[0].split("’")[0] for word in WORD.findall(text)]


def stems_of(text: str) -> frozenset[str]:
    """The stems of all words of a text."""
    return frozenset(stem(word) for word in words_of(text))


_STEMMER = Stemmer.Stemmer("english")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Cut a word to its stem (Porter's English stemmer, http://snowball.tartarus.org); LBNs and LBN are one.

    >>> stem("Networks"), stem("LBNs")
    ('network', 'lbn')
    """
    return str(_STEMMER.stemWord(without_plural_of_abbreviation(word).lower()))
