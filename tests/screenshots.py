"""Take pictures of the main states of the page, light and dark, wide and narrow: make screenshots."""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from http_parts import serving
from page_parts import ask, chromium, opened, place, small_bot
from playwright.sync_api import Page

FOLDER = Path(__file__).parent.parent / "build" / "screenshots"
SIZES = {"wide": (1280, 900), "narrow": (360, 740), "magnified": (320, 256)}  # the last: 1280 by 1024 at 400 %
SCHEMES = ("light", "dark")

BERTHS = "How many ferry berths does Brackwater harbour have?"


def answered(page: Page) -> None:
    ask(page, BERTHS)


def judged(page: Page) -> None:
    ask(page, "What are the duties of the harbour board?")
    page.get_by_role("button", name="Not helpful").click()
    page.locator("form.why").wait_for()
    page.locator("form.why").scroll_into_view_if_needed()


def refused(page: Page) -> None:
    ask(page, "Who runs the railway station in Paris?")


def reading(page: Page) -> None:
    ask(page, "What does a sailing yacht pay?")
    page.locator(".sources a").first.click()
    page.locator("#sheet mark").first.wait_for()


def wrong(page: Page) -> None:
    page.get_by_role("textbox").press("Enter")


def away(page: Page) -> None:
    page.route("**/v1/ask", lambda route: route.abort())
    page.get_by_role("textbox").fill(BERTHS)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Try again").wait_for()


def deleting(page: Page) -> None:
    view("History")(page)
    page.get_by_role("button", name="Delete").first.click()


def printed(page: Page) -> None:
    answered(page)
    page.emulate_media(media="print")


def view(name: str) -> Callable[[Page], None]:
    """A view of the page, by its link."""

    def shown(page: Page) -> None:
        page.get_by_role("link", name=name, exact=True).click()
        page.locator("section:visible .content :is(dl, ol, ul)").first.wait_for()

    return shown


def at(address: str) -> Callable[[Page], None]:
    """Another page."""

    def shown(page: Page) -> None:
        page.goto(address)

    return shown


STATES: dict[str, Callable[[Page], None]] = {
    "welcome": lambda page: page.locator("#welcome-more a").first.wait_for(),
    "answered": answered,
    "judged": judged,
    "refused": refused,
    "reading": reading,
    "wrong": wrong,
    "away": away,
    "new-here": view("New here?"),
    "glossary": view("Glossary"),
    "documents": view("Documents"),
    "history": view("History"),
    "deleting": deleting,
    "document": at(place("harbour-plan-2019.md", "Brackwater harbour has 12 ferry berths.")),
    "manual": at("/docs"),
    "sign-in": at("/sign-in"),
    "no-such-page": at("/documents/nothing.md"),
    "printed": printed,
}


def take(names: list[str]) -> None:
    """Take the pictures of these states, or of all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, chromium() as browser:
        bot = small_bot(Path(folder))
        with serving(bot, Path(folder) / "data", corpus=Path(folder) / "documents") as client:
            for scheme in SCHEMES:
                for size, (width, height) in SIZES.items():
                    look = {"color_scheme": scheme, "viewport": {"width": width, "height": height}}
                    for name in names or STATES:
                        with opened(browser, str(client.base_url), **look) as page:
                            page.goto("/")
                            STATES[name](page)
                            page.screenshot(path=FOLDER / f"{name}-{scheme}-{size}.png")
        bot.index.catalog.close()


if __name__ == "__main__":
    take(sys.argv[1:])
    print(f"Pictures are in {FOLDER}")
