"""Repair misspelt words of a question by the words of the documents."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from ingest.words import WORD, stem

SHORTEST = 5  # letters; shorter words have too many neighbours
LONG = 8  # letters; from here on two slips are repaired


class Spelling:
    """Knows the words of the documents (`Catalog.words`), and asks `is_word` of a word whether the language has it."""

    def __init__(self, words: Mapping[str, tuple[str, bytes]], is_word: Callable[[str], bool]) -> None:
        self._words = words
        self._long = {name: word for name, (word, _) in words.items() if len(word) >= SHORTEST}
        self._is_word = is_word
        self._repaired = lru_cache(maxsize=4096)(self._repair)

    def repaired(self, text: str) -> str:
        """The text with each word that nobody knows replaced by the word of the documents it is nearest to.

        >>> Spelling({"subsidiar": ("subsidiarity", b"")}, lambda word: word in ("what", "does", "mean")).repaired(
        ...     "what does subsidarity mean"
        ... )
        'what does subsidiarity mean'
        """
        return WORD.sub(lambda match: self._repaired(match[0]), text)

    def _repair(self, word: str) -> str:
        lowered = word.lower()
        unknown = lowered.isalpha() and len(word) >= SHORTEST and not word.isupper() and stem(word) not in self._words
        if not unknown or self._is_word(lowered) or self._is_word(stem(lowered)):
            return word
        slips = 2 if len(word) >= LONG else 1
        found = process.extractOne(
            lowered, self._long, scorer=DamerauLevenshtein.distance, score_cutoff=slips, processor=str.lower
        )
        if not found or found[0][0].lower() != lowered[0]:
            return word
        return str(found[0])
