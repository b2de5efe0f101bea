"""Tell the several questions of one message apart."""

import re
from dataclasses import replace

from bot.understand import Asked, asked_of
from ingest.words import words_of

QUESTION_WORD = (
    r"(?:(?:by|since|until|from|for|in|at|on|to|with|of|under)\s+)?"
    r"(?:who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|did|has|have|had|will|can)"
)
JOINT = re.compile(
    rf"\s*(?:[,;]\s*|\s)(?:and|or|but)\s+(?:also\s+)?(?={QUESTION_WORD}\b)|\s*[,;]\s*(?={QUESTION_WORD}\b)|(?<=\?)\s+",
    re.IGNORECASE,
)
ASKS = re.compile(rf"\b{QUESTION_WORD}\b|\b(?:tell me|list|name|give me|explain|describe)\b", re.IGNORECASE)
BEGINS = re.compile(rf"^\W*{QUESTION_WORD}\b|\?\s*$", re.IGNORECASE)
FEWEST = 3  # words of a part; what is shorter belongs to its neighbour
MOST = 3  # parts; what is said after that would have no room in an answer
OF_OTHERS = 0.3  # how much words of the other parts count for a part


def parts_of(asked: Asked) -> tuple[Asked, ...]:
    """The questions of a message, each with the others as what it leans on; itself where it is one.

    >>> [part.question for part in parts_of(asked_of("Who chairs the board, and when does it meet?"))]
    ['Who chairs the board', 'when does it meet?']
    >>> [part.question for part in parts_of(asked_of("What do the board and the council do?"))]
    ['What do the board and the council do?']
    """
    pieces = [piece.strip() for piece in JOINT.split(asked.question) if piece and piece.strip()]
    parts: list[str] = []
    for piece in pieces:
        long_enough = len(words_of(piece)) >= FEWEST
        if parts and not (long_enough and BEGINS.search(piece) and ASKS.search(parts[-1])):
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    if not 1 < len(parts) <= MOST:
        return (asked,)
    made = []
    for number, part in enumerate(parts):
        others = " ".join(other for at, other in enumerate(parts) if at != number)
        weights = {word.lower(): OF_OTHERS for word in words_of(others)}
        before = asked.text.removesuffix(asked.question).strip()
        leaning = {**dict(asked.weights), **weights}
        text = f"{before} {others}".strip() if number else before
        one = asked_of(part, before=text, weights=leaning, behind=asked.behind)
        made.append(one if number else replace(one, behind=f"{asked.behind} {others}".strip()))
    return tuple(made)
