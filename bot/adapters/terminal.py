"""Show answers and documents as text for a terminal."""

import shutil
import textwrap
from collections.abc import Iterable

from bot.types import Answer, Citation
from ingest.types import Document

WIDTH = 100  # characters at most; longer lines are hard to read
LONGEST_QUOTE = 400  # characters shown; the citation's span says where all of it stands


def shown(answer: Answer) -> str:
    """An answer, then its sources."""
    parts = [wrapped(answer.text)]
    if answer.citations:
        title = "Nearest passages" if answer.status == "not_found" else "Sources"
        parts.append("\n".join([title, *map(source, answer.citations)]))
    if answer.suggestions:
        parts.append("\n".join(["You could ask", *(f"  {question}" for question in answer.suggestions)]))
    if answer.notice:
        parts.append(wrapped(f"({answer.notice})"))
    return "\n\n".join(parts)


def document_table(documents: Iterable[tuple[Document, int]]) -> str:
    """Documents with date, status and number of passages, a line each."""
    rows = [("DOCUMENT", "DATE", "STATUS", "PASSAGES", "TITLE")]
    rows += [(one.id, one.date, one.status, str(count), one.title) for one, count in documents]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]).rstrip()
        for row in rows
    )


def about(citation: Citation) -> str:
    """Date, kind and status of a cited document, in brackets; empty where nothing is known."""
    known = ", ".join(part for part in (citation.date, citation.kind, citation.status) if part)
    return f" ({known})" if known else ""


def source(citation: Citation) -> str:
    """A citation with its quotation."""
    quote = " ".join(citation.quote.split())
    if len(quote) > LONGEST_QUOTE:
        quote = quote[:LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
    return "\n".join(
        [
            f"  [{citation.number}] {citation.title}{about(citation)}",
            f"      {citation.document_id}, {citation.locator}",
            hanging(f"      “{quote}”", 6),
        ]
    )


def wrapped(text: str) -> str:
    """A text in lines that are easy to read."""
    return "\n".join(hanging(line, 2 if line.startswith("- ") else 0) for line in text.splitlines())


def hanging(line: str, indent: int) -> str:
    """A line broken to the width of the terminal; what doesn't fit on it begins so many characters further in."""
    return textwrap.fill(line, width(), subsequent_indent=" " * indent)


def width() -> int:
    """How wide text is: as the terminal, and not too wide to read."""
    return min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
