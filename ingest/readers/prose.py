"""Make headings, paragraphs, lists and tables of the lines on the pages of a PDF."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.readers.draft import Draft, Item, one_line
from ingest.readers.layout import Flow, Grid, Printed
from ingest.readers.rows import NUMBER
from ingest.readers.ruled import without_breaks
from ingest.types import Mark

Outline = Mapping[int, Mapping[str, int]]  # page -> title, as `title_key` makes it -> level from 1
LARGER = 1.12  # times the size of the text: a heading
MOST_HEADING_WORDS = 25
MOST_BOLD_WORDS = 14
MOST_CAPITAL_WORDS = 8
GAP = 1.35  # times the usual distance of lines: a new paragraph
INDENT = 0.8  # of the size
SHORT = 0.85  # of the width of the column; a line that ends before that and with a full stop ends its paragraph
BULLET = re.compile(r"([•·▪‣◦●○■□➢✓–—*-]|o(?= [A-Z]))\s+(?=\S)")
NUMBERED = re.compile(r"(\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)])\s+(?=\S)")
ENDED = re.compile(r"[.!?:;][”’\"')\]]*$")
SECTION_NUMBER = re.compile(
    r"^(?:(?:chapter|appendix|section|part)\s+)?(?:\d+(?:\.\d+)*|[A-Z])[.:)]?\s+", re.IGNORECASE
)
HYPHENATED = re.compile(r"\b[a-z]+(?:-[a-z]+)+\b")


@dataclass(slots=True)
class _Group:
    """Lines that belong together, with the page of each."""

    lines: list[Printed]
    pages: list[int]
    flow: int
    marker: str = ""
    text_left: float = 0.0
    inner: list[Mark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Usual:
    """What is usual in a document: size of the text, distance of its lines, sizes of headings, hyphenated words."""

    size: float
    leading: float
    bold: bool
    headings: tuple[float, ...]
    hyphenated: frozenset[str]


def title_key(text: str) -> str:
    """Letters and digits of a title, to compare it with what is printed."""
    return "".join(letter for letter in one_line(text).lower() if letter.isalnum())


def add_prose(draft: Draft, pages: Mapping[int, list[Flow]], labels: Mapping[int, str], outline: Outline) -> None:
    """Add the flows of all pages, each page with its mark; a paragraph may go on over columns and pages."""
    usual = _usual(pages)
    writing = _Writing(draft, usual, labels, outline)
    for number, flows in pages.items():
        writing.begin_page(number)
        for at, flow in enumerate(flows):
            for part in _groups(flow, usual, number, at):
                writing.add(part)
    writing.finish()


class _Writing:
    """Holds back the last paragraph, which may go on, and the items of a list."""

    def __init__(self, draft: Draft, usual: _Usual, labels: Mapping[int, str], outline: Outline) -> None:
        self._draft, self._usual, self._labels, self._outline = draft, usual, labels, outline
        self._open: _Group | None = None
        self._items: list[tuple[float, Item]] = []
        self._page = 0
        self._marked = 0
        self._table: tuple[Grid, tuple[str, ...] | None] | None = None

    def begin_page(self, number: int) -> None:
        self._page = number

    def add(self, part: _Group | Grid) -> None:
        if isinstance(part, Grid):
            self._close()
            self._add_table(part)
            return
        if self._open and self._goes_on(self._open, part):
            self._open.lines += part.lines
            self._open.pages += part.pages
            return
        self._close_group()
        self._open = part

    def finish(self) -> None:
        self._close()

    def _goes_on(self, before: _Group, group: _Group) -> bool:
        """Whether a paragraph was cut by the end of a column or page."""
        if (before.pages[-1], before.flow) == (group.pages[0], group.flow) or group.marker:
            return False
        last, first = before.lines[-1], group.lines[0]
        if abs(last.size - first.size) > 0.6 or last.bold != first.bold or self._level(before) or self._level(group):
            return False
        return not ENDED.search(last.text) and (first.text[:1].islower() or last.text.endswith("-"))

    def _close(self) -> None:
        self._close_group()
        self._flush_items()

    def _close_group(self) -> None:
        group, self._open = self._open, None
        if group is None:
            return
        level = self._level(group)
        text, marks = self._text(group)
        if not group.marker or level:
            self._flush_items()
        self._mark(group.pages[0])
        self._table = None
        if level:
            self._draft.heading(text, level)
        elif group.marker:
            bullet = BULLET.match(group.marker + " x") is not None
            self._items.append((group.lines[0].box.left, Item(0, text, "-" if bullet else group.marker)))
            return
        else:
            self._draft.paragraph(text, marks=marks)
        if marks:
            self._marked = group.pages[-1]

    def _mark(self, page: int) -> None:
        if page != self._marked:
            self._flush_items()
            self._draft.mark(self._labels[page])
            self._marked = page

    def _flush_items(self) -> None:
        items, self._items = self._items, []
        lefts: list[float] = []
        for left, _ in items:
            if not any(abs(left - other) < 6 for other in lefts):
                lefts.append(left)
        lefts.sort()
        self._draft.items(
            Item(sum(left > other + 5 for other in lefts), item.text, item.marker) for left, item in items
        )

    def _text(self, group: _Group) -> tuple[str, list[Mark]]:
        """The text of a group, and where in it other pages begin."""
        lines = [one_line(line.text) for line in group.lines]
        if group.marker:
            lines[0] = lines[0][len(group.marker) :].lstrip()
        marks: list[Mark] = []
        for at, (before, page) in enumerate(pairwise(group.pages), start=1):
            if page != before:
                start = len(without_breaks(lines[:at], self._usual.hyphenated)) + 1
                marks.append(Mark(start, self._labels[page]))
        return without_breaks(lines, self._usual.hyphenated), marks

    def _level(self, group: _Group) -> int:
        """The level of a heading, 0 for text: by the file's outline, or else by its looks."""
        usual, first = self._usual, group.lines[0]
        text = " ".join(line.text for line in group.lines)
        words = len(text.split())
        if len(group.lines) > 3 or words > MOST_HEADING_WORDS or not any(map(str.isalpha, text)):
            return 0
        listed = self._outline.get(group.pages[0], {})
        level = listed.get(title_key(text)) or listed.get(title_key(SECTION_NUMBER.sub("", text)))
        if level and not BULLET.match(text):
            return level
        if first.size >= LARGER * usual.size:
            return 1 + next(at for at, size in enumerate(usual.headings) if first.size >= size - 0.5)
        closed = text.endswith((".", ",", ";", ":"))
        bold = all(line.bold for line in group.lines) and not usual.bold and words <= MOST_BOLD_WORDS
        capitals = text.isupper() and words <= MOST_CAPITAL_WORDS and len(title_key(text)) > 3 and not group.marker
        if (bold or capitals) and not closed and first.size >= usual.size - 0.6:
            return len(usual.headings) + 1
        return 0

    def _add_table(self, grid: Grid) -> None:
        """Add a table, or go on with one that the end of a page cut."""
        self._mark(self._page)
        rows = list(grid.rows)
        before = self._table
        header: tuple[str, ...] | None = None
        if before and _same_columns(before[0], grid):
            header = before[1]
            if rows[0] == header:
                del rows[0]
        elif len(rows) > 1 and (grid.bold_first or (len(rows[0]) > 2 and not any(map(NUMBER.fullmatch, rows[0])))):
            header = rows.pop(0)
        self._draft.table(rows, header=header)
        self._table = grid, header


