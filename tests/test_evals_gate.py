"""The gate is open for the bot as it is, and shut for engines that were sabotaged in four ways."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import bot.chain
from bot.assemble import Bot, open_bot
from bot.retrieve import Found
from bot.settings import BotSettings
from bot.types import Answer, Sentence
from evals import baseline as baselines
from evals.baseline import Baseline, Waiver
from evals.cases import Case
from evals.cli import evaluate
from evals.engine import Engine, engine_of
from evals.errors import BaselineError
from evals.folder import RunFolder
from evals.gate import check, scored
from evals.run import run
from ingest.index import Index

TODAY = date(2030, 1, 15)
ABOUT = {"split": "all", "left_out": False}


@pytest.fixture(scope="module")
def baseline(honest: RunFolder) -> Baseline:
    return baselines.renewed(*scored(honest), None)


@pytest.fixture(scope="module")
def waivers(honest: RunFolder) -> list[Waiver]:
    """What the bot as it is can't do yet."""
    rows, _, _ = scored(honest)
    return baselines.waivers_for(rows, [], until=TODAY, because="known")


def rules(folder: RunFolder, baseline: Baseline, waivers: list[Waiver]) -> set[str]:
    return {reason.rule for reason in check(*scored(folder), baseline, waivers, today=TODAY)}


def test_the_bot_as_it_is_passes(honest: RunFolder, baseline: Baseline, waivers: list[Waiver]) -> None:
    assert check(*scored(honest), baseline, waivers, today=TODAY) == []


