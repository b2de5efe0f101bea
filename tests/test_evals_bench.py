"""Public sets are measured by the same bot; here on sets of a few documents in their layout."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.settings import BotSettings
from evals.bench import Figure, bench, read_queries
from evals.cli import evaluate
from evals.errors import BenchError

DOCUMENTS = {
    "bread#1": "Bread is baked from flour and water at 220 degrees.",
    "sea#1": "The tide turns twice a day because the moon pulls the sea.",
    "tax#1": "A vehicle licence must be renewed within ten days of moving house.",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    folder.mkdir()
    lines = [json.dumps({"_id": name, "title": name.split("#")[0], "text": text}) for name, text in DOCUMENTS.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines) + "\n")
    queries: list[dict[str, Any]] = [
        {"_id": "q1", "text": "At how many degrees is bread baked?", "answers": ["220 degrees"], "doc": "bread#1"},
        {"_id": "q2", "text": "How often does the tide turn?", "answers": ["twice a day"], "doc": "sea#1"},
        {"_id": "q3", "text": "Who won the chess championship in Reykjavik?", "answers": [], "is_impossible": True},
        {"_id": "q4", "text": "Never judged", "answers": [], "doc": "sea#1"},
    ]
    for query in queries:
        query.setdefault("is_impossible", False)
        query["history"] = [{"role": "user", "text": "Hello"}, {"role": "agent", "text": "Hello."}]
    (folder / "queries.jsonl").write_text("".join(json.dumps(query) + "\n" for query in queries))
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tbread#1\t1\nq2\tsea#1\t1\n")
    return folder


def by_title(figures: list[Figure]) -> dict[str, Figure]:
    return {one.title: one for one in figures}


def test_retrieval_is_measured_beside_its_anchors(data: Path, tmp_path: Path) -> None:
    settings = BotSettings(data_dir=tmp_path / "data", index="")
    (data / "queries.jsonl").write_text("".join((data / "queries.jsonl").read_text().splitlines(keepends=True)[:2]))
    figures = by_title(bench("scifact", data, settings))
    assert figures["nDCG@10, fused"].value == 1
    assert ".724" in figures["nDCG@10, fused"].anchor
    assert ".679" in figures["nDCG@10, BM25"].anchor
    assert ".645" in figures["nDCG@10, embeddings"].anchor


def test_answers_and_refusals_are_measured(data: Path, tmp_path: Path) -> None:
    figures = by_title(bench("squad2", data, BotSettings(data_dir=tmp_path / "data", index="")))
    assert figures["hit@5 of the paragraph"].value == 1
    assert figures["a quotation has the answer"].of == 2
    assert figures["refusals among questions without an answer"].of == 1
    assert figures["AUROC of the citation score"].of == 3


def test_conversations_are_measured(data: Path, tmp_path: Path) -> None:
    figures = by_title(bench("doc2dial", data, BotSettings(data_dir=tmp_path / "data", index=""), limit=2))
    assert figures["recall@5, the last turn alone"].of == 2
    assert ".95" in figures["recall@5, the question as understood"].anchor


def test_only_judged_questions_are_asked(data: Path) -> None:
    assert [query.id for query in read_queries(data)] == ["q1", "q2", "q3"]


def test_a_set_that_is_not_there_is_told(tmp_path: Path) -> None:
    told = CliRunner().invoke(evaluate, ["bench", "--set", "scifact", "--data", str(tmp_path)])
    assert isinstance(told.exception, BenchError)
    assert "has no corpus.jsonl" in str(told.exception)
