"""Take a label and what stands below it as one: text from slides and boxes has them on lines of their own."""

import re

from ingest.types import Passage, Unit
from ingest.words import stems_of

LABEL_WORDS = 12  # at most
SHARE = 0.7  # of a label's words that are the question's, at least
TOGETHER_WORDS = 70  # at most, of a label and what it is the label of
ENDS = (".", "?", "!", ";", ",")
WORD = re.compile(r"[A-Za-z]\w+")


def with_what_follows(passage: Passage, number: int, asked: frozenset[str]) -> Unit:
    """A unit; with the next one where it ends in a colon, or is a label with hardly a word but the question's.

    `asked` are the stems of the question's content words.
    """
    unit = passage.units[number]
    if number + 1 == len(passage.units):
        return unit
    after = passage.units[number + 1]
    text = _text(passage, unit)
    if after.kind not in ("sentence", "item") or _is_bulleted(passage, after):
        return unit
    leads = unit.kind == "sentence" and text.endswith(":") and after.kind == "sentence"
    if not (leads or _is_label(passage, unit, text, asked)):
        return unit
    if len(text.split()) + len(_text(passage, after).split()) > TOGETHER_WORDS:
        return unit
    return unit._replace(end=after.end)


def _is_label(passage: Passage, unit: Unit, text: str, asked: frozenset[str]) -> bool:
    if text.endswith(ENDS) or len(text.split()) > LABEL_WORDS or _is_bulleted(passage, unit):
        return False
    words = stems_of(" ".join(WORD.findall(text)))
    return bool(words) and len(words & asked) >= SHARE * len(words)


def _is_bulleted(passage: Passage, unit: Unit) -> bool:
    """Whether an item has a bullet or a number in front, so that it is one of a real list."""
    before = passage.text[: unit.start - passage.start]
    return unit.kind == "item" and bool(before.rpartition("\n")[2].strip())


def _text(passage: Passage, unit: Unit) -> str:
    return passage.text[unit.start - passage.start : unit.end - passage.start].strip()
