"""Score the answers of a run: a line of scores for each question, and figures over all of them."""

from pathlib import Path
from typing import Any

from evals import jsonl
from evals.cases import Case, load
from evals.errors import RunError
from evals.folder import RunFolder, facts_hash
from evals.judge import judge
from evals.summary import summarise


def score(folder: RunFolder, *, facts: Path | None = None) -> dict[str, Any]:
    """Score a run without asking again, and give its summary.

    `facts` are known facts to score it by instead of those it was asked; each case must have been asked
    the same questions. Raises `RunError` where an answer is missing.
    """
    about = folder.read_about()
    cases = folder.read_cases()
    if facts:
        cases = _same_questions(cases, load(facts))
        jsonl.write(folder.cases, (case.to_json() for case in cases))
        about["hashes"]["facts"] = facts_hash(cases)
        jsonl.write_one(folder.about, about)
    answers = {value["id"]: value["turns"] for value in folder.read_lines(folder.answers)}
    missing = [case.id for case in cases if case.id not in answers]
    if missing:
        raise RunError(
            f"The run at '{folder.path}' is not finished: {len(missing)} of {len(cases)} cases have no answer. "
            f"Run: citewell eval run --output '{folder.path}'"
        )
    rows = [row for case in cases for row in _rows(case, answers[case.id], folder)]
    left_out = folder.read_lines(folder.removed)
    jsonl.write(folder.scores, rows)
    summary = summarise(rows, left_out, folder.read_lines(folder.planted))
    jsonl.write_one(folder.summary, summary)
    return summary


def _rows(case: Case, turns: list[dict[str, Any]], folder: RunFolder) -> list[dict[str, Any]]:
    rows = []
    for (key, number, turn), told in zip(case.keyed_turns(), turns, strict=True):
        as_asked = told.get("found_as_asked")
        verdict = judge(
            turn,
            told["answer"],
            folder.texts,
            found=[folder.passages[name] for name in told["found"]],
            found_as_asked=[folder.passages[name] for name in (told["found"] if as_asked is None else as_asked)],
            passages=list(folder.passages.values()),
        )
        about = {"key": key, "id": case.id, "turn": number, "category": case.category, "severity": case.severity}
        asked = {"split": case.split, "answerability": turn.answerability, "status": told["answer"]["status"]}
        rows.append({**about, **asked, "failed": verdict.failed, **verdict.to_json()})
    return rows


def _same_questions(asked: list[Case], known: list[Case]) -> list[Case]:
    by_id = {case.id: case for case in known}
    chosen = []
    for case in asked:
        now = by_id.get(case.id)
        if now is None or [turn.question for turn in now.turns] != [turn.question for turn in case.turns]:
            raise RunError(
                f"The case '{case.id}' was asked another question than the facts have now. Run: citewell eval run"
            )
        chosen.append(now)
    return chosen
