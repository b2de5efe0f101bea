"""Tell how much of two texts is the same, from a sketch of each that is small enough to keep."""

import hashlib
import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Sketch = NDArray[np.uint64]

WORD = re.compile(r"\w+")
SHINGLE = 5  # words that are compared as one
FEWEST = 20  # runs; what is shorter, a form letter of two sentences, is the same or another
SIZE = 128  # hashes kept: a resemblance of .5 is told to within .044 (one standard deviation), one of .9 to within .027
_ODD = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)


def sketch(text: str) -> Sketch:
    """The smallest hashes of the runs of five words of a text, in order.

    A bottom-k sketch (Broder, SEQUENCES 1997; Cohen and Kaplan, PODC 2007).

    >>> plan = "The plan for the year says what is to be done, by whom, and what it may cost at most"
    >>> float(resemblance(sketch(plan), sketch(plan.upper())))
    1.0
    """
    words = WORD.findall(text.casefold())
    if not words:
        return np.zeros(0, dtype=np.uint64)
    hashes = np.fromiter(map(_hash, words), dtype=np.uint64, count=len(words))
    runs = max(1, len(hashes) - SHINGLE + 1)
    mixed = np.zeros(runs, dtype=np.uint64)
    for place in range(min(SHINGLE, len(hashes))):
        mixed += hashes[place : place + runs] * _ODD[place]
    # The finishing steps of splitmix64, so that what is smallest has nothing to do with what the words are.
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.unique(mixed ^ (mixed >> np.uint64(31)))[:SIZE]


def resemblance(first: Sketch, second: Sketch) -> float:
    """Estimate which share of the runs of words of both texts together stands in both (Jaccard), from 0 to 1.

    >>> numbers = [f"item {number}" for number in range(60)]
    >>> 0.5 < resemblance(sketch(" ".join(numbers)), sketch(" ".join(numbers[:45]))) < 0.9
    True
    """
    if min(len(first), len(second)) < FEWEST:
        return float(len(first) > 0 and np.array_equal(first, second))
    smallest = np.union1d(first, second)[:SIZE]
    in_both = np.intersect1d(first, second, assume_unique=True)
    return float(np.isin(smallest, in_both, assume_unique=True).mean())


@lru_cache(maxsize=50_000)  # words; a language's common ones come again in every document
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest())
