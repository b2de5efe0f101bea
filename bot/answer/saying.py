"""Say one unit of evidence as a sentence with what backs it."""

import re

from bot.answer.draft import DraftSentence, Place
from bot.answer.evidence import Evidence
from bot.wording import said

VERB = re.compile(
    r"\b(?:is|are|was|were|be|has|have|had|will|would|shall|should|must|may|might|can|could|does|do|did)\b",
    re.IGNORECASE,
)


def sentence_of(one: Evidence) -> DraftSentence:
    """Say a unit; an item with the lead-in that makes a sentence of it, which is quoted too."""
    if one.unit.kind == "item" and not _is_whole(one.text):
        before = [unit for unit in one.passage.units if unit.end <= one.unit.start and unit.kind == "sentence"]
        if before and said(one.passage, before[-1]).endswith(":"):
            lead = Place(one.passage, before[-1].start, before[-1].end, one.score)
            return DraftSentence(f"{said(one.passage, before[-1])} {one.text}", (lead, place_of(one)))
    return DraftSentence(f"{one.text[:-1]}." if is_lead(one) else one.text, (place_of(one),))


def is_lead(one: Evidence) -> bool:
    """Whether a unit only leads to a list."""
    return one.unit.kind == "sentence" and one.text.endswith(":")


def place_of(one: Evidence) -> Place:
    """Where a unit stands."""
    return Place(one.passage, one.unit.start, one.unit.end, one.score)


def _is_whole(text: str) -> bool:
    """Whether an item says something by itself, as a sentence with a verb does.

    >>> _is_whole("In 2020 the board's clerk was Ann Lee."), _is_whole("Two members from the councils.")
    (True, False)
    """
    return text.endswith(".") and text[:1].isupper() and bool(VERB.search(text))
