"""Compare wordings: the same words in another dress are the same."""

import re
import unicodedata

MARKER = re.compile(r"\s?\[\d+\]")  # the citation markers in an answer's text
WORD = re.compile(r"[^\W_]+(?:['&.,/-][^\W_]+)*")
DRESS = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-"}
    | {"\N{SOFT HYPHEN}": None, "\N{ZERO WIDTH SPACE}": None, "…": "..."}
)


def normal(text: str) -> str:
    """A text in lower case, with plain quotes and dashes and single spaces.

    >>> normal("The  board’s\\n1–2 Places")
    "the board's 1-2 places"
    """
    return " ".join(unicodedata.normalize("NFKC", text.translate(DRESS)).translate(DRESS).casefold().split())


def without_markers(text: str) -> str:
    """An answer's text without its citation markers.

    >>> without_markers("There are 42 networks. [1][2] Once 43. [3]")
    'There are 42 networks. Once 43.'
    """
    return MARKER.sub("", text)


def has(text: str, string: str) -> bool:
    """Whether a normal text has a string; a number is not found inside a longer number.

    >>> has("there are 1,142 posts", "42"), has("there are 42, of 43", "42"), has("disbanded", "Disband")
    (False, True, True)
    """
    wanted = re.escape(normal(string))
    if not wanted:
        return False
    before = r"(?<!\d)(?<!\d[.,])" if string.strip()[0].isdigit() else ""
    after = r"(?![.,]?\d)" if string.strip()[-1].isdigit() else ""
    return re.search(before + wanted + after, text) is not None


def words(text: str) -> list[str]:
    """The words and numbers of a text in normal form.

    >>> words("The board's 1,368 miles (R&D)")
    ['the', "board's", '1,368', 'miles', 'r&d']
    """
    return WORD.findall(normal(text))


def count_words(text: str) -> int:
    """How many words an answer has, markers not counted.

    >>> count_words("There are 42 networks. [1]")
    4
    """
    return len(without_markers(text).split())
