"""Any question about any documents: every quotation stands where it says, and nothing is said without one."""

from pathlib import Path

import pytest
from conftest import ingested
from generated import MARKDOWN, PLAIN, QUESTIONS
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assemble import Bot, open_bot
from bot.errors import QuestionError
from bot.settings import BotSettings
from bot.types import Answer
from ingest.embed import Embedder

STATUSES = {"answered", "partial", "not_found", "clarify", "refused", "error"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder and one index for all examples: each example changes the documents that the last one left."""
    place = tmp_path_factory.mktemp("generated")
    (place / "documents").mkdir()
    return place


@settings(max_examples=15)
@given(markdown=MARKDOWN, plain=PLAIN, questions=st.lists(QUESTIONS, min_size=1, max_size=5))
def test_every_quotation_is_verbatim_and_nothing_is_said_without_one(
    place: Path, embedder: Embedder, markdown: str, plain: str, questions: list[str]
) -> None:
    (place / "documents" / "a.md").write_bytes(markdown.encode())
    (place / "documents" / "b.txt").write_bytes(plain.encode())
    ingested(place / "documents", place / "data", embedder)
    bot = open_bot(BotSettings(corpus=place / "documents", data_dir=place / "data", index=""))
    try:
        for question in [*questions, *asking_for_what_is_there(markdown), *asking_for_what_is_there(plain)]:
            try:
                answer = bot.ask(question)
            except QuestionError:
                continue
            assert_honest(bot, answer)
    finally:
        bot.index.catalog.close()


def asking_for_what_is_there(text: str) -> list[str]:
    words = text.split()[:8]
    return [f"How many {' '.join(words)} are there?", f"What is {' '.join(words)}?"] if words else []


def assert_honest(bot: Bot, answer: Answer) -> None:
    assert answer.status in STATUSES
    for citation in answer.citations:
        document = bot.index.catalog.document(citation.document_id)
        assert document is not None
        assert citation.quote.strip()
        assert document.text[citation.start : citation.end] == citation.quote
    if answer.status in ("answered", "partial"):
        assert answer.sentences
    for sentence in answer.sentences:
        assert sentence.citations
        assert set(sentence.citations) <= {citation.number for citation in answer.citations}
