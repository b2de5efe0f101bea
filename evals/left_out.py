"""Leave one document out: ask again what only that document answers, and expect a refusal.

A bot that answers then makes do with something else: the surest sign that it doesn't know what it doesn't know.
"""

import shutil
import tempfile
import uuid
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals import jsonl
from evals.cases import Case
from evals.errors import RunError
from evals.folder import RunFolder
from evals.judge import ANSWERED, DECLINED
from evals.run import Progress, answer_of, no_progress
from evals.scorers import facts_in, forbidden_in
from evals.wording import without_markers

if TYPE_CHECKING:
    from bot.settings import BotSettings


def by_document(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """The answerable single questions that have one gold document, by that document."""
    grouped: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        turn = case.turns[0]
        if not case.is_conversation and turn.is_answerable and len(turn.gold_documents) == 1:
            grouped[next(iter(turn.gold_documents))].append(case)
    return dict(sorted(grouped.items()))


def ask_left_out(
    folder: RunFolder, cases: Iterable[Case], settings: "BotSettings", *, progress: Progress = no_progress
) -> None:
    """Ask each case of an index that lacks its document, and write down what came of it.

    `outcome` is `declined`, `elsewhere` (the other documents hold the facts too, and the answer has them all),
    or `answered`, which is wrong. The index is built once and each document taken out and put back.
    """
    grouped = by_document(cases)
    done = {row["id"] for row in folder.whole_lines(folder.removed)}
    total = sum(map(len, grouped.values()))
    with tempfile.TemporaryDirectory(prefix="citewell-left-out-") as scratch, folder.removed.open("a") as file:
        copies = copied(settings.corpus, Path(scratch) / "documents")
        other = settings.model_copy(
            update={"corpus": copies, "data_dir": Path(scratch) / "data", "index": "", "database": ""}
        )
        for document_id, those in grouped.items():
            left = [case for case in those if case.id not in done]
            if left:
                _ask_without(document_id, left, other, file, lambda name: progress(len(done), total, name), done)
    order = {name: number for number, name in enumerate(case.id for those in grouped.values() for case in those)}
    rows = sorted(folder.read_lines(folder.removed), key=lambda row: order[row["id"]])
    jsonl.write(folder.removed, rows)


def _ask_without(
    document_id: str, cases: list[Case], settings: "BotSettings", file: Any, tell: Any, done: set[str]
) -> None:
    from evals.engine import open_engine, read_documents

    path, aside = settings.corpus / document_id, settings.corpus.parent / "aside"
    if not path.is_file():
        raise RunError(
            f"'{document_id}' is in the index and not in the folder of documents, so it can't be left out. "
            "Set CITEWELL_CORPUS to the folder that was ingested, or use --no-left-out."
        )
    path.rename(aside)
    read_documents(settings)
    engine = open_engine(settings)
    for case in cases:
        tell(case.id)
        answer = answer_of(engine, case.turns[0].question, uuid.uuid4().hex)
        row = {"id": case.id, "left_out": document_id, "outcome": outcome(case, answer), "status": answer["status"]}
        file.write(jsonl.line({**row, "text": answer["text"]}))
        file.flush()
        done.add(case.id)
    aside.rename(path)


def outcome(case: Case, answer: dict[str, Any]) -> str:
    """What a question came to whose document was left out."""
    turn, text = case.turns[0], without_markers(answer["text"])
    if answer["status"] in DECLINED:
        return "declined"
    told = answer["status"] in ANSWERED and all(facts_in(text, turn.facts))
    return "elsewhere" if told and not forbidden_in(text, turn.must_not) else "answered"


def copied(corpus: Path, to: Path) -> Path:
    """Copy the documents of a folder, and give the folder of the copies."""
    from ingest.folder import document_paths

    to.mkdir(parents=True)
    for path in document_paths(corpus):
        copy = to / path.relative_to(corpus)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return to
