"""Let a chat model say what a message of a conversation asks: follow-ups in full, several questions apart.

What it says may have only words of the message and the conversation; else the offline way stands.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.answer.prompts import prompt
from bot.answer.written.given import tame
from bot.converse import Turn
from bot.errors import ModelError
from bot.intents import intent_of
from bot.models.ask import Errand
from bot.understand import content_words
from ingest.words import stem, stems_of

TURNS = 4  # of the conversation that are shown: more hurts where the topic switches
MOST = 4  # questions of a message
LONGEST = 400  # characters of one of them
KEPT = 0.5  # of the message's own words that have to come back: a rewriting that drops more is of something else
OBJECT = re.compile(r"\{.*\}", re.DOTALL)
SHAPE: dict[str, Any] = {
    "type": "object",
    "properties": {"questions": {"type": "array", "items": {"type": "string"}}, "unclear": {"type": "boolean"}},
    "required": ["questions", "unclear"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The questions of a message, each understandable by itself, and whether the message points at something unsaid."""

    questions: tuple[str, ...]
    unclear: bool


def rewritten(question: str, turns: Sequence[Turn], errand: Errand) -> Rewritten | None:
    """Ask a model what a message asks; None where it can't be asked or what it says can't be used."""
    try:
        said = errand.whole(_messages(question, turns), SHAPE)
    except ModelError:
        return None
    found = OBJECT.search(said)
    try:
        given = json.loads(found[0], strict=False) if found else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict) or not isinstance(given.get("questions"), list):
        return None
    questions = tuple(dict.fromkeys(" ".join(one.split()) for one in given["questions"] if isinstance(one, str)))
    if not _are_its_own(questions, question, turns):
        return None
    return Rewritten(questions, given.get("unclear") is True)


def _are_its_own(questions: Sequence[str], question: str, turns: Sequence[Turn]) -> bool:
    """Whether questions say what the message and the conversation say, and nothing else."""
    if not 0 < len(questions) <= MOST or any(not one or len(one) > LONGEST for one in questions):
        return False
    if any(intent_of(one).kind != "ask" or intent_of(one).question != one for one in questions):
        return False
    before = (text for turn in turns for text in (turn.question, turn.standalone_question, turn.answer))
    known = stems_of(" ".join([question, *before]))
    mine = [stem(word) for one in questions for word in content_words(one)]
    own = [stem(word) for word in content_words(question)]
    return set(mine) <= known and sum(one in mine for one in own) >= KEPT * len(own)


def _messages(question: str, turns: Sequence[Turn]) -> list[tuple[str, str]]:
    lines = [f"Asked: {tame(turn.question)}\nAnswered: {tame(turn.answer)}" for turn in turns[-TURNS:]]
    said = "\n".join(["<conversation>", *lines, "</conversation>", "<message>", tame(question), "</message>"])
    return [("system", prompt("understand")), ("user", said)]
