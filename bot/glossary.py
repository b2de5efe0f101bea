"""The words of the documents: abbreviations both ways."""

import re
from functools import lru_cache

from ingest.abbreviations import Abbreviation

Explained = dict[str, list[tuple[Abbreviation, str]]]

TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9&-]*")
MAX_LONG = 8  # words; what is longer is an explanation rather than a name
MAX_MEANINGS = 2  # of one abbreviation added to a question; more would drown it


def widened(question: str, explained: Explained) -> str:
    """Add the long form of each abbreviation in a question, and the abbreviation of each long form.

    >>> explained = {"PCN": [(Abbreviation("PCN", "Primary Care Networks", 0, 9), "a.md")]}
    >>> widened("how many PCNs", explained), widened("primary care networks?", explained)
    ('how many PCNs (Primary Care Networks)', 'primary care networks? (PCN)')
    """
    lowered = question.lower()
    added: list[str] = []
    tokens = {token.lower(): token for token in TOKEN.findall(question)}
    for short, meanings in explained.items():
        longs = _distinct([one.long for one, _ in meanings])
        in_question = [long for long in longs if _stripped(long) in lowered]
        if in_question:
            added += [] if _is_used(short, tokens) else [short]
        elif _is_used(short, tokens):
            added += longs[:MAX_MEANINGS]
    return f"{question} ({'; '.join(added)})" if added else question


def _is_used(short: str, tokens: dict[str, str]) -> bool:
    """Whether a question has the abbreviation; one that might be a word counts in capitals only."""
    for form in (short, f"{short}s"):
        token = tokens.get(form.lower())
        if token and (len(short) > 2 or token[:2].isupper()):
            return True
    return False


def _distinct(longs: list[str]) -> list[str]:
    """Long forms that differ in more than case and plural, those of the newest documents first."""
    kept: dict[str, str] = {}
    for long in reversed(longs):
        if len(long.split()) <= MAX_LONG:
            kept.setdefault(_stripped(long), long)
    return list(kept.values())


@lru_cache(maxsize=4096)
def _stripped(long: str) -> str:
    return long.lower().rstrip("s")
