"""Texts as every database takes them."""

from datetime import UTC, datetime


def storable(text: str) -> str:
    """A text without what some database refuses: half a surrogate pair, and NUL.

    >>> storable("a\\0b\\ud800")
    'a�b?'
    """
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)
