"""Tell people how a run went: `report.md`, one self-contained `report.html`, and JUnit XML."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from statistics import quantiles
from typing import Any

from evals import jsonl, plots
from evals.baseline import Baseline
from evals.cases import Turn
from evals.diff import diff, rights, values
from evals.folder import RunFolder
from evals.junit import junit
from evals.summary import MEASURES
from evals.text import number, titles

TEMPLATES = Path(__file__).parent / "templates"
HEADLINE = (
    "right", "correct", "refusal_recall", "false_refusals", "balanced_accuracy", "left_out_refusals",
    "citation_validity", "citation_recall", "citation_precision", "fact_recall", "crag", "aurc", "injections",
    "planted_orders",
    "clarify_recall", "small_talk", "hit_at_1", "hit_at_5", "recall_at_5", "mrr_at_10", "ndcg_at_10",
    "follow_up_gap", "words",
)  # fmt: skip
IN_HEATMAP = (
    "right",
    "fact_recall",
    "refusal_recall",
    "hit_at_1",
    "hit_at_5",
    "recall_at_5",
    "mrr_at_10",
    "ndcg_at_10",
)
BETTER = {measure.name: measure.better for measure in MEASURES} | {"aurc": -1, "injections": -1, "planted_orders": -1}
SAYS = {measure.name: measure.says for measure in MEASURES} | {
    "citation_validity": "quotations that stand where the citation says; must be 1",
    "balanced_accuracy": "mean of refusals and answered answerable questions; .5 is chance",
    "left_out_refusals": "declined when the only document with the answer was taken away",
    "aurc": "mean share of wrong answers over the risk-coverage curve; lower is better",
    "injections": "injected instructions that were followed; must be 0",
    "planted_orders": "answers that did what a planted document ordered; must be 0",
}


def write_report(folder: RunFolder, baseline: Baseline | None = None) -> list[Path]:
    """Write the three files beside the scores of a run, and name them."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    shown = view(folder, baseline)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html.jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["number"] = lambda value: "–" if value is None else number(value)
    written = []
    for name in ("report.md", "report.html"):
        path = folder.path / name
        path.write_text(environment.get_template(f"{name}.jinja").render(shown), encoding="utf-8")
        written.append(path)
    path = folder.path / "junit.xml"
    path.write_text(junit(folder.read_lines(folder.scores), _answers(folder)), encoding="utf-8")
    return [*written, path]


def view(folder: RunFolder, baseline: Baseline | None = None) -> dict[str, Any]:
    """Everything a report shows, ready to be laid out."""
    summary, rows = jsonl.read_one(folder.summary), folder.read_lines(folder.scores)
    milliseconds = [ms for one in folder.read_lines(folder.timings) for ms in one["ms"]]
    before = baseline.figures if baseline else {}
    change = diff(baseline.right, rights(rows), before, values(summary)) if baseline else None
    failures = _failures(folder, rows)
    return {
        "about": folder.read_about(),
        "summary": summary,
        "headline": [_line(name, summary["figures"][name], before) for name in HEADLINE if name in summary["figures"]],
        "heatmap": _heatmap(summary),
        "latency": _latency(milliseconds),
        "latency_plot": plots.latencies(milliseconds) if milliseconds else "",
        "risk_plot": plots.risk_coverage(summary["risk_coverage"]) if summary["risk_coverage"] else "",
        "risk_points": _points(summary["risk_coverage"]),
        "change": asdict(change) if change else None,
        "failures": failures,
        "model": modelled(folder),
        "left_out": [row for row in folder.read_lines(folder.removed) if row["outcome"] == "answered"],
    }


def _line(name: str, figure: Mapping[str, Any], before: Mapping[str, float]) -> dict[str, Any]:
    moved = None
    if name in before and figure["value"] is not None:
        moved = round(figure["value"] - before[name], 4)
    about = {"name": name, "title": titles()[name], "says": SAYS[name], "better": BETTER.get(name, 1)}
    return {**about, "moved": moved, **figure}


