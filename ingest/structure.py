"""Find the headings, paragraphs, lists and tables of a text, each with its place in it."""

import calendar
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from ingest.types import Block, Span

GUESSED = 7  # level of a heading that is one by its looks only; Markdown and numbered ones go to 6


def blocks_of(text: str, *, markdown: bool) -> list[Block]:
    """Cut a text into blocks in reading order; blocks never overlap."""
    return list(_markdown_blocks(text) if markdown else _plain_blocks(text))


# Markdown: markdown-it-py says which lines a block covers.

MARKDOWN = MarkdownIt("commonmark").enable("table")
ITEM_MARKER = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+")


def _markdown_blocks(text: str) -> Iterator[Block]:
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text)), len(text)]
    for node in SyntaxTreeNode(MARKDOWN.parse(text)).children:
        yield from _markdown_block(node, text, starts)


def _markdown_block(node: SyntaxTreeNode, text: str, starts: list[int]) -> Iterator[Block]:
    if node.map is None or node.type in ("hr", "html_block"):
        return
    span = _lines(text, starts, node.map)
    match node.type:
        case "heading":
            title = re.compile(r"[#\s]*(.*?)[\s#=-]*\Z", re.DOTALL).match(text[span.start : span.end])
            if title and title[1]:
                yield Block("heading", Span(span.start + title.start(1), span.start + title.end(1)), int(node.tag[1]))
        case "bullet_list" | "ordered_list":
            items = tuple(_markdown_items(node, text, starts))
            if items:
                yield Block("list", Span(items[0].start, items[-1].end), parts=items)
        case "table":
            rows = [_lines(text, starts, row.map) for row in node.walk() if row.type == "tr" and row.map]
            if len(rows) > 1:
                yield Block("table", Span(rows[0].start, rows[-1].end), parts=tuple(rows[1:]), header=rows[0])
        case "blockquote":
            for child in node.children:
                yield from _markdown_block(child, text, starts)
        case _:
            if span.start < span.end:
                yield Block("paragraph", span)


def _markdown_items(node: SyntaxTreeNode, text: str, starts: list[int]) -> Iterator[Span]:
    for leaf in node.walk():
        if leaf.type != "inline" or leaf.map is None:
            continue
        span = _lines(text, starts, leaf.map)
        marker = ITEM_MARKER.match(text, span.start, span.end)
        yield Span(marker.end(), span.end) if marker else span


def _lines(text: str, starts: list[int], lines: tuple[int, int]) -> Span:
    return _trim(text, Span(starts[lines[0]], starts[min(lines[1], len(starts) - 1)]))


def _trim(text: str, span: Span) -> Span:
    piece = text[span.start : span.end]
    return Span(span.start + len(piece) - len(piece.lstrip()), span.end - len(piece) + len(piece.rstrip()))


# Plain text, often taken out of a PDF or slides: structure is guessed from blank lines, bullets and short lines.

