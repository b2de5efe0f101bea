"""Passages of documents."""

import pytest
from generated import MARKDOWN, PARAGRAPHS, PLAIN
from hypothesis import given, settings

from ingest.embed import DEFAULT_MAX_PIECES, Embedder, open_embedder
from ingest.readers.text import read as read_text
from ingest.split import sentences, split
from ingest.types import Document, Passage, Span, embedded_prefix

EMBEDDER = open_embedder("all-MiniLM-L6-v2")  # only its tokenizer is used here
TABLE = "| Name | Post |\n|---|---|\n| Ann Lee | Chair |\n| Bob Ray | Clerk |\n"


def passages_of(text: str, name: str = "plan.md") -> list[Passage]:
    document = document_of(text, name)
    return split(document, EMBEDDER.count, limit=DEFAULT_MAX_PIECES)


def document_of(text: str, name: str = "plan.md") -> Document:
    return Document(name, text, "hash", "A plan")


def test_a_heading_stays_with_what_is_under_it() -> None:
    (passage,) = passages_of("# Plan\n\n## 2 Networks\n\nThere are 42 networks.\n")
    assert passage.headings == ("Plan", "2 Networks")
    assert passage.text == "There are 42 networks."


def test_a_heading_ends_those_below_its_level() -> None:
    *_, last = passages_of("# Plan\n\n## One\n\n### Deep\n\nText one.\n\n## Two\n\nText two.\n")
    assert last.headings == ("Plan", "Two")


def test_a_list_keeps_its_lead_in() -> None:
    (passage,) = passages_of("The board has:\n\n- a chair\n- a clerk\n")
    assert passage.kind == "list"
    assert passage.text.startswith("The board has:")
    assert [unit.kind for unit in passage.units] == ["sentence", "item", "item"]


def test_the_part_of_a_long_list_keeps_its_lead_in_as_context() -> None:
    items = "\n".join(f"- the post number {number} in the office of the board of the county" for number in range(60))
    first, *others = passages_of(f"The board has these posts:\n\n{items}\n")
    assert first.text.startswith("The board has these posts:")
    assert others
    assert all(passage.context == "The board has these posts:" for passage in others)


def test_a_row_keeps_the_header_of_its_table() -> None:
    (passage,) = passages_of(TABLE)
    assert passage.context == "Name | Post"
    assert [passage.text[unit.start - passage.start : unit.end - passage.start] for unit in passage.units] == [
        "| Ann Lee | Chair |",
        "| Bob Ray | Clerk |",
    ]


def test_a_table_of_one_row_is_a_row() -> None:
    (passage,) = passages_of("| Name | Post |\n|---|---|\n| Ann Lee | Chair |\n")
    assert passage.kind == "row"


def test_a_table_keeps_its_lead_in_with_its_header() -> None:
    *_, table = passages_of("The posts are:\n\n" + TABLE)
    assert table.context == "The posts are:\nName | Post"


def test_a_long_table_is_cut_between_rows_and_every_part_keeps_the_header() -> None:
    rows = [f"| Person number {number} of the county | Post number {number} of the board |" for number in range(80)]
    text = "| Name | Post |\n|---|---|\n" + "\n".join(rows) + "\n"
    passages = passages_of(text)
    assert len(passages) > 1
    assert all(passage.context == "Name | Post" for passage in passages)
    assert [text[unit.start : unit.end] for passage in passages for unit in passage.units] == rows


def test_a_nested_list_is_one_passage_with_all_items() -> None:
    (passage,) = passages_of("Areas:\n\n- North:\n  - Ann\n  - Bob\n- South\n")
    items = [passage.text[unit.start - passage.start : unit.end - passage.start] for unit in passage.units]
    assert items == ["Areas:", "North:", "Ann", "Bob", "South"]


def test_a_sentence_longer_than_a_passage_is_cut_and_nothing_is_lost() -> None:
    text = "It says " + " ".join(f"word{number}" for number in range(900)) + ".\n"
    passages = passages_of(text)
    assert len(passages) > 1
    assert " ".join(passage.text for passage in passages).split() == text.split()


def test_windows_line_ends_are_kept_and_cut_nothing() -> None:
    text = "# Plan\r\n\r\nThe board has:\r\n\r\n- a chair\r\n- a clerk\r\n"
    (passage,) = passages_of(text)
    assert passage.text == "The board has:\r\n\r\n- a chair\r\n- a clerk"


