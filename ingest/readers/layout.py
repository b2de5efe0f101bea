"""Put what stands on a PDF page in the order in which it is read: lines, column by column."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.readers.glyphs import Box, Word

# Words of a line stand less than this apart (in their own size); columns stand further apart.
WORD_GAP = 1.3
MARKER = re.compile(r"[•·▪‣◦●○■□➢✓–—*-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\d{1,2}(?:\.\d{1,2})+\.?")
MARKER_GAP = 4.0  # a bullet or a number stands further from its text
SAME_BASE = 0.45  # of the size; superscripts and subscripts are of the line they stand beside
NARROWEST_GUTTER = 9.0  # points
WIDE = 0.62  # of a region; what is wider runs over its columns
BIN = 2.0  # points
CROSSING = 0.08  # share of the lines that may cross a gutter, such as a centred heading; two may always
FEWEST_LINES = 3  # on each side of a gutter
LEADERS = re.compile(r"(?:(?:\s?\.){4,}|(?:\s\.){2,})\s*(?:\d{1,4}(?:, \d{1,4})*|[ivxlc]{1,6})?$", re.IGNORECASE)
FEWEST_CONTENTS = 4  # lines with leaders, by which a table of contents is told
FULL, MOSTLY_FULL, FEWEST_OF_PROSE = 0.8, 0.65, 6  # of the width, of the lines, and lines: of text in columns
ALTERNATING = 0.3  # changes of side per line in the file's own order; more means the rows of a table


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand on one line of a column."""

    words: tuple[Word, ...]
    box: Box
    base: float
    size: float
    at: int

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def bold(self) -> bool:
        return all(word.bold for word in self.words if any(map(str.isalnum, word.text)))


@dataclass(frozen=True, slots=True)
class Grid:
    """A table on a page: the texts of its cells, where its columns begin, and whether its first row is in bold."""

    rows: tuple[tuple[str, ...], ...]
    box: Box
    columns: tuple[float, ...]
    bold_first: bool
    at: int


@dataclass(frozen=True, slots=True)
class Printed:
    """A line, once its words are in order."""

    text: str
    box: Box
    base: float
    size: float
    bold: bool


Part = Line | Grid
Flow = list[Printed | Grid]


def line_of(words: Sequence[Word]) -> Line:
    """Make a line of words, from left to right."""
    ordered = sorted(words, key=lambda word: word.box.left)
    box = ordered[0].box
    for word in ordered[1:]:
        box = box.joined(word.box)
    longest = max(ordered, key=lambda word: len(word.text))
    size = max(word.size for word in ordered if len(word.text) >= len(longest.text) / 2)
    base = next(word.base for word in ordered if word.size == size)
    return Line(tuple(ordered), box, base, size, min(word.at for word in ordered))


def runs_of(words: Iterable[Word]) -> list[Line]:
    """Pieces of lines: words that follow one another in the file, on one line and close together."""
    runs: list[list[Word]] = []
    for word in words:
        if runs and _continues(runs[-1], word):
            runs[-1].append(word)
        else:
            runs.append([word])
    return [line_of(run) for run in runs]


def _continues(run: list[Word], word: Word) -> bool:
    last = run[-1]
    size = max(last.size, word.size)
    if abs(last.base - word.base) > SAME_BASE * size or word.box.left < last.box.left:
        return False
    only_marker = len(run) == 1 and MARKER.fullmatch(last.text) is not None
    return word.box.left - last.box.right <= (MARKER_GAP if only_marker else WORD_GAP) * size


def ordered(parts: Sequence[Part]) -> list[list[Part]]:
    """Cut a region into flows, each of one column, in reading order.

    >>> def line(text, left, base, at):
    ...     return line_of([Word(text, Box(left, base - 8, left + 200, base), base, 10.0, False, at)])
    >>> left = [line(f"L{row}", 50, row * 12.0, row) for row in range(1, 4)]
    >>> right = [line(f"R{row}", 300, row * 12.0, 3 + row) for row in range(1, 4)]
    >>> [[part.text for part in flow] for flow in ordered(left + right)]
    [['L1', 'L2', 'L3'], ['R1', 'R2', 'R3']]
    """
    gutter = _gutter(parts)
    if gutter is None:
        return [sorted(parts, key=lambda part: (_base(part), part.box.left))] if parts else []
    flows: list[list[Part]] = []
    left: list[Part] = []
    right: list[Part] = []
    for part in sorted(parts, key=_base):
        if part.box.right <= gutter + BIN:
            left.append(part)
        elif part.box.left >= gutter - BIN:
            right.append(part)
        else:
            flows += [*ordered(left), *ordered(right), [part]]
            left, right = [], []
    return _joined([*flows, *ordered(left), *ordered(right)])


