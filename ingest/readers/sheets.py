"""Read workbooks: each sheet that is shown, row by row, with values as they are displayed."""

import io
import os
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from lxml import etree

from ingest.errors import DamagedDocument
from ingest.readers.draft import Draft
from ingest.readers.office import opened, properties_of, shortly
from ingest.readers.rows import Row, add_rows
from ingest.types import Document

# What defusedxml would refuse is refused by `office.opened` already; without it, openpyxl reads 1.5 times as fast.
os.environ.setdefault("OPENPYXL_DEFUSEDXML", "False")
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

PLAIN_NAME = re.compile(r"(?:sheet|tabelle|feuil|hoja)\s?\d*", re.IGNORECASE)  # given by Excel, tells nothing
FORMAT = re.compile(r"([^#0?.,%]*?)([#0?][#0?,]*)(?:\.([0#?]+))?(%?)([^#0?.,%]*)")
LITERAL = re.compile(r"\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|\"([^\"]*)\"|\\(.)|_.|\*.")
ERROR = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|GETTING_DATA)")
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read(document_id: str, data: bytes, content_hash: str) -> Document:
    """Make a document of a .xlsx file; each row can be cited by its sheet and number."""
    draft = Draft()
    with opened(data) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of what it can't write back, and nothing is written here
        properties = properties_of(file)
        try:
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, etree.XMLSyntaxError) as error:
            raise DamagedDocument(f"it is damaged: a part is missing or malformed ({shortly(error)})") from error
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            if len(sheets) > 1 or not PLAIN_NAME.fullmatch(sheet.title):
                draft.heading(sheet.title, 2)
            add_rows(draft, _rows(sheet, _Hidden(file, sheet)), sheet=sheet.title)
        book.close()
    return draft.document(document_id, content_hash, properties, titled=False)


class _Hidden:
    """Which rows and columns of a sheet are hidden; openpyxl doesn't tell while it reads row by row."""

    def __init__(self, file: zipfile.ZipFile, sheet: Any) -> None:
        self.rows: set[int] = set()
        self.columns: set[int] = set()
        path = str(sheet._worksheet_path).lstrip("/")
        if not _mentions(file, path, b"hidden="):
            return
        with file.open(path) as part:
            for _, one in etree.iterparse(part, tag=(f"{SHEET}row", f"{SHEET}col"), resolve_entities=False):
                if one.get("hidden") in ("1", "true"):
                    if one.tag == f"{SHEET}row":
                        self.rows.add(int(one.get("r") or 0))
                    else:
                        first, last = int(one.get("min") or 1), int(one.get("max") or 1)
                        self.columns.update(range(first, min(last, column_index_from_string("XFD")) + 1))
                one.clear()


def _mentions(file: zipfile.ZipFile, path: str, word: bytes) -> bool:
    before = b""
    with file.open(path) as part:
        while piece := part.read(1 << 20):
            if word in before + piece:
                return True
            before = piece[-len(word) :]
    return False


def _rows(sheet: Any, hidden: _Hidden) -> Iterator[Row]:
    sheet.reset_dimensions()  # else a wrong size, which a file can state, pads each row with thousands of cells
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number not in hidden.rows:
            yield (
                number,
                [_displayed(cell) if at not in hidden.columns else "" for at, cell in enumerate(cells, start=1)],
            )


def _displayed(cell: Any) -> str:
    """A value as Excel shows it, near enough to be found and quoted."""
    match cell.value:
        case None:
            return ""
        case str() as value:
            return "" if ERROR.fullmatch(value) else value
        case bool() as value:
            return str(value).upper()
        case int() | float() as value:
            return _number(value, cell.number_format or "")
        case datetime() as value if value.time() == time():
            return value.date().isoformat()
        case datetime() as value:
            return value.isoformat(" ", "minutes")
        case value:
            return str(value)


def _number(value: float, number_format: str) -> str:
    """
    >>> _number(0.425, "0.0%"), _number(1234.5, '"£"#,##0.00'), _number(3.0, "General"), _number(1e20, "")
    ('42.5%', '£1,234.50', '3', '1e+20')
    """
    literal = LITERAL.sub(
        lambda match: next((part for part in match.groups() if part), ""), number_format.split(";")[0]
    )
    match = FORMAT.fullmatch(literal)
    if not match or number_format == "General":
        return f"{value:.15g}"
    before, digits, decimals, percent, after = match.groups()
    shown = f"{value * (100 if percent else 1):{',' if ',' in digits else ''}.{len(decimals or '')}f}"
    return f"{before}{shown}{percent}{after}".strip()
