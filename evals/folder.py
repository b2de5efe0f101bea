"""The folder of a run: everything that was asked, found and said, so that it can be scored again without asking."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals import jsonl
from evals.cases import Case, load
from evals.errors import RunError
from evals.judge import Span

if TYPE_CHECKING:
    from bot.types import Answer
    from evals.engine import Engine

PACKAGES = Path(__file__).parent.parent
CODE = ("ingest", "bot", "evals")
NOT_OF_THE_ANSWER = frozenset({"answer_id", "conversation_id", "timings_ms"})  # other ones each time


@dataclass(frozen=True)
class RunFolder:
    """The files of a run. Only `timings.jsonl` and the latencies in the report differ between equal runs."""

    path: Path

    @property
    def about(self) -> Path:
        return self.path / "run.json"

    @property
    def cases(self) -> Path:
        return self.path / "cases.jsonl"

    @property
    def answers(self) -> Path:
        return self.path / "answers.jsonl"

    @property
    def removed(self) -> Path:
        return self.path / "left_out.jsonl"

    @property
    def planted(self) -> Path:
        return self.path / "planted.jsonl"

    @property
    def timings(self) -> Path:
        return self.path / "timings.jsonl"

    @property
    def scores(self) -> Path:
        return self.path / "scores.jsonl"

    @property
    def summary(self) -> Path:
        return self.path / "summary.json"

    @cached_property
    def texts(self) -> dict[str, str]:
        """The documents as they were when they were asked, by id."""
        return {value["id"]: value["text"] for _, value in jsonl.read(self.path / "documents.jsonl", error=RunError)}

    @cached_property
    def passages(self) -> dict[str, Span]:
        """The passages as they were when they were asked, by id."""
        spans = {}
        for _, value in jsonl.read(self.path / "passages.jsonl", error=RunError):
            text = self.texts[value["document_id"]][value["start"] : value["end"]]
            spans[value["id"]] = Span(value["document_id"], value["start"], value["end"], text)
        return spans

    def read_about(self) -> dict[str, Any]:
        """What was asked of what: settings, hashes, counts."""
        if not self.about.exists():
            raise RunError(f"There is no run at '{self.path}'. Name the folder that `citewell eval run` printed.")
        return jsonl.read_one(self.about, error=RunError)

    def read_cases(self) -> list[Case]:
        return load(self.cases)

    def read_lines(self, path: Path) -> list[dict[str, Any]]:
        return [value for _, value in jsonl.read(path, error=RunError)] if path.exists() else []

    def is_finished(self) -> bool:
        """Whether every case has its answer and its score."""
        return self.about.exists() and self.summary.exists()

    def whole_lines(self, path: Path) -> list[dict[str, Any]]:
        """The lines of a file that is being written; half a line, as a kill leaves it, is cut off."""
        if not path.exists():
            return []
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if whole != data:
            path.write_bytes(whole)
        return self.read_lines(path)

    def keep_what_is_asked(self, engine: "Engine", cases: Iterable[Case]) -> None:
        """Write down the documents, the passages and the cases."""
        self.path.mkdir(parents=True, exist_ok=True)
        documents = ({"id": one.id, "title": one.title, "text": one.text} for one in engine.documents)
        jsonl.write(self.path / "documents.jsonl", documents)
        places = (
            {"id": one.id, "document_id": one.document_id, "start": one.start, "end": one.end}
            for one in engine.passages
        )
        jsonl.write(self.path / "passages.jsonl", places)
        jsonl.write(self.cases, (case.to_json() for case in cases))


def hashes(engine: "Engine", cases: Iterable[Case]) -> dict[str, str]:
    """What a run depends on, as short hashes: documents, facts, settings, models, code."""
    return {
        "corpus": jsonl.digest([[one.id, one.content_hash] for one in engine.documents]),
        "facts": facts_hash(cases),
        "settings": jsonl.digest([engine.settings]),
        "model": jsonl.digest([engine.models]),
        "code": code_hash(),
    }


def facts_hash(cases: Iterable[Case]) -> str:
    """The hash of known facts, in whatever order and files they are."""
    return jsonl.digest(case.to_json() for case in sorted(cases, key=lambda case: case.id))


def code_hash() -> str:
    """The hash of the code that reads, answers and judges."""
    hashing = hashlib.sha256()
    for path in sorted(path for package in CODE for path in (PACKAGES / package).rglob("*.py")):
        hashing.update(path.relative_to(PACKAGES).as_posix().encode() + b"\0" + path.read_bytes())
    return hashing.hexdigest()[:16]


def answer_to_json(answer: "Answer") -> dict[str, Any]:
    """An answer without what is another each time.

    >>> from bot.types import Answer
    >>> told = answer_to_json(Answer("a1", "c1", "Who?", "Who?", "not_found", "The documents don't tell."))
    >>> "answer_id" in told, told["status"]
    (False, 'not_found')
    """
    names = {field.name for field in fields(answer)} - NOT_OF_THE_ANSWER
    return {name: value for name, value in asdict(answer).items() if name in names}
