"""The page in a real browser: ask, read, judge, look up and forget."""

import sqlite3
from pathlib import Path

import pytest
from http_parts import Held, serving
from page_parts import CONTACT, DOCUMENTS, ask, opened, place
from playwright.sync_api import Browser, Page, expect

from bot.assemble import Bot

BERTHS = "How many ferry berths does Brackwater harbour have?"
ELSEWHERE = "Who runs the railway station in Paris?"


def said(page: Page) -> str:
    """What the last answer says."""
    return page.locator(".turn .said").last.inner_text()


def test_a_question_is_asked_and_its_answer_heard_by_keyboard_alone(page: Page) -> None:
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()
    page.keyboard.type("Who is the harbour master of Brackwater?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Answer: The harbour master of Brackwater is Ada Quill. 1 source.")
    expect(page.get_by_role("heading", name="You asked: Who is the harbour master of Brackwater?")).to_be_visible()
    expect(page).to_have_title("Who is the harbour master of Brackwater? – Citewell")
    expect(page.get_by_role("textbox", name="Ask a follow-up question")).to_be_focused()


def test_shift_and_enter_begin_a_new_line(page: Page) -> None:
    page.keyboard.type("Who is")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("the harbour master?")
    assert page.get_by_role("textbox").input_value() == "Who is\nthe harbour master?"
    expect(page.locator(".turn")).to_have_count(0)


def test_a_conversation_goes_on_and_is_there_again_after_a_reload(page: Page) -> None:
    ask(page, "Who is the harbour master of Brackwater?")
    ask(page, BERTHS)
    first = page.url
    page.reload()
    expect(page.locator(".turn")).to_have_count(2)
    assert "14 ferry berths" in said(page)
    assert page.url == first
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    ask(page, BERTHS)
    assert page.url != first


def test_a_citation_opens_the_quotation_in_its_document(page: Page) -> None:
    ask(page, "What are the duties of the harbour board?")
    assert said(page).endswith("Lighting the two quays\nRescue at sea")
    link = page.locator(".said .mark").first
    link.focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="Guide to Brackwater harbour")
    expect(sheet.locator("mark").first).to_be_in_viewport()
    expect(sheet.get_by_role("heading", name="Guide to Brackwater harbour")).to_have_count(1)
    quoted = "\n".join(sheet.locator("mark").all_inner_texts())
    assert quoted.startswith("The harbour board has these four duties:") and quoted.endswith("Rescue at sea")
    about = sheet.locator(".about").inner_text()
    assert all(part in about for part in ("30 June 2024", "Current", "Who does what"))
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(link).to_be_focused()


def test_a_row_of_a_table_is_marked_cell_by_cell(page: Page) -> None:
    ask(page, "What does a sailing yacht pay?")
    page.locator(".sources a").first.click()
    assert page.locator("#sheet mark").all_inner_texts() == ["Sailing yacht", "£12"]
    assert page.locator("#sheet th").all_inner_texts() == ["Kind of boat", "Fee"]


def test_what_documents_say_differently_stands_side_by_side_with_dates(page: Page) -> None:
    ask(page, BERTHS)
    pair = page.get_by_role("group", name="The documents differ")
    expect(pair.locator(".side").nth(0)).to_contain_text("Latest: 30 June 2024")
    expect(pair.locator(".side").nth(0)).to_contain_text("Brackwater harbour has 14 ferry berths.")
    expect(pair.locator(".side").nth(1)).to_contain_text("Earlier: 1 March 2019")
    expect(pair.locator(".side").nth(1)).to_contain_text("Brackwater harbour has 12 ferry berths.")
    expect(page.locator(".sources")).to_contain_text("Superseded by Guide to Brackwater harbour")
    pair.get_by_role("link").last.click()
    sheet = page.get_by_role("dialog", name="Plan of Brackwater harbour")
    sheet.get_by_role("link", name="Guide to Brackwater harbour").click()
    expect(page.get_by_role("dialog", name="Guide to Brackwater harbour")).to_be_visible()


def test_a_refusal_shows_the_nearest_passages_whom_to_ask_and_what_to_ask(page: Page) -> None:
    ask(page, ELSEWHERE)
    expect(page.get_by_role("heading", name="Not found in the documents")).to_be_visible()
    expect(page.get_by_role("heading", name="Nearest passages")).to_be_visible()
    assert page.locator(".sources blockquote").count() == page.locator(".sources li").count() > 0
    assert CONTACT in said(page)
    suggestion = page.locator(".suggestions button").first
    question = suggestion.inner_text()
    suggestion.press("Enter")
    expect(page.get_by_role("heading", name=f"You asked: {question}")).to_be_focused()


