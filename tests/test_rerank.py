"""The reranker's examples are sound, and a reranker that can't be used is done without."""

from pathlib import Path

import pytest

from bot.assemble import Bot, open_bot, open_reranker
from bot.rerank.examples import PLACEHOLDER, written
from bot.rerank.score import Reranker
from bot.settings import BotSettings
from ingest.errors import WeightsError


def test_written_examples_name_units_that_exist_and_fill_in_every_name() -> None:
    examples = list(written())
    assert len(examples) > 4000
    for example in examples:
        assert all(0 <= answer < len(example.units) for answer in example.answers)
        assert not any(PLACEHOLDER.search(text) for text in (example.question, *example.units))


def test_a_third_of_the_written_questions_have_no_answer() -> None:
    examples = list(written())
    assert 0.3 < sum(not example.answers for example in examples) / len(examples) < 0.5


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
