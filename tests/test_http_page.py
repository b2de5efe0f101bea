"""The pages as they come without JavaScript; what stands in documents and questions is text in them."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import ingested, write
from http_parts import QUESTION, serving

from bot.adapters.http.reading import parts_of
from bot.assemble import Bot, open_bot
from bot.settings import BotSettings
from ingest.embed import Embedder

PAGE = {"Accept": "text/html"}
EVIL = """---
title: "<script>alert('title')</script>"
status: superseded
superseded_by: [newer & better.md]
---
# Harbour <img src=x onerror=alert(1)>

The harbour master is </span><script>alert('text')</script> Ann Lee & partners.

"Quotes" and 'apostrophes' are in the harbour office.
"""


@pytest.fixture(scope="module")
def service(bot: Bot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(bot, tmp_path_factory.mktemp("service")) as client:
        yield client


@pytest.fixture
def evil(folder: Path, data_dir: Path, embedder: Embedder) -> Iterator[httpx.Client]:
    write(folder, evil_md=EVIL)
    (folder / "newer & better.md").write_text("# Newer\n\nThe harbour is closed.\n", encoding="utf-8")
    ingested(folder, data_dir, embedder)
    bot = open_bot(BotSettings(corpus=folder, data_dir=data_dir, index=""))
    with serving(bot, data_dir) as client:
        yield client
    bot.index.catalog.close()


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page))


def words(text: str) -> list[str]:
    """The words of a text; the marks of Markdown are not among them, nor the numbers of items and sources."""
    return re.findall(r"[^\W\d_]+", text)


def foreign(page: str) -> str:
    """A page without the one script of its own."""
    return page.replace('<script type="module" src="/static/page.js"></script>', "")


def test_asking_without_javascript(service: httpx.Client, bot: Bot) -> None:
    assert 'action="/"' in service.get("/").text
    page = service.post("/", data={"question": QUESTION}).text
    answer = bot.ask(QUESTION)
    for sentence in answer.sentences[:1]:
        assert sentence.text in text_of(page)
    for citation in answer.citations:
        assert " ".join(words(citation.quote)) in " ".join(words(text_of(page)))
        assert f"start={citation.start}&amp;end={citation.end}#p-{citation.start}" in page
    conversation = re.search(r'name="conversation_id" value="(\w+)"', page)
    assert conversation
    again = service.post("/", data={"question": "since when?", "conversation_id": conversation[1]})
    assert again.status_code == 200


@pytest.mark.parametrize("question", ["", " ", "?", "a " * 3000])
def test_a_question_that_is_none_is_said_on_the_page(service: httpx.Client, question: str) -> None:
    response = service.post("/", data={"question": question}, headers=PAGE)
    assert response.status_code == 422
    assert 'role="alert"' in response.text


def test_the_page_of_a_document_marks_the_quotation(service: httpx.Client, bot: Bot) -> None:
    for citation in bot.ask(QUESTION).citations:
        page = service.get(citation.url.split("#")[0], params={"start": citation.start, "end": citation.end}).text
        assert words(" ".join(map(text_of, re.findall(r"<mark.*?</mark>", page, re.DOTALL)))) == words(citation.quote)
        assert f'id="p-{citation.start}"' in page, "where the citation's own address leads to"
        assert page.count('id="quoted"') == 1
        document = bot.index.document(citation.document_id)
        assert document
        assert " ".join(words(document.text.partition(document.title)[2])) in " ".join(words(text_of(page))), (
            "all of it"
        )
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("span", ["start=5&end=2", "start=0&end=99999999", "start=99999999", "end=0"])
def test_a_place_that_is_not_there_marks_nothing(service: httpx.Client, span: str) -> None:
    response = service.get(f"/documents/icb-organogram-2022.md?{span}")
    assert response.status_code == 200
    assert "<mark" not in response.text


def test_a_page_that_is_not_there_is_a_page_with_a_sentence(service: httpx.Client) -> None:
    response = service.get("/documents/nothing.md", headers=PAGE)
    assert response.status_code == 404
    assert "There is nothing at this address" in response.text
    assert response.headers["x-reference"] in response.text
    assert response.headers["content-type"].startswith("text/html")


def test_script_in_documents_and_questions_is_text(evil: httpx.Client) -> None:
    page = evil.get("/documents/evil.md").text
    assert "<script" not in page
    assert "<img" not in page
    assert "<script>alert('text')</script>" in text_of(page.replace("\n", " ")) or "alert('text')" in text_of(page)
    answered = evil.post("/", data={"question": "Who is the harbour master?"}).text
    assert "<script" not in foreign(answered)
    assert "Ann Lee" in answered
    asked = evil.post("/", data={"question": '"><script>alert(1)</script> harbour?'}).text
    assert "<script" not in foreign(asked)
    refused = evil.get('/documents/<script>alert("x")</script>', headers=PAGE).text
    assert "<script" not in refused


def test_the_document_that_replaced_it_is_a_link(evil: httpx.Client) -> None:
    page = evil.get("/documents/evil.md").text
    link = re.search(r'href="([^"]+)"[^>]*>Newer<', page)
    assert link
    assert link[1] == "/documents/newer%20%26%20better.md"
    assert "The harbour is closed." in evil.get(link[1]).text


def test_the_manual_names_every_route_and_needs_no_script(service: httpx.Client) -> None:
    page = service.get("/docs").text
    for method_and_path in (
        "POST /v1/ask",
        "POST /v1/chat/completions",
        "GET /v1/documents/{document_id}",
        "GET /metrics",
    ):
        assert f"<code>{method_and_path}</code>" in page
    assert "<script" not in page
    assert "http" not in page.replace("https://platform.openai.com", "").replace("http-", "")


def test_parts_lose_no_word_of_a_text(bot: Bot) -> None:
    for document in bot.index.documents():
        text = bot.index.document(document.id).text  # type: ignore[union-attr]
        passages = bot.index.passages_of(document.id)
        for quoted in (None, (0, len(text)), (3, 50)):
            for name in (document.id, "as plain text.txt"):
                cells = [
                    cell
                    for part in parts_of(name, text, passages, quoted)
                    for line in part.lines
                    for cell in line.cells
                ]
                assert words(" ".join("".join(piece.text for piece in cell) for cell in cells)) == words(text)
                first = [piece for cell in cells for piece in cell if piece.first]
                assert len(first) == (1 if quoted else 0)


HARD = """# A *title*

