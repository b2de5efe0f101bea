"""Files of each format read into documents: what is kept, what is left out, and where it can be found again."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import made
import pytest

from bot.answer.draft import Draft, DraftSentence, Place
from bot.answer.verify import Asked, checked
from ingest.readers import READERS, read
from ingest.split import split
from ingest.types import Document, Passage


def words(text: str) -> int:
    return len(text.split())


def document(name: str, data: bytes) -> Document:
    return read(name, data, "hash")


def passages_of(one: Document) -> list[Passage]:
    passages = split(one, words, limit=200)
    for passage in passages:
        assert one.text[passage.start : passage.end] == passage.text
        for unit in passage.units:
            assert passage.start <= unit.start < unit.end <= passage.end
    return passages


def cited(one: Document, quote: str) -> str:
    """The locator of a citation of a quotation."""
    start = one.text.index(quote)
    passage = next(passage for passage in passages_of(one) if passage.start <= start < passage.end)
    place = Place(passage, start, start + len(quote), 1.0)
    draft = Draft("answered", sentences=(DraftSentence(quote, (place,)),))
    answer = checked(draft, Asked("?", "?", ""), lambda _: one)
    assert answer.citations[0].quote == quote
    return answer.citations[0].locator


MAKERS: dict[str, Callable[[], bytes]] = {
    "a.docx": made.word,
    "a.pptx": made.slides,
    "a.xlsx": made.workbook,
    "a.eml": lambda: made.MAIL,
    "a.html": lambda: made.PAGE,
}


@pytest.fixture(scope="module")
def read_once() -> Callable[[str], Document]:
    kept: dict[str, Document] = {}

    def get(name: str) -> Document:
        if name not in kept:
            kept[name] = document(name, MAKERS[name]())
        return kept[name]

    return get


Read = Callable[[str], Document]


def kinds(one: Document) -> list[str]:
    assert one.blocks is not None
    return [block.kind for block in one.blocks]


# Word


def test_a_word_document_keeps_headings_lists_and_tables(read_once: Read) -> None:
    one = read_once("a.docx")
    assert kinds(one) == ["heading", "heading", "paragraph", "heading", "paragraph", "list", "list", "table"]
    assert "# Bays\n\nThere are 42 bays in all.\n\n## In the north" in one.text
    assert "- twelve bays for cars\n- two bays for bicycles" in one.text
    assert "1. Apply at the desk.\n2. Pay the fee." in one.text
    assert "| North | 14 | Bob |" in one.text
    assert "Cy\\|Di" in one.text


def test_a_word_document_is_cited_by_its_headings(read_once: Read) -> None:
    assert cited(read_once("a.docx"), "two bays for bicycles") == "Bays > In the north"


def test_running_headers_and_hidden_text_of_word_are_left_out(read_once: Read) -> None:
    text = read_once("a.docx").text
    assert "RUNNING" not in text
    assert "Page 1" not in text
    assert "99" not in text


def test_title_author_and_date_of_word_are_its_properties(read_once: Read) -> None:
    one = read_once("a.docx")
    assert (one.title, one.title_is) == ("Rules of the car park", "properties")
    assert (one.author, one.author_is) == ("Ann Lee", "properties")
    assert (one.date, one.date_is) == ("2023-05-04", "properties")


# PowerPoint


def test_a_slide_has_its_title_bullets_table_and_chart(read_once: Read) -> None:
    text = read_once("a.pptx").text
    assert "## Berths of quay 2\n\n- There are 20 berths\n  - two of them for ferries\n- All are lit" in text
    assert "| Quay | Depth |\n|---|---|\n| North | 12 m |" in text
    assert "| 2022 | 4.5 |" in text


def test_slides_and_notes_are_cited_by_their_number(read_once: Read) -> None:
    one = read_once("a.pptx")
    assert cited(one, "There are 30 berths") == "slide 3 · Berths of quay 3"
    assert cited(one, "Say that quay 3 was counted in May.") == "slide 3, notes · Berths of quay 3"


def test_hidden_slides_and_what_stands_on_every_slide_are_left_out(read_once: Read) -> None:
    text = read_once("a.pptx").text
    assert "quay 5" not in text
    assert "For the board only" not in text


# Excel


def test_values_are_read_as_they_are_displayed(read_once: Read) -> None:
    text = read_once("a.xlsx").text
    assert "| Site | Bays | Full | Fee | Since |" in text
    assert "| North | 14 | 42.5% | £1,234.50 | 2021-06-30 |" in text
    assert "| South | 28 | 100.0% | £2.00 | 2022-01-02 09:30 |" in text


def test_hidden_rows_columns_and_sheets_are_left_out(read_once: Read) -> None:
    text = read_once("a.xlsx").text
    assert not [word for word in ("Hidden", "Secret", "43 bays", "Old") if word in text]


def test_a_title_above_and_a_note_below_are_no_rows(read_once: Read) -> None:
    one = read_once("a.xlsx")
    assert kinds(one) == ["heading", "paragraph", "table", "paragraph", "heading", "table"]


def test_rows_are_cited_by_sheet_and_number(read_once: Read) -> None:
    one = read_once("a.xlsx")
    assert cited(one, "| South | 28 | 100.0% | £2.00 | 2022-01-02 09:30 |") == "sheet “Car parks”, row 4"
    assert cited(one, "| Ann | Head |") == "sheet “Wardens”, row 2"


def test_a_workbook_is_named_by_its_file(read_once: Read) -> None:
    assert (read_once("a.xlsx").title, read_once("a.xlsx").title_is) == ("a", "file name")


# CSV


def test_a_table_of_values_has_its_header_with_each_row() -> None:
    one = document("a.csv", b'Name;Post\n"Lee; Ann";Chair\n\nBob;"Clerk\nof works"\n')
    assert one.text == "| Name | Post |\n|---|---|\n| Lee; Ann | Chair |\n| Bob | Clerk of works |\n"
    assert cited(one, "| Bob | Clerk of works |") == "row 4"
    assert passages_of(one)[0].context == "Name | Post"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_recognised(separator: str) -> None:
    one = document(
        "a.csv", separator.join(["Name", "Post"]).encode() + b"\n" + separator.join(["Ann", "Chair"]).encode()
    )
    assert one.text.endswith("| Ann | Chair |\n")


def test_a_first_row_of_numbers_is_no_header() -> None:
    one = document("a.csv", b"Ann,42\nBob,43\n")
    assert one.blocks is not None
    assert one.blocks[0].header is None
    assert len(one.blocks[0].parts) == 2


def test_a_table_of_a_hundred_thousand_lines_is_read() -> None:
    began = time.monotonic()
    one = document("a.csv", b"Name,Bays\n" + b"".join(b"Site %d,%d\n" % (at, at) for at in range(100_000)))
    assert one.blocks is not None
    assert len(one.blocks[0].parts) == 100_000
    assert one.marks[-1].label == "row 100001"
    assert time.monotonic() - began < 30  # it takes 2 s on an idle machine


# E-mail


def test_a_mail_has_sender_date_and_body_without_what_it_quotes(read_once: Read) -> None:
    one = read_once("a.eml")
    assert "- From: Ann Lee <ann@example.org>" in one.text
    assert "- twelve in the north" in one.text
    assert "43" not in one.text
    assert "Bays Office" not in one.text
    assert "Attached, and not read here: plan of bays.pdf." in one.text


def test_title_author_and_date_of_a_mail_are_in_its_header(read_once: Read) -> None:
    one = read_once("a.eml")
    assert (one.title, one.author, one.date) == ("Bays at the café", "Ann Lee", "2023-07-03")
    assert one.title_is == one.author_is == one.date_is == "header"


def test_a_mail_in_html_only_is_read_as_a_page() -> None:
    body = (
        b"From: a@example.org\nSubject: Bays\nContent-Type: text/html\n\n<h1>Bays</h1><script>99</script><p>42 bays</p>"
    )
    assert document("a.eml", body).text.endswith("# Bays\n\n42 bays\n")


def test_a_mail_that_only_forwards_keeps_what_it_forwards() -> None:
    data = b"From: a@example.org\nSubject: FW\n\n-----Original Message-----\nThere are 42 bays.\n"
    assert "There are 42 bays." in document("a.eml", data).text


# Web pages


def test_a_page_keeps_headings_lists_and_tables(read_once: Read) -> None:
    text = read_once("a.html").text
    assert text.startswith("# Car park\n\nThere are 42 bays. Ask the desk.\n\n## In the north")
    assert "- Cars:\n  - twelve bays\n  - two with a charger\n- Bicycles" in text
    assert "| Site | Bays |\n|---|---|\n| North | 12 |\n| North | 2 |" in text
    assert "- Bay: A place for one car." in text
    assert "High Street 1\nHillside" in text
    assert "open  8\nclose 20" in text


@pytest.mark.parametrize("word", ["99", "77", "66", "cookies", "Home", "All places", "color", "©", "[1]"])
def test_scripts_hidden_text_navigation_and_cookie_notices_are_no_content(read_once: Read, word: str) -> None:
    assert word not in read_once("a.html").text


def test_a_page_says_its_author_and_date(read_once: Read) -> None:
    one = read_once("a.html")
    assert (one.title, one.title_is, one.author, one.date) == ("Car park", "printed", "Ann Lee", "2023-05-04")


def test_a_page_of_nothing_but_a_wrapper_named_after_its_menu_is_read() -> None:
    assert document("a.html", b"<body><div class='menu'><p>There are 42 bays in all.</p></div>").text


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_a_page_is_decoded_as_it_says_or_as_it_is(encoding: str) -> None:
    html = f'<html><head><meta charset="{encoding}"></head><body><p>{"Die Bürger der Städte zahlen Gebühren. " * 9}</p>'
    assert "Die Bürger der Städte" in document("a.html", html.encode(encoding)).text


def test_a_control_character_in_a_page_is_no_reason_to_refuse_it() -> None:
    html = b"<p>There are \x02<script>1</script>\x0342&#4; bays.\x08<nav>x</nav>\x06</p>"
    assert document("a.html", html).text == "There are 42 bays.\n"


def test_a_contents_list_of_links_within_the_page_is_left_out() -> None:
    html = (
        b"<ul><li><a href='#a'>Alpha</a></li><li><a href='#b'>Beta</a></li><li><a href='#c'>Gamma</a></li></ul><p>Text."
    )
    assert document("a.html", html).text == "Text.\n"


def test_a_table_that_arranges_a_page_is_read_as_its_content() -> None:
    html = b"<table><tr><td><h1>Bays</h1><p>There are 42.</p></td><td><ul><li>one</li></ul></td></tr></table>"
    assert document("a.html", html).text == "# Bays\n\nThere are 42.\n\n- one\n"


@pytest.mark.parametrize("piece", [b"<div>", b"<b>x", b"<ul><li>a", b"<table><tr><td>", b"<dl><dt>a<dd>b", b"<a><p>"])
def test_a_page_nested_without_end_is_read_or_refused_soon(piece: bytes) -> None:
    from ingest.errors import UnreadableDocument

    began = time.monotonic()
    try:
        document("a.html", piece * 20_000 + b"text")
    except UnreadableDocument as error:
        assert str(error)
    assert time.monotonic() - began < 10


# All


def test_a_document_of_one_format_holds_no_mark_up_of_another(read_once: Read) -> None:
    data = b"Name,Note\nAnn,# no heading\nBob,<b>42</b>\n"
    assert kinds(document("a.csv", data)) == ["table"]


def test_every_format_is_split_into_passages_that_quote_it(read_once: Read) -> None:
    for name in MAKERS:
        assert passages_of(read_once(name))


def test_the_author_and_date_in_a_text_are_found(folder: Path) -> None:
    one = document("a.md", b"# Plan\n\nAuthor: Ann Lee\n\nDate: 3rd May 2021\n\nText of 2019 and 2019.\n")
    assert (one.author, one.author_is, one.date, one.date_is) == ("Ann Lee", "printed", "2021-05-03", "printed")


def test_readers_are_imported_only_when_a_file_of_theirs_is_met() -> None:
    code = (
        "import sys; import ingest.load, bot.adapters.cli\n"
        "heavy = {'pypdfium2', 'mammoth', 'pptx', 'openpyxl', 'lxml', 'docx', 'PIL', 'pytesseract'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert set(READERS) >= {".md", ".txt", ".html", ".pdf", ".docx", ".pptx", ".xlsx", ".csv", ".eml"}
