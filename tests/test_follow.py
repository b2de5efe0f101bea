"""An index that is open while another process changes it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run, ingested, write

from bot.assemble import Bot, open_bot
from bot.settings import BotSettings
from ingest.embed import Embedder

QUESTION = "Who chairs the harbour board?"
FERRIES = "# Ferries\n\nThe ferry runs every day at nine.\n"


def _chaired_by(name: str) -> str:
    return f"# Board\n\n{name} chairs the harbour board.\n"


@pytest.fixture
def bot(folder: Path, data_dir: Path, embedder: Embedder) -> Iterator[Bot]:
    write(folder, ferries_md=FERRIES)
    ingested(folder, data_dir, embedder)
    bot = open_bot(BotSettings(corpus=folder, data_dir=data_dir, index=""))
    assert "chairs" not in bot.ask(QUESTION).text.replace(QUESTION, "")
    yield bot
    bot.index.catalog.close()


def test_the_next_answer_knows_what_another_process_ingested(
    bot: Bot, folder: Path, data_dir: Path, citewell: Run, embedder: Embedder
) -> None:
    write(folder, board_md=_chaired_by("Ann Lee"))
    citewell("ingest", folder, data_dir=data_dir)
    assert "Ann Lee" in bot.ask(QUESTION).text
    vector = embedder.embed_query(QUESTION)
    assert bot.index.nearest(vector, limit=1)[0][0].document_id == "board.md", "by meaning too"
    assert bot.index.document_frequency("chair") == 1, "how rare words are is counted again"

    write(folder, board_md=_chaired_by("Bob Moor"))
    (folder / "ferries.md").unlink()
    citewell("ingest", folder, data_dir=data_dir)
    assert "Bob Moor" in bot.ask(QUESTION).text
    assert {one.document_id for one, _ in bot.index.nearest(vector, limit=9)} == {"board.md"}


def test_an_index_that_another_process_built_anew_is_followed(
    bot: Bot, folder: Path, data_dir: Path, citewell: Run, embedder: Embedder
) -> None:
    write(folder, board_md=_chaired_by("Ann Lee"))
    citewell("ingest", folder, "--rebuild", data_dir=data_dir)
    assert bot.index.store.nearest(embedder.embed_query(QUESTION), limit=1), "even before anything noticed"
    assert "Ann Lee" in bot.ask(QUESTION).text


def test_nothing_is_opened_again_while_nothing_changes(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.index.store, "reopen", lambda: pytest.fail("opened again"))
    bot.ask(QUESTION)
