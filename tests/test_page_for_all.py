"""The page for everybody: without JavaScript, assisted, small, dark, printed; and never a script of a stranger's."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from http_parts import serving
from page_parts import SCRIPT, ask, opened, place
from playwright.sync_api import Browser, Page, expect

from bot.adapters.http.keys import Keys
from bot.assemble import Bot

BERTHS = "How many ferry berths does Brackwater harbour have?"
ELSEWHERE = "Who runs the railway station in Paris?"
LAMP = f"Which lamp of the lighthouse burns from dusk? {SCRIPT}"
# WCAG 2.2 at levels A and AA, and what axe thinks good besides. The rule on the size of targets has to be asked for.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}


def answered(page: Page) -> None:
    ask(page, BERTHS)
    page.get_by_role("button", name="Not helpful").click()
    page.locator("form.why").wait_for()


def refused(page: Page) -> None:
    ask(page, ELSEWHERE)


def reading(page: Page) -> None:
    ask(page, BERTHS)
    page.locator(".sources a").first.click()
    page.locator("#sheet mark").first.wait_for()


def wrong(page: Page) -> None:
    page.get_by_role("textbox").press("Enter")


def deleting(page: Page) -> None:
    ask(page, BERTHS)
    page.get_by_role("link", name="History").click()
    page.get_by_role("button", name="Delete").first.click()


def view(name: str) -> Callable[[Page], None]:
    def shown(page: Page) -> None:
        page.get_by_role("link", name=name, exact=True).click()
        page.locator("section:visible .content :is(dl, ol, ul)").first.wait_for()

    return shown


def at(address: str) -> Callable[[Page], None]:
    return lambda page: page.goto(address) and None


STATES: dict[str, Callable[[Page], None]] = {
    "welcome": lambda page: page.locator("#welcome-more a").first.wait_for(),
    "answered": answered,
    "refused": refused,
    "reading": reading,
    "wrong": wrong,
    "deleting": deleting,
    "new here": view("New here?"),
    "glossary": view("Glossary"),
    "documents": view("Documents"),
    "document": at(place("harbour-guide-2024.md", "| Trawler | £40 |")),
    "manual": at("/docs"),
    "sign in": at("/sign-in"),
    "no such page": at("/documents/nothing.md"),
}


@pytest.fixture(scope="module", params=["light", "dark"])
def coloured(request: pytest.FixtureRequest, browser: Browser, harbour: str) -> Iterator[Page]:
    """A page of one colour scheme."""
    with opened(browser, harbour, color_scheme=request.param) as page:
        yield page


@pytest.mark.parametrize("state", STATES)
def test_nothing_stands_in_the_way_of_anybody(coloured: Page, state: str) -> None:
    coloured.set_viewport_size({"width": 1280, "height": 1024})
    coloured.goto("/")
    STATES[state](coloured)
    found = Axe().run(coloured, options=RULES).response["violations"]
    assert [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found] == []
    coloured.set_viewport_size({"width": 320, "height": 256})  # the same at 400 %: nothing is scrolled sideways
    assert coloured.evaluate("document.scrollingElement.scrollWidth") <= 320


def test_what_has_the_focus_is_never_hidden_under_the_question(browser: Browser, harbour: str) -> None:
    with opened(browser, harbour, viewport={"width": 360, "height": 740}) as page:
        page.goto("/")
        ask(page, BERTHS)
        ask(page, ELSEWHERE)
        form = page.locator("#asking").bounding_box()
        assert form and form["y"] + form["height"] <= 741
        links = page.locator(".turn a:visible, .turn button:visible")
        page.evaluate("scrollTo(0, 0)")
        links.first.focus()
        for _ in range(links.count() - 1):
            box = page.locator(":focus").bounding_box()
            assert box and box["y"] >= 0 and box["y"] + box["height"] <= form["y"]
            page.keyboard.press("Tab")


def test_without_javascript_one_asks_reads_and_asks_on(browser: Browser, harbour: str) -> None:
    with opened(browser, harbour, java_script_enabled=False) as page:
        page.goto("/")
        expect(page.get_by_role("navigation")).to_have_count(0)
        page.get_by_label("Your question").fill(BERTHS)
        page.get_by_role("button", name="Ask").click()
        expect(page.locator(".said > p").first).to_contain_text("14. Brackwater harbour has 14 ferry berths.")
        expect(page.locator(".side").last).to_contain_text("Earlier: 1 March 2019")
        expect(page.locator(".sources")).to_contain_text("Superseded by Guide to Brackwater harbour")
        page.locator(".sources a").first.click()
        expect(page.get_by_role("heading", name="Guide to Brackwater harbour")).to_be_visible()
        assert page.locator("mark").all_inner_texts() == ["Brackwater harbour has 14 ferry berths."]
        page.go_back()
        conversation = page.locator("#asking [name=conversation_id]").input_value()
        page.get_by_label("Ask a follow-up question").fill(ELSEWHERE)
        page.get_by_role("button", name="Ask").click()
        assert conversation
        assert page.locator("#asking [name=conversation_id]").input_value() == conversation
        expect(page.get_by_role("heading", name="Not found in the documents")).to_be_visible()
        page.locator(".suggestions button").first.click()
        expect(page.locator(".question")).to_contain_text("You asked: What do the documents say")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_script_in_a_document_or_a_question_is_shown_and_never_runs(
    browser: Browser, harbour: str, scripts: bool
) -> None:
    # `opened` fails where a script ran, the policy was broken, or anything was fetched from elsewhere.
    with opened(browser, harbour, java_script_enabled=scripts) as page:
        page.goto("/")
        page.get_by_role("textbox").fill(LAMP)
        page.get_by_role("button", name="Ask").click()
        expect(page.locator(".said")).to_contain_text("The red lamp <script>window.hacked = 1</script>")
        expect(page.locator(".question")).to_contain_text(SCRIPT)
        expect(page.locator(".sources")).to_contain_text("Notices <script>")
        page.locator(".sources a").first.click()
        expect(page.locator("#sheet mark" if scripts else "mark").first).to_contain_text(SCRIPT)
        page.goto("/documents/notices.md")
        assert page.locator("h1").inner_text() == f"Notices {SCRIPT}"
        assert page.locator("main script, main img").count() == 0
        if scripts:
            for name in ("New here?", "Documents", "History"):
                page.goto("/")
                view(name)(page)
                expect(page.locator("section:visible .content")).to_contain_text("<script>")
                assert page.locator("main script, main img").count() == 0
            page.goto("/#conversation/%3Cimg%20src=x%20onerror='window.hacked=3'%3E")
            expect(page.get_by_role("alert")).not_to_be_empty()


def test_an_answer_from_a_hostile_service_is_text_too(page: Page) -> None:
    strange = dict.fromkeys(("title", "date", "kind", "status", "locator", "quote"), SCRIPT)
    place = {"document_id": "javascript:alert(1)", "start": 0, "end": 4, "passage_id": "", "url": "", "score": 1}
    answer: dict[str, Any] = {
        **dict.fromkeys(("question", "standalone_question", "text", "missing", "notice"), SCRIPT),
        **{"answer_id": "a", "conversation_id": "c", "status": "answered", "conflicts": [], "suggestions": [SCRIPT]},
        "sentences": [{"text": f"{SCRIPT}\n- {SCRIPT}", "citations": [1], "supported": True}],
        "citations": [{"number": 1, **strange, **place}],
    }
    body = f"event: answer\ndata: {json.dumps(answer)}\n\n"
    page.route("**/v1/ask", lambda route: route.fulfill(content_type="text/event-stream", body=body))
    ask(page, "Anything?")
    assert page.locator("main script, main img").count() == 0
    assert page.locator(".mark").first.get_attribute("href") == "/documents/javascript%3Aalert(1)?start=0&end=4#p-0"


def test_what_is_printed_is_the_answer_with_its_sources(page: Page) -> None:
    ask(page, BERTHS)
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".sources")).to_be_visible()
    expect(page.get_by_role("heading", name=f"You asked: {BERTHS}")).to_be_visible()
    for hidden in (".top", "#asking", ".tools"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_where_keys_are_needed_the_page_asks_for_one(browser: Browser, harbour_bot: Bot, tmp_path: Path) -> None:
    _, secret = Keys(tmp_path / "keys.json").create("tests", scopes=["ask"], audiences=None)
    with serving(harbour_bot, tmp_path, keys="required") as client, opened(browser, str(client.base_url)) as page:
        page.goto("/")
        page.get_by_label("Your API key").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("This key doesn't work.")
        page.get_by_label("Your API key").fill(secret)
        page.keyboard.press("Enter")
        ask(page, BERTHS)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.goto("/")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
