"""Text from slides and charts: a label and what stands below it answer together."""

from collections.abc import Iterator

import pytest

from bot.assemble import Bot, open_bot
from bot.settings import BotSettings
from ingest.embed import Embedder
from ingest.sync import sync

CHART = """The harbour board's motto is:

“A safe berth for every boat”.

The harbour board has these duties:

• Dredging the harbour
• Lighting the quays

Who does what at the harbour board

Harbour dredging programme

Sponsor – Paul Bently (Harbour Master)

Ferry timetable programme

Sponsor – Susan Ackers (Chief Engineer)
"""


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Bot]:
    home = tmp_path_factory.mktemp("chart")
    (home / "docs").mkdir()
    (home / "docs" / "chart.txt").write_text(CHART, encoding="utf-8")
    settings = BotSettings(data_dir=home / "data", index="", corpus=home / "docs")
    sync(settings.corpus, location=settings.index_location, data_dir=settings.data_dir, embedder=embedder)
    bot = open_bot(settings)
    yield bot
    bot.index.catalog.close()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who is the sponsor of the harbour dredging programme?", "Paul Bently"),
        ("Who is the sponsor of the ferry timetable programme?", "Susan Ackers"),
        ("What is the harbour board's motto?", "A safe berth for every boat"),
    ],
)
def test_a_label_is_said_with_what_stands_below_it(chart: Bot, question: str, said: str) -> None:
    answer = chart.ask(question)
    assert answer.status == "answered" and said in answer.sentences[0].text, answer.text
    for citation in answer.citations:
        document = chart.index.document(citation.document_id)
        assert document and document.text[citation.start : citation.end] == citation.quote


def test_the_items_of_a_real_list_stay_apart(chart: Bot) -> None:
    answer = chart.ask("What are the duties of the harbour board?")
    assert "- Dredging the harbour\n- Lighting the quays" in answer.text