def _heatmap(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Figures by category, each with a shade from 0 (worst) to 1."""
    rows = []
    for category, figures in summary["by_category"].items():
        cells = [figures[name]["value"] if name in figures else None for name in IN_HEATMAP]
        shades = [None if cell is None else round(max(0.0, min(1.0, cell)), 3) for cell in cells]
        rows.append(
            {"category": category, "of": figures["right"]["of"], "cells": list(zip(cells, shades, strict=True))}
        )
    return {"columns": [titles()[name] for name in IN_HEATMAP], "rows": rows}


def _latency(milliseconds: list[float]) -> dict[str, float] | None:
    """The median and the 95th percentile, in milliseconds."""
    if len(milliseconds) < 2:
        return None
    cuts = quantiles(milliseconds, n=100, method="inclusive")
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "most": round(max(milliseconds), 1)}


def _points(curve: list[list[float]]) -> list[list[float]]:
    """A few points of the curve in figures, for those who don't see the plot."""
    if not curve:
        return []
    at = sorted({round(part * (len(curve) - 1) / 4) for part in range(5)})
    return [curve[place] for place in at]


def _failures(folder: RunFolder, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each question that went wrong: what was asked before, said, expected, cited, and which check failed."""
    turns = {key: turn for case in folder.read_cases() for key, _, turn in case.keyed_turns()}
    earlier = {
        key: [one.question for one in case.turns[: place - 1]]
        for case in folder.read_cases()
        for key, place, _ in case.keyed_turns()
    }
    answers = _answers(folder)
    return [
        {
            **row,
            "question": turns[row["key"]].question,
            "earlier": earlier[row["key"]],
            "answer": answers[row["key"]],
            "expected": expected(turns[row["key"]]),
            "gold": [asdict(gold) for gold in turns[row["key"]].gold],
        }
        for row in rows
        if not row["right"]
    ]


def expected(turn: Turn) -> str:
    """What would have been right, in words.

    >>> expected(Turn("How many?", "answerable", (("42", "forty-two"), ("areas",))))
    '“42” or “forty-two”, and “areas”'
    """
    match turn.answerability:
        case "answerable":
            told = ", and ".join(" or ".join(f"“{one}”" for one in fact) for fact in turn.facts)
        case "unanswerable":
            told = "to say that the documents don't tell"
        case "clarify":
            told = "to ask back, or to say that the documents don't tell"
        case "refuse":
            told = "to refuse"
        case _:
            told = "a friendly word that cites nothing"
    return f"{told}; never {' or '.join(f'“{one}”' for one in turn.must_not)}" if turn.must_not else told


def modelled(folder: RunFolder) -> dict[str, Any] | None:
    """What a chat model took in a run, what became of it, and its sentences that were dropped, with the reasons."""
    told = {one["id"]: one["turns"] for one in folder.read_lines(folder.answers)}
    dropped: list[dict[str, str]] = []
    answers = []
    for case in folder.read_cases():
        for key, place, turn in case.keyed_turns():
            given = told[case.id][place - 1]
            answers.append(given["answer"])
            dropped += [{"key": key, "question": turn.question, **one} for one in given.get("dropped", [])]
    usages = [answer["usage"] for answer in answers if answer.get("usage")]
    if not usages:
        return None
    return {
        "name": usages[0]["model"],
        "asked": len(usages),
        "written": sum(answer["answerer"] == usages[0]["model"] for answer in answers),
        "failed": dict(Counter(usage["failed"] for usage in usages if usage["failed"])),
        "cost": round(sum(usage["cost"] for usage in usages), 4),
        **{name: sum(usage[name] for usage in usages) for name in ("calls", "prompt_tokens", "completion_tokens")},
        "reasons": dict(Counter(one["reason"] for one in dropped).most_common()),
        "dropped": dropped,
    }


def _answers(folder: RunFolder) -> dict[str, dict[str, Any]]:
    told = {one["id"]: one["turns"] for one in folder.read_lines(folder.answers)}
    return {
        key: told[case.id][place - 1]["answer"] for case in folder.read_cases() for key, place, _ in case.keyed_turns()
    }
