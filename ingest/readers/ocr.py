"""Recognise the text of scanned pages with Tesseract, where it is installed (the extra `ocr`)."""

import shutil
from importlib.util import find_spec

import pypdfium2 as pdfium

from ingest.errors import NoTextLayer
from ingest.readers.glyphs import Box, Page, Word

RESOLUTION = 300  # dots an inch, which Tesseract is trained for
SURE = 30  # of 100; below that Tesseract guesses at specks
LONGEST_SIDE = 10_000  # dots; a poster is recognised at less
SECONDS = 120  # a page; one of text takes 2 to 10


def can_recognise() -> bool:
    """Whether Tesseract and the package that calls it are there."""
    return find_spec("pytesseract") is not None and shutil.which("tesseract") is not None


def recognised(page: pdfium.PdfPage, number: int) -> Page:
    """Read a page that is a picture; raise `NoTextLayer` where that fails."""
    import pytesseract

    width, height = page.get_size()
    scale = min(RESOLUTION / 72, LONGEST_SIDE / max(width, height, 1))
    image = page.render(scale=scale, grayscale=True).to_pil()
    try:
        found = pytesseract.image_to_data(image, output_type=pytesseract.Output.DICT, timeout=SECONDS)
    except (pytesseract.TesseractError, RuntimeError, OSError) as error:
        raise NoTextLayer(
            f"page {number} is a picture, and Tesseract can't read it ({type(error).__name__})"
        ) from error
    words = []
    lines: dict[tuple[int, int, int], list[int]] = {}
    for at, text in enumerate(found["text"]):
        if text.strip() and float(found["conf"][at]) >= SURE:
            lines.setdefault((found["block_num"][at], found["par_num"][at], found["line_num"][at]), []).append(at)
    for members in lines.values():
        tops = sorted(found["top"][at] for at in members)
        bottoms = sorted(found["top"][at] + found["height"][at] for at in members)
        base = bottoms[len(bottoms) // 2] / scale
        # Between the tops of tall letters and the line they stand on is about 0.7 of the size.
        size = round((base - tops[len(tops) // 2] / scale) / 0.75)
        for at in members:
            left, top = found["left"][at] / scale, found["top"][at] / scale
            box = Box(left, top, left + found["width"][at] / scale, top + found["height"][at] / scale)
            words.append(Word(found["text"][at], box, base, float(max(size, 6)), False, at))
    return Page(number, width, height, tuple(words), (), 1.0)
