"""Find the tables of a PDF page: by their ruled lines, or by words that stand one below the other."""

from collections.abc import Sequence
from itertools import pairwise

from ingest.readers.glyphs import THIN, Box, Word
from ingest.readers.layout import MARKER, Grid, Line, Part, line_of, runs_of

NEAR = 3.0  # points between the ends of lines that meet
FEWEST_ROWS = 3  # of a table without ruled lines
CELL_GAP = 5.0  # points between the columns of one


def ruled_tables(words: Sequence[Word], rules: Sequence[Box]) -> tuple[list[Grid], list[Word]]:
    """The tables that lines are drawn around, and the words that are in none."""
    grids: list[Grid] = []
    left = list(words)
    for group in _connected(rules):
        grid, outside = _grid(left, group)
        if grid:
            grids.append(grid)
            left = outside
    return grids, left


def _connected(rules: Sequence[Box]) -> list[list[Box]]:
    """Lines that meet or cross, group by group."""
    groups: list[tuple[Box, list[Box]]] = []
    for rule in rules:
        around, members = rule, [rule]
        apart: list[tuple[Box, list[Box]]] = []
        for box, group in groups:
            if _touch(around, box) and any(_touch(rule, other) for other in group):
                around, members = around.joined(box), members + group
            else:
                apart.append((box, group))
        groups = [*apart, (around, members)]
    return [members for _, members in groups if len(members) > 2]


def _touch(first: Box, second: Box) -> bool:
    return (
        first.left <= second.right + NEAR
        and second.left <= first.right + NEAR
        and first.top <= second.bottom + NEAR
        and second.top <= first.bottom + NEAR
    )


def _grid(words: Sequence[Word], rules: Sequence[Box]) -> tuple[Grid | None, list[Word]]:
    around = rules[0]
    for rule in rules[1:]:
        around = around.joined(rule)
    upright = [rule for rule in rules if rule.height > THIN]
    level = [rule for rule in rules if rule.width > THIN]
    across = _edges([around.left, around.right, *(rule.left for rule in upright)])
    down = _edges([around.top, around.bottom, *(rule.top for rule in level)])
    if len(across) < 3 or len(down) < 3:  # a box, or lines above and below
        return None, list(words)
    inside = [word for word in words if around.holds(word.box)]
    cells: list[list[list[Word]]] = [[[] for _ in pairwise(across)] for _ in pairwise(down)]
    for word in inside:
        x, y = word.box.middle
        column = next(at for at, (_, end) in enumerate(pairwise(across)) if x <= end or at == len(across) - 2)
        row = next(at for at, (_, end) in enumerate(pairwise(down)) if y <= end or at == len(down) - 2)
        cells[row][column].append(word)
    rows = [row for row in cells if any(row)]
    filled = sum(bool(cell) for row in rows for cell in row)
    if len(rows) < 2 or filled < len(rows) + 1:  # a frame with text in it
        return None, list(words)
    used = [at for at in range(len(across) - 1) if any(row[at] for row in rows)]
    if len(used) < 2:
        return None, list(words)
    texts = tuple(tuple(cell_text(row[at]) for at in used) for row in rows)
    bold = all(word.bold for cell in rows[0] for word in cell)
    taken = set(map(id, inside))
    outside = [word for word in words if id(word) not in taken]
    first = min(word.at for word in inside)
    return Grid(texts, around, tuple(across[at] for at in used), bold, first), outside


def _edges(places: list[float]) -> list[float]:
    """Places of lines, those of one line once."""
    edges: list[float] = []
    for place in sorted(places):
        if not edges or place - edges[-1] > NEAR * 1.5:
            edges.append(place)
    return edges


def cell_text(words: Sequence[Word]) -> str:
    """The text of a cell, line below line."""
    lines: list[list[Word]] = []
    for run in sorted(runs_of(words), key=lambda run: run.base):
        if lines and abs(lines[-1][0].base - run.base) <= 0.5 * run.size:
            lines[-1] += run.words
        else:
            lines.append(list(run.words))
    return without_breaks([line_of(line).text for line in lines])


def without_breaks(lines: Sequence[str], known: frozenset[str] = frozenset()) -> str:
    """Join lines; a word that was cut at the end of one is whole again.

    A hyphen stays where the word is known with it, or where what follows it is no small letter.

    >>> without_breaks(["The organ-", "isation has non-", "executive", "members."], frozenset({"non-executive"}))
    'The organisation has non-executive members.'
    """
    text = ""
    for line in lines:
        if text.endswith("-") and len(text) > 1 and text[-2].isalpha() and line[:1].islower():
            first, _, rest = line.partition(" ")
            start = text.rpartition(" ")[2]
            whole = start + first
            kept = whole.lower().strip(".,;:()“”\"'") in known
            text = (text if kept else text[:-1]) + first + (f" {rest}" if rest else "")
        elif text.endswith("-") and line[:1].isalnum() and len(text) > 1 and text[-2].isalnum():
            text += line  # "COVID-" and "19": the hyphen is of the word
        else:
            text = f"{text} {line}" if text else line
    return text


def aligned_tables(rows: Sequence[Part | list[Line]]) -> list[Part]:
    """Make tables of lines whose pieces stand one below the other; other lines are joined again."""
    result: list[Part] = []
    at = 0
    while at < len(rows):
        end = _end_of_table(rows, at)
        grid = _aligned(rows[at:end]) if end - at >= FEWEST_ROWS else None
        if grid:
            result.append(grid)
            at = end
            continue
        row = rows[at]
        result.append(line_of([word for piece in row for word in piece.words]) if isinstance(row, list) else row)
        at += 1
    return result


def _end_of_table(rows: Sequence[Part | list[Line]], start: int) -> int:
    """How far lines of several pieces go on; a single piece between or below them may continue a cell."""
    end = at = start
    last: list[Line] = []
    while at < len(rows):
        row = rows[at]
        if isinstance(row, list) and not MARKER.fullmatch(row[0].text):
            end, last = at + 1, row
        elif not isinstance(row, Line) or at - end >= 2 or end == start:
            break
        at += 1
    while last and end < len(rows):
        row, above = rows[end], rows[end - 1]
        base = above.base if isinstance(above, Line) else last[0].base
        if not isinstance(row, Line) or row.box.left < last[1].box.left - NEAR or row.base - base > 1.6 * row.size:
            break
        end += 1
    return end


def _aligned(rows: Sequence[Part | list[Line]]) -> Grid | None:
    pieces = [row if isinstance(row, list) else [row] for row in rows if isinstance(row, list | Line)]
    spans = sorted((piece.box.left, piece.box.right) for row in pieces for piece in row)
    columns: list[tuple[float, float]] = []
    for left, right in spans:
        if columns and left - columns[-1][1] < CELL_GAP:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    if len(columns) < 2:
        return None
    cells: list[list[list[Word]]] = []
    for row in pieces:
        placed: list[list[Word]] = [[] for _ in columns]
        for piece in row:
            at = next(at for at, (_, right) in enumerate(columns) if piece.box.left <= right)
            placed[at] += piece.words
        if cells and not placed[0]:
            cells[-1] = [before + more for before, more in zip(cells[-1], placed, strict=True)]
        else:
            cells.append(placed)
    if len(cells) < FEWEST_ROWS:
        return None
    box = pieces[0][0].box
    for row in pieces:
        for piece in row:
            box = box.joined(piece.box)
    texts = tuple(tuple(cell_text(cell) for cell in row) for row in cells)
    bold = all(word.bold for cell in cells[0] for word in cell)
    return Grid(texts, box, tuple(left for left, _ in columns), bold, min(p.at for row in pieces for p in row))
