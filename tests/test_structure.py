"""Blocks of Markdown and plain text."""

import pytest
from generated import MARKDOWN, PLAIN
from hypothesis import given, settings

from ingest.structure import blocks_of
from ingest.types import Block


def shown(text: str, *, markdown: bool) -> list[tuple[str, object]]:
    """Blocks as their kinds and texts; lists and tables as their parts."""
    return [(block.kind, _shown(text, block)) for block in blocks_of(text, markdown=markdown)]


def _shown(text: str, block: Block) -> object:
    parts = [text[start:end] for start, end in block.parts]
    return parts or text[block.span.start : block.span.end]


def test_markdown_has_headings_with_levels_paragraphs_and_lists() -> None:
    text = "# Plan\n\nIt begins.\nIt goes on.\n\n## 2 Networks ##\n\n- one\n- two\n"
    assert shown(text, markdown=True) == [
        ("heading", "Plan"),
        ("paragraph", "It begins.\nIt goes on."),
        ("heading", "2 Networks"),
        ("list", ["one", "two"]),
    ]
    assert [block.level for block in blocks_of(text, markdown=True) if block.kind == "heading"] == [1, 2]


def test_a_heading_may_be_underlined() -> None:
    assert shown("Plan\n====\n\nText.\n", markdown=True) == [("heading", "Plan"), ("paragraph", "Text.")]


def test_the_items_of_a_nested_list_are_items_each() -> None:
    text = "- North:\n  - Ann\n  - Bob\n- South\n"
    assert shown(text, markdown=True) == [("list", ["North:", "Ann", "Bob", "South"])]


def test_a_numbered_list_gives_its_items_without_their_numbers() -> None:
    assert shown("1. one\n2. two\n10) ten\n", markdown=True)[0] == ("list", ["one", "two"])


def test_an_item_may_go_on_over_lines() -> None:
    assert shown("- one\n  and more\n- two\n", markdown=True) == [("list", ["one\n  and more", "two"])]


def test_a_table_has_a_header_and_rows() -> None:
    text = "| Name | Post |\n|---|---|\n| Ann | Chair |\n| Bob | Clerk |\n"
    (table,) = blocks_of(text, markdown=True)
    assert table.kind == "table"
    assert table.header is not None
    assert text[table.header.start : table.header.end] == "| Name | Post |"
    assert [text[start:end] for start, end in table.parts] == ["| Ann | Chair |", "| Bob | Clerk |"]


def test_a_quotation_is_read_as_what_is_in_it() -> None:
    assert [kind for kind, _ in shown("> Text of it.\n>\n> - one\n", markdown=True)] == ["paragraph", "list"]


def test_rules_and_html_are_no_text() -> None:
    assert shown("Text.\n\n---\n\n<div>mark-up</div>\n", markdown=True) == [("paragraph", "Text.")]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_kind_of_line_end_changes_nothing(line_end: str) -> None:
    text = "# Plan\n\nText.\n\n- one\n- two\n\n| A | B |\n|---|---|\n| 1 | 2 |\n"
    kinds = [kind for kind, _ in shown(text, markdown=True)]
    assert [kind for kind, _ in shown(text.replace("\n", line_end), markdown=True)] == kinds


def test_plain_text_has_paragraphs_between_blank_lines() -> None:
    text = "The first of them says one thing.\nIt goes on.\n\nThe second says another thing.\n"
    assert [kind for kind, _ in shown(text, markdown=False)] == ["paragraph", "paragraph"]


@pytest.mark.parametrize("bullet", ["•", "·", "-", "–", "*", "o"])
def test_plain_text_has_lists_by_their_bullets(bullet: str) -> None:
    text = f"The plan includes:\n\n{bullet} more staff in the north;\n{bullet} fewer buildings.\n"
    assert shown(text, markdown=False)[-1] == ("list", ["more staff in the north;", "fewer buildings."])


def test_a_numbered_line_in_plain_text_is_a_heading_with_a_level() -> None:
    text = "2 Networks\n\nThere are many of them.\n\n2.1 Where they are\n\nThey are in the north of it.\n"
    blocks = blocks_of(text, markdown=False)
    headings = [(block.level, text[block.span.start : block.span.end]) for block in blocks if block.kind == "heading"]
    assert headings == [(1, "2 Networks"), (2, "2.1 Where they are")]


def test_a_list_that_lost_its_bullets_is_a_list_again() -> None:
    text = (
        "The board agreed to do all of the following things:\n\n\n"
        "hire more nurses for the north of the county this year\n\n\n"
        "close the old hospital in the town before winter comes\n"
    )
    kinds = [kind for kind, _ in shown(text, markdown=False)]
    assert kinds == ["paragraph", "list"]


def test_page_numbers_and_running_footers_are_no_text() -> None:
    page = "What stands on this page is a sentence about {}.\n\n{}\nA plan of ours - 30 June 2021\n\n"
    text = "".join(page.format(thing, number) for number, thing in enumerate(["cats", "dogs", "birds"], start=7))
    assert [text for _, text in shown(text, markdown=False)] == [
        f"What stands on this page is a sentence about {thing}." for thing in ("cats", "dogs", "birds")
    ]


@settings(max_examples=80)
@given(MARKDOWN)
def test_blocks_of_any_markdown_are_in_order_and_never_overlap(text: str) -> None:
    assert_in_order(text, blocks_of(text, markdown=True))


@settings(max_examples=80)
@given(PLAIN)
def test_blocks_of_any_plain_text_are_in_order_and_never_overlap(text: str) -> None:
    assert_in_order(text, blocks_of(text, markdown=False))


def assert_in_order(text: str, blocks: list[Block]) -> None:
    at = 0
    for block in blocks:
        assert at <= block.span.start < block.span.end <= len(text)
        inside = block.header.end if block.header else block.span.start
        for part in block.parts:
            assert inside <= part.start <= part.end <= block.span.end
            inside = part.end
        at = block.span.end


def test_a_number_that_a_broken_line_left_alone_is_no_page_number() -> None:
    text = "The board was set up by the three councils of the county in\n2018\nand has met since.\n\n12\n\nIt meets on."
    assert shown(text, markdown=False) == [
        ("paragraph", "The board was set up by the three councils of the county in\n2018\nand has met since."),
        ("paragraph", "It meets on."),
    ]


def test_a_date_that_a_broken_line_begins_with_is_no_heading() -> None:
    text = "The boards were merged, as both had asked for years, on\n30 September 2021\nand met once more."
    assert shown(text, markdown=False) == [("paragraph", text)]
