"""Show answers and documents as text for a terminal."""

import textwrap
from collections.abc import Iterable

from bot.types import Answer, Citation
from ingest.types import Document

WIDTH = 100
LONGEST_QUOTE = 400  # characters shown; the citation's span says where all of it stands


def shown(answer: Answer) -> str:
    """An answer, then its sources."""
    parts = [_wrapped(answer.text)]
    if answer.citations:
        title = "Nearest passages" if answer.status == "not_found" else "Sources"
        parts.append("\n".join([title, *map(_source, answer.citations)]))
    if answer.suggestions:
        parts.append("\n".join(["You could ask", *(f"  {question}" for question in answer.suggestions)]))
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


def _source(citation: Citation) -> str:
    about = ", ".join(part for part in (citation.date, citation.kind, citation.status) if part)
    quote = " ".join(citation.quote.split())
    if len(quote) > LONGEST_QUOTE:
        quote = quote[:LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
    return "\n".join(
        [
            f"  [{citation.number}] {citation.title}{f' ({about})' if about else ''}",
            f"      {citation.document_id}, {citation.locator}",
            textwrap.fill(f"“{quote}”", WIDTH, initial_indent="      ", subsequent_indent="      "),
        ]
    )


def _wrapped(text: str) -> str:
    return "\n".join(
        textwrap.fill(line, WIDTH, subsequent_indent="  " if line.startswith("- ") else "")
        for line in text.splitlines()
    )
