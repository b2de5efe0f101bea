"""Lay a document's text out for a page: headings, paragraphs, lists and tables, anchored, with a quotation marked."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from ingest.structure import GUESSED, blocks_of
from ingest.types import Block, Passage

Span = tuple[int, int]

MARKDOWN = ".md"  # the only kind whose stars and ticks are marks rather than text
PLAIN = ".txt"  # the only kind that isn't laid out by marks: readers write down all others like Markdown
ROWS = re.compile(r"(?:[ \t]*\|[^\n]*\|[ \t]*(?:\n|\Z))+")
BAR = re.compile(r"(?<!\\)\||\t")
# Between blocks stand bullets, numbers, hashes and rules; anything else there is text, and shown.
MARKUP = re.compile(r"[\W_]*(?:\d{1,9}|[A-Za-z]|[ivx]{1,4})?[\W_]*")
NUMBER = re.compile(r"(\d{1,9})[.)][ \t]*$")
INLINE = re.compile(r"\*\*(?P<strong>[^*\n]+)\*\*|`(?P<code>[^`\n]+)`|!?\[(?P<link>[^\]\n]+)\]\([^()\s]*\)")
DEEPEST = 3  # levels of a list that are told apart by their place
INDENT = 2  # characters in front of an item of the next level
BEFORE = 2  # characters that a place may begin before what is shown: the bar of a row and a space


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a document. `anchor` names the place (`p-120`); `first` is the first quoted piece."""

    text: str
    anchor: str = ""
    style: str = ""
    quoted: bool = False
    first: bool = False


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, a heading, an item with its number and depth, or the cells of a row."""

    cells: tuple[Pieces, ...]
    number: int = 0
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A block of a document; the header of a table is its first line, where it `headed`."""

    kind: Literal["heading", "paragraph", "list", "numbered", "table", "code", "other"]
    lines: tuple[Line, ...]
    level: int = 0
    headed: bool = False


def parts_of(name: str, text: str, passages: Iterable[Passage], quoted: Span | None = None) -> list[Part]:
    """Cut a document of this name into parts, in the order of reading; nothing but marks of structure is left out.

    >>> part, = parts_of("a.md", "One. **Two.**", [], (5, 13))
    >>> [(piece.text, piece.style, piece.quoted) for piece in part.lines[0].cells[0]]
    [('One. ', '', False), ('Two.', 'strong', True)]
    """
    return list(_Layout(name, text, passages, quoted).parts())


class _Layout:
    def __init__(self, name: str, text: str, passages: Iterable[Passage], quoted: Span | None) -> None:
        self._text = text
        self._styled_words = name.lower().endswith(MARKDOWN)
        self._plain = name.lower().endswith(PLAIN)
        self._quoted = quoted or (0, 0)
        starts = {unit.start for passage in passages for unit in passage.units}
        self._starts = sorted({*starts, quoted[0]} if quoted else starts)
        self._marked = False

    def parts(self) -> Iterator[Part]:
        at = 0
        for block in blocks_of(self._text, markdown=not self._plain):
            yield from self._between(at, block.span[0])
            yield from self._part(block)
            at = max(at, block.span[1])
        yield from self._between(at, len(self._text))

    def _part(self, block: Block) -> Iterator[Part]:
        match block.kind:
            case "heading":
                level = block.level - GUESSED + 1 if block.level >= GUESSED else block.level
                yield Part("heading", (self._line(block.span),), level)
            case "table":
                header = (block.header,) if block.header else ()
                rows = tuple(self._row(row) for row in (*header, *block.parts))
                yield Part("table", rows, headed=bool(header))
            case "list":
                yield from self._list(block)
            case _ if ROWS.fullmatch(self._text, *block.span):  # a table without a header is none in Markdown
                lines = re.compile(r"[^\n]+").finditer(self._text, *block.span)
                yield Part("table", tuple(self._row(line.span()) for line in lines))
            case _:
                is_code = not self._plain and self._text.startswith(("```", "~~~"), block.span[0])
                yield Part("code" if is_code else "paragraph", (self._line(block.span),))

    def _list(self, block: Block) -> Iterator[Part]:
        """A list, in two where text that is no item stands in it."""
        lines: list[Line] = []
        numbered = any(map(self._number, block.parts))
        at = block.span[0]
        for item in block.parts:
            other = list(self._between(at, item[0]))
            if other and lines:
                yield Part("numbered" if numbered else "list", tuple(lines))
                lines = []
            yield from other
            lines.append(replace(self._line(item), number=self._number(item), depth=self._depth(item)))
            at = item[1]
        yield Part("numbered" if numbered else "list", tuple(lines))

    def _number(self, item: Span) -> int:
        """The number in front of an item; 0 without one."""
        found = NUMBER.search(self._text, self._text.rfind("\n", 0, item[0]) + 1, item[0])
        return int(found[1]) if found else 0

    def _depth(self, item: Span) -> int:
        line = self._text[self._text.rfind("\n", 0, item[0]) + 1 : item[0]]
        return min((len(line) - len(line.lstrip(" "))) // INDENT, DEEPEST)

    def _between(self, start: int, end: int) -> Iterator[Part]:
        if start < end and not MARKUP.fullmatch(self._text, start, end):
            yield Part("other", (self._line((start, end)),))

    def _line(self, span: Span) -> Line:
        return Line((tuple(self._pieces(*span)),))

    def _row(self, span: Span) -> Line:
        edges = [span[0], *(bar.start() for bar in BAR.finditer(self._text, *span)), span[1]]
        cells = [(start + (self._text[start : start + 1] in ("|", "\t")), end) for start, end in pairwise(edges)]
        if len(cells) > 1 and not self._text[slice(*cells[0])].strip():  # before the first bar of a Markdown table
            cells = cells[1:]
        if len(cells) > 1 and self._text[span[1] - 1] == "|":
            cells = cells[:-1]
        return Line(tuple(tuple(self._pieces(start, end)) for start, end in cells))

    def _pieces(self, start: int, end: int) -> Iterator[Piece]:
        """The characters of a span, cut at anchors and at the ends of the quotation."""
        since = max(0, start - BEFORE)
        for piece_start, piece_end, style in self._styled(start, end):
            edges = {edge for edge in (*self._quoted, *self._places(piece_start, piece_end)) if edge > piece_start}
            edges = {piece_start, *(edge for edge in edges if edge < piece_end), piece_end}
            for here, there in pairwise(sorted(edges)):
                anchor = next((f"p-{place}" for place in reversed(self._places(since, here + 1))), "")
                since = here + 1
                quoted = self._quoted[0] <= here and there <= self._quoted[1]
                first = quoted and not self._marked
                self._marked |= quoted
                yield Piece(self._text[here:there], anchor, style, quoted, first)

    def _places(self, start: int, end: int) -> list[int]:
        """Where units begin from `start` on and before `end`."""
        return self._starts[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def _styled(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Spans with their style; the marks of Markdown around words are not among them."""
        at = start
        if self._styled_words:
            for found in INLINE.finditer(self._text, start, end):
                style = found.lastgroup or ""
                if at < found.start():
                    yield at, found.start(), ""
                yield *found.span(style), style
                at = found.end()
        if at < end:
            yield at, end, ""
