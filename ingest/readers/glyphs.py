"""Take the words and the ruled lines of a PDF page from PDFium, each with its place."""

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

BOLD = re.compile(r"bold|black|heavy|semib|demi|cmbx|sfbx|[-,]b(?:$|,)", re.IGNORECASE)
# PDFium gives this for a hyphen at the end of a line, and goes on with the word on the next.
CUT = frozenset({0x02, 0xFFFE, 0xAD})
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
BLANK = 0.12  # of the size, more than between letters: a blank between words
LETTER_GAP = 0.05
SMALLEST = 1.5  # points; text that nobody can see, put there for machines
MOST_PATHS = 4000  # drawn lines on a page; beyond that it is a drawing, not a table
THIN = 3.0  # points; a filled rectangle this thin is a line


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in points from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def holds(self, other: "Box") -> bool:
        """Whether the middle of another box is in this one."""
        across, down = other.middle
        return self.left <= across <= self.right and self.top <= down <= self.bottom

    def joined(self, other: "Box") -> "Box":
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is printed; `base` is the line it stands on, `at` its place in the order of the file."""

    text: str
    box: Box
    base: float
    size: float
    bold: bool
    at: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """What is on a page; `pictured` is the share of it that pictures cover."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    rules: tuple[Box, ...]
    pictured: float


def page_of(page: pdfium.PdfPage, number: int) -> Page:
    """Take everything needed from a page."""
    width, height = page.get_size()
    turned = _Turned(page.get_rotation(), *page.get_bbox())
    textpage = page.get_textpage()
    try:
        words = tuple(word for word in _words(textpage, turned) if _is_on(word.box, width, height))
    finally:
        textpage.close()
    rules, pictured = _drawn(page, turned, width * height)
    return Page(number, width, height, words, rules, pictured)


@dataclass(frozen=True, slots=True)
class _Turned:
    """From PDF's coordinates, which count from the bottom and don't know of the page's rotation, to ours."""

    rotation: int
    left: float
    bottom: float
    right: float
    top: float

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        (x0, y0), (x1, y1) = self.point(left, bottom), self.point(right, top)
        return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    def point(self, across: float, up: float) -> tuple[float, float]:
        match self.rotation:
            case 90:
                return up - self.bottom, across - self.left
            case 180:
                return self.right - across, up - self.bottom
            case 270:
                return self.top - up, self.right - across
            case _:
                return across - self.left, self.top - up


def _is_on(box: Box, width: float, height: float) -> bool:
    across, down = box.middle
    return -1 <= across <= width + 1 and -1 <= down <= height + 1


class _Letter(NamedTuple):
    text: str
    box: Box
    at: int


def _words(textpage: pdfium.PdfTextPage, turned: _Turned) -> Iterator[Word]:
    """Words in the order in which the file draws them."""
    around = raw.FS_RECTF()
    letters: list[_Letter] = []
    for at in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(textpage, at)
        letter = chr(code) if 0 < code < 0x110000 else ""
        # The loose box is as wide as the letter goes on; the ink of "-" in a typewriter's font is half of that.
        raw.FPDFText_GetLooseCharBox(textpage, at, around)
        box = turned.box(around.left, around.bottom, around.right, around.top)
        if letters and (not letter or letter.isspace() or code in CUT or _is_elsewhere(box, letters[-1].box)):
            if code in CUT:
                letters.append(_Letter("-", letters[-1].box, at))
            yield from _words_of(textpage, turned, letters)
            letters = []
        if not letter or letter.isspace() or code in CUT:
            continue
        if letters and letter.isdecimal() and _is_raised(textpage, letters[0].at, at):
            # "m²" and "10⁶" keep their sense; after a full stop it is the mark of a footnote.
            before = letters[-1].text
            letter = RAISED[int(letter)] if before.isalnum() or before in RAISED else ""
        if letter:
            letters.append(_Letter(letter, box, at))
    if letters:
        yield from _words_of(textpage, turned, letters)


