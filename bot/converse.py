"""Follow-ups: say a question of a conversation so that it stands on its own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.intents import intent_of
from bot.types import Answer
from bot.understand import STOP_WORDS, words_of

REFERS = re.compile(
    r"\b(it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|then|one|ones|the same|"
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
NAME = re.compile(r"(?<!^)\b[A-Z][\w&-]+")
FEW_WORDS = 2  # content words; a question with no more of them leans on what was said before


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as asked and as understood on its own."""

    question: str
    standalone_question: str


def turns_of(answers: Iterable[Answer]) -> tuple[Turn, ...]:
    """The turns that a follow-up may lean on: not greetings, nor what was refused, nor what nothing was found for."""
    return tuple(
        Turn(answer.question, answer.standalone_question)
        for answer in answers
        if answer.standalone_question and answer.status != "refused" and answer.citations
    )


def turns_from(questions: Iterable[str]) -> tuple[Turn, ...]:
    """The turns of a conversation of which only the questions are known."""
    turns: tuple[Turn, ...] = ()
    for question in questions:
        if intent_of(question).kind == "ask" and question.strip():
            turns = (*turns, Turn(question, standalone(question, turns)))
    return turns


def standalone(question: str, turns: tuple[Turn, ...]) -> str:
    """Add to a follow-up the question it follows; a question that stands on its own stays as it is.

    >>> before = (Turn("Who chairs the harbour board?", "Who chairs the harbour board?"),)
    >>> standalone("since when?", before)
    'Who chairs the harbour board? since when?'
    >>> standalone("How many ferries run on Sundays in winter?", before)
    'How many ferries run on Sundays in winter?'
    """
    asked = " ".join(question.split())
    back = RETURNS.match(asked)
    if back:
        return f"{back['topic']}: {asked[back.end() :]}" if asked[back.end() :] else asked
    if not turns or not _leans(asked):
        return asked
    before = turns[-1].standalone_question
    corrected = CORRECTS.sub("", asked)
    if corrected and corrected != asked:
        return f"{before} {corrected}"
    return f"{_shortened(before)} {asked}"


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
