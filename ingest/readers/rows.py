"""Put the rows of a sheet into a draft: its tables with their headers, and the lines around them."""

import re
from collections.abc import Iterable, Iterator

from ingest.readers.draft import Draft

Row = tuple[int, list[str]]
NUMBER = re.compile(r"[-+£$€]?\s?\d[\d,. ]*\s?%?|(?:19|20)\d\d-\d\d-\d\d.*")

MOST = 0.75  # of the columns; a header names nearly each, and notes above it fill a few
NOTES_ABOVE = 12  # rows among which a header is looked for


def add_rows(draft: Draft, rows: Iterable[Row], *, sheet: str = "") -> None:
    """Add numbered rows; those between empty ones are a table each."""
    for table in _tables(rows):
        _add_table(draft, table, sheet)


def _tables(rows: Iterable[Row]) -> Iterator[list[Row]]:
    together: list[Row] = []
    for number, cells in rows:
        if any(cell.strip() for cell in cells):
            together.append((number, cells))
        elif together:
            yield together
            together = []
    if together:
        yield together


def _add_table(draft: Draft, rows: list[Row], sheet: str) -> None:
    """A line above the columns is a title, a line below them a note; the first row of the others names the columns.

    A first row with a number in it is a row like the others.
    """
    columns = [at for at in range(max(len(cells) for _, cells in rows)) if any(_has(cells, at) for _, cells in rows)]
    rows = [(number, [cells[at] if at < len(cells) else "" for at in columns]) for number, cells in rows]
    first = _header_at(rows, len(columns))
    last = next((at for at in range(len(rows), first, -1) if _filled(rows[at - 1][1]) > 1), first)
    if len(columns) == 1 and len(rows) > 1:  # a list of names is a table of one column
        first, last = 0, len(rows)
    _add_lines(draft, rows[:first], sheet)
    body = rows[first:last]
    if body:
        named = len(body) > 1 and not any(NUMBER.fullmatch(cell.strip()) for cell in body[0][1])
        header = body[0][1] if named else None
        body = body[1:] if named else body
        draft.table((cells for _, cells in body), header=header, labels=(_label(sheet, number) for number, _ in body))
    _add_lines(draft, rows[last:], sheet)


def _header_at(rows: list[Row], columns: int) -> int:
    """Where the columns begin: at the first row with most cells filled, or below it at one of all names."""
    tops = rows[:NOTES_ABOVE]
    begins = next((at for at, (_, cells) in enumerate(tops) if _filled(cells) >= max(2, MOST * columns)), None)
    names = next((at for at, (_, cells) in enumerate(tops) if columns > 1 and all(map(_is_name, cells[1:]))), None)
    if begins is not None and names is not None:
        return max(begins, names)
    if begins is not None:
        return begins
    return next((at for at, (_, cells) in enumerate(rows) if _filled(cells) > 1), len(rows))


def _is_name(cell: str) -> bool:
    return bool(cell.strip()) and not NUMBER.fullmatch(cell.strip())


def _add_lines(draft: Draft, rows: list[Row], sheet: str) -> None:
    for number, cells in rows:
        draft.mark(_label(sheet, number))
        draft.paragraph(" ".join(cell for cell in cells if cell.strip()))


def _has(cells: list[str], at: int) -> bool:
    return at < len(cells) and bool(cells[at].strip())


def _filled(cells: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _label(sheet: str, number: int) -> str:
    return f"sheet “{sheet}”, row {number}" if sheet else f"row {number}"
