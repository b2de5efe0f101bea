"""Write down what a reader finds: text with its parts and the marks of its places."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ingest.errors import EmptyDocument
from ingest.readers.about import Properties, described
from ingest.types import Block, Document, Mark, Span

NOT_PRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
SPACE = re.compile(r"\s+")
LINE_END = re.compile(r"[ \t]*(?:\r\n|[\r\n\x0b\x0c\x85\u2028\u2029])")
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st"})
DEEPEST_HEADING = 6
DEEPEST_INDENT = 8


class Item(NamedTuple):
    """An item of a list: how deep it is, from 0, its text, and what stands before it."""

    depth: int
    text: str
    marker: str = "-"


class Draft:
    """A document while it is read.

    The text looks like Markdown, so that people can read it, but its parts are known from here: what stands in a
    document can't be taken for mark-up.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._marks: list[Mark] = []

    def heading(self, text: str, level: int) -> None:
        """Add a heading of level 1 to 6."""
        text = one_line(text)
        if text:
            level = max(1, min(level, DEEPEST_HEADING))
            self._write("#" * level + " ")
            self._blocks.append(Block("heading", self._write(text), level))
            self._write("\n\n")

    def paragraph(self, text: str, *, lines: bool = False, marks: Iterable[Mark] = ()) -> None:
        """Add a paragraph; `lines` keeps its line breaks, `marks` count from its beginning, which is on one line."""
        text = _kept_lines(text) if lines else one_line(text)
        if text:
            span = self._write(text)
            self._blocks.append(Block("paragraph", span))
            self._marks += [Mark(span.start + min(mark.start, len(text)), mark.label) for mark in marks]
            self._write("\n\n")

    def items(self, items: Iterable[Item]) -> None:
        """Add a list."""
        parts: list[Span] = []
        for item in items:
            text = one_line(item.text)
            if text:
                self._write("  " * min(item.depth, DEEPEST_INDENT) + f"{item.marker} ")
                parts.append(self._write(text))
                self._write("\n")
        if parts:
            self._blocks.append(Block("list", Span(parts[0].start, parts[-1].end), parts=tuple(parts)))
            self._write("\n")

    def table(
        self, rows: Iterable[Sequence[str]], *, header: Sequence[str] | None = None, labels: Iterable[str] = ()
    ) -> None:
        """Add a table; `labels` mark its rows, one each."""
        head = self._row(header) if header else None
        if header:
            self._write("|---" * len(header) + "|\n")
        parts: list[Span] = []
        label = iter(labels)
        for row in rows:
            name = next(label, "")
            if any(cell.strip() for cell in row):
                if name:
                    self.mark(name)
                parts.append(self._row(row))
        if parts:
            self._blocks.append(Block("table", Span((head or parts[0]).start, parts[-1].end), 0, tuple(parts), head))
        elif head:
            self._blocks.append(Block("paragraph", head))
        self._write("\n")

    def mark(self, label: str) -> None:
        """Say that a page, a slide or a row begins here."""
        if self._marks and self._marks[-1].start == self._length:
            self._marks.pop()
        self._marks.append(Mark(self._length, label))

    def verbatim(self, text: str, blocks: Iterable[Block]) -> None:
        """Add text as it is, with the parts that were found in it."""
        start = self._length
        self._write(text)
        self._write("\n\n")
        self._blocks.extend(_moved(block, start) for block in blocks)

    def document(self, document_id: str, content_hash: str, properties: Properties, *, titled: bool = True) -> Document:
        """Make the document; raise `EmptyDocument` where there is nothing in it.

        Its first heading is its title, unless it is not `titled`, as a sheet of rows isn't.
        """
        if not self._blocks:
            raise EmptyDocument("it has no text")
        text = "".join(self._pieces).rstrip() + "\n"
        headings = (text[block.span.start : block.span.end] for block in self._blocks if block.kind == "heading")
        document = Document(
            document_id, text, content_hash, title="", blocks=tuple(self._blocks), marks=tuple(self._marks)
        )
        return described(document, properties, heading=next(headings, "") if titled else None)

    def _row(self, cells: Sequence[str]) -> Span:
        span = self._write("| " + " | ".join(one_line(cell).replace("|", "\\|") for cell in cells) + " |")
        self._write("\n")
        return span

    def _write(self, text: str) -> Span:
        start = self._length
        self._pieces.append(text)
        self._length += len(text)
        return Span(start, self._length)


def one_line(text: str) -> str:
    """Text without line breaks, doubled spaces and what is not printed.

    >>> one_line(" The  ﬁrst\\xadly\\n named\\x00 ")
    'The firstly named'
    """
    if text.isascii() and text.isprintable() and "  " not in text:  # as nearly all cells are, and the rest is slow
        return text.strip()
    return SPACE.sub(" ", NOT_PRINTED.sub("", text.replace("\x0c", " ")).translate(LIGATURES)).strip()


def _kept_lines(text: str) -> str:
    lines = (NOT_PRINTED.sub("", line.expandtabs(4)).translate(LIGATURES).rstrip() for line in LINE_END.split(text))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _moved(block: Block, by: int) -> Block:
    def moved(span: Span) -> Span:
        return Span(span.start + by, span.end + by)

    header = moved(block.header) if block.header else None
    return Block(block.kind, moved(block.span), block.level, tuple(map(moved, block.parts)), header)
