"""Follow-ups: say what a question of a conversation leans on, so that it stands on its own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.intents import intent_of
from bot.types import Answer
from bot.understand import STOP_WORDS, Asked, asked_of
from ingest.words import words_of

# "There are" points at nothing; "what is done there" does.
REFERS = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere\b(?!\s+(?:is|are|was|were|will|has|have|be|any)\b)|"
    r"\b(it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|then|one|ones|the same|"
    r"both|either|neither|former|latter|instead|else|more)\b",
    re.IGNORECASE,
)
CONTINUES = re.compile(
    r"^\s*(and|but|or|so|also|then|what about|how about|what if|why|since when|until when|by when|who else|where else|"
    r"which one|tell me more|more|go on|any(thing)? else|yes|no|not|sorry|actually|i mean|i meant|ok(ay)?,?)\b",
    re.IGNORECASE,
)
CORRECTS = re.compile(
    r"^\s*(no|nope|not that|sorry|actually|i mean(t)?|rather)\b[\s,:–-]*(i mean(t)?\b)?[\s,:–-]*", re.IGNORECASE
)
RETURNS = re.compile(
    r"^\s*((going |coming )?back to|returning to|about|regarding|on)\s+(?P<topic>[^:,?]{2,60})[:,]\s*", re.IGNORECASE
)
OPENS = re.compile(r"^\s*(and|but|or|so|also|then|ok(ay)?|what about|how about|what if)\b[\s,:]*", re.IGNORECASE)
MORE = re.compile(
    r"^\s*(tell me more|more( please| details?)?|go on|say more|anything else|what else|yes( please)?|sure)[\s.!?]*$",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"\b(who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would|"
    r"should|must|tell|list|name)\b",
    re.IGNORECASE,
)
NAME = re.compile(r"(?<!^)\b[A-Z][\w&-]+")
POINTS = re.compile(
    r"\b(it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|ones)\b",
    re.IGNORECASE,
)
BEGINS_LEANING = re.compile(
    r"^\s*(and|but|or|so|what about|how about|since when|until when|by when|who else)\b", re.IGNORECASE
)
FEW_WORDS = 2  # content words; a question with no more of them leans on what was said before
# How much a word of the turn before counts beside one of the question: found on the dev split's conversations.
BEFORE, NAME_BEFORE, SAID_BEFORE = 0.3, 0.6, 0.3


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as asked and as understood on its own, and what was answered."""

    question: str
    standalone_question: str
    answer: str = ""


def turns_of(answers: Iterable[Answer]) -> tuple[Turn, ...]:
    """The turns that a follow-up may lean on: not greetings, nor what was refused."""
    return tuple(
        Turn(answer.question, answer.standalone_question, _said(answer))
        for answer in answers
        if answer.standalone_question and answer.status != "refused" and (answer.citations or answer.missing)
    )


def turns_from(questions: Iterable[str]) -> tuple[Turn, ...]:
    """The turns of a conversation of which only the questions are known."""
    turns: tuple[Turn, ...] = ()
    for question in questions:
        if intent_of(question).kind == "ask" and question.strip():
            turns = (*turns, Turn(question, standalone(question, turns).text))
    return turns


def standalone(question: str, turns: tuple[Turn, ...]) -> Asked:
    """Give a follow-up the words that it leans on; a question that stands on its own keeps to its own.

    >>> before = (Turn("Who chairs the Harbour Board?", "Who chairs the Harbour Board?"),)
    >>> standalone("since when?", before).text
    'Who chairs the Harbour Board? since when?'
    >>> standalone("and the Pilot Office?", before).text
    'Who chairs the Harbour Board? and the Pilot Office?'
    >>> standalone("How many ferries run on Sundays in winter?", before).text
    'How many ferries run on Sundays in winter?'
    """
    asked = " ".join(question.split())
    back = RETURNS.match(asked)
    if back:
        rest = asked[back.end() :]
        return asked_of(rest, before=f"{back['topic']}:", weights=_all(back["topic"], 1.0)) if rest else asked_of(asked)
    if not turns or not _leans(asked):
        return asked_of(asked)
    last = turns[-1]
    before = _shortened(last.standalone_question)
    if MORE.match(asked):
        return asked_of(asked, before=before, weights=_all(before, 1.0))
    corrected = CORRECTS.sub("", asked)
    own = corrected if corrected and corrected != asked else OPENS.sub("", asked)
    if own and not ASKS.search(own):
        # "and for the other one?": the same is asked of something else, whose name takes the place of the name before.
        names = {word.lower() for word in NAME.findall(before)}
        weights = {word: 0.3 if word in names else 0.9 for word in _words(before)}
        return asked_of(asked, before=before, weights=weights, kind_of=before)
    weights = dict.fromkeys(_words(before), BEFORE)
    weights |= {word.lower(): SAID_BEFORE for word in NAME.findall(last.answer)[:12] if word.lower() not in weights}
    weights |= {word.lower(): NAME_BEFORE for word in NAME.findall(before)}
    return asked_of(asked, before=before, weights=weights, behind=" ".join(NAME.findall(last.answer)[:12]))


def is_unclear(question: str) -> bool:
    """Whether a question that nothing was said before leans on something all the same.

    >>> [is_unclear(question) for question in ("has it been approved yet?", "and the budget?", "What is a network?")]
    [True, True, False]
    """
    content = [word for word in words_of(question) if word.lower() not in STOP_WORDS]
    names = any(word.isupper() and len(word) > 1 for word in words_of(question)) or NAME.search(question)
    if not content:
        return True
    return len(content) <= FEW_WORDS and not names and bool(POINTS.search(question) or BEGINS_LEANING.search(question))


def _leans(question: str) -> bool:
    """Whether a question can't be understood without what was said before."""
    content = [word for word in words_of(question) if word.lower() not in STOP_WORDS]
    if CONTINUES.search(question):
        return True
    if REFERS.search(question):
        return True
    return len(content) <= FEW_WORDS and not NAME.search(question)


def _shortened(before: str) -> str:
    """Keep the first and the last of several questions, so that a long conversation doesn't drown the newest."""
    parts = re.split(r"(?<=\?)\s+", before)
    return before if len(parts) <= 2 else f"{parts[0]} {parts[-1]}"


def _all(text: str, weight: float) -> dict[str, float]:
    return dict.fromkeys(_words(text), weight)


def _words(text: str) -> list[str]:
    return [word.lower() for word in words_of(text)]


def _said(answer: Answer) -> str:
    return answer.sentences[0].text if answer.sentences else ""
