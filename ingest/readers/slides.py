"""Read presentations: slide by slide, with tables, charts and speaker notes."""

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.exc import PythonPptxError

from ingest.errors import DamagedDocument
from ingest.readers.draft import Draft, Item, one_line
from ingest.readers.office import SAFE, opened, properties_of, shortly
from ingest.types import Document

TITLES = frozenset({PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE})
FURNITURE = frozenset({PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER, PP_PLACEHOLDER.SLIDE_NUMBER})
RECURRENT = 3  # slides; short text that stands on so many, and on half of all, is furniture too
LONGEST_FURNITURE = 80  # characters
MAIN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
DIAGRAM = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData"
DIAGRAM_POINT = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}t"


def read(document_id: str, data: bytes, content_hash: str) -> Document:
    """Make a document of a .pptx file; each slide can be cited by its number."""
    with opened(data) as file:
        properties = properties_of(file)
    draft = Draft()
    try:
        slides = [(number, slide) for number, slide in enumerate(Presentation(io.BytesIO(data)).slides, start=1)]
        shown = [(number, slide) for number, slide in slides if slide._element.get("show") not in ("0", "false")]
        furniture = _furniture([slide for _, slide in shown])
        for number, slide in shown:
            _add_slide(draft, number, slide, furniture)
    except (PythonPptxError, KeyError, AttributeError, ValueError, etree.XMLSyntaxError) as error:
        raise DamagedDocument(f"it is damaged: a part is missing or malformed ({shortly(error)})") from error
    return draft.document(document_id, content_hash, properties)


def _add_slide(draft: Draft, number: int, slide: Any, furniture: frozenset[str]) -> None:
    draft.mark(f"slide {number}")
    title = slide.shapes.title
    draft.heading(title.text_frame.text if title is not None else "", 1 if number == 1 else 2)
    for shape in _shapes(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if _loose_text(shape) in furniture:
            continue
        _add_shape(draft, shape)
    for diagram in (one for one in slide.part.rels.values() if one.reltype == DIAGRAM and not one.is_external):
        draft.items(Item(0, text) for text in _diagram_texts(diagram.target_part.blob))
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = slide.notes_slide.notes_text_frame.text
        if notes.strip():
            draft.mark(f"slide {number}, notes")
            for paragraph in notes.splitlines():
                draft.paragraph(paragraph)


def _shapes(shapes: Iterable[Any]) -> Iterator[Any]:
    """All shapes, those of groups as well, without slide numbers, dates and footers."""
    for shape in shapes:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            yield from _shapes(shape.shapes)
        elif not (shape.is_placeholder and shape.placeholder_format.type in FURNITURE) and not _is_hidden(shape):
            yield shape


def _is_hidden(shape: Any) -> bool:
    properties = shape._element.find(".//{*}cNvPr")
    return properties is not None and properties.get("hidden") in ("1", "true")


def _add_shape(draft: Draft, shape: Any) -> None:
    if getattr(shape, "has_table", False):
        rows = [["" if cell.is_spanned else cell.text for cell in row.cells] for row in shape.table.rows]
        header = rows[0] if rows and shape.table.first_row else None
        draft.table(rows[1:] if header else rows, header=header)
    elif getattr(shape, "has_chart", False):
        _add_chart(draft, shape.chart)
    elif shape.has_text_frame:
        _add_text(draft, shape)


def _add_text(draft: Draft, shape: Any) -> None:
    """Several short paragraphs in the body of a slide are its bullets; elsewhere they stand for themselves."""
    paragraphs = [
        (paragraph.level, "".join(part.text or "" for part in paragraph._p.iter(f"{MAIN}t", f"{MAIN}br")), paragraph)
        for paragraph in shape.text_frame.paragraphs
    ]
    paragraphs = [one for one in paragraphs if one[1].strip()]
    in_body = shape.is_placeholder and shape.placeholder_format.type in (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT)
    together: list[Item] = []
    for level, text, paragraph in paragraphs:
        if _has_bullet(paragraph, default=(in_body and len(paragraphs) > 1) or level > 0):
            together.append(Item(level, text))
            continue
        draft.items(together)
        together = []
        draft.paragraph(text)
    draft.items(together)


def _has_bullet(paragraph: Any, *, default: bool) -> bool:
    properties = paragraph._p.pPr
    if properties is not None:
        if properties.find(f"{MAIN}buNone") is not None:
            return False
        if any(properties.find(f"{MAIN}{name}") is not None for name in ("buChar", "buAutoNum", "buBlip")):
            return True
    return default


def _add_chart(draft: Draft, chart: Any) -> None:
    """The numbers behind a chart, a row each category."""
    if chart.has_title and chart.chart_title.has_text_frame:
        draft.paragraph(chart.chart_title.text_frame.text)
    for plot in chart.plots:
        series = list(plot.series)
        rows = [
            [str(category), *(_value(one.values, at) for one in series)] for at, category in enumerate(plot.categories)
        ]
        draft.table(rows, header=["", *(str(one.name) for one in series)])


def _value(values: tuple[float | None, ...], at: int) -> str:
    value = values[at] if at < len(values) else None
    return "" if value is None else f"{value:.15g}"


def _diagram_texts(blob: bytes) -> Iterator[str]:
    """The texts in the points of a SmartArt diagram."""
    root = etree.fromstring(blob, SAFE)
    for point in root.iter(DIAGRAM_POINT):
        text = one_line(" ".join(part.text or "" for part in point.iter(f"{MAIN}t")))
        if text:
            yield text


def _loose_text(shape: Any) -> str:
    """The text of a box that the slide's layout doesn't provide."""
    return one_line(shape.text_frame.text) if shape.has_text_frame and not shape.is_placeholder else ""


def _furniture(slides: list[Any]) -> frozenset[str]:
    """Short texts that stand on most slides: a slogan, a confidentiality notice."""
    counts = Counter(
        text for slide in slides for text in {_loose_text(shape) for shape in _shapes(slide.shapes)} if text
    )
    enough = max(RECURRENT, len(slides) / 2)
    return frozenset(text for text, count in counts.items() if count >= enough and len(text) <= LONGEST_FURNITURE)