Setext heading
==============

Text with **bold**, `code`, [a link](https://example.org/a(b)) and ![a picture](x.png).

<div>Words in HTML</div>

1. First
   - Inner **one**

     and a second paragraph of it
2. Second

```
code | with | bars
```

> Quoted words

| A | B |
|---|:-:|
| 1 \\| x | 2 |
| lone |

[reference]: https://example.org "Words"
"""


@pytest.mark.parametrize("name", ["hard.md", "hard.txt"])
def test_parts_lose_no_word_of_unusual_markdown(name: str) -> None:
    for start in range(0, len(HARD), 7):
        parts = parts_of(name, HARD, [], (start, start + 40))
        cells = [cell for part in parts for line in part.lines for cell in line.cells]
        shown = words(" ".join("".join(piece.text for piece in cell) for cell in cells))
        lost = set(words(HARD)) - set(shown) - {"https", "example", "org", "a", "b", "x", "png", "A"}
        assert {word for word in lost if word not in "".join(shown)} == set()


@pytest.mark.parametrize("name", ["rooms.csv", "rooms.docx"])
def test_what_readers_write_down_is_laid_out(name: str) -> None:
    text = "# Rooms\n\n| Oak | 12 |\n| Elm **2** | 40 |\n\n- Quiet\n\n| A | B |\n|---|---|\n| 1 | 2 |\n"
    parts = parts_of(name, text, [], None)
    assert [part.kind for part in parts] == ["heading", "table", "list", "table"]
    rows = [["".join(piece.text for piece in cell).strip() for cell in line.cells] for line in parts[1].lines]
    assert rows == [["Oak", "12"], ["Elm **2**", "40"]]
    assert [part.headed for part in parts if part.kind == "table"] == [False, True]
