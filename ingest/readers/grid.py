"""Lay out a table of HTML: every cell where it is seen, with the names of the columns."""

from collections.abc import Callable

from lxml import etree

from ingest.readers.clutter import text_in

Element = etree._Element
WIDEST = 200  # columns; a page can claim that a cell covers a billion
LONGEST_CELL = 600  # characters; a table with longer texts and no header arranges a page


def grid_of(table: Element, text_of: Callable[[Element], str]) -> tuple[list[str], list[list[str]]]:
    """The names of the columns (empty without a header) and the rows; no rows where the table arranges a page.

    A cell over several rows stands in each of them, so that a row can be read alone.
    """
    lines = list(table.iter("tr"))
    grid: list[list[str]] = []
    over: dict[int, tuple[int, str]] = {}  # by column: in how many rows more a cell stands
    for line in lines:
        row: list[str] = []
        cells = list(line.iterchildren("td", "th"))
        for cell in cells:
            _fill(row, over)
            text = text_of(cell)
            rows, columns = _span(cell, "rowspan", len(lines)), _span(cell, "colspan", WIDEST)
            in_header = cell.tag == "th"
            for at in range(columns):
                if len(row) >= WIDEST:
                    break
                if rows > 1:
                    over[len(row)] = (rows - 1, text if at == 0 or in_header else "")
                row.append(text if at == 0 or in_header else "")
        _fill(row, over)
        grid.append(row)
    width = max(map(len, grid), default=0)
    headers = _header_rows(lines, width)
    names = [
        " ".join(dict.fromkeys(row[at] for row in grid[:headers] if at < len(row) and row[at])) for at in range(width)
    ]
    body = [row for row in grid[headers:] if any(row)]
    longest = max((len(cell) for row in grid for cell in row), default=0)
    if width < 2 or (longest > LONGEST_CELL and not headers):
        return [], []
    return (names if any(names) else []), body or ([names] if any(names) else [])


def _fill(row: list[str], over: dict[int, tuple[int, str]]) -> None:
    """Put in the cells that reach down from above."""
    while len(row) in over and len(row) < WIDEST:
        left, text = over.pop(len(row))
        if left > 1:
            over[len(row)] = (left - 1, text)
        row.append(text)


def _span(cell: Element, name: str, most: int) -> int:
    given = str(cell.get(name) or "1").strip()
    return max(1, min(int(given), most)) if given.isdecimal() and len(given) < 9 else 1


def _header_rows(lines: list[Element], width: int) -> int:
    """How many rows name the columns: those of the head, or of header cells only; else the first where it must be.

    A table of three columns or more is hard to read without names, so its first row is taken for them. Of two
    columns, the first often names what the second tells, and only a first row in bold is a header.
    """
    count = 0
    for line in lines:
        cells = list(line.iterchildren("td", "th"))
        parent = line.getparent()
        in_head = parent is not None and parent.tag == "thead"
        if cells and not in_head and any(cell.tag == "td" for cell in cells):
            break
        count += 1
    if count or len(lines) < 2:
        return min(count, len(lines) - 1) if count < len(lines) or width < 2 else 1
    first = list(lines[0].iterchildren("td"))
    plain = not any(cell.tag == "th" for line in lines for cell in line.iterchildren("th"))
    return int(plain and (width > 2 or all(map(_is_bold, first))))


def _is_bold(cell: Element) -> bool:
    bold = " ".join(text_in(one) for one in cell.iterdescendants("b", "strong"))
    return bool(bold.strip()) and bold.split() == text_in(cell).split()