def test_a_numbered_heading_in_plain_text_is_the_heading_of_what_follows() -> None:
    text = "6.3 Leadership\n\nThe board has eleven members.\n\n6.4 Money\n\nThe budget is £3.6 billion.\n"
    assert [passage.headings for passage in passages_of(text, "plan.txt")] == [("6.3 Leadership",), ("6.4 Money",)]


def test_a_list_that_lost_its_bullets_keeps_its_lead_in() -> None:
    text = (
        "The board agreed to do all of the following things:\n\n\n"
        "hire more nurses for the north of the county this year\n\n\n"
        "close the old hospital in the town before winter comes\n"
    )
    (passage,) = passages_of(text, "plan.txt")
    assert [unit.kind for unit in passage.units] == ["sentence", "item", "item"]


def test_sentences_are_not_cut_at_abbreviations() -> None:
    text = "Dr. Lee chairs it, e.g. today. It has 3.5 posts."
    assert [text[start:end] for start, end in sentences(text, Span(0, len(text)))] == [
        "Dr. Lee chairs it, e.g. today.",
        "It has 3.5 posts.",
    ]


def test_a_passage_has_the_same_id_for_the_same_place_only() -> None:
    text = "# A\n\nText one.\n\n# B\n\nText one.\n"
    ids = [passage.id for passage in passages_of(text)]
    assert ids == [passage.id for passage in passages_of(text)]
    assert len(set(ids)) == len(ids) == 2


@settings(max_examples=60)
@given(MARKDOWN)
def test_any_markdown_is_cut_into_passages_that_hold_what_they_promise(text: str) -> None:
    assert_sound(document_of(text), EMBEDDER)


@settings(max_examples=60)
@given(PLAIN)
def test_any_plain_text_is_cut_into_passages_that_hold_what_they_promise(text: str) -> None:
    assert_sound(document_of(text, "plan.txt"), EMBEDDER)


@settings(max_examples=40)
@given(PARAGRAPHS)
def test_every_character_of_plain_paragraphs_stands_in_a_unit(text: str) -> None:
    passages = passages_of(text, "plan.txt")
    covered = {at for passage in passages for unit in passage.units for at in range(unit.start, unit.end)}
    bullets = "•·▪‣◦●○■□➢✓-*–—o"
    lost = [text[at] for at in range(len(text)) if at not in covered and not text[at].isspace()]
    assert not [character for character in lost if character not in bullets]


@pytest.mark.parametrize("title", ["", "T" * 3000, "A title of words " * 300, "漢" * 300, "가 " * 300])
@pytest.mark.parametrize("heading", ["heading " * 300, "漢" * 300, "가 " * 300])
def test_titles_and_headings_however_long_leave_room_for_the_text(title: str, heading: str) -> None:
    text = "".join(f"{'#' * level} {heading}\n\n" for level in (1, 2, 3, 4))
    text += heading + ":\n\n" + "- a post in the office of the board\n" * 100
    assert_sound(Document("plan.md", text, "hash", title), EMBEDDER)


@pytest.mark.parametrize("word", ["a", "漢", "🙂", "\u0301", "ß", "x\u200by", "................"])
def test_a_word_without_spaces_however_long_is_cut(word: str) -> None:
    assert_sound(document_of(word * 3000), EMBEDDER)
    assert_sound(document_of(word * 3000, "plan.txt"), EMBEDDER)


def test_a_document_as_loaded_keeps_the_promise_too() -> None:
    document = read_text("plan.md", b"---\r\ntitle: Plan\r\n---\r\n# Plan\r\n\r\nThere are 42 networks.\r\n", "hash")
    assert_sound(document, EMBEDDER)


def assert_sound(document: Document, embedder: Embedder) -> None:
    """Spans are verbatim, in order, apart, and short enough with all that is embedded in front of them."""
    at = 0
    for ordinal, passage in enumerate(split(document, embedder.count, limit=embedder.max_pieces)):
        assert passage.ordinal == ordinal
        assert document.text[passage.start : passage.end] == passage.text
        assert passage.text.strip()
        assert at <= passage.start
        inside = passage.start
        assert passage.units
        for unit in passage.units:
            assert inside <= unit.start < unit.end <= passage.end
            inside = unit.end
        pieces = embedder.count(embedded_prefix(document.title, passage) + passage.text) + 2
        assert pieces <= embedder.max_pieces, (pieces, passage)
        at = passage.end
