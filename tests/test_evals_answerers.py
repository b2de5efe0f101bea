"""`citewell eval run --answerer` asks the same facts with and without a chat model, and shows what was dropped."""

import json
from pathlib import Path

from click.testing import CliRunner
from conftest import CORPUS, ingested
from model_servers import Asked, said, scripted

from evals.cases import FACTS, load
from evals.cli import evaluate
from ingest.embed import Embedder


def quotes_and_lies(asked: Asked) -> str:
    """A model that says the first sentence of the first passage, and something else."""
    first = asked.passages[1].split(". ")[0].split("\n")[0].strip("- ")
    return said((first, 1, first), ("There are 4321 submarines.", 1, first))


def test_two_answerers_are_asked_the_same_and_shown_side_by_side(tmp_path: Path, embedder: Embedder) -> None:
    ingested(CORPUS, tmp_path / "data", embedder)
    cases = [case for case in load(FACTS) if case.category in ("number_date", "near_miss", "small_talk")][::20]
    facts = tmp_path / "facts.jsonl"
    facts.write_text("".join(json.dumps(case.to_json()) + "\n" for case in cases))
    folder = tmp_path / "run"
    with scripted(quotes_and_lies) as server:
        answerer = f"{server.url}/v1#scripted"
        arguments = ["run", "--facts", str(facts), "--answerer", answerer, "--no-left-out", "--output", str(folder)]
        done = CliRunner().invoke(
            evaluate,
            [*arguments, "--data-dir", str(tmp_path / "data")],
            env={"CITEWELL_CORPUS": str(CORPUS), "CITEWELL_MODEL_CACHE_DAYS": "0"},
            catch_exceptions=False,
        )
    assert done.exit_code == 0
    assert f"From extractive to {answerer}: " in done.output
    beside = (folder / "beside.md").read_text()
    assert f"| Figure | extractive | {answerer} |" in beside
    assert "## Right only by extractive" in beside
    for name in ("report.md", "report.html"):
        report = (folder / name).read_text()
        assert "There are 4321 submarines." in report
        assert "not in the quotation: 4321" in report
    assert "4321" not in (folder / "extractive" / "report.md").read_text()
    told = [json.loads(line) for line in (folder / "answers.jsonl").read_text().splitlines()]
    assert not any("4321" in turn["answer"]["text"] for one in told for turn in one["turns"])
    settings = json.loads((folder / "extractive" / "run.json").read_text())["settings"]
    assert not [name for name in settings if name.startswith("model_")]
