"""Files of other formats, ingested and asked about."""

from pathlib import Path

import made
from conftest import Run, ingested, opened

from bot.assemble import open_bot
from bot.settings import BotSettings
from ingest.embed import Embedder
from ingest.errors import NoIndex


def test_an_answer_cites_the_page_the_slide_or_the_row(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    (folder / "berths.pdf").write_bytes(made.article())
    (folder / "bays.xlsx").write_bytes(made.workbook())
    assert not ingested(folder, data_dir, embedder).failed
    bot = open_bot(BotSettings(corpus=folder, data_dir=data_dir, index=""))
    try:
        answer = bot.ask("How many berths are in the north quay?")
        citations = [one for one in answer.citations if one.document_id == "berths.pdf"]
        assert citations
        assert citations[0].locator.startswith("page ")
        row = bot.ask("Since when has the site North had bays, and how many?").citations
        assert any(one.locator.startswith("sheet “Car parks”, row ") for one in row if one.document_id == "bays.xlsx")
    finally:
        bot.index.catalog.close()


def test_places_author_and_title_survive_the_loss_of_the_catalogue(
    folder: Path, data_dir: Path, embedder: Embedder
) -> None:
    (folder / "berths.pdf").write_bytes(made.article())
    ingested(folder, data_dir, embedder)
    index = opened(data_dir, embedder)
    before, passages = index.catalog.document("berths.pdf"), index.catalog.passages_of("berths.pdf")
    index.catalog.close()
    for path in data_dir.glob("catalog.sqlite3*"):
        path.unlink()
    try:
        ingested(folder, data_dir, embedder)
        index = opened(data_dir, embedder)
    except NoIndex as error:
        raise AssertionError from error
    after = index.catalog.document("berths.pdf")
    assert before == after
    assert after is not None
    assert (after.author, after.date, after.date_is) == ("Cy Dow", "2024-06-30", "printed")
    assert index.catalog.passages_of("berths.pdf") == passages
    assert {mark.label for passage in passages for mark in passage.marks} == {"page 1", "page 2"}
    index.catalog.close()


def test_the_command_names_what_it_could_not_read(citewell: Run, folder: Path, data_dir: Path) -> None:
    (folder / "good.docx").write_bytes(made.word())
    (folder / "locked.pdf").write_bytes(made.encrypted_pdf())
    ran = citewell("ingest", folder, data_dir=data_dir)
    assert ran.returncode == 1
    assert "Not read: locked.pdf: it is protected by a password; save it without one." in ran.stderr
    assert "good.docx" in ran.stdout
