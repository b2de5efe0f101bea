"""Read PDFs: page by page, in reading order, without running headers and footers."""

import re
from collections import defaultdict
from datetime import date

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.errors import DamagedDocument, EncryptedDocument, NoTextLayer
from ingest.readers.about import Properties
from ingest.readers.draft import Draft
from ingest.readers.glyphs import Page, page_of
from ingest.readers.layout import Flow, Grid, Line, Printed, lines_of, ordered, runs_of, without_contents
from ingest.readers.ocr import can_recognise, recognised
from ingest.readers.prose import add_prose, title_key
from ingest.readers.ruled import aligned_tables, ruled_tables
from ingest.readers.running import without_running
from ingest.types import Document

END = b"%%EOF"
WITHIN_END = 4096  # bytes; some programs write rubbish after the end
PICTURED = 0.3  # of a page without words; beyond that it is a scan, below a page left blank
WRITTEN = re.compile(r"D?:?((?:19|20)\d\d)(\d\d)?(\d\d)?")  # ISO 32000-1, 7.9.4
MOST_BOOKMARKS = 20_000


def read(document_id: str, data: bytes, content_hash: str) -> Document:
    """Make a document of a PDF; each page can be cited by its number."""
    if END not in data[-WITHIN_END:]:
        raise DamagedDocument("it is cut short: its end is missing")
    file = _opened(data)
    try:
        flows, heights = _read_pages(file)
        labels = {number: _label(file, number) for number in flows}
        title, author, written = _said(file, "Title"), _said(file, "Author"), _said(file, "ModDate", "CreationDate")
        outline = _outline(file)
    finally:
        file.close()
    kept, running = without_running(flows, heights)
    draft = Draft()
    add_prose(draft, kept, labels, outline)
    return draft.document(document_id, content_hash, Properties(title, _day(written), author, running=running))


def _opened(data: bytes) -> pdfium.PdfDocument:
    try:
        file = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise EncryptedDocument("it is protected by a password; save it without one") from error
        raise DamagedDocument("it is damaged: it has no pages that can be found") from error
    if len(file) == 0:
        file.close()
        raise DamagedDocument("it is damaged: it has no pages that can be found")
    return file


def _read_pages(file: pdfium.PdfDocument) -> tuple[dict[int, list[Flow]], dict[int, float]]:
    """The flows of each page by its number, and the heights of the pages."""
    flows: dict[int, list[Flow]] = {}
    heights: dict[int, float] = {}
    scanned: list[int] = []
    for at in range(len(file)):
        page = _page(file, at)
        try:
            content = page_of(page, at + 1)
        finally:
            page.close()
        flows[at + 1], heights[at + 1] = _flows(content), content.height
        if not content.words and content.pictured >= PICTURED:
            scanned.append(at + 1)
    if scanned and can_recognise():
        for number in scanned:
            page = _page(file, number - 1)
            try:
                flows[number] = _flows(recognised(page, number))
            finally:
                page.close()
    elif len(scanned) * 2 >= len(file):
        raise NoTextLayer(
            f"it has no text layer: {len(scanned)} of {len(file)} pages are pictures, as of a scanner. Install "
            "Tesseract (apt-get install tesseract-ocr, pip install 'citewell[ocr]') to have them read"
        )
    return flows, heights


def _page(file: pdfium.PdfDocument, at: int) -> pdfium.PdfPage:
    try:
        return file[at]
    except pdfium.PdfiumError as error:
        raise DamagedDocument(f"it is damaged: page {at + 1} of {len(file)} can't be read") from error


def _flows(page: Page) -> list[Flow]:
    """What stands on a page, in reading order: the lines of each column, and tables."""
    grids, words = ruled_tables(page.words, page.rules)
    flows: list[Flow] = []
    for region in ordered([*runs_of(words), *grids]):
        parts = aligned_tables(without_contents(lines_of(region)))
        flows.append([part if isinstance(part, Grid) else _printed(part) for part in parts])
    return flows


def _printed(line: Line) -> Printed:
    return Printed(line.text, line.box, line.base, line.size, line.bold)


def _label(file: pdfium.PdfDocument, number: int) -> str:
    """The number of a page, by what is printed on it where the file says that, and by its place in the file."""
    printed = (file.get_page_label(number - 1) or "").strip()
    if printed in ("", str(number)) or len(printed) > 12:
        return f"page {number}"
    return f"page {printed} ({number} of {len(file)})"


def _said(file: pdfium.PdfDocument, *names: str) -> str:
    return next((value for name in names if (value := str(file.get_metadata_value(name)).strip())), "")


def _day(written: str) -> str:
    match = WRITTEN.match(written)
    if not match:
        return ""
    year, month, day = match.groups()
    try:
        return date(int(year), int(month or 1), int(day or 1)).isoformat()
    except ValueError:
        return year


def _outline(file: pdfium.PdfDocument) -> dict[int, dict[str, int]]:
    """The bookmarks: by page, the titles of the sections that begin there, with their levels from 1."""
    outline: dict[int, dict[str, int]] = defaultdict(dict)
    try:
        for at, bookmark in enumerate(file.get_toc()):
            if at >= MOST_BOOKMARKS:
                break
            target = bookmark.get_dest()
            index = target.get_index() if target else None
            key = title_key(bookmark.get_title())
            if index is not None and key:
                outline[index + 1].setdefault(key, bookmark.level + 1)
    except pdfium.PdfiumError:  # a broken outline is no reason not to read the text
        pass
    return outline