def _words_of(textpage: pdfium.PdfTextPage, turned: _Turned, letters: list[_Letter]) -> Iterator[Word]:
    """Split letters at the gaps that PDFium didn't take for blanks; in spaced letters, all gaps are alike."""
    gaps = [second.box.left - first.box.right for first, second in pairwise(letters)]
    size = _size(textpage, letters[0].at)
    usual = sorted(gaps)[(len(gaps) - 1) // 2] if len(gaps) > 1 else LETTER_GAP * size
    start = 0
    for at, gap in enumerate(gaps, start=1):
        if gap > usual + BLANK * size:
            yield from _word(textpage, turned, letters[start:at], size)
            start = at
    yield from _word(textpage, turned, letters[start:], size)


def _size(textpage: pdfium.PdfTextPage, at: int) -> float:
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(textpage, at, matrix)
    return float(raw.FPDFText_GetFontSize(textpage, at)) * math.hypot(matrix.c, matrix.d)


def _is_raised(textpage: pdfium.PdfTextPage, first: int, at: int) -> bool:
    """Whether a letter is smaller than the first of its word, and stands higher."""
    if raw.FPDFText_GetFontSize(textpage, at) > 0.85 * raw.FPDFText_GetFontSize(textpage, first):
        return False
    across, base, up = ctypes.c_double(), ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(textpage, first, across, base)
    raw.FPDFText_GetCharOrigin(textpage, at, across, up)
    return up.value > base.value + 0.5


def _is_elsewhere(letter: Box, before: Box) -> bool:
    """Whether a letter stands on another line than the one before it."""
    return letter.top > before.bottom + max(before.height, 4.0) and letter.left < before.right


def _word(textpage: pdfium.PdfTextPage, turned: _Turned, letters: list[_Letter], size: float) -> Iterator[Word]:
    at = letters[0].at
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(textpage, at, matrix)
    angle = math.degrees(math.atan2(matrix.b, matrix.a)) - turned.rotation
    if size < SMALLEST or abs((angle + 180) % 360 - 180) > 10:  # a watermark across the page, a note up its side
        return
    across, up = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(textpage, at, across, up)
    _, base = turned.point(across.value, up.value)
    box = letters[0].box
    for letter in letters[1:]:
        box = box.joined(letter.box)
    text = "".join(letter.text for letter in letters)
    yield Word(text, box, base, round(size, 1), _is_bold(textpage, at), at)


def _is_bold(textpage: pdfium.PdfTextPage, at: int) -> bool:
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    length = raw.FPDFText_GetFontInfo(textpage, at, name, len(name), flags)
    return 0 < length <= len(name) and BOLD.search(name.value.decode("latin-1")) is not None


def _drawn(page: pdfium.PdfPage, turned: _Turned, area: float) -> tuple[tuple[Box, ...], float]:
    """The straight lines on a page, and the share of it that pictures cover."""
    rules: list[Box] = []
    pictured, paths = 0.0, 0
    for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        paths += one.type == raw.FPDF_PAGEOBJ_PATH
        if paths > MOST_PATHS:
            rules.clear()
            break
        if one.type == raw.FPDF_PAGEOBJ_PATH:
            rules += _rules(one, turned)
            continue
        try:
            left, bottom, right, top = _placed(one).on_rect(0, 0, 1, 1)  # a picture fills its unit square
        except pdfium.PdfiumError:
            continue
        pictured += abs((right - left) * (top - bottom))
    return tuple(rules[:MOST_PATHS]), min(1.0, pictured / area) if area else 0.0


def _placed(one: pdfium.PdfObject) -> pdfium.PdfMatrix:
    """Where an object comes to stand on the page, with the forms that it is in."""
    matrix = one.get_matrix()
    while one.container is not None:
        one = one.container
        matrix = matrix.multiply(one.get_matrix())
    return matrix


def _rules(path: pdfium.PdfObject, turned: _Turned) -> Iterator[Box]:
    """The level and upright strokes of a path, and thin filled rectangles."""
    matrix = _placed(path)
    points: list[tuple[float, float]] = []
    starts: set[int] = set()
    across, up = ctypes.c_float(), ctypes.c_float()
    for at in range(min(raw.FPDFPath_CountSegments(path), MOST_PATHS)):
        segment = raw.FPDFPath_GetPathSegment(path, at)
        raw.FPDFPathSegment_GetPoint(segment, across, up)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO:
            starts.add(at)
        points.append(turned.point(*matrix.on_point(across.value, up.value)))
    if not points:
        return
    box = Box(*map(min, zip(*points, strict=True)), *map(max, zip(*points, strict=True)))
    if box.height <= THIN < box.width or box.width <= THIN < box.height:
        yield box
        return
    mode, stroked = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, mode, stroked)
    if not stroked.value:
        return
    for at in range(1, len(points)):
        (x0, y0), (x1, y1) = points[at - 1], points[at]
        if at not in starts and (abs(x0 - x1) < 0.5) != (abs(y0 - y1) < 0.5):
            yield Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
