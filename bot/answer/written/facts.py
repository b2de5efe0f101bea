"""The numbers, amounts, dates and names of a sentence, in a form in which they can be compared."""

import re

from bot.answer.kinds import MONTH
from bot.conflicts import NUMBER_WORDS
from bot.understand import STOP_WORDS
from ingest.words import stem, words_of

TENS = {
    word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
UNITS = {"per cent": "%", "percent": "%", "%": "%", "billion": "bn", "bn": "bn", "million": "m", "m": "m"}
UNITS |= {"thousand": "k", "k": "k"}
FIGURE = re.compile(
    r"([£$€]?)\s?(\d+(?:[.,]\d+)*)(?:\s?(%|per cent\b|percent\b|billion\b|bn\b|million\b|m\b|thousand\b|k\b))?",
    re.IGNORECASE,
)
WORDED = re.compile(
    rf"\b(?:({'|'.join(TENS)})(?:[- ]({'|'.join(list(NUMBER_WORDS)[1:10])}))?|({'|'.join(NUMBER_WORDS)})"
    r"(?!\s+(?:of|another|by)\b))(?:\s(hundred|thousand|million|billion))?\b",
    re.IGNORECASE,
)
DATE = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{MONTH})\b"
    r"(?:\s+(?P<later>\d{1,2})(?:st|nd|rd|th)?(?!\d))?(?:,?\s+(?P<year>\d{4}))?",
    re.IGNORECASE,
)
NAME = re.compile(r"[A-Z][\w’'&-]*")
RUN = re.compile(r"\b[A-Z][\w’'&-]*(?:\s+[A-Z][\w’'&-]*)*")
# What a sentence may begin with that no document has to say.
OPENINGS = frozenset("yes no according both overall together currently".split())

# Words that only join others. What else a question may do without (go, all, only, more) says something in an answer.
JOINING = frozenset(
    """
    a about an and are as at be been being between both but by can could did do does during each for from had has have
    he her his how if in into is it its may might must no nor not of on or our over per shall she should so such than
    that the their them then there these they this those through to under was we were what when where whether which
    while who whom whose will with would you your
    """.split()
)

Date = tuple[str, str, str]


def figures_in(text: str) -> set[str]:
    """Numbers with their currency and unit; those in words are figures too.

    >>> sorted(figures_in("£1,200 for forty-two people, 5 per cent of 2.5 million"))
    ['2.5m', '42', '5%', '£1200']
    """
    found = set()
    for sign, number, unit in FIGURE.findall(text):
        plain = re.sub(r",(?=\d{3}\b)", "", number)
        found.add(f"{sign}{plain}{UNITS.get(unit.lower(), '')}")
    for tens, ones, small, scale in WORDED.findall(text):
        value = (
            TENS[tens.lower()] + int(NUMBER_WORDS.get(ones.lower(), 0)) if tens else int(NUMBER_WORDS[small.lower()])
        )
        match scale.lower():
            case "hundred":
                found.add(str(value * 100))
            case "":
                found.add(str(value))
            case named:
                found.add(f"{value}{UNITS[named]}")
    return found


def dates_in(text: str) -> set[Date]:
    """Day, month and year of dates that name a month, each empty where it isn't said.

    >>> sorted(dates_in("On 5 April 2022, or May 7th"))
    [('5', 'april', '2022'), ('7', 'may', '')]
    """
    return {
        (match["day"] or match["later"] or "", match["month"].lower(), match["year"] or "")
        for match in DATE.finditer(text)
        if match["month"][0].isupper()
    }


def has_date(date: Date, among: set[Date]) -> bool:
    """Whether a date is among others, which may say more of it.

    >>> has_date(("", "april", "2022"), {("5", "april", "2022")}), has_date(("7", "april", ""), {("5", "april", "")})
    (True, False)
    """
    return any(all(mine in ("", theirs) for mine, theirs in zip(date, other, strict=True)) for other in among)


def runs_in(text: str) -> list[tuple[str, ...]]:
    """Names, as the stems of words in capitals that stand side by side.

    The first word of a sentence is part of one only where it can be no ordinary word.

    >>> runs_in("The chair is Ann Lee of Harland")
    [('ann', 'lee'), ('harland',)]
    """
    runs = []
    for match in RUN.finditer(text):
        words = words_of(match[0])
        if match.start() == 0 and words and words[0].lower() in STOP_WORDS | OPENINGS:
            words = words[1:]
        words = [word for word in words if not _says_nothing(word, STOP_WORDS)]
        if words:
            runs.append(tuple(stem(word) for word in words))
    return runs


def stands_in(run: tuple[str, ...], stems: list[str]) -> bool:
    """Whether stems stand side by side among others.

    >>> stands_in(("ann", "lee"), ["ann", "fry", "bob", "lee"])
    False
    """
    return any(tuple(stems[at : at + len(run)]) == run for at in range(len(stems) - len(run) + 1))


def ordered_stems(text: str) -> list[str]:
    """The stems of the words that say something, in their order; figures are compared apart from them.

    >>> ordered_stems("The budget is £4.2m for fifteen ferries")
    ['budget', 'ferri']
    """
    return [stem(word) for word in words_of(text) if not _says_nothing(word, JOINING) and not word[0].isdigit()]


def _says_nothing(word: str, unsaying: frozenset[str]) -> bool:
    lowered = word.lower()
    shouted = word.isupper() and len(word) > 1  # WHO and IT are names
    return (lowered in unsaying and not shouted) or lowered in NUMBER_WORDS or lowered in TENS or lowered in UNITS


def common_order(mine: list[str], theirs: list[str]) -> int:
    """How many stems stand in both in one order: the longest common subsequence.

    >>> common_order(["bob", "report", "ann"], ["ann", "report", "bob"])
    1
    """
    before = [0] * (len(theirs) + 1)
    for one in mine:
        row = [0]
        for at, other in enumerate(theirs, start=1):
            row.append(before[at - 1] + 1 if one == other else max(before[at], row[-1]))
        before = row
    return before[-1]