BULLET = re.compile(r"\s*(?:[•·▪‣◦●○■□➢✓]|[-*–—o](?=\s))\s*")
NUMBER = re.compile(r"\s*(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])(?:\s+|$)")
MONTHS = "|".join(calendar.month_name[1:])
NUMBERED_HEADING = re.compile(rf"\s*(\d{{1,2}}(?=\s)|\d{{1,2}}(?:\.\d{{1,2}})+)\.?\s+(?!(?:{MONTHS})\b)[A-Z]")
HEADING_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})+")
TERMINAL = (".", ";", ":", ",", "?", "!")
LONE_NUMBER = re.compile(r"\d{1,4}")
WRAPPED = 50  # characters; a line that was broken where it was full has as many
LONG_LINE = 200  # characters, of which the next line needs one to count as text
MAX_HEADING_WORDS = 14
RECURRENT = 3  # a line that stands this often is a running header or footer


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Lines between blank ones (or one bullet); `gap` counts the blank lines before it."""

    kind: Literal["text", "item", "marker", "table", "number", "numbered", "short"]
    span: Span
    gap: int


def _plain_blocks(text: str) -> Iterator[Block]:
    chunks = list(_chunks(text))
    at = 0
    while at < len(chunks):
        chunk = chunks[at]
        run = _run(text, chunks, at)
        match chunk.kind:
            case "numbered":
                number = NUMBERED_HEADING.match(text, chunk.span.start)
                yield Block("heading", chunk.span, 1 + number[1].count(".") if number else 1)
            case "number" if at + 1 < len(chunks):
                run = chunks[at : at + 2]
                span = Span(chunk.span.start, run[-1].span.end)
                yield Block("heading", span, 1 + text.count(".", *chunk.span))
            case "short" if at + len(run) < len(chunks):
                headings = run if len(run) <= 2 else run[-1:]
                if len(run) > 2:
                    yield _list_of(run[:-1])
                for depth, heading in enumerate(headings):
                    yield Block("heading", heading.span, GUESSED + depth)
            case "short" | "item" | "marker":
                yield _list_of([part for part in run if part.kind != "marker"] or run)
            case "table":
                lines = tuple(_line_spans(text, chunk.span))
                yield Block("table", chunk.span, parts=lines[1:], header=lines[0])
            case "text" if len(run) > 1:
                yield Block("paragraph", chunk.span)
                yield _list_of(run[1:])
            case _:
                yield Block("paragraph", chunk.span)
        at += len(run)


def _list_of(chunks: list[_Chunk]) -> Block:
    return Block("list", Span(chunks[0].span.start, chunks[-1].span.end), parts=tuple(chunk.span for chunk in chunks))


def _run(text: str, chunks: list[_Chunk], at: int) -> list[_Chunk]:
    """Take the chunks from `at` on that make one block."""
    run, first = [chunks[at]], chunks[at]
    for chunk in chunks[at + 1 :]:
        after_marker = run[-1].kind == "marker"
        match first.kind:
            case "short":
                belongs = chunk.kind == "short"
            case "item" | "marker":
                belongs = chunk.kind in ("item", "marker") or after_marker
            case "text":
                # A lead-in with a colon, then pieces set apart by more than one blank line: bullets were lost.
                led = text[first.span.start : first.span.end].rstrip().endswith(":")
                belongs = led and chunk.kind in ("text", "short") and chunk.gap > 1
            case _:
                belongs = False
        if not belongs:
            break
        run.append(chunk)
    return run


def _chunks(text: str) -> Iterator[_Chunk]:
    recurrent = _recurrent(text)
    lines: list[Span] = []
    gap = 0
    for line in [*_line_spans(text, Span(0, len(text))), None]:
        if line is not None and line.start < line.end and not _is_furniture(text, lines, line, recurrent):
            if lines and _breaks(text, lines, line):
                yield _chunk(text, lines, gap)
                lines, gap = [], 0
            lines.append(line)
            continue
        if lines:
            yield _chunk(text, lines, gap)
            lines, gap = [], 0
        gap += 1


def _breaks(text: str, lines: list[Span], line: Span) -> bool:
    """Whether a line begins something new although no blank line stands before it."""
    if BULLET.match(text, line.start, line.end) or NUMBER.match(text, line.start, line.end):
        return True
    first, before = (text[span.start : span.end] for span in (lines[0], lines[-1]))
    ended = before.endswith((".", "?", "!", ":"))
    this = text[line.start : line.end]
    if (ended or len(lines) == 1) and _is_numbered_heading(this):
        return True
    if len(lines) == 1 and (_is_numbered_heading(first) or _is_heading_before(first, this)):
        return True
    new_page = text[line.start - 1 : line.start] in (" ", "\f")
    return ended and new_page


def _is_numbered_heading(line: str) -> bool:
    return (
        NUMBERED_HEADING.match(line) is not None
        and len(line.split()) <= MAX_HEADING_WORDS
        and not line.endswith(TERMINAL)
    )


def _is_heading_before(first: str, second: str) -> bool:
    """Whether a line that could have held more words stands above one that begins a sentence."""
    if "\t" in first:
        return False
    wrapped_short = len(first) < 60 and len(first) < 0.7 * len(second)
    return wrapped_short and first[:1].isupper() and second[:1].isupper() and not first.endswith(TERMINAL)


def _chunk(text: str, lines: list[Span], gap: int) -> _Chunk:
    span = _trim(text, Span(lines[0].start, lines[-1].end))
    piece = text[span.start : span.end]
    words = piece.split()
    if len(lines) > 1 and all("\t" in text[line.start : line.end] for line in lines):
        return _Chunk("table", span, gap)
    bullet = BULLET.match(text, span.start, span.end)
    number = NUMBER.match(text, span.start, span.end)
    if number and number.end() >= span.end:
        return _Chunk("marker", span, gap)
    if bullet and bullet.end() < span.end:
        return _Chunk("item", Span(bullet.end(), span.end), gap)
    if HEADING_NUMBER.fullmatch(piece):
        return _Chunk("number", span, gap)
    brief = len(words) <= MAX_HEADING_WORDS and len(lines) <= 2 and not piece.endswith(TERMINAL)
    if brief and _is_numbered_heading(piece):
        return _Chunk("numbered", span, gap)
    if number:
        return _Chunk("item", Span(number.end(), span.end), gap)
    if brief and (words[0][0].isupper() or words[0][0].isdigit()):
        return _Chunk("short", span, gap)
    return _Chunk("text", span, gap)


def _recurrent(text: str) -> frozenset[str]:
    """Lines that recur like a running header."""
    lines = Counter(line.strip() for line in text.splitlines())
    return frozenset(line for line, count in lines.items() if count >= RECURRENT and line and len(line) < 120)


def _is_furniture(text: str, lines: list[Span], line: Span, recurrent: frozenset[str]) -> bool:
    """Whether a line is a running header or a page number, rather than a number that a broken line left alone."""
    this = text[line.start : line.end].strip()
    if this in recurrent or not LONE_NUMBER.fullmatch(this):
        return this in recurrent
    before = text[lines[-1].start : lines[-1].end] if lines else ""
    after = text[line.end : line.end + LONG_LINE].split("\n", 2)[1:2]
    goes_on = len(before) >= WRAPPED and not before.endswith(TERMINAL) and bool(after and after[0].strip())
    return not goes_on


def _line_spans(text: str, span: Span) -> Iterator[Span]:
    for match in re.compile(r"[^\r\n\f]*(?:\r\n|[\r\n\f]|\Z)").finditer(text, span.start, span.end):
        if match.start() < match.end():
            yield _trim(text, Span(*match.span()))
