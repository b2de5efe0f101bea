"""The words of a text and their stems."""

import re
from functools import lru_cache

import Stemmer

WORD = re.compile(r"[^\W_]+(?:[’'&][^\W_]+)*")
# Capitals with an s, or letters of which none is a vowel: the stemmer knows no such words.
PLURAL_OF_ABBREVIATION = re.compile(r"\b([A-Z]{2,}|[b-df-hj-np-tv-xz]{2,})s\b")

_STEMMER = Stemmer.Stemmer("english")


def words_of(text: str) -> list[str]:
    """The words and numbers of a text, without possessive endings.

    >>> words_of("The board's 42 LBNs")
    ['The', 'board', '42', 'LBNs']
    """
    return [word.split("'")[0].split("’")[0] for word in WORD.findall(text)]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Cut a word to its stem (Porter's English stemmer, http://snowball.tartarus.org); LBNs and LBN are one.

    >>> stem("Networks"), stem("LBNs")
    ('network', 'lbn')
    """
    return str(_STEMMER.stemWord(without_plural_of_abbreviation(word).lower()))


def stems_of(text: str) -> frozenset[str]:
    """The stems of all words of a text."""
    return frozenset(stem(word) for word in words_of(text))


def without_plural_of_abbreviation(text: str) -> str:
    """Take the plural from abbreviations, so that LBNs and LBN are found as one.

    >>> without_plural_of_abbreviation("LBNs and lbns, MPs and glass")
    'LBN and lbn, MP and glass'
    """
    return PLURAL_OF_ABBREVIATION.sub(r"\1", text)


def is_meant(word: str) -> bool:
    """Whether a word has a meaning to compare: letters only, neither an initial nor a string of nonsense.

    >>> [word for word in ("budget", "42", "a", "x" * 40) if is_meant(word)]
    ['budget']
    """
    return word.isalpha() and 2 < len(word) <= 25
