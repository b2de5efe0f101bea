"""Known facts: what is asked, and what a right answer says and cites."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from evals import jsonl
from evals.errors import FactsError

Answerability = Literal["answerable", "unanswerable", "clarify", "refuse", "small_talk"]
Split = Literal["dev", "test"]

FACTS = Path(__file__).parent / "facts"


@dataclass(frozen=True, slots=True)
class Gold:
    """A place that answers a question: a quotation that stands verbatim in a document."""

    document_id: str
    section: str
    quote: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One question. For every one of `facts`, a right answer has at least one of its strings."""

    question: str
    answerability: Answerability
    facts: tuple[tuple[str, ...], ...] = ()
    must_not: tuple[str, ...] = ()
    gold: tuple[Gold, ...] = ()

    @property
    def is_answerable(self) -> bool:
        return self.answerability == "answerable"

    @property
    def should_be_declined(self) -> bool:
        """Whether a right answer says that it can't or won't answer, or asks back."""
        return self.answerability in ("unanswerable", "clarify", "refuse")

    @property
    def gold_documents(self) -> frozenset[str]:
        return frozenset(gold.document_id for gold in self.gold)


@dataclass(frozen=True, slots=True)
class Case:
    """One question, or a conversation of several, with what is known about its answers."""

    id: str
    category: str
    severity: str
    split: Split
    turns: tuple[Turn, ...]
    written_from: str = "documents"
    version: int = 1
    note: str = ""

    @property
    def is_conversation(self) -> bool:
        return len(self.turns) > 1

    def keyed_turns(self) -> Iterator[tuple[str, int, Turn]]:
        """The turns with the keys they have in scores: the case's id, with `#2` in a conversation's second."""
        for number, turn in enumerate(self.turns, start=1):
            yield (f"{self.id}#{number}" if self.is_conversation else self.id), number, turn

    def to_json(self) -> dict[str, Any]:
        """The case in the form that `facts/schema.json` describes."""
        turns = [_turn_to_json(turn) for turn in self.turns]
        asked = {"turns": turns} if self.is_conversation else turns[0]
        about = {"id": self.id, "category": self.category, "severity": self.severity, "split": self.split}
        end = {"written_from": self.written_from, "version": self.version}
        return {**about, **asked, **end, **({"note": self.note} if self.note else {})}


def case_from(value: Mapping[str, Any]) -> Case:
    """Make a case of a JSON object that keeps to `facts/schema.json`; raise `KeyError` where it doesn't.

    >>> one = case_from({"id": "who-chairs", "category": "who", "severity": "normal", "split": "dev",
    ...     "question": "Who chairs?", "facts": [{"any_of": ["Ann"]}], "must_not": [], "gold": [],
    ...     "answerability": "answerable", "written_from": "asker", "version": 1})
    >>> one.turns[0].facts, one.is_conversation
    ((('Ann',),), False)
    """
    turns = tuple(_turn_from(turn) for turn in value.get("turns", [value]))
    return Case(
        id=value["id"],
        category=value["category"],
        severity=value["severity"],
        split=value["split"],
        turns=turns,
        written_from=value.get("written_from", "documents"),
        version=value.get("version", 1),
        note=value.get("note", ""),
    )


def fact_files(path: Path) -> list[Path]:
    """The files of known facts at a path: the file itself, or those of a folder in the order of their names."""
    if path.is_file():
        return [path]
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else []
    if not files:
        raise FactsError(f"There are no known facts at '{path}'. Name a .jsonl file, or a folder that has some.")
    return files


def load(path: Path = FACTS, *, split: str = "all") -> list[Case]:
    """Read known facts from a file or a folder; raise `FactsError` with file and line where they are not valid."""
    cases: dict[str, Case] = {}
    for file in fact_files(path):
        for number, value in jsonl.read(file, error=FactsError):
            try:
                case = case_from(value)
            except (KeyError, TypeError, AttributeError) as wrong:
                raise FactsError(
                    f"'{file}', line {number}: {_reason(wrong)}. Run: citewell eval validate --facts '{path}'"
                ) from wrong
            if case.id in cases:
                raise FactsError(f"'{file}', line {number}: the id '{case.id}' is used twice. Give one another id.")
            cases[case.id] = case
    wanted = [case for case in cases.values() if split in ("all", case.split)]
    if not wanted:
        raise FactsError(f"None of the known facts at '{path}' is of the split '{split}'. Use --split all.")
    return wanted


def moved(cases: Iterable[Case], gold_of: Mapping[str, str]) -> list[Case]:
    """The same cases for a folder where documents have other names, such as the originals of notes.

    `gold_of` gives the new document id by the old one; ids that it doesn't name stay.
    """
    return [replace(case, turns=tuple(_moved(turn, gold_of) for turn in case.turns)) for case in cases]


def _moved(turn: Turn, gold_of: Mapping[str, str]) -> Turn:
    gold = (replace(one, document_id=gold_of.get(one.document_id, one.document_id)) for one in turn.gold)
    return replace(turn, gold=tuple(gold))


def _turn_from(value: Mapping[str, Any]) -> Turn:
    return Turn(
        question=value["question"],
        answerability=value["answerability"],
        facts=tuple(tuple(fact["any_of"]) for fact in value["facts"]),
        must_not=tuple(value["must_not"]),
        gold=tuple(Gold(one["document_id"], one.get("section", ""), one["quote"]) for one in value["gold"]),
    )


def _turn_to_json(turn: Turn) -> dict[str, Any]:
    return {
        "question": turn.question,
        "facts": [{"any_of": list(fact)} for fact in turn.facts],
        "must_not": list(turn.must_not),
        "gold": [asdict(gold) for gold in turn.gold],
        "answerability": turn.answerability,
    }


def _reason(wrong: Exception) -> str:
    return f"the field {wrong} is missing" if isinstance(wrong, KeyError) else "a field has a value of the wrong kind"
