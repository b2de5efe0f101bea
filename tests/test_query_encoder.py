"""The query encoder finds what everyday words ask for, and one that can't be used is done without."""

from pathlib import Path

import numpy as np
import pytest

from bot.assemble import open_bot, open_query_encoder
from bot.query_encoder.encode import MODEL, QueryEncoder
from bot.settings import BotSettings
from evals.query_encoder.train import evaluate, folder_of
from evals.reranker.examples import asked_of_organisations
from evals.reranker.train import HELD_OUT
from ingest.embed import Embedder
from ingest.errors import WeightsError


def test_it_finds_more_than_the_embedder_in_documents_it_never_saw(embedder: Embedder) -> None:
    unseen = next((docs, asked) for docs, asked in asked_of_organisations() if asked[0].group == HELD_OUT[0])
    held = [folder_of(*unseen)]
    with_it, without = (
        evaluate(lambda texts, embed=embed: np.array([embed(text) for text in texts], np.float32), held)
        for embed in (QueryEncoder().embed, embedder.embed_query)
    )
    assert with_it["first 5"] >= without["first 5"] + 0.04, (with_it, without)
    assert with_it["first 24"] >= without["first 24"], (with_it, without)


def test_its_vectors_have_length_one_and_the_embedders_dimensions(embedder: Embedder) -> None:
    vector = QueryEncoder().embed("Who carries the can?")
    assert len(vector) == len(embedder.embed_query("Who carries the can?"))
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_a_missing_one_is_named_and_done_without(corpus_data: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(WeightsError, match=r"query encoder's file 'none\.onnx' is missing"):
        QueryEncoder(Path("none.onnx"))
    bot = open_bot(BotSettings(data_dir=corpus_data, index="", query_encoder="/no/such/model.onnx"))
    assert "Answering without it" in caplog.text
    assert bot.ask("How many primary care networks are there?").status == "answered"


def test_one_that_was_changed_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "model.onnx"
    changed.write_bytes(MODEL.read_bytes() + b" ")
    (tmp_path / "model.sha256").write_text(MODEL.with_suffix(".sha256").read_text())
    monkeypatch.setattr("bot.query_encoder.encode.MODEL", changed)
    with pytest.raises(WeightsError, match="was changed"):
        QueryEncoder(changed)


@pytest.mark.parametrize("settings", [{"query_encoder": "off"}, {"embedder": "some/other-model"}])
def test_it_is_off_where_told_so_and_with_another_embedder(settings: dict[str, str]) -> None:
    assert open_query_encoder(BotSettings.model_validate(settings)) is None
