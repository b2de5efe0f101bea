"""Find abbreviations that a text explains, by the algorithm of Schwartz and Hearst (PSB 2003)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

BRACKETED = re.compile(r"\(([^()]{2,80})\)")
ABBREVIATION = re.compile(r"[A-Z][A-Za-z0-9&/-]{0,9}s?")
MEANS = re.compile(
    r"\b([A-Z][A-Z0-9&]{1,9})\b,?\s+(?:means|stands for|is short for|is the abbreviation (?:of|for))\s+([^.;()]{3,80})"
)
# A line of a glossary, "VCS: voluntary and community sector", and two cells of a table, either way round.
LISTED = re.compile(
    r"^[ \t>*•-]*([A-Z][A-Za-z0-9&/-]{1,9})\**[ \t]*(?::|=|–|—|\t|[ \t]-[ \t])[ \t*]*([^\s|:;()][^\n|:;().]{2,80})",
    re.MULTILINE,
)
CELLS = re.compile(r"\|[ \t*]*([^|\n]{2,80}?)[ \t*]*\|[ \t*]*([^|\n]{2,80}?)[ \t*]*(?=\|)")
WORD = re.compile(r"[\w’'&-]+")


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """An abbreviation, without plural ending, with its long form and the place where both stand."""

    short: str
    long: str
    start: int
    end: int


def abbreviations_in(text: str) -> Iterator[Abbreviation]:
    """Yield the abbreviations that a text explains, in reading order.

    >>> text = "Each Local Area Network (LAN) and the JIC (Joint Information Centre)."
    >>> [(one.short, one.long) for one in abbreviations_in(text)]
    [('LAN', 'Local Area Network'), ('JIC', 'Joint Information Centre')]
    """
    for match in BRACKETED.finditer(text):
        inside = match[1].strip()
        before = text[max(0, match.start() - 160) : match.start()]
        if _is_abbreviation(inside):
            long = _long_form(_singular(inside), before)
            if long:
                yield Abbreviation(
                    _singular(inside), long, match.start() - len(before) + before.rfind(long), match.end()
                )
            continue
        short = re.search(r"([A-Z][A-Za-z0-9&/-]{1,9})\s*\Z", before)
        if short and _is_abbreviation(short[1]) and _long_form(_singular(short[1]), inside) == inside:
            yield Abbreviation(_singular(short[1]), inside, match.start() - len(short[0]), match.end())
    for match in MEANS.finditer(text):
        yield Abbreviation(_singular(match[1]), " ".join(match[2].split()), *match.span())
    yield from _listed(text)


def _listed(text: str) -> Iterator[Abbreviation]:
    """The abbreviations that a list or table of abbreviations explains.

    >>> [(one.short, one.long) for one in _listed("LAN: local area network, for short\\n| Joint Office | JO |")]
    [('LAN', 'local area network'), ('JO', 'Joint Office')]
    """
    for match in LISTED.finditer(text):
        yield from _pair(match, 1, 2)
    for match in CELLS.finditer(text):
        yield from _pair(match, 1, 2)
        yield from _pair(match, 2, 1)


def _pair(match: re.Match[str], short: int, long: int) -> Iterator[Abbreviation]:
    if not _is_abbreviation(match[short]):
        return
    letters = [letter.lower() for letter in _singular(match[short]) if letter.isalnum()]
    words = list(WORD.finditer(match[long]))
    # Two letters fit the beginning of too many sentences: they have to fit all that stands there.
    lasts = range(len(letters), min(len(letters) + 5, len(words)) + 1) if len(letters) > 2 else [len(words)]
    for last in lasts:
        run = words[:last]
        if run and run[0][0][0].lower() == letters[0] and _holds([word[0] for word in run], letters):
            end = match.start(long) + run[-1].end()
            start = min(match.start(short), match.start(long))
            said = " ".join(match[long][: run[-1].end()].split())
            yield Abbreviation(_singular(match[short]), said, start, max(end, match.end(short)))
            return


def _is_abbreviation(text: str) -> bool:
    capitals = sum(letter.isupper() for letter in text)
    return ABBREVIATION.fullmatch(text) is not None and capitals >= 2 and capitals >= len(text.rstrip("s")) / 2


def _singular(short: str) -> str:
    return short[:-1] if short.endswith("s") and len(short) > 2 else short


def _long_form(short: str, before: str) -> str:
    """The shortest run of words at the end of a text whose letters hold those of the abbreviation in order."""
    letters = [letter.lower() for letter in short if letter.isalnum()]
    words = list(WORD.finditer(before))[-min(len(letters) + 5, len(letters) * 2 + 2) :]
    for first in range(len(words) - 1, -1, -1):
        if words[first][0][0].lower() == letters[0] and _holds([word[0] for word in words[first:]], letters):
            return " ".join(before[words[first].start() :].split())
    return ""


def _holds(words: list[str], letters: list[str]) -> bool:
    """Whether the letters begin the words in order.

    Small words may come between, one other may be left out (a long name's "NHS"), and words at the end that no
    letter is left for; a word may give more than one letter where letters are more than words.

    >>> _holds(["Health", "and", "Wellbeing", "Board"], list("hwbb")), _holds(["Group", "of", "People"], ["g", "q"])
    (True, False)
    """
    content = [word for word in words if word.lower() not in SMALL]
    at, left_out = 0, 0.0
    for word in content:
        lowered = word.lower()
        if at == len(letters):
            left_out += 0.5 if word[0].isupper() else 2
        elif lowered[0] == letters[at]:
            at += 1
            if len(content) < len(letters):
                for letter in lowered[1:]:
                    at += at < len(letters) and letter == letters[at]
        else:
            left_out += 1
    return at == len(letters) and left_out <= (1 if len(letters) > 2 else 0)


SMALL = frozenset("a an and at by for from in of on or the to with".split())
