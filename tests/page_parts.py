"""Parts that the tests and the screenshots of the page share: a small corpus with traps in it, and a real browser."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from http_parts import serving
from playwright.sync_api import Browser, Page, sync_playwright

from bot.assemble import Bot, open_bot
from bot.settings import BotSettings
from ingest.embed import open_embedder
from ingest.sync import sync

DEMANDED = "REQUIRE_CHROMIUM"  # set by .ci/run: without a browser the tests fail then, rather than skip
NAMES = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 20  # a machine under load is slow, and nothing here waits that long otherwise
CONTACT = "the harbour office"

# What a document may try. None of it may ever run, on any page.
SCRIPT = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"

DOCUMENTS = {
    "harbour-plan-2019.md": """---
title: Plan of Brackwater harbour
date: 2019-03-01
kind: plan
status: superseded
superseded_by: [harbour-guide-2024.md]
---
# Plan of Brackwater harbour

## Berths

Brackwater harbour has 12 ferry berths.
Each ferry berth is let by the year.
""",
    "harbour-guide-2024.md": f"""---
title: Guide to Brackwater harbour
date: 2024-06-30
kind: briefing
status: current
owner: {CONTACT}
---
# Guide to Brackwater harbour

The Brackwater Harbour Board (BHB) runs the harbour.

## Berths

Brackwater harbour has 14 ferry berths.
A **ferry berth** is a place where a ferry ties up.

## Who does what

The harbour master of Brackwater is Ada Quill.
The harbour board has these four duties:

- Keeping the channel deep
- Collecting the harbour fees
- Lighting the two quays
- Rescue at sea

## Fees

The fees of Brackwater harbour for one night are in a table:

| Kind of boat | Fee |
|---|---|
| Rowing boat | £3 |
| Sailing yacht | £12 |
| Trawler | £40 |
""",
    "notices.md": f"""---
title: Notices {SCRIPT}
date: 2023
kind: notices
status: draft
---
# Notices {SCRIPT}

## Lamps {SCRIPT}

The red lamp {SCRIPT} of the lighthouse burns from dusk.
""",
    "onboarding.md": f"""# Begin here

## The harbour in brief

The harbour has a board. [1] A lamp {SCRIPT} burns there from dusk. [2]

- 14 ferries can berth. [3]

Sources:

1. harbour-guide-2024.md "The Brackwater Harbour Board (BHB) runs the harbour."
2. notices.md "The red lamp {SCRIPT} of the lighthouse burns from dusk."
3. harbour-guide-2024.md "Brackwater harbour has 14 ferry berths."

Questions:

- Who is the harbour master of Brackwater?
- How many ferry berths does Brackwater harbour have?

## What it costs

Boats pay by the night. [1]

1. harbour-guide-2024.md "The fees of Brackwater harbour for one night are in a table:"

- What does a sailing yacht pay?
""",
}


def written(folder: Path) -> Path:
    """The small corpus in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def small_bot(folder: Path) -> Bot:
    """A bot over the small corpus, which is written below `folder`."""
    settings = BotSettings(corpus=written(folder / "documents"), data_dir=folder / "data", index="", contact=CONTACT)
    report = sync(
        settings.corpus,
        location=str(settings.data_dir / "index"),
        data_dir=settings.data_dir,
        embedder=open_embedder("all-MiniLM-L6-v2"),
    )
    assert not report.failed
    return open_bot(settings)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of the system; Playwright only drives it, and downloads nothing."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        message = "No Chromium. Run: apt-get install chromium"
        (pytest.fail if os.environ.get(DEMANDED) else pytest.skip)(message)
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses to start as root with it
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*as_root, "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """A page in a browser of its own, which may not break any rule of the content security policy, nor run a script
    that came with a text."""
    context = browser.new_context(base_url=address, **options)
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("request", lambda sent: None if sent.url.startswith((address, "data:")) else wrong.append(sent.url))
    yield page
    if options.get("java_script_enabled", True):
        assert page.evaluate("window.hacked") is None
    assert wrong == []
    context.close()


@pytest.fixture(scope="session")
def harbour_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the small corpus is, with its index."""
    return tmp_path_factory.mktemp("harbour")


@pytest.fixture(scope="session")
def harbour_bot(harbour_folder: Path) -> Iterator[Bot]:
    """A bot over the small corpus."""
    bot = small_bot(harbour_folder)
    yield bot
    bot.index.catalog.close()


@pytest.fixture(scope="session")
def harbour(harbour_bot: Bot, harbour_folder: Path) -> Iterator[str]:
    """The address of the page over the small corpus."""
    with serving(harbour_bot, harbour_folder / "data", corpus=harbour_folder / "documents") as client:
        yield str(client.base_url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; not for longer than a module, because Playwright keeps an event loop in the thread of the tests."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, harbour: str) -> Iterator[Page]:
    """The page over the small corpus, open."""
    with opened(browser, harbour) as page:
        page.goto("/")
        yield page


def place(name: str, quote: str) -> str:
    """The address of a quotation in a document of the small corpus."""
    start = DOCUMENTS[name].split("---\n", 2)[2].index(quote)
    return f"/documents/{name}?start={start}&end={start + len(quote)}#p-{start}"


def ask(page: Page, question: str) -> None:
    """Type a question, press Enter, and wait for the answer."""
    page.locator("#pages").wait_for()  # it is there as soon as the scripts are
    before = page.locator(".tools").count()
    page.get_by_role("textbox", name="question").fill(question)
    page.keyboard.press("Enter")
    page.locator(".tools").nth(before).wait_for()
