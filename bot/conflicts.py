"""Compare what documents of different dates say about the same count."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.words import stem, words_of

WINDOW = 6  # words after a number in which the thing it counts is named
NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}
FIGURE = r"(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)"
# A range and a scale belong to a number; a year counts nothing.
COUNT = re.compile(
    rf"(?<![\w.,/-])((?!(?:19|20)\d\d(?![\d,]))(?:{FIGURE}(?:\s?(?:to|and|-|–)\s?{FIGURE})?"
    rf"(?:\s(?:million|billion|thousand)\b)?|{'|'.join(NUMBER_WORDS)}))(?![\w.,/]*\d)(?!st\b|nd\b|rd\b|th\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Count:
    """A number that stands before what it counts: its wording and its value."""

    says: str
    value: str


def count_of(thing: tuple[str, ...], text: str) -> Count | None:
    """Find the number that counts a thing, given by its stems, the last of them the most important.

    >>> count_of(("local", "bus", "network"), "The system has 42 Local Bus Networks (LBNs) in 4 areas.")
    Count(says='42', value='42')
    >>> count_of(("network",), "Network 12 has four offices.") is None
    True
    >>> count_of(("peopl",), "In 2031 about 2.1 million people will live here.").says
    '2.1 million'
    >>> count_of(("peopl",), "Each network covers 30,000 to 50,000 people.").says
    '30,000 to 50,000'
    """
    best: tuple[int, Count] | None = None
    for match in COUNT.finditer(text):
        following = [stem(word) for word in words_of(text[match.end() : match.end() + 100])[:WINDOW]]
        if not thing or thing[-1] not in following:
            continue
        before_noun = following[: following.index(thing[-1]) + 1]
        if any(word in NUMBER_WORDS or word.isdigit() for word in before_noun):
            continue
        shared = sum(word in before_noun for word in thing)
        if best is None or shared > best[0]:
            best = shared, Count(match[1], _value(match[1]))
    return best[1] if best else None


def differ(counts: Iterable[Count]) -> bool:
    """Whether there is more than one value among counts."""
    return len({count.value for count in counts}) > 1


def _value(number: str) -> str:
    return NUMBER_WORDS.get(number.lower(), number.replace(",", ""))
