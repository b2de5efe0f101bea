"""Read `terms.md`: the words of the documents, and what people call them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

FILE = "terms.md"
COLUMNS = ("term", "people also say", "meaning")
MARKDOWN = MarkdownIt("commonmark").enable("table")
SHORT = re.compile(r"^(?P<long>.*?)\s*\((?P<short>[^()]+)\)$")


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the documents, what people say for it, and what it means."""

    names: tuple[str, ...]
    said: tuple[str, ...]
    meaning: str = ""


def read_terms(folder: Path) -> tuple[Term, ...]:
    """The terms that the content owners keep at the root of a corpus; none where there is no such file."""
    path = folder / FILE
    try:
        return terms_in(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ()


def terms_in(text: str) -> tuple[Term, ...]:
    """The rows of the tables whose columns are Term, People also say and Meaning.

    >>> terms_in("| Term | People also say | Meaning |\\n|---|---|---|\\n| Duty Officer (DO) | boss, head | Leads. |")
    (Term(names=('Duty Officer', 'DO'), said=('boss', 'head'), meaning='Leads.'),)
    """
    found = []
    for header, row in _table_rows(text):
        if tuple(cell.lower() for cell in header) == COLUMNS and row[0]:
            said = tuple(dict.fromkeys(part.strip() for part in re.split(r"[,;]", row[1]) if part.strip()))
            found.append(Term(_names(row[0]), said, row[2]))
    return tuple(found)


def _names(term: str) -> tuple[str, ...]:
    match = SHORT.match(term)
    return (match["long"], match["short"]) if match else (term,)


def _table_rows(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Every row of every table with the header of its table, as the contents of their cells."""
    for table in SyntaxTreeNode(MARKDOWN.parse(text)).walk():
        if table.type != "table":
            continue
        header, *rows = [
            [" ".join(cell.children[0].content.split()) for cell in row.children]
            for row in table.walk()
            if row.type == "tr"
        ]
        yield from ((header, row) for row in rows)
