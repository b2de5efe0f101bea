"""Ask the known facts and write down what was said: once, or on from where a kill stopped it."""

import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals import jsonl
from evals.cases import Case, moved
from evals.errors import FactsError, RunError
from evals.folder import RunFolder, answer_to_json, hashes
from evals.score import score

if TYPE_CHECKING:
    from bot.types import Answer
    from evals.engine import Engine

Progress = Callable[[int, int, str], None]


def no_progress(done: int, total: int, name: str) -> None:
    """Tell nobody."""


def run(
    cases: Iterable[Case],
    engine: "Engine",
    path: Path,
    *,
    gold_of: Mapping[str, str] | None = None,
    about: Mapping[str, Any] | None = None,
    again: Callable[[RunFolder, list[Case]], None] | None = None,
    progress: Progress = no_progress,
) -> RunFolder:
    """Ask cases in their order, score the answers, and leave everything in the folder at `path`.

    Cases that have an answer there already are not asked again, so that a run that was killed goes on.
    `gold_of` gives other ids for gold documents, where the same facts are asked of other documents.
    `again` is called to ask again with documents left out or planted: see `evals.left_out`, `evals.planted`.
    Raises `RunError` where the folder has a run of something else.
    """
    asked = moved(cases, gold_of or {})
    known = {document.id for document in engine.documents}
    _check_gold(asked, known)
    folder = RunFolder(path)
    description = {
        **(about or {}),
        "settings": engine.settings,
        "models": engine.models,
        "hashes": hashes(engine, asked),
        "cases": len(asked),
        "documents": len(engine.documents),
        "passages": len(engine.passages),
    }
    _begin(folder, engine, asked, description)
    _ask_all(folder, engine, asked, progress)
    if again:
        again(folder, asked)
    score(folder)
    return folder


def _begin(folder: RunFolder, engine: "Engine", cases: list[Case], description: dict[str, Any]) -> None:
    if folder.about.exists():
        before = folder.read_about()
        changed = [name for name, value in description.items() if before.get(name) != value]
        if changed:
            raise RunError(
                f"'{folder.path}' has a run of something else: {', '.join(changed)} differ. "
                "Choose another folder with --output, or remove this one."
            )
        return
    if folder.path.exists() and any(folder.path.iterdir()):
        raise RunError(f"'{folder.path}' is not empty and has no run. Choose another folder with --output.")
    folder.keep_what_is_asked(engine, cases)
    jsonl.write_one(folder.about, description)


def _ask_all(folder: RunFolder, engine: "Engine", cases: list[Case], progress: Progress) -> None:
    done = [value["id"] for value in folder.whole_lines(folder.answers)]
    timed = {value["id"]: value for value in folder.whole_lines(folder.timings)}
    jsonl.write(folder.timings, (timed[name] for name in done if name in timed))
    left = [case for case in cases if case.id not in set(done)]
    if left:
        engine.ask(left[0].turns[0].question, uuid.uuid4().hex)  # what is loaded with the first question is not timed
    with folder.answers.open("a", encoding="utf-8") as answers, folder.timings.open("a", encoding="utf-8") as timings:
        for number, case in enumerate(left, start=len(done)):
            progress(number, len(cases), case.id)
            record, seconds = _asked(case, engine)
            timings.write(jsonl.line({"id": case.id, "ms": [round(one * 1000, 2) for one in seconds]}))
            timings.flush()
            answers.write(jsonl.line(record))
            answers.flush()
    progress(len(cases), len(cases), "")


def _asked(case: Case, engine: "Engine") -> tuple[dict[str, Any], list[float]]:
    """Ask the turns of a case in order, as one conversation that nobody had before."""
    conversation = uuid.uuid4().hex
    turns, seconds = [], []
    for turn in case.turns:
        began = time.perf_counter()
        answer = answer_of(engine, turn.question, conversation)
        seconds.append(time.perf_counter() - began)
        dropped = engine.dropped()
        understood = answer["standalone_question"] or turn.question
        found = {"found": engine.search(understood)}
        if understood.strip() != turn.question.strip():
            found["found_as_asked"] = engine.search(turn.question)
        turns.append({"answer": answer, **found, **({"dropped": dropped} if dropped else {})})
    return {"id": case.id, "turns": turns}, seconds


def answer_of(engine: "Engine", question: str, conversation: str) -> dict[str, Any]:
    """Ask one question; where the engine breaks, that is its answer, and the run goes on."""
    try:
        return answer_to_json(engine.ask(question, conversation))
    except Exception as error:
        return answer_to_json(_broken(question, error))


def _broken(question: str, error: Exception) -> "Answer":
    from bot.types import Answer

    return Answer("", "", question, question, "error", f"{type(error).__name__}: {error}")


def _check_gold(cases: list[Case], known: set[str]) -> None:
    for case in cases:
        for turn in case.turns:
            missing = sorted(turn.gold_documents - known)
            if missing:
                raise FactsError(
                    f"The case '{case.id}' is about '{missing[0]}', which is not in the index. "
                    "Run `citewell ingest` with the folder that has it, or mend the case."
                )


def forget(path: Path) -> None:
    """Remove a run's folder."""
    if RunFolder(path).about.exists():
        shutil.rmtree(path)
