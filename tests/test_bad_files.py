"""Files that can't be read: each is refused with its reason, by an error that has a name."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import made
import pytest
from conftest import ingested

from ingest.embed import Embedder
from ingest.errors import (
    DamagedDocument,
    DangerousDocument,
    EmptyDocument,
    EncryptedDocument,
    MisnamedDocument,
    NotText,
    UnreadableDocument,
)
from ingest.readers import READERS, read

OFFICE = {".docx": made.word, ".pptx": made.slides, ".xlsx": made.workbook}
MAIN = {".docx": "word/document.xml", ".pptx": "ppt/presentation.xml", ".xlsx": "xl/workbook.xml"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'

office = pytest.mark.parametrize("suffix", OFFICE)


def refused(name: str, data: bytes) -> UnreadableDocument:
    with pytest.raises(UnreadableDocument) as raised:
        read(name, data, "hash")
    reason = str(raised.value)
    assert reason
    assert "\n" not in reason
    return raised.value


@pytest.mark.parametrize("suffix", READERS)
def test_an_empty_file(suffix: str) -> None:
    assert isinstance(refused(f"a{suffix}", b""), EmptyDocument)


@pytest.mark.parametrize("suffix", READERS)
def test_binary_rubbish(suffix: str) -> None:
    error = refused(f"a{suffix}", bytes(range(256)) * 40)
    assert isinstance(error, NotText | DamagedDocument | EmptyDocument)


def test_an_encrypted_pdf() -> None:
    error = refused("a.pdf", made.encrypted_pdf())
    assert isinstance(error, EncryptedDocument)
    assert str(error) == "it is protected by a password; save it without one"


@office
def test_an_encrypted_office_file(suffix: str) -> None:
    data = OLE + "EncryptedPackage".encode("utf-16-le") + bytes(100)
    assert isinstance(refused(f"a{suffix}", data), EncryptedDocument)


@office
def test_an_office_file_of_before_2007(suffix: str) -> None:
    assert "save it as" in str(refused(f"a{suffix}", OLE))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_pdf_cut_short(part: float) -> None:
    data = made.article()
    assert isinstance(refused("a.pdf", data[: int(len(data) * part)]), DamagedDocument)


@office
@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_an_office_file_cut_short(suffix: str, part: float) -> None:
    data = OFFICE[suffix]()
    assert isinstance(refused(f"a{suffix}", data[: int(len(data) * part)]), DamagedDocument)


@office
def test_an_office_file_with_malformed_xml(suffix: str) -> None:
    data = made.with_part(OFFICE[suffix](), MAIN[suffix], b"<w:document><unclosed>")
    assert isinstance(refused(f"a{suffix}", data), DamagedDocument)


@office
def test_an_office_file_without_its_main_part(suffix: str) -> None:
    source = OFFICE[suffix]()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as file, zipfile.ZipFile(buffer, "w") as target:
        for name in file.namelist():
            if name != MAIN[suffix]:
                target.writestr(name, file.read(name))
    assert isinstance(refused(f"a{suffix}", buffer.getvalue()), DamagedDocument)


def test_a_pdf_whose_objects_are_rubbish() -> None:
    data = made.article()
    assert isinstance(refused("a.pdf", data[:20] + b"\xff" * (len(data) - 60) + data[-40:]), DamagedDocument)


@office
def test_a_zip_bomb(suffix: str) -> None:
    bomb = made.with_part(OFFICE[suffix](), "word/media/zeros.xml", bytes(60_000_000))
    assert len(bomb) < 200_000
    error = refused(f"a{suffix}", bomb)
    assert isinstance(error, DangerousDocument)
    assert "ZIP bomb" in str(error)


@office
def test_an_xml_entity_bomb(suffix: str) -> None:
    for part in (MAIN[suffix], "docProps/core.xml"):
        error = refused(f"a{suffix}", made.with_part(OFFICE[suffix](), part, LAUGHS))
        assert isinstance(error, DangerousDocument)
        assert "entities" in str(error)


@office
def test_an_entity_bomb_behind_a_long_comment(suffix: str) -> None:
    late = LAUGHS.replace(b"<!DOCTYPE", b"<!--" + b"x" * 200_000 + b"--><!DOCTYPE")
    assert isinstance(refused(f"a{suffix}", made.with_part(OFFICE[suffix](), MAIN[suffix], late)), DangerousDocument)


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("a.docx", made.article, "it is named .docx and holds a PDF; rename it to end in .pdf"),
        ("a.pdf", made.word, "it is named .pdf and holds a Word document; rename it to end in .docx"),
        ("a.xlsx", made.slides, "it is named .xlsx and holds a PowerPoint presentation; rename it to end in .pptx"),
        ("a.xlsx", lambda: made.PAGE, "it is named .xlsx and holds a web page; rename it to end in .html"),
        ("a.txt", made.article, "it is named .txt and holds a PDF; rename it to end in .pdf"),
        ("a.html", made.workbook, "it is named .html and holds an Excel workbook; rename it to end in .xlsx"),
    ],
)
def test_a_file_of_another_format_than_its_name_says(name: str, make: Callable[[], bytes], reason: str) -> None:
    error = refused(name, make())
    assert isinstance(error, MisnamedDocument)
    assert str(error) == reason


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".pptx", ".xlsx"])
def test_text_that_is_named_as_something_else(suffix: str) -> None:
    assert isinstance(refused(f"a{suffix}", b"There are 42 bays.\n" * 100), DamagedDocument)


def test_a_sheet_that_claims_to_be_huge_is_read() -> None:
    data = made.workbook()
    sheet = made.part_of(data, "xl/worksheets/sheet1.xml").replace(b"</sheetData>", b'<row r="9"/></sheetData>')
    sheet = sheet.replace(b'<dimension ref="A1:F6"', b'<dimension ref="A1:XFD1048576"')
    assert b"XFD" in sheet
    assert "| North | 14 |" in read("a.xlsx", made.with_part(data, "xl/worksheets/sheet1.xml", sheet), "h").text


def test_a_web_page_without_text() -> None:
    assert isinstance(refused("a.html", b"<html><script>var text = 1</script></html>"), EmptyDocument)


def test_a_mail_without_a_header() -> None:
    assert "it is no e-mail" in str(refused("a.eml", b"There are 42 bays.\n"))


def test_all_are_reported_by_name_and_the_others_are_read(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    (folder / "good.docx").write_bytes(made.word())
    (folder / "page 'one'.html").write_bytes(made.PAGE)
    (folder / "locked.pdf").write_bytes(made.encrypted_pdf())
    (folder / "cut.xlsx").write_bytes(made.workbook()[:900])
    (folder / "empty.csv").write_bytes(b"")
    (folder / "~$good.docx").write_bytes(b"lock")
    report = ingested(folder, data_dir, embedder)
    assert sorted(report.added) == ["good.docx", "page 'one'.html"]
    assert report.failed == {
        "locked.pdf": "it is protected by a password; save it without one",
        "cut.xlsx": "it is damaged, or not an Excel workbook",
        "empty.csv": "it is empty",
    }