def test_a_vote_and_its_reason_are_kept_and_taken_back(page: Page, harbour_folder: Path) -> None:
    def votes() -> list[tuple[str, str]]:
        with sqlite3.connect(next((harbour_folder / "data").glob("*.db"))) as database:
            return database.execute("SELECT rating, reason FROM votes ORDER BY at").fetchall()[len(others) :]

    others: list[tuple[str, str]] = []
    others = votes()
    ask(page, BERTHS)
    button = page.get_by_role("button", name="Not helpful")
    button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert votes() == [("down", "")]
    page.get_by_label("It is out of date").check()
    page.get_by_label("Anything else? (optional)").fill("There are 15 now.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("The people who look after the documents")).to_be_focused()
    assert votes() == [("down", "It is out of date: There are 15 now.")]
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert votes() == []


def test_an_answer_is_copied_with_its_sources(page: Page, harbour: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, "Who is the harbour master of Brackwater?")
    page.get_by_role("button", name="Copy with sources").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    lines = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert lines[0] == "Who is the harbour master of Brackwater?"
    assert lines[2] == "The harbour master of Brackwater is Ada Quill. [1]"
    assert lines[5] == "[1] Guide to Brackwater harbour (30 June 2024, current). Who does what"
    assert lines[6].strip() == "“The harbour master of Brackwater is Ada Quill.”"
    assert lines[7].strip().startswith(f"{harbour}/documents/harbour-guide-2024.md?start=")


def test_new_starters_follow_the_path_and_see_how_far_they_came(page: Page) -> None:
    page.get_by_role("link", name="New here?").click()
    expect(page.get_by_role("heading", name="New here?", level=1)).to_be_focused()
    expect(page.get_by_text("0 of 2 steps done")).to_be_visible()
    assert page.locator("#start .card").first.locator(".mark").all_text_contents() == [
        "Source 1",
        "Source 2",
        "Source 3",
    ]
    page.get_by_role("button", name="Mark as done").last.click()
    expect(page.get_by_role("status").last).to_have_text("1 of 2 steps done")
    expect(page.get_by_role("progressbar")).to_have_js_property("value", 1)
    page.get_by_role("button", name="Who is the harbour master of Brackwater?").click()
    page.locator(".tools").wait_for()
    assert "Ada Quill" in said(page)


def test_the_glossary_is_searched_and_leads_to_the_place(page: Page) -> None:
    page.get_by_role("link", name="Glossary", exact=True).click()
    page.get_by_label("Find a word").fill("nothing like it")
    expect(page.get_by_text("0 of 2 words")).to_be_visible()
    page.get_by_label("Find a word").fill("harbour b")
    page.get_by_role("link", name="Brackwater Harbour Board").click()
    expect(page.locator("#sheet mark")).to_have_text("The Brackwater Harbour Board (BHB) runs the harbour.")


def test_a_conversation_is_deleted_only_when_one_is_sure(page: Page) -> None:
    ask(page, "Is this one to be deleted?")
    page.get_by_role("link", name="History").click()
    delete = page.get_by_role("button", name="Delete: Is this one to be deleted?")
    delete.click()
    page.get_by_role("button", name="Keep it").click()
    expect(delete).to_be_focused()
    delete.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(delete).to_have_count(0)
    expect(page.get_by_role("heading", name="Your conversations")).to_be_focused()
    page.get_by_role("link", name="Ask", exact=True).click()
    expect(page.locator(".turn")).to_have_count(0)


def test_a_question_that_cannot_be_asked_stays_in_the_field(page: Page) -> None:
    field = page.get_by_role("textbox")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Enter a question")
    expect(field).to_have_attribute("aria-describedby", "problem")
    field.fill("berths " * 300)
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("2,000")
    expect(field).to_have_value(("berths " * 300).strip())
    expect(field).to_be_focused()


def test_a_service_that_is_away_is_said_so_and_asked_again(page: Page) -> None:
    page.route("**/v1/ask", lambda route: route.abort())
    page.keyboard.type(BERTHS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").last).to_contain_text("The service can’t be reached.")
    page.unroute("**/v1/ask")
    page.get_by_role("button", name="Try again").click()
    page.locator(".tools").wait_for()
    expect(page.locator(".turn")).to_have_count(1)


@pytest.mark.parametrize("ended", ["stopped", "answered"])
def test_steps_are_shown_while_an_answer_is_made_and_it_can_be_stopped(
    browser: Browser, harbour_bot: Bot, tmp_path: Path, ended: str
) -> None:
    held = Held(harbour_bot)
    with serving(held.bot, tmp_path) as client, opened(browser, str(client.base_url)) as page:
        page.goto("/")
        page.keyboard.type(BERTHS)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Reading your question")).to_be_visible()
        stop = page.get_by_role("button", name="Stop")
        if ended == "stopped":
            stop.click()
            expect(page.get_by_role("textbox")).to_have_value(BERTHS)
            held.go.set()
            assert held.stopped.wait(10)
        else:
            held.go.set()
            page.locator(".tools").wait_for()
        expect(page.get_by_role("button", name="Ask")).to_be_visible()


def test_nothing_of_a_document_is_left_out(page: Page) -> None:
    for name in DOCUMENTS:
        if name == "onboarding.md":
            continue
        page.goto(f"/documents/{name}")
        shown = "".join(page.locator("main").inner_text().split())
        text = DOCUMENTS[name].split("---\n", 2)[2]
        lines = [line.strip("#-| *") for line in text.replace("**", "").splitlines()]
        assert [line for line in lines if "".join(line.replace(" | ", "").split()) not in shown] == []


def test_the_page_of_a_document_shows_the_place_it_was_asked_for(page: Page) -> None:
    page.goto(place("harbour-guide-2024.md", "A **ferry berth** is a place where a ferry ties up."))
    assert "".join(page.locator("mark").all_inner_texts()) == "A ferry berth is a place where a ferry ties up."
    page.goto("/documents/harbour-guide-2024.md?start=5&end=100000")
    assert page.locator("mark").count() == 0
