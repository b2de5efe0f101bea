"""Documents that other people wrote, read as they are; `python tests/debian_documents.py` fetches them."""

import re
from functools import cache

import pytest
from debian_documents import FILES, FOLDER
from test_readers import passages_of

from ingest.readers import read
from ingest.types import Document


@cache
def real(name: str) -> Document:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not here: run `python tests/debian_documents.py`")
    return read(name, path.read_bytes(), "hash")


def rows(document: Document) -> list[str]:
    return [
        document.text[row.start : row.end]
        for block in document.blocks or ()
        if block.kind == "table"
        for row in block.parts
    ]


def headings(document: Document) -> list[str]:
    return [
        document.text[block.span.start : block.span.end] for block in document.blocks or () if block.kind == "heading"
    ]


def test_a_folded_card_of_three_columns_is_read_panel_by_panel() -> None:
    document = real("refcard-en-a4.pdf")
    order = ["Dpkg", "The Network", "Debian Reference Card", "Getting Help", "Installation", "Important Shell Commands"]
    found = headings(document)
    assert [found.index(title) for title in order] == sorted(found.index(title) for title in order)
    assert "| ssh -X user@host | Login at another machine. |" in rows(document)
    assert "| command [--help, -h] | Brief help for most commands. |" in rows(document), (
        "a cell of two lines is one beside its explanation"
    )


def test_an_article_with_formulas_keeps_its_sentences() -> None:
    document = real("cnfsat.pdf")
    assert (document.title, document.date, document.date_is) == ("CNF Satisfiability Problem", "2011-08", "printed")
    assert headings(document)[:2] == ["CNF Satisfiability Problem", "1 Introduction"]
    assert "Given a Boolean formula of n variables" in document.text


def test_a_manual_of_two_hundred_pages_has_its_sections_and_pages() -> None:
    document = real("bashref.pdf")
    found = headings(document)
    assert "1.1 What is Bash?" in found
    assert "3.5.1 Brace Expansion" in found
    assert len([title for title in found if re.match(r"\d+\.\d+", title)]) > 100
    sentence = (
        "The return value is 0 if the string matches (‘==’) or does not match (‘!=’) the pattern, and 1 otherwise."
    )
    start = document.text.index(sentence)
    passage = next(one for one in passages_of(document) if one.start <= start < one.end)
    assert passage.mark_at(start) == "page 21"
    assert passage.headings[-1].startswith("3.2.5.2")


def test_running_headers_and_leaders_are_gone_from_the_manual() -> None:
    text = real("bashref.pdf").text
    assert not re.search(r"Chapter \d+: .* \d+\n", text)
    assert ". . . ." not in text


def test_the_web_form_of_the_manual_says_the_same() -> None:
    page, printed = real("bashref.html"), real("bashref.pdf")
    assert page.title == "Bash Reference Manual"
    assert (page.date, page.date_is) == ("2022-09-19", "printed")
    sentences = [
        "A shell allows execution of gnu commands, both synchronously and asynchronously.",
        "These interactive features include job control, command line editing, command history and aliases.",
        "After these expansions are performed, quote characters present in the original word are removed",
    ]
    for sentence in sentences:
        assert sentence.lower() in page.text.lower()
        assert sentence.lower() in printed.text.lower()
    assert "Next:" not in page.text
    assert "[Contents]" not in page.text


def test_a_spreadsheet_with_notes_around_its_table_has_its_columns() -> None:
    document = real("deaths.xlsx")
    headers = [block.header for block in document.blocks or () if block.kind == "table" and block.header]
    assert [document.text[header.start : header.end] for header in headers] == [
        "| Name | Profession | Age | Has kids | Date of birth | Date of death |"
    ] * 2
    assert "| David Bowie | musician | 69 | TRUE | 1947-01-08 | 2016-01-10 |" in rows(document)


def test_the_list_of_files_is_complete() -> None:
    assert all(files for files in FILES.values())
