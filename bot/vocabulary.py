"""Compare the words of a question with those of the documents, by what they mean."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import chain
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.wording import plain
from ingest.embed import Matrix
from ingest.rows import unpack
from ingest.types import Passage
from ingest.words import is_meant, stem, words_of

Ids = NDArray[np.int32]
Embed = Callable[[str], list[float]]
Words = dict[str, tuple[str, bytes]]  # word and packed vector, by stem

UNRELATED = 0.3  # the cosine that single words have that share nothing; three quarters of pairs lie below
KEPT = 4096  # passages whose words are kept


class PassageWords(NamedTuple):
    """The words of a passage as numbers: of its units in a row, where each unit begins, and of what stands above."""

    units: Ids
    starts: NDArray[np.intp]
    above: Ids


class Vocabulary:
    """The words of the documents by their stems, with their vectors where they have one. Threads may share it."""

    def __init__(self, words: Words, embed: Embed) -> None:
        self._numbers = {name: number for number, name in enumerate(words)}
        self._vectors = _matrix([vector for _, vector in words.values()])
        self._embed = embed
        self._adding = Lock()
        self._passages: dict[tuple[str, str], PassageWords] = {}
        self._nearness = lru_cache(maxsize=4096)(self._nearness_of)

    def nearness(self, words: Iterable[str]) -> Matrix:
        """How near each word is to those of the documents: 1 the same, 0 unrelated; a row a word, a column a number."""
        rows = [self._nearness(word.lower()) for word in words]
        found = np.zeros((len(rows), len(self._numbers) + 1), dtype=np.float32)
        for row, (name, near) in zip(found, rows, strict=True):
            row[: len(near)] = near
            number = self._numbers.get(name)
            if number is not None and number < len(row):
                row[number] = 1.0
        return found

    def words_of(self, passage: Passage, title: str) -> PassageWords:
        """The words of a passage as numbers; the last column of `nearness` stands for "no word"."""
        kept = self._passages.get((passage.id, title))
        if kept is None:
            if len(self._passages) >= KEPT:
                self._passages.clear()
            units = [
                self._numbered(passage.text[unit.start - passage.start : unit.end - passage.start])
                for unit in passage.units
            ]
            starts = np.cumsum([0, *map(len, units)])[:-1]
            above = self._numbered(" ".join([title, plain(passage.context), *passage.headings]))
            kept = PassageWords(np.array(list(chain.from_iterable(units)), np.int32), starts, np.array(above, np.int32))
            self._passages[passage.id, title] = kept
        return kept

    def _numbered(self, text: str) -> list[int]:
        return [self._number(stem(word)) for word in words_of(text)] or [-1]

    def _number(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            with self._adding:
                number = self._numbers.setdefault(name, len(self._numbers))
        return number

    def _nearness_of(self, word: str) -> tuple[str, Matrix]:
        if not is_meant(word) or not len(self._vectors):
            return stem(word), np.zeros(0, dtype=np.float32)
        cosines = self._vectors @ np.array(self._embed(word), dtype=np.float32)
        return stem(word), np.clip((cosines - UNRELATED) / (1 - UNRELATED), 0.0, 1.0)


def _matrix(packed: list[bytes]) -> Matrix:
    if not packed:
        return np.zeros((0, 1), dtype=np.float32)
    rows = unpack(b"".join(packed), len(packed[0]))
    found: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return found
