"""Files read into documents."""

from pathlib import Path

import pytest
from conftest import write

from ingest.errors import CorpusError, UnreadableDocument
from ingest.folder import document_paths
from ingest.load import load
from ingest.readers.text import split_front_matter
from ingest.types import Document

GERMAN = "Die Behörde prüft die Anträge der Bürger. Für die Städte gelten größere Höchstbeträge als für Dörfer.\n" * 4


def loaded(folder: Path, name: str, data: str | bytes) -> Document:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return load(path, folder)


def names_in(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in document_paths(folder)]


def test_front_matter_says_what_a_document_is(folder: Path) -> None:
    document = loaded(
        folder,
        "plan.md",
        "---\ntitle: The plan\npublisher: A board\ndate: 2021-06-30\nkind: plan\nstatus: superseded\n"
        "superseded_by: [new.md, newer.md]\nowner: Ann Lee\nsource: a.txt\n---\n# Heading\n\nText.\n",
    )
    assert document.text == "# Heading\n\nText.\n"
    assert (document.title, document.publisher, document.date, document.date_is) == (
        "The plan",
        "A board",
        "2021-06-30",
        "printed",
    )
    assert (document.kind, document.status, document.owner, document.source) == (
        "plan",
        "superseded",
        "Ann Lee",
        "a.txt",
    )
    assert document.superseded_by == ("new.md", "newer.md")


def test_one_name_that_supersedes_needs_no_list(folder: Path) -> None:
    assert loaded(folder, "a.md", "---\nsuperseded_by: b.md\n---\nText.\n").superseded_by == ("b.md",)


@pytest.mark.parametrize(("given", "date"), [("2021", "2021"), ("2021-06", "2021-06"), ("2021-06-30", "2021-06-30")])
def test_a_date_may_be_a_year_a_month_or_a_day(folder: Path, given: str, date: str) -> None:
    assert loaded(folder, "a.md", f"---\ndate: {given}\n---\nText.\n").date == date


def test_a_file_without_front_matter_is_all_text(folder: Path) -> None:
    document = loaded(folder, "notes.md", "# Notes of May\n\nText.\n")
    assert document.text == "# Notes of May\n\nText.\n"
    assert (document.title, document.date, document.status) == ("Notes of May", "", "")


def test_a_rule_in_the_middle_is_no_front_matter(folder: Path) -> None:
    text = "Text.\n\n---\n\nMore.\n\n---\n"
    assert loaded(folder, "a.md", text).text == text


def test_front_matter_that_is_no_table_of_names_is_text() -> None:
    text = "---\n- one\n- two\n---\nText.\n"
    assert split_front_matter(text) == ({}, text)


@pytest.mark.parametrize("front", ["title: [a", "date: 2021-13-45", "a: b: c", "\ttitle: x", "title: !!python/name:os"])
def test_broken_front_matter_is_an_error_that_says_so(folder: Path, front: str) -> None:
    with pytest.raises(UnreadableDocument, match="front matter is not valid YAML"):
        loaded(folder, "a.md", f"---\n{front}\n---\nText.\n")


def test_a_date_is_taken_from_a_footer_that_recurs(folder: Path) -> None:
    document = loaded(folder, "a.txt", "One.\nA plan - 30 June 2021\n\nTwo of 2022.\nA plan - 30 June 2021\n")
    assert (document.date, document.date_is) == ("2021-06-30", "printed")


def test_a_date_is_inferred_from_the_year_named_most(folder: Path) -> None:
    document = loaded(folder, "a.txt", "It began in 2020. In 2022 it grew, and in 2022 it ended.\n")
    assert (document.date, document.date_is) == ("2022", "inferred")


def test_a_title_is_the_first_heading_or_a_short_first_line_or_the_name_of_the_file(folder: Path) -> None:
    assert loaded(folder, "a.md", "Before.\n\n# The heading #\n\nText.\n").title == "The heading"
    assert loaded(folder, "b.txt", "\nMinutes of May\n\nText.\n").title == "Minutes of May"
    assert loaded(folder, "c.txt", "This first line is a sentence.\n").title == "c"


def test_a_byte_order_mark_is_no_part_of_the_text(folder: Path) -> None:
    document = loaded(folder, "a.md", b"\xef\xbb\xbf---\ntitle: Plan\n---\nText.\n")
    assert (document.title, document.text) == ("Plan", "Text.\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_text_in_other_encodings_is_read(folder: Path, encoding: str) -> None:
    assert loaded(folder, "a.txt", GERMAN.encode(encoding)).text == GERMAN


def test_line_ends_are_kept_as_they_are(folder: Path) -> None:
    assert loaded(folder, "a.md", "---\r\ntitle: A\r\n---\r\nOne.\r\nTwo.\r\n").text == "One.\r\nTwo.\r\n"


@pytest.mark.parametrize("data", [b"", b"  \n\n", b"---\ntitle: Plan\n---\n\n"])
def test_a_file_without_text_is_an_error_that_says_so(folder: Path, data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=r"it is empty|it has no text"):
        loaded(folder, "a.md", data)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", bytes(range(256)) * 40, b"PK\3\4\0\0\0\0"])
def test_a_binary_file_is_an_error_that_says_so(folder: Path, data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="it is not a text file"):
        loaded(folder, "a.txt", data)


def test_the_same_bytes_have_the_same_hash_and_others_another(folder: Path) -> None:
    one, same, other = (loaded(folder, name, text) for name, text in (("a.md", "A."), ("b.md", "A."), ("c.md", "B.")))
    assert one.content_hash == same.content_hash != other.content_hash


def test_documents_are_found_in_subfolders_in_the_order_of_their_names(folder: Path) -> None:
    (folder / "sub").mkdir()
    write(folder, b_md="B.", a_txt="A.", photo_png="no", program_exe="no")
    write(folder / "sub", c_MD="C.")
    assert names_in(folder) == ["a.txt", "b.md", "sub/c.MD"]


def test_hidden_files_and_folders_are_left_out(folder: Path) -> None:
    (folder / ".git").mkdir()
    write(folder / ".git", a_md="A.")
    (folder / ".b.md").write_text("B.")
    assert names_in(folder) == []


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    write(outside, plan_md="Outside.")
    (folder / "file.md").symlink_to(outside / "plan.md")
    (folder / "folder").symlink_to(outside, target_is_directory=True)
    (folder / "circle").symlink_to(folder, target_is_directory=True)
    assert names_in(folder) == []


@pytest.mark.parametrize("name", ["README.md", "terms.md", "onboarding.md"])
def test_files_about_the_corpus_are_left_out_at_its_root_only(folder: Path, name: str) -> None:
    (folder / "sub").mkdir()
    (folder / name).write_text("About.")
    (folder / "sub" / name).write_text("About.")
    assert names_in(folder) == [f"sub/{name}"]


def test_a_folder_that_is_not_there_is_an_error_that_says_so(folder: Path) -> None:
    with pytest.raises(CorpusError, match="There is no folder"):
        names_in(folder / "nowhere")


def test_a_file_that_went_away_is_an_error_that_says_so(folder: Path) -> None:
    with pytest.raises(UnreadableDocument, match="it can't be opened"):
        load(folder / "gone.md", folder)


def test_a_name_that_is_no_text_is_an_error_that_says_so(folder: Path) -> None:
    with pytest.raises(UnreadableDocument, match="its name is not valid UTF-8"):
        loaded(folder, "caf\udce9.md", "Text.\n")