def _joined(flows: list[list[Part]]) -> list[list[Part]]:
    """Join lines over all columns that follow one another."""
    joined: list[list[Part]] = []
    alone = False
    for flow in flows:
        if alone and len(flow) == 1 and joined[-1][-1].box.left < flow[0].box.right:
            joined[-1] += flow
        else:
            joined.append(list(flow))
        alone = len(flow) == 1
    return joined


def _base(part: Part) -> float:
    return part.base if isinstance(part, Line) else part.box.bottom - part.box.height / 2


def _weight(part: Part) -> int:
    return 1 if isinstance(part, Line) else len(part.rows)


def _gutter(parts: Sequence[Part]) -> float | None:
    """The middle of the widest upright gap that splits a region into columns of text."""
    if len(parts) < 2:
        return None
    left, right = min(part.box.left for part in parts), max(part.box.right for part in parts)
    narrow = [part for part in parts if part.box.width <= WIDE * (right - left)]
    bins = [0] * (int((right - left) / BIN) + 2)
    for part in narrow:
        for at in range(int((part.box.left - left) / BIN), int((part.box.right - left) / BIN) + 1):
            bins[at] += _weight(part)
    most = max(2.0, CROSSING * sum(map(_weight, narrow)))
    gaps: list[tuple[float, float]] = []
    start = None
    for at, count in enumerate(bins):
        if count <= most and start is None:
            start = at
        elif count > most and start is not None:
            gaps.append((left + start * BIN, left + at * BIN))
            start = None
    for low, high in sorted(gaps, key=lambda gap: gap[0] - gap[1]):
        if high - low >= NARROWEST_GUTTER and _splits(parts, (low + high) / 2):
            return (low + high) / 2
    return None


def _splits(parts: Sequence[Part], gutter: float) -> bool:
    """Whether columns stand on both sides of a gutter, and not the two halves of a table's rows.

    Columns stand beside each other between what runs over both; the file goes through one and then the other.
    """
    beside = [0, 0]
    band = [0, 0]
    for part in [*sorted(parts, key=_base), None]:
        if part is not None and (part.box.right <= gutter or part.box.left >= gutter):
            band[part.box.left >= gutter] += _weight(part)
            continue
        if all(band):
            beside = [count + more for count, more in zip(beside, band, strict=True)]
        band = [0, 0]
    if min(beside) < FEWEST_LINES:
        return False
    in_file = sorted(parts, key=lambda part: part.at)
    sides = [part.box.left >= gutter for part in in_file if part.box.right <= gutter or part.box.left >= gutter]
    changes = sum(first != second for first, second in pairwise(sides))
    if changes <= max(2, ALTERNATING * min(sum(sides), len(sides) - sum(sides))):
        return True
    return _is_prose([part for part in parts if part.box.right <= gutter]) and _is_prose(
        [part for part in parts if part.box.left >= gutter]
    )


def _is_prose(parts: Sequence[Part]) -> bool:
    """Whether most lines go to the edge of their column, as those of cells don't."""
    width = max(part.box.right for part in parts) - min(part.box.left for part in parts)
    full = sum(part.box.width >= FULL * width for part in parts)
    return len(parts) >= FEWEST_OF_PROSE and full >= MOSTLY_FULL * len(parts)


def lines_of(flow: Sequence[Part]) -> list[Part | list[Line]]:
    """Join the pieces on each line of a flow; a line of pieces that stand apart is given as those pieces."""
    rows: list[list[Part]] = []
    for part in flow:
        if rows and isinstance(part, Line) and isinstance(rows[-1][0], Line) and _on_one_line(rows[-1][0], part):
            rows[-1].append(part)
        else:
            rows.append([part])
    result: list[Part | list[Line]] = []
    for row in rows:
        pieces = sorted((part for part in row if isinstance(part, Line)), key=lambda line: line.box.left)
        if len(pieces) < 2:
            result.append(row[0])
        elif all(second.box.left - first.box.right > WORD_GAP * first.size for first, second in pairwise(pieces)):
            result.append(pieces)
        else:
            result.append(line_of([word for piece in pieces for word in piece.words]))
    return result


def without_contents(rows: Sequence[Part | list[Line]]) -> list[Part | list[Line]]:
    """Leave out the lines of a table of contents: they lead to a page by dots, or by a gap beside such lines."""
    texts = [" ".join(part.text for part in row) if isinstance(row, list) else _text(row) for row in rows]
    leading = [LEADERS.search(text) is not None for text in texts]
    contents = sum(leading) >= FEWEST_CONTENTS
    return [
        row
        for row, leads in zip(rows, leading, strict=True)
        if not leads and not (contents and isinstance(row, list) and row[-1].text.isdecimal())
    ]


def _text(part: Part) -> str:
    return part.text if isinstance(part, Line) else ""


def _on_one_line(first: Line, second: Line) -> bool:
    return abs(first.base - second.base) <= SAME_BASE * max(first.size, second.size)
