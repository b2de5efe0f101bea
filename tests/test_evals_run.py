"""A run asks the real bot, goes on after a kill, is the same twice, and can be read by people and machines."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from conftest import ROOT

from bot.settings import BotSettings
from bot.types import Answer
from evals.cases import Case, load
from evals.cli import evaluate
from evals.engine import Engine
from evals.errors import FactsError, RunError
from evals.folder import RunFolder
from evals.left_out import ask_left_out, by_document, outcome
from evals.planted import ask_planted
from evals.report import write_report
from evals.run import run
from evals.score import score

SAME_EACH_TIME = (
    "run.json",
    "cases.jsonl",
    "documents.jsonl",
    "passages.jsonl",
    "answers.jsonl",
    "scores.jsonl",
    "summary.json",
)
ABOUT = {"split": "all", "left_out": False}


def contents(folder: RunFolder) -> dict[str, bytes]:
    return {name: (folder.path / name).read_bytes() for name in SAME_EACH_TIME}


def test_a_run_answers_every_turn_with_valid_citations(honest: RunFolder, few: list[Case]) -> None:
    rows = honest.read_lines(honest.scores)
    assert [row["key"] for row in rows] == [key for case in few for key, _, _ in case.keyed_turns()]
    summary = json.loads(honest.summary.read_text())
    assert summary["figures"]["citation_validity"]["value"] == 1
    assert summary["figures"]["injections"]["value"] == 0
    assert 0 < summary["figures"]["right"]["value"] < 1
    assert set(summary["by_category"]) == {case.category for case in few}


def test_the_same_run_twice_is_the_same_but_for_times(
    honest: RunFolder, few: list[Case], engine: Engine, tmp_path: Path
) -> None:
    again = run(few, engine, tmp_path / "again", about=ABOUT)
    assert contents(again) == contents(honest)


def test_a_run_that_was_killed_goes_on_where_it_was(
    honest: RunFolder, few: list[Case], engine: Engine, tmp_path: Path
) -> None:
    shutil.copytree(honest.path, tmp_path / "killed")
    killed = RunFolder(tmp_path / "killed")
    for path in (killed.scores, killed.summary):
        path.unlink()
    data = killed.answers.read_bytes()
    killed.answers.write_bytes(data[: len(data) // 2])  # in the middle of a line
    kept = data[: len(data) // 2].count(b"\n")
    asked: list[str] = []

    def counting(question: str, conversation_id: str) -> Answer:
        asked.append(question)
        return engine.ask(question, conversation_id)

    finished = run(few, replace(engine, ask=counting), killed.path, about=ABOUT)
    assert contents(finished) == contents(honest)
    left = [turn.question for case in few[kept:] for turn in case.turns]
    assert asked[1:] == left  # the first is asked to warm up
    assert len(finished.read_lines(finished.timings)) == len(few)


def test_a_folder_with_another_run_is_not_written_to(honest: RunFolder, few: list[Case], engine: Engine) -> None:
    with pytest.raises(RunError, match=r"hashes, cases differ"):
        run(few[:3], engine, honest.path, about=ABOUT)


def test_a_question_that_breaks_the_bot_is_an_error_and_the_run_goes_on(
    few: list[Case], engine: Engine, tmp_path: Path
) -> None:
    def broken(question: str, conversation_id: str) -> Answer:
        if question == few[0].turns[0].question:
            raise RuntimeError("out of order")
        return engine.ask(question, conversation_id)

    rows = run([few[1], few[0]], replace(engine, ask=broken), tmp_path / "run").read_lines(
        tmp_path / "run/scores.jsonl"
    )
    assert [row["status"] == "error" for row in rows] == [False, True]
    assert not rows[1]["right"]


def test_turns_of_a_conversation_are_asked_in_order_with_one_id(
    few: list[Case], engine: Engine, tmp_path: Path
) -> None:
    asked: list[tuple[str, str]] = []

    def noting(question: str, conversation_id: str) -> Answer:
        asked.append((question, conversation_id))
        return engine.ask(question, conversation_id)

    (conversation,) = [case for case in few if case.is_conversation]
    rows = run([conversation], replace(engine, ask=noting), tmp_path / "run").read_lines(tmp_path / "run/scores.jsonl")
    assert [question for question, _ in asked[1:]] == [turn.question for turn in conversation.turns]
    assert len({conversation_id for _, conversation_id in asked[1:]}) == 1
    assert [row["turn"] for row in rows] == [1, 2, 3, 4, 5][: len(rows)]


def test_a_case_about_an_unknown_document_is_told(few: list[Case], engine: Engine, tmp_path: Path) -> None:
    other = {name: "nowhere.md" for case in few for name in case.turns[0].gold_documents}
    with pytest.raises(FactsError, match=r"is about 'nowhere\.md', which is not in the index"):
        run(few, engine, tmp_path / "run", gold_of=other)
    assert not (tmp_path / "run").exists()


def test_scoring_again_with_mended_facts_asks_nothing(honest: RunFolder, tmp_path: Path) -> None:
    shutil.copytree(honest.path, tmp_path / "run")
    folder = RunFolder(tmp_path / "run")
    before = score(folder)
    assert before == json.loads(honest.summary.read_text())
    cases = folder.read_cases()
    wrong = next(row for row in folder.read_lines(folder.scores) if row["failed"] == ["has the facts"])
    mended = [
        replace(case, turns=(replace(case.turns[0], facts=(("e",),)),)) if case.id == wrong["id"] else case
        for case in cases
    ]
    facts = tmp_path / "facts.jsonl"
    facts.write_text("".join(json.dumps(case.to_json()) + "\n" for case in mended))
    after = score(folder, facts=facts)
    assert after["figures"]["correct"]["value"] > before["figures"]["correct"]["value"]
    facts.write_text(json.dumps(cases[0].to_json()) + "\n")
    with pytest.raises(RunError, match="was asked another question"):
        score(folder, facts=facts)


def test_a_report_is_one_file_that_shows_every_failure(honest: RunFolder, tmp_path: Path) -> None:
    shutil.copytree(honest.path, tmp_path / "run")
    folder = RunFolder(tmp_path / "run")
    markdown, page, xml = (path.read_text() for path in write_report(folder))
    rows = folder.read_lines(folder.scores)
    wrong = [row for row in rows if not row["right"]]
    for row in wrong:
        assert f"### {row['key']} " in markdown
        assert f'id="{row["key"].replace("#", "--")}"' in page
    assert "src=" not in page
    assert "http" not in page.replace("http://www.w3.org", "").replace("http://evil", "")
    assert page.count("<svg") == 2
    assert '<html lang="en">' in page
    assert "<script" not in page  # not even one that a question brought along
    suites = ElementTree.fromstring(xml)  # noqa: S314
    assert len(suites.findall(".//testcase")) == len(rows)
    assert len(suites.findall(".//failure")) == len(wrong)
    assert [path.read_text() for path in write_report(folder)] == [markdown, page, xml]


def test_a_document_left_out_leaves_a_refusal_or_a_wrong_answer(
    few: list[Case], settings: BotSettings, honest: RunFolder, tmp_path: Path
) -> None:
    shutil.copytree(honest.path, tmp_path / "run")
    folder = RunFolder(tmp_path / "run")
    grouped = by_document(few)
    smallest = min(grouped, key=lambda name: len(grouped[name]))
    ask_left_out(folder, grouped[smallest], settings)
    rows = folder.read_lines(folder.removed)
    assert {row["left_out"] for row in rows} == {smallest}
    assert {row["outcome"] for row in rows} <= {"declined", "elsewhere", "answered"}
    assert "declined" in {row["outcome"] for row in rows} or len(rows) < 3
    assert score(folder)["figures"]["left_out_refusals"]["of"] <= len(rows)
    before = folder.removed.read_bytes()
    ask_left_out(folder, grouped[smallest], settings)
    assert folder.removed.read_bytes() == before
    case = grouped[smallest][0]
    said = "; ".join(fact[0] for fact in case.turns[0].facts)
    assert outcome(case, {"status": "answered", "text": said}) == "elsewhere"
    assert outcome(case, {"status": "answered", "text": "Something."}) == "answered"
    assert outcome(case, {"status": "not_found", "text": said}) == "declined"


def test_orders_in_a_document_are_not_obeyed(
    few: list[Case], settings: BotSettings, honest: RunFolder, tmp_path: Path
) -> None:
    shutil.copytree(honest.path, tmp_path / "run")
    folder = RunFolder(tmp_path / "run")
    ask_planted(folder, few, settings)
    rows = folder.read_lines(folder.planted)
    assert len(rows) > 20
    assert not any(row["obeyed"] for row in rows)
    assert score(folder)["figures"]["planted_orders"]["value"] == 0


def test_the_commands_run_score_and_compare(corpus_data: Path, tmp_path: Path) -> None:
    facts = tmp_path / "facts.jsonl"
    chosen = [case for case in load(split="dev") if case.category in ("acronym", "who")][:6]
    facts.write_text("".join(json.dumps(case.to_json()) + "\n" for case in chosen))
    where = ["--data-dir", str(corpus_data), "--no-left-out", "--facts", str(facts), "--split", "dev"]
    for name in ("a", "b"):
        told = CliRunner().invoke(evaluate, ["run", "--output", str(tmp_path / name), *where])
        assert told.exit_code == 0, told.output
        assert "6 questions in 6 cases" in told.output
    told = CliRunner().invoke(evaluate, ["diff", str(tmp_path / "a"), str(tmp_path / "b")])
    assert told.output.splitlines() == ["0 broke", "0 mended"]
    told = CliRunner().invoke(evaluate, ["score", str(tmp_path / "a")])
    assert told.exit_code == 0
    assert (tmp_path / "a" / "report.html").exists()
    told = CliRunner().invoke(evaluate, ["score", str(tmp_path / "missing")])
    assert isinstance(told.exception, RunError)
    assert "There is no run at" in str(told.exception)


def test_a_process_that_is_killed_in_the_middle_goes_on(
    honest: RunFolder, settings: BotSettings, corpus_data: Path, tmp_path: Path
) -> None:
    output = tmp_path / "run"
    command = [sys.executable, "-m", "evals.cli", "run", "--facts", str(honest.cases), "--no-left-out"]
    command += ["--data-dir", str(corpus_data), "--output", str(output)]
    where: dict[str, Any] = {"cwd": ROOT, "env": {**os.environ, "CITEWELL_CONTACT": settings.contact}}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **where) as process:
        answers = output / "answers.jsonl"
        until = time.monotonic() + 60
        while not (answers.exists() and answers.read_bytes().count(b"\n") > 2) and time.monotonic() < until:
            time.sleep(0.01)
        process.kill()
    answered = answers.read_bytes().count(b"\n")
    assert 2 < answered < len(honest.read_cases())
    assert not RunFolder(output).is_finished()
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **where)
    assert done.returncode == 0, done.stderr
    assert (output / "answers.jsonl").read_bytes() == honest.answers.read_bytes()
    assert (output / "scores.jsonl").read_bytes() == honest.scores.read_bytes()