def _same_columns(first: Grid, second: Grid) -> bool:
    return len(first.columns) == len(second.columns) and all(
        abs(one - other) < 5 for one, other in zip(first.columns, second.columns, strict=True)
    )


def _groups(flow: Flow, usual: _Usual, page: int, at: int) -> Iterator[_Group | Grid]:
    """Take the lines of a paragraph or an item together."""
    lines = [part for part in flow if isinstance(part, Printed)]
    left = min((line.box.left for line in lines), default=0.0)
    right = max((line.box.right for line in lines), default=0.0)
    group: _Group | None = None
    for part in flow:
        if isinstance(part, Grid):
            if group:
                yield group
            group = None
            yield part
            continue
        marker = _marker(part.text)
        if group and not _begins(group, part, marker, usual, left, right):
            if len(group.lines) == 1:
                group.text_left = part.box.left
            group.lines.append(part)
            group.pages.append(page)
            continue
        if group:
            yield group
        group = _Group([part], [page], at, marker)
    if group:
        yield group


def _marker(text: str) -> str:
    match = BULLET.match(text) or NUMBERED.match(text)
    return match[1] if match else ""


def _begins(group: _Group, line: Printed, marker: str, usual: _Usual, left: float, right: float) -> bool:
    """Whether a line begins a new paragraph or item."""
    last = group.lines[-1]
    if abs(last.size - line.size) > 0.6 or (last.bold and all(one.bold for one in group.lines)) != line.bold:
        return True
    if line.base - last.base > GAP * max(usual.leading * line.size / usual.size, 1.1 * line.size):
        return True
    ended = ENDED.search(last.text) is not None
    if marker and (ended or group.marker or BULLET.match(line.text) or last.box.right < left + SHORT * (right - left)):
        return True
    short = last.box.right < left + SHORT * (right - left)
    if short and (ended or (abs(line.box.left - last.box.left) > INDENT * line.size and not group.marker)):
        return True
    if group.marker:
        hanging = len(group.lines) > 1 and group.text_left > group.lines[0].box.left + 2
        return hanging and line.box.left < group.text_left - 4
    return ended and line.box.left > group.lines[-1].box.left + INDENT * line.size


def _usual(pages: Mapping[int, list[Flow]]) -> _Usual:
    sizes: Counter[float] = Counter()
    distances: Counter[float] = Counter()
    bold = letters = 0
    hyphenated: set[str] = set()
    for flows in pages.values():
        for flow in flows:
            lines = [part for part in flow if isinstance(part, Printed)]
            for line in lines:
                sizes[line.size] += len(line.text)
                letters += len(line.text)
                bold += len(line.text) * line.bold
                hyphenated.update(HYPHENATED.findall(line.text.lower()))
            for first, second in pairwise(lines):
                if first.size == second.size:
                    distances[round((second.base - first.base) * 2) / 2] += 1
    size = max(sizes, key=lambda one: sizes[one]) if sizes else 10.0
    likely = {one: count for one, count in distances.items() if 0.9 * size <= one <= 2.5 * size}
    larger = sorted({one for one in sizes if one >= LARGER * size}, reverse=True)
    headings: list[float] = []
    for one in larger:
        if not headings or headings[-1] - one > 0.5:
            headings.append(one)
    leading = max(likely, key=lambda one: likely[one]) if likely else 1.2 * size
    return _Usual(size, leading, bold > letters / 2, tuple(headings), frozenset(hyphenated))
