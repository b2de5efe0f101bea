"""Keep what is made from the index, and make it again when the index gives something else."""

from collections.abc import Callable
from typing import Any, TypeVar

Made = TypeVar("Made")


def kept(make: Callable[..., Made], *reads: Callable[[], Any]) -> Callable[[], Made]:
    """Give what `make` makes of what is read; it is made anew only when one of the reads gives another object.

    >>> content = ["a"]
    >>> made = kept(lambda letters: [letter.upper() for letter in letters], lambda: content)
    >>> made() is made(), made()
    (True, ['A'])
    """
    last: list[tuple[tuple[Any, ...], Made]] = []

    def made() -> Made:
        given = tuple(read() for read in reads)
        if not last or any(new is not old for new, old in zip(given, last[0][0], strict=True)):
            last[:] = [(given, make(*given))]
        return last[0][1]

    return made
