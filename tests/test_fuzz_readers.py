"""Any bytes under any suffix: a document that can be cited, or an error with a name; never a crash, never a hang."""

import io
import time
import zipfile
from functools import lru_cache

import made
import pytest
from generated import MARKDOWN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import UnreadableDocument
from ingest.readers import READERS, read
from ingest.split import split

LONGEST = 20.0  # seconds for a file of some kilobytes on a busy machine; it takes less than one
BEGINNINGS = {
    ".pdf": b"%PDF-1.4\n",
    ".docx": b"PK\x03\x04",
    ".pptx": b"PK\x03\x04",
    ".xlsx": b"PK\x03\x04",
    ".html": b"<!DOCTYPE html>",
    ".htm": b"<p>",
    ".eml": b"From: a\nSubject: b\n",
    ".csv": b"a,b\n",
    ".md": b"---\n",
    ".txt": b"",
}
XML_PARTS = {
    ".docx": ["word/document.xml", "word/numbering.xml", "word/styles.xml", "docProps/core.xml"],
    ".pptx": ["ppt/slides/slide2.xml", "ppt/presentation.xml", "ppt/notesSlides/notesSlide1.xml"],
    ".xlsx": ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"],
}


@lru_cache
def valid(suffix: str) -> bytes:
    match suffix:
        case ".pdf":
            return made.report()
        case ".docx":
            return made.word()
        case ".pptx":
            return made.slides()
        case ".xlsx":
            return made.workbook()
        case ".html" | ".htm":
            return made.PAGE
        case ".eml":
            return made.MAIL
        case ".csv":
            return b'Name;Post\n"Lee; Ann";Chair\n' * 20
        case _:
            return b"---\ntitle: Plan\ndate: 2021\n---\n# Plan\n\n- one\n- two\n\n| a | b |\n|---|---|\n| c | d |\n"


def assert_read_or_refused(suffix: str, data: bytes) -> None:
    began = time.monotonic()
    try:
        document = read(f"file{suffix}", data, "hash")
    except UnreadableDocument as error:
        assert str(error).strip()
    else:
        assert document.title
        end = 0
        for block in document.blocks or ():
            assert end <= block.span.start < block.span.end <= len(document.text)
            end = block.span.end
            for part in block.parts:
                assert block.span.start <= part.start < part.end <= block.span.end
        assert list(document.marks) == sorted(document.marks, key=lambda mark: mark.start)
        document.text.encode("utf-8")
        for passage in split(document, lambda text: len(text.split()), limit=200):
            assert document.text[passage.start : passage.end] == passage.text
    assert time.monotonic() - began < LONGEST


@pytest.mark.parametrize("suffix", READERS)
@settings(max_examples=40)
@given(data=st.binary(max_size=400), begins=st.booleans())
def test_any_bytes(suffix: str, data: bytes, begins: bool) -> None:
    assert_read_or_refused(suffix, (BEGINNINGS[suffix] if begins else b"") + data + (b"%%EOF" if begins else b""))


Cut = tuple[float, float, bytes]
CUTS = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 0.05), st.binary(max_size=12)),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, cuts: list[Cut]) -> bytes:
    """Replace pieces of a file by other bytes."""
    for at, length, content in cuts:
        start = int(at * len(data))
        data = data[:start] + content + data[start + int(length * len(data)) :]
    return data


@pytest.mark.parametrize("suffix", READERS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=CUTS)
def test_a_valid_file_with_pieces_replaced(suffix: str, cuts: list[Cut]) -> None:
    assert_read_or_refused(suffix, mutated(valid(suffix), cuts))


@pytest.mark.parametrize("suffix", XML_PARTS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=CUTS, data=st.data())
def test_an_office_file_with_a_part_changed(suffix: str, cuts: list[Cut], data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(valid(suffix))) as file:
        part = data.draw(st.sampled_from([name for name in XML_PARTS[suffix] if name in file.namelist()]))
    assert_read_or_refused(
        suffix, made.with_part(valid(suffix), part, mutated(made.part_of(valid(suffix), part), cuts))
    )


WORDS = st.sampled_from(
    [
        "p",
        "div",
        "ul",
        "ol",
        "li",
        "table",
        "tr",
        "td",
        "th",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "a",
        "b",
        "sup",
        "pre",
        "br",
        "main",
    ]
)
PIECES = st.one_of(
    WORDS.map(lambda name: f"<{name}>"),
    WORDS.map(lambda name: f"</{name}>"),
    st.sampled_from(
        ["<td colspan=3 rowspan=9>", "<a href='#x'>", "<p hidden>", "<ol start='7'>", "<!--", "&amp;", "&#0;"]
    ),
    st.text(max_size=12),
)


@settings(max_examples=150)
@given(pieces=st.lists(PIECES, max_size=60))
def test_any_tags_in_any_order(pieces: list[str]) -> None:
    assert_read_or_refused(".html", "".join(pieces).encode("utf-8", "replace"))


@settings(max_examples=40)
@given(text=MARKDOWN)
def test_any_text_in_a_mail(text: str) -> None:
    assert_read_or_refused(".eml", b"From: a\nSubject: b\nContent-Type: text/plain; charset=utf-8\n\n" + text.encode())