def shuffled(bot_: Bot, settings: BotSettings, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine that finds any passages but the right ones."""

    def any_passages(question: str, vector: list[float], index: Index, *, limit: int) -> list[Found]:
        passages = sorted(index.catalog.all_passages(), key=lambda one: sha256((question + one.id).encode()).digest())
        return [Found(passage, 1.0, 0.6, 9.0) for passage in passages[:limit]]

    monkeypatch.setattr(bot.chain, "retrieve", any_passages)
    engine = engine_of(open_bot(settings), settings)
    return replace(
        engine,
        search=lambda question: [found.passage.id for found in any_passages(question, [], bot_.index, limit=10)],
    )


def test_shuffled_retrieval_is_caught(
    few: list[Case], bot: Bot, settings: BotSettings, baseline: Baseline, waivers: list[Waiver], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = run(few, shuffled(bot, settings, monkeypatch), tmp_path / "run", about=ABOUT)
    assert {"passed before, fails now", "below its floor"} <= rules(folder, baseline, waivers)
    assert any(
        reason.says.startswith("recall_at_5") for reason in check(*scored(folder), baseline, waivers, today=TODAY)
    )


def always_refuses(answer: Answer) -> Answer:
    return replace(answer, status="not_found", text="The documents don't tell.", sentences=(), citations=())


def never_refuses(answer: Answer) -> Answer:
    if answer.status != "not_found" or not answer.citations:
        return answer
    nearest = answer.citations[0]
    sentence = Sentence(nearest.quote, (nearest.number,))
    return replace(answer, status="answered", text=f"{nearest.quote} [{nearest.number}]", sentences=(sentence,))


def misplaces_citations(answer: Answer) -> Answer:
    return replace(
        answer, citations=tuple(replace(one, start=one.start + 1, end=one.end + 1) for one in answer.citations)
    )


@pytest.mark.parametrize(
    ("sabotage", "caught_by"),
    [
        (always_refuses, {"passed before, fails now", "below its floor", "above its ceiling"}),
        (never_refuses, {"passed before, fails now", "below its floor"}),
        (misplaces_citations, {"invalid citation", "passed before, fails now", "below its floor"}),
    ],
)
def test_sabotage_is_caught(
    sabotage: Callable[[Answer], Answer], caught_by: set[str], few: list[Case], engine: Engine, baseline: Baseline,
    waivers: list[Waiver], tmp_path: Path,
) -> None:  # fmt: skip
    worse = replace(engine, ask=lambda question, conversation: sabotage(engine.ask(question, conversation)))
    folder = run(few, worse, tmp_path / "run", about=ABOUT)
    assert caught_by <= rules(folder, baseline, waivers)


def test_citing_another_document_that_exists_is_caught(
    few: list[Case], engine: Engine, baseline: Baseline, waivers: list[Waiver], tmp_path: Path
) -> None:
    """The quotation stands where the citation says, and backs nothing."""

    def elsewhere(question: str, conversation: str) -> Answer:
        answer = engine.ask(question, conversation)
        cited = []
        for one in answer.citations:
            other = next(document for document in engine.documents if document.id != one.document_id)
            cited.append(replace(one, document_id=other.id, start=0, end=20, quote=other.text[:20]))
        return replace(answer, citations=tuple(cited))

    folder = run(few, replace(engine, ask=elsewhere), tmp_path / "run", about=ABOUT)
    assert {"passed before, fails now", "below its floor"} <= rules(folder, baseline, waivers)
    summary = scored(folder)[1]
    assert summary["figures"]["citation_validity"]["value"] == 1
    assert summary["figures"]["citation_recall"]["value"] < 0.2


def a_row(key: str = "who-a", **changes: Any) -> dict[str, Any]:
    row = {
        "key": key, "id": key.partition("#")[0], "category": "who", "severity": "normal", "right": True, "failed": [],
        "forbidden": [],
    }  # fmt: skip
    return {**row, **changes}


ROW_ABOUT = {"settings": {"profile": "offline"}, "hashes": {"corpus": "c", "facts": "f"}}
SUMMARY: dict[str, Any] = {"figures": {"right": {"value": 0.8}}, "by_category": {"who": {"right": {"value": 0.8}}}}


def told(rows: list[dict[str, Any]], waivers: list[Waiver] | None = None, **changes: Any) -> list[str]:
    held = Baseline("offline", {"corpus": "c", "facts": "f"}, {}, {"who-a": True}, {}, {}, {})
    reasons = check(rows, SUMMARY, ROW_ABOUT, replace(held, **changes), waivers or [], today=TODAY)
    return [reason.rule for reason in reasons]


WRONG = a_row(right=False, failed=["has the facts"])


def test_a_waiver_holds_until_its_day() -> None:
    assert told([WRONG]) == ["passed before, fails now"]
    assert told([WRONG], [Waiver("who-a", "issue 12", TODAY)]) == []
    expired = [Waiver("who-a", "issue 12", TODAY - timedelta(days=1))]
    assert told([WRONG], expired) == ["passed before, fails now", "waiver expired"]
    assert told([a_row()], [Waiver("who-b", "issue 12", TODAY)]) == ["waiver of nothing"]


def test_a_critical_failure_an_injection_and_an_invalid_citation_shut_the_gate() -> None:
    critical = a_row("who-new", right=False, severity="critical", failed=["has the facts"])
    assert told([critical]) == ["critical failure"]
    waived = [Waiver("injection-a", "no reason is good enough", TODAY)]
    injected = a_row(
        "injection-a", category="injection", right=False, forbidden=["x"], failed=["says nothing forbidden"]
    )
    assert told([injected], waived) == ["injection succeeded"]
    assert told([{**WRONG, "key": "b", "id": "b", "failed": ["citations are valid"]}]) == ["invalid citation"]


def test_a_planted_document_that_was_obeyed_shuts_the_gate(honest: RunFolder, baseline: Baseline) -> None:
    rows, summary, about = scored(honest)
    obeyed = {**summary, "figures": {**summary["figures"], "planted_orders": {"value": 0.1}}}
    assert "injection succeeded" in {one.rule for one in check(rows, obeyed, about, baseline, today=TODAY)}


def test_floors_and_ceilings_hold_by_metric_and_by_category() -> None:
    assert told([a_row()], floors={"right": 0.8}, category_floors={"who": 0.8}) == []
    assert told([a_row()], floors={"right": 0.81}) == ["below its floor"]
    assert told([a_row()], floors={"gone": 0.1}) == ["below its floor"]
    assert told([a_row()], ceilings={"right": 0.79}) == ["above its ceiling"]
    assert told([a_row()], category_floors={"who": 0.81}) == ["below its floor"]
    assert told([a_row()], category_floors={"list": 0.1}) == ["below its floor"]


def test_changed_documents_or_facts_are_not_compared() -> None:
    assert told([WRONG], hashes={"corpus": "other", "facts": "f"}) == ["corpus changed"]
    assert told([WRONG], hashes={"corpus": "c", "facts": "other"}) == ["facts changed"]
    assert told([WRONG], profile="other") == ["profile"]
    assert told([]) == ["empty"]


def test_floors_rise_and_sink_only_when_asked(honest: RunFolder) -> None:
    rows, summary, about = scored(honest)
    first = baselines.renewed(rows, summary, about, None)
    high = replace(first, floors={**first.floors, "right": 0.99}, ceilings={**first.ceilings, "false_refusals": 0.01})
    kept = baselines.renewed(rows, summary, about, high)
    assert (kept.floors["right"], kept.ceilings["false_refusals"]) == (0.99, 0.01)
    assert baselines.renewed(rows, summary, about, high, lower_floors=True) == first


def test_a_baseline_is_read_as_it_was_written(honest: RunFolder, baseline: Baseline, tmp_path: Path) -> None:
    path = tmp_path / "offline.json"
    with pytest.raises(BaselineError, match="There is no baseline"):
        baselines.read_baseline(path)
    kept = [Waiver("who-a", "issue 12", TODAY)]
    baselines.write(path, baseline, kept)
    assert baselines.read_baseline(path) == baseline
    assert baselines.read_waivers(baselines.waivers_path(path)) == kept
    baselines.waivers_path(path).write_text('{"case": "who-a", "reason": " ", "until": "2030-01-01"}\n')
    with pytest.raises(BaselineError, match="line 1: the waiver gives no reason"):
        baselines.read_waivers(baselines.waivers_path(path))
    baselines.waivers_path(path).write_text('{"case": "who-a", "reason": "x", "until": "soon"}\n')
    with pytest.raises(BaselineError, match="line 1: a waiver needs a case"):
        baselines.read_waivers(baselines.waivers_path(path))


def test_the_command_renews_and_then_passes_and_shuts_with_status_one(honest: RunFolder, tmp_path: Path) -> None:
    path = tmp_path / "offline.json"
    gate = ["gate", str(honest.path), "--baseline", str(path)]
    renew = [*gate, "--renew", "--waive-until", "2999-12-31", "--because", "known when it began"]
    result = CliRunner().invoke(evaluate, renew)
    assert result.exit_code == 0, result.output
    result = CliRunner().invoke(evaluate, gate)
    assert (result.exit_code, "The gate is open" in result.output) == (0, True)
    baselines.waivers_path(path).unlink()
    result = CliRunner().invoke(evaluate, gate)
    assert result.exit_code == 1
    assert "critical failure: " in result.output
    result = CliRunner().invoke(evaluate, [*gate, "--waive-until", "2999-12-31"])
    assert result.exit_code == 2


def test_the_committed_baseline_is_of_the_documents_and_facts_here(engine: Engine) -> None:
    from evals.cases import load
    from evals.folder import hashes

    committed = baselines.read_baseline(baselines.path_of("offline"))
    now = hashes(engine, load())
    assert committed.hashes == {name: now[name] for name in ("corpus", "facts")}
    for waiver in baselines.read_waivers(baselines.waivers_path(baselines.path_of("offline"))):
        assert waiver.reason
