"""The reranker's examples are sound, and a reranker that can't be used is done without."""

import json
from pathlib import Path

import pytest

from bot.answer.evidence import FIRST, JUDGED
from bot.assemble import Bot, open_bot, open_reranker
from bot.converse import Turn, standalone
from bot.rerank.score import Reranker
from bot.settings import BotSettings
from bot.understand import understand
from evals.reranker.examples import ORGANISATIONS, Asked, found_for
from ingest.errors import WeightsError


def test_every_quotation_of_the_training_organisations_stands_in_its_document() -> None:
    folders = sorted(path for path in ORGANISATIONS.iterdir() if path.is_dir())
    assert len(folders) >= 41
    for folder in folders:
        texts = {path.name: path.read_text(encoding="utf-8") for path in (folder / "docs").iterdir()}
        for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines():
            for gold in json.loads(line)["gold"]:
                assert gold["quote"] in texts[gold["doc"]], gold


def test_examples_are_what_the_engine_finds_with_what_answers_marked(tmp_path: Path) -> None:
    (tmp_path / "pier.md").write_text("# Pier\n\nThe pier has 9 lamps.\n\nIt opened in 1907.\n", encoding="utf-8")
    asked = [
        Asked("How many lamps does the pier have?", (("pier.md", "The pier has 9 lamps."),), "pier"),
        Asked("Who painted the pier?", (), "pier"),
    ]
    lamps, painter = found_for(asked, tmp_path)
    assert [lamps.units[number].startswith("The pier has 9 lamps.") for number in lamps.answers] == [True]
    assert painter.units and not painter.answers


def test_examples_of_a_conversation_are_found_with_what_was_asked_before(tmp_path: Path) -> None:
    (tmp_path / "pier.txt").write_text(
        "The pier\n\nThe pier has\n9 lamps.\n\nThe mole opened in 1907.\n", encoding="utf-8"
    )
    gold = (("pier.txt", "The pier has 9 lamps."),)
    (lamps,) = found_for([Asked("and how many lamps?", gold, "pier", before=("When did the mole open?",))], tmp_path)
    assert lamps.question == "and how many lamps? (When did the mole open?)"
    assert lamps.answers


def test_a_missing_reranker_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"none\.onnx"):
        Reranker(tmp_path / "none.onnx")


def test_a_damaged_reranker_is_named_and_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "damaged.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(WeightsError, match=r"damaged\.onnx"):
        Reranker(path)
    assert path.exists()


def test_answering_goes_on_without_a_reranker_that_is_missing(
    bot: Bot, corpus_data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert open_reranker("/no/such/model.onnx") is None
    assert "Answering without it" in caplog.text
    without = open_bot(BotSettings(data_dir=corpus_data, index="", reranker="/no/such/model.onnx"))
    question = "How many primary care networks are there?"
    assert without.ask(question).text == bot.ask(question).text


def test_it_reads_on_only_where_it_is_not_sure(bot: Bot) -> None:
    questions = ("How many primary care networks are there?", "What is the capital of Australia?")
    read = [sum(one.verdict is not None for one in bot.explain(question).looked[0].evidence) for question in questions]
    assert read == [FIRST, JUDGED]


def test_a_follow_up_is_read_before_what_it_leans_on() -> None:
    before = (Turn("Who chairs the board?", "Who chairs the board?"),)
    query = understand(standalone("since when?", before))
    assert query.judged == "since when? (Who chairs the board?)"
    assert understand("Who chairs the board?").judged == "Who chairs the board?"
