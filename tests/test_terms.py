"""The list of words at the root of the corpus: tables that the people who look after the documents can edit."""

import re
from collections import Counter

from conftest import CORPUS

from ingest.load import ABOUT_THE_CORPUS

TERMS = (CORPUS / "terms.md").read_text(encoding="utf-8").splitlines()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TERMS
    if line.startswith("|") and not line.startswith(("|---", "| Term |"))
]


def test_every_table_has_the_same_three_columns() -> None:
    headings = [line for line in TERMS if line.startswith("| Term")]
    assert len(headings) == sum(line.startswith("## ") for line in TERMS)
    assert set(headings) == {"| Term | People also say | Meaning |"}


def test_every_row_has_a_term_other_words_and_one_sentence() -> None:
    for cells in ROWS:
        term, others, meaning = cells
        assert term
        assert all(other.strip() for other in others.split(","))
        assert re.fullmatch(r"[A-Z].*[^.]\.", meaning), cells


def test_no_term_has_two_rows_and_none_is_among_its_own_other_words() -> None:
    terms = Counter(cells[0].lower() for cells in ROWS)
    assert [term for term, count in terms.items() if count > 1] == []
    assert [term for term, others, _ in ROWS if term.lower() in re.split(r", ", others.lower())] == []


def test_no_word_stands_twice_in_a_row() -> None:
    twice = [(cells[0], word) for cells in ROWS for word, count in Counter(cells[1].split(", ")).items() if count > 1]
    assert twice == []


def test_every_term_is_a_word_of_the_documents() -> None:
    notes = (path for path in CORPUS.glob("*.md") if path.name not in ABOUT_THE_CORPUS)
    documents = " ".join(" ".join(path.read_text(encoding="utf-8").lower().split()) for path in notes)
    full_forms = [re.sub(r" \(.*\)$", "", term.lower()).rstrip("s") for term, _, _ in ROWS]
    assert [form for form in full_forms if form not in documents] == []
