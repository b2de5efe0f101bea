"""Say a quotation as a plain sentence: without mark-up, line breaks and the bars of a table."""

import re

from ingest.types import Passage, Unit

MARKUP = re.compile(r"(\*\*|__|`)|!?\[([^\]]*)\]\([^)]*\)")
CELL_BAR = re.compile(r"(?<!\\)\||\t")


def plain(text: str) -> str:
    """Take mark-up and line breaks out of a quotation.

    >>> plain("There are **42**\\nnetworks, see [the list](list.md).")
    'There are 42 networks, see the list.'
    """
    return " ".join(MARKUP.sub(lambda match: match[2] or "", text).split())


def said(passage: Passage, unit: Unit) -> str:
    """Say one unit of a passage; a table row names its columns.

    >>> row = Unit("row", 0, 15)
    >>> said(Passage("a.md", "h", 0, 0, 15, "| Ann | Chair |", "row", context="Name | Post"), row)
    'Name: Ann; Post: Chair.'
    """
    text = passage.text[unit.start - passage.start : unit.end - passage.start]
    if unit.kind != "row":
        return plain(text)
    return _ended("; ".join(f"{name}: {value}" if name else value for name, value in cells(passage, unit)))


def cells(passage: Passage, unit: Unit) -> list[tuple[str, str]]:
    """The cells of a table row with the names of their columns; empty cells are left out."""
    text = passage.text[unit.start - passage.start : unit.end - passage.start]
    values = _cells(text)
    names = _cells(passage.context.rpartition("\n")[2])
    names += [""] * (len(values) - len(names))
    return [(name, value) for name, value in zip(names, values, strict=False) if value]


def listed(lead: str, items: list[str]) -> str:
    """Say a list: its lead-in, then its items, a line each."""
    lines = [f"- {item.rstrip(';,')}" for item in items]
    return "\n".join([lead, *lines]) if lead else "\n".join(lines)


def _cells(row: str) -> list[str]:
    return [plain(cell) for cell in CELL_BAR.split(row.strip().strip("|"))]


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
