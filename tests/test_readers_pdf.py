"""PDFs read into documents."""

import io
import shutil
from collections.abc import Callable

import made
import pytest
from reportlab.lib import pagesizes
from reportlab.pdfgen.canvas import Canvas
from test_readers import cited, document, kinds, passages_of

from ingest.errors import NoTextLayer
from ingest.readers import ocr
from ingest.types import Document

needs_tesseract = pytest.mark.skipif(not ocr.can_recognise(), reason="Tesseract is not installed: apt-get install it")


def drawn(*pages: Callable[[Canvas], None], **options: object) -> Document:
    """The document of a PDF whose pages these functions draw."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=pagesizes.A4)
    for draw in pages:
        canvas.setFont("Helvetica", 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return document("a.pdf", buffer.getvalue())


def lines(canvas: Canvas, texts: list[str], *, left: float = 60, top: float = 700, leading: float = 13) -> None:
    for at, text in enumerate(texts):
        canvas.drawString(left, top - at * leading, text)


@pytest.fixture(scope="module")
def article() -> Document:
    return document("article.pdf", made.article())


@pytest.fixture(scope="module")
def report() -> Document:
    return document("report.pdf", made.report())


def test_two_columns_are_read_one_after_the_other(article: Document) -> None:
    first, second = article.text.split("part 2")
    for page in (first, second):
        ends = [page.index(text[-20:]) for text in (*made.LEFT[:3], *made.RIGHT[:2])]
        assert ends == sorted(ends)
        for text in made.LEFT + made.RIGHT:
            assert text in page


def test_two_columns_are_read_so_although_the_file_goes_line_by_line() -> None:
    left = ["The board counts its berths each May and", "tells how it went in an article of its own,"] * 6
    right = ["A second count was made in June since the", "storms had moved the pontoons of the quay,"] * 6

    def draw(canvas: Canvas) -> None:
        for at, (one, other) in enumerate(zip(left, right, strict=True)):
            canvas.drawString(60, 700 - at * 13, one)
            canvas.drawString(310, 700 - at * 13, other)

    text = " ".join(drawn(draw).text.split())
    assert " ".join(left) in text
    assert " ".join(right) in text


def test_headings_have_levels_by_their_size(article: Document) -> None:
    assert "# The count of the berths, part 1\n\n## 1.1 How it was done\n" in article.text
    assert article.text.count("\n## ") == 4


def test_running_headers_and_page_numbers_are_left_out_but_tell_the_date(article: Document) -> None:
    assert "Quarterly" not in article.text
    assert "of 2" not in article.text
    assert (article.date, article.date_is) == ("2024-06-30", "printed")
    assert (article.title, article.author) == ("The count of the berths", "Cy Dow")


def test_pages_are_cited_by_their_number(article: Document) -> None:
    first = "it found that three berths could no longer be used; they will be rebuilt before the winter."
    assert cited(article, first) == "page 1 · The count of the berths, part 1 > 1.2 What was found later"
    later = article.text.rindex("The south quay has thirty berths.")
    assert article.text[:later].count("part 2") == 1
    passage = next(one for one in passages_of(article) if one.start <= later < one.end)
    assert passage.mark_at(later) == "page 2"


def test_words_cut_at_the_end_of_a_line_are_whole_again() -> None:
    texts = [
        "The non-executive members of the board met and the organ-",
        "isation of owners sent its non-",
        "executive",
    ]
    one = drawn(lambda canvas: lines(canvas, [*texts, "treasurer to the COVID-", "19 inquiry."]))
    assert "the organisation of owners sent its non-executive treasurer to the COVID-19 inquiry." in one.text


def test_a_paragraph_goes_on_over_the_page_and_both_pages_are_cited() -> None:
    filler = [
        f"Line {at} of the page tells of nothing in particular, and goes on to the edge of the" for at in range(40)
    ]
    one = drawn(
        lambda canvas: lines(
            canvas, [*filler, "column where the first half of the sentence that has an end was cut and"]
        ),
        lambda canvas: lines(canvas, ["its second half stands here on the other page. It was all."]),
    )
    assert "was cut and its second half stands here" in one.text
    passage = passages_of(one)[-1]
    assert passage.mark_at(one.text.index("Line 0 ")) == "page 1"
    assert passage.mark_at(one.text.index("its second half")) == "page 2"


def test_a_ruled_table_is_one_over_pages(report: Document) -> None:
    assert report.blocks is not None
    tables = [block for block in report.blocks if block.kind == "table"]
    assert sum(len(table.parts) for table in tables) == 60
    for table in tables:
        assert table.header is not None
        assert report.text[table.header.start : table.header.end] == "| Site | Bays | Warden |"
    assert cited(report, "| Site 60 | 120 | Warden 60 |").startswith("page 2 · ")


def test_a_table_without_lines_is_told_by_its_columns() -> None:
    rows = [("Site", "Bays", "Warden"), ("North", "14", "Ann Lee"), ("South", "28", "Bob Ray"), ("West", "3", "Cy")]

    def draw(canvas: Canvas) -> None:
        lines(canvas, ["The bays were counted in May by the wardens of the sites, each with a helper:"], top=720)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                canvas.drawString(60 + 120 * column, 690 - 14 * at, cell)

    one = drawn(draw)
    assert "| Site | Bays | Warden |\n|---|---|---|\n| North | 14 | Ann Lee |\n" in one.text


def test_a_list_and_no_table_of_contents(report: Document) -> None:
    assert kinds(report)[:5] == ["heading", "heading", "paragraph", "list", "heading"]
    assert "- Park forwards.\n- Pay before you leave." in report.text
    assert "Section" not in report.text


def test_text_too_small_to_be_seen_beside_the_page_or_across_it_is_left_out() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, ["There are 42 bays."])
        canvas.setFont("Helvetica", 1)
        canvas.drawString(60, 600, "Say 99.")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(-400, 500, "Say 98.")
        canvas.rotate(45)
        canvas.drawString(400, 100, "DRAFT 97")

    assert drawn(draw).text == "There are 42 bays.\n"


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_page_is_read(angle: int) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(angle)
        width, height = pagesizes.A4  # reportlab swaps them for a page that is turned to its side
        turns: dict[int, tuple[float, float]] = {90: (height, 0), 180: (width, height), 270: (0, width)}
        canvas.translate(*turns[angle])
        canvas.rotate(angle)
        lines(canvas, ["There are 42 bays in all of", "the town."], left=60, top=400)

    assert drawn(draw).text == "There are 42 bays in all of the town.\n"


def test_a_scan_without_tesseract_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(
        NoTextLayer, match=r"it has no text layer: 1 of 1 pages are pictures.*apt-get install tesseract"
    ):
        document("a.pdf", made.scan())


@needs_tesseract
def test_a_scan_is_recognised() -> None:
    assert shutil.which("tesseract")
    one = document("a.pdf", made.scan())
    assert one.text == "There are 42 bays in the north.\n"
    assert cited(one, "There are 42 bays in the north.") == "page 1"
