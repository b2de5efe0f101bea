"""Tell the several questions of one message apart."""

import re
from dataclasses import replace

from bot.understand import YEAR, Asked, asked_of, content_words
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
# A second question that asks whether the answer to the first was another at another time.
CHANGED = re.compile(
    r"[\s,;.?–-]+(?:(?:and|or|but)\s+)?(?:"
    r"(?:is|was|were|are|has|have|had|did|does)\s+(?:it|that|this|they|there|those|these)\b(?=.{0,60}$)"
    r"(?=.*\b(?:always|ever|before|changed?|so|same|still|in|originally|once|expected|planned|meant?|case|then)\b)|"
    r"(?:what|how (?:many|much|big|large)|who)\s+(?:was|were)\s+"
    r"(?:it|they|that|there|the (?:figure|number|count|answer|total|name))\b"
    r"(?=.*\b(?:in|before|then|originally|back|earlier|previously|at first)\b)|"
    r"(?:and|what about)\s+(?:before|originally|back then|in (?:19|20)\d\d|previously|earlier)\b)[^?]*\??$",
    re.IGNORECASE,
)
FEWEST = 3  # words of a part; what is shorter belongs to its neighbour
MOST = 3  # parts; what is said after that would have no room in an answer
FEW = 2  # content words; a part with no more of them is about what the others are about
OF_OTHERS = 0.3  # how much words of the other parts count for a part


def parts_of(asked: Asked) -> tuple[Asked, ...]:
    """The questions of a message, each with the others as what it leans on; itself where it is one.

    >>> [part.question for part in parts_of(asked_of("Who chairs the board, and when does it meet?"))]
    ['Who chairs the board', 'when does it meet?']
    >>> [part.then for part in parts_of(asked_of("How many ferries are there, and was it always so?"))]
    [('',)]
    >>> [part.question for part in parts_of(asked_of("What do the board and the council do?"))]
    ['What do the board and the council do?']
    """
    changing = CHANGED.search(asked.question)
    if changing and changing.start() > 0:
        first = asked.question[: changing.start()].strip(" ,;")
        if len(words_of(first)) >= FEWEST:
            rest = {word.lower(): OF_OTHERS for word in words_of(changing[0])}
            return (replace(asked, then=tuple(YEAR.findall(changing[0])) or ("",), weights={**asked.weights, **rest}),)
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
        leans = len(content_words(part, without=tuple(YEAR.findall(part)))) <= FEW
        weights = {word.lower(): 1.0 if leans else OF_OTHERS for word in words_of(others)}
        before = asked.text.removesuffix(asked.question).strip()
        leaning = {**dict(asked.weights), **weights}
        text = f"{before} {others}".strip() if number else before
        one = asked_of(part, before=text, weights=leaning, behind=asked.behind)
        made.append(one if number else replace(one, behind=f"{asked.behind} {others}".strip()))
    return tuple(made)
