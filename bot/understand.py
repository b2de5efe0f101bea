"""Understand a question: its words, and the kind of thing it asks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.errors import EmptyQuestion, QuestionTooLong
from bot.glossary import Alternative, Glossary
from ingest.words import WORD, stem, words_of

Kind = Literal["number", "money", "contact", "date", "person", "list", "definition", "reason", "yes_no", "any"]

MAX_QUESTION = 2000  # characters; a page of text is no question

# The one that matches first in the question says what is asked for; of two at one place, the first of these.
ASKS_FOR: tuple[tuple[str, Kind], ...] = (
    (
        r"\bhow much\b.*\b(cost|money|budget|spen[dt]|paid|pay|fund)|"
        r"\b(what(['’]s| is| was| are| were) (the|our|its)|how big|total|annual|overall)\b.{0,50}"
        r"\b(costs?|budget|price|salary|salaries|fees?|turnover|income)\b|\bwhat (does|did|do|will)\b.{0,60}\bcost\b",
        "money",
    ),
    (r"\b(e-?mail|phone|telephone|postal|web) ?(address|number|site)?\b.*\?*|\bpostcode\b", "contact"),
    (
        r"\bhow (many|much|large|big|long|old|often|far)\b|\bwhat (number|percentage|share|proportion|score)\b",
        "number",
    ),
    (r"\b(when|what (date|year|month|day|time)|which (year|month)|since when|by when|how soon)\b", "date"),
    (
        r"\bwho\b|\bwhose\b|\bwhich (person|people|councillors?)\b|\b(list|name)\b.*\bby name\b|"
        r"\bnames? of (the|our|its|their|his|her) ([\w’'-]+ ){0,4}"
        r"(chair\w*|director|head|manager|officer|lead|secretary|president|boss|executive|nurse|doctor)s?\b",
        "person",
    ),
    (r"\b(list|name (the|all|every|some)|what are the|which are the|what .*\b(do|does|did) .* include)\b", "list"),
    (
        r"\b(stand for|stands for|mean|meaning of|definition|define)\b|"
        r"^what('s| is| are) (?!the names? of\b)(an? )?[\w\s&'-]{1,40}\??$",
        "definition",
    ),
    (r"\bwhy\b|\bwhat (reason|for)\b|\bhow come\b", "reason"),
    (r"^(is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must)\b", "yes_no"),
)
QUESTION_WORD = re.compile(r"\b(?:what|which|where|why|how)\b", re.IGNORECASE)
CLAUSE = re.compile(r"when|who", re.IGNORECASE)
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
FEW = 2  # content words; a sentence that asks with no more of them is about what stands beside it
BESIDE = 0.3  # the weight of a word that stands beside the question: in a greeting, or a remark before it
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=\S)")
ASKS = re.compile(
    r"\?\s*$|^\W*(who|whom|whose|what|when|where|which|why|how|tell|list|name|explain|describe|give|is|are|was|were|do|"
    r"does|did|has|have|can|could|will|would|should)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what it leans on.

    `text` says it so that it stands on its own. `weights` says how much words of it, in lower case, count where that
    is less than one; `behind` are words that help to find it and that it does not say; `kind_of` is the question that
    says what kind of thing is asked for, where it is another. `then` are the years for which the answer is wanted
    beside that of today; an empty one stands for whenever it was another.
    """

    question: str
    text: str
    weights: Mapping[str, float] = field(default_factory=dict)
    behind: str = ""
    kind_of: str = ""
    then: tuple[str, ...] = ()


def asked_of(
    question: str, *, before: str = "", weights: Mapping[str, float] | None = None, behind: str = "", kind_of: str = ""
) -> Asked:
    """Put before a question what it leans on; words of the question itself count whole."""
    own = {word.lower() for word in words_of(question)}
    less = {word: weight for word, weight in (weights or {}).items() if word not in own}
    return Asked(question, f"{before} {question}".strip(), less, behind, kind_of)


@dataclass(frozen=True, slots=True)
class Query:
    """A question as understood.

    `asked` is the question itself, `text` the same with what it leans on, `widened` that with what its abbreviations
    mean. `words` are the content words, in order and once each, with their weights; years are none of them: they say
    which document is meant rather than what is looked for. `alternatives` are other words for some of them; `then` is
    what `Asked.then` says.
    """

    asked: str
    text: str
    widened: str
    words: tuple[str, ...]
    weights: tuple[float, ...]
    kind: Kind
    years: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    then: tuple[str, ...] = ()

    @property
    def judged(self) -> str:
        """The question as the reranker reads it: itself first, then what it leans on in brackets."""
        before = self.text.removesuffix(self.asked).strip()
        return f"{self.asked} ({before})" if before and before != self.text else self.asked


def understand(question: str | Asked, glossary: Glossary = Glossary()) -> Query:  # noqa: B008  frozen
    """Understand a question; raise `EmptyQuestion` or `QuestionTooLong` where it is none.

    >>> query = understand("How many networks were there in 2021?")
    >>> query.words, query.kind, query.years
    (('networks',), 'number', ('2021',))
    """
    given = question if isinstance(question, Asked) else asked_of(" ".join(question.split()))
    text = given.text
    if not WORD.search(given.question):
        raise EmptyQuestion("The question is empty. Ask in plain words, for example: Who chairs the board?")
    if len(given.question) > MAX_QUESTION:
        raise QuestionTooLong(
            f"The question has {len(given.question):,} characters; {MAX_QUESTION:,} are the most. "
            "Ask about one thing at a time."
        )
    alternatives = glossary.alternatives(text)
    wide = " ".join(
        part
        for part in (text, given.behind, f"({'; '.join(one.other for one in alternatives)})" if alternatives else "")
        if part
    )
    asked = _question_in(given.question)
    years = tuple(dict.fromkeys(YEAR.findall(given.question) or YEAR.findall(text)))
    years = tuple(year for year in years if year not in given.then)
    words = content_words(f"{text} {given.behind}", without=(*years, *given.then))
    beside = {word.lower() for word in words_of(given.question)} - {word.lower() for word in words_of(asked)}
    leans = len(content_words(asked, without=years)) <= FEW
    weights = tuple(
        (1.0 if leans else BESIDE)
        if word.lower() in beside
        else given.weights.get(word.lower(), 1.0)
        if given.weights
        else 1.0
        for word in words
    )
    return Query(asked, text, wide, words, weights, kind_of(given.kind_of or asked), years, alternatives, given.then)


def kind_of(question: str) -> Kind:
    """What kind of thing a question asks for: what its first question word says.

    >>> kind_of("Who was the head when it began in 2020?"), kind_of("Since when is there a head?")
    ('person', 'date')
    >>> kind_of("What was the area based on when it was drawn?")
    'any'
    """
    first = QUESTION_WORD.search(question)
    found = [
        (match.start(), order, kind)
        for order, (pattern, kind) in enumerate(ASKS_FOR)
        if (match := re.search(pattern, question, re.IGNORECASE))
    ]
    if not found:
        return "any"
    at, _, kind = min(found)
    # Behind another question word, "when" and "who" begin a clause that asks nothing.
    return "any" if first and at > first.start() and CLAUSE.match(question, at) else kind


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


def _question_in(text: str) -> str:
    """The sentences of a message that ask, without a greeting or a remark before them.

    >>> _question_in("Hi, first week here. What does the board do?")
    'What does the board do?'
    """
    sentences = SENTENCE_END.split(text)
    asking = [sentence for sentence in sentences if ASKS.search(sentence)]
    return " ".join(asking) if asking else text
