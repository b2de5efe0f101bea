"""Understand a question: its words, and the kind of thing it asks for."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.errors import EmptyQuestion, QuestionTooLong
from bot.glossary import Alternative, Glossary
from ingest.words import WORD, stem, words_of

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
    exactly currently change changed
    """.split()
)


YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class Query:
    """A question as understood.

    `widened` is the question with what its abbreviations mean. `words` are its content words, in order and once
    each, without the years: these say which document is meant rather than what is looked for. `alternatives` are other
    words for some of them.
    """

    text: str
    widened: str
    words: tuple[str, ...]
    kind: Kind
    years: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


def understand(question: str, glossary: Glossary = Glossary()) -> Query:  # noqa: B008  frozen
    """Understand a question; raise `EmptyQuestion` or `QuestionTooLong` where it is none.

    >>> query = understand("How many networks were there in 2021?")
    >>> query.words, query.kind, query.years
    (('networks',), 'number', ('2021',))
    """
    text = " ".join(question.split())
    if not WORD.search(text):
        raise EmptyQuestion("The question is empty. Ask in plain words, for example: Who chairs the board?")
    if len(text) > MAX_QUESTION:
        raise QuestionTooLong(
            f"The question has {len(text):,} characters; {MAX_QUESTION:,} are the most. Ask about one thing at a time."
        )
    kind: Kind = next((kind for pattern, kind in ASKS_FOR if re.search(pattern, text, re.IGNORECASE)), "any")
    alternatives = glossary.alternatives(text)
    wide = f"{text} ({'; '.join(one.other for one in alternatives)})" if alternatives else text
    years = tuple(dict.fromkeys(YEAR.findall(text)))
    return Query(text, wide, content_words(text, without=years), kind, years, alternatives)


def content_words(text: str, *, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The words of a text that say something, once each by their stems.

    >>> content_words("What is a network, and what are networks for?")
    ('network',)
    """
    kept: dict[str, str] = {}
    for word in words_of(text):
        if word.lower() not in STOP_WORDS and word not in without:
            kept.setdefault(stem(word), word)
    return tuple(kept.values())
