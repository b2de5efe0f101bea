"""Training examples for the reranker: a question, the units it is asked of, and which of them answer it."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sentencex

from bot.rerank.reading import reading

WRITTEN = Path(__file__).parent / "data"
PLACEHOLDER = re.compile(r"\{person(\d+)\}")
FIRST = "Amara Bela Chen Dina Emeka Farid Greta Hana Ivo Jonas Kofi Lena Milo Nadia Omar Petra Rosa Sven Tariq".split()
LAST = "Abara Bloom Castell Dorn Eriks Fenn Grau Holt Ibarra Jansz Kell Lund Marsh Nunes Orr Pell Quist Rook".split()


@dataclass(frozen=True, slots=True)
class Example:
    """`answers` are indices into `units`; none means that no unit answers. `group` keeps a document in one split."""

    question: str
    units: tuple[str, ...]
    answers: frozenset[int]
    group: str


def written() -> Iterator[Example]:
    """Sections and questions written for this project about organisations that don't exist."""
    for path in sorted(WRITTEN.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            if line.strip():
                yield from _of_record(json.loads(line), f"{path.stem}{number}")


def squad(folder: Path) -> Iterator[Example]:
    """SQuAD 2.0 (Rajpurkar, Jia and Liang, ACL 2018): the sentence that holds the answer, or none."""
    texts = {row["_id"]: row for row in _rows(folder / "corpus.jsonl")}
    for row in _rows(folder / "queries.jsonl"):
        document = texts[row["doc"]]
        sentences = [sentence.strip() for sentence in sentencex.segment("en", document["text"]) if sentence.strip()]
        holding = [i for i, sentence in enumerate(sentences) if any(answer in sentence for answer in row["answers"])]
        if row["is_impossible"] or holding:
            answers = frozenset() if row["is_impossible"] else frozenset(holding)
            yield Example(row["text"], _read(sentences, document["title"]), answers, document["title"])


def doc2dial(folder: Path) -> Iterator[Example]:
    """Doc2Dial (Feng et al., EMNLP 2020): first turns, and later ones with the user's turn before them."""
    texts = {row["_id"]: row for row in _rows(folder / "corpus.jsonl")}
    for row in _rows(folder / "queries.jsonl"):
        document = texts[row["doc"]]
        said_before = [turn["text"] for turn in row["history"] if turn["role"] == "user"]
        question = " ".join([*said_before[-1:], row["text"]])
        sentences: list[str] = []
        holding: list[int] = []
        at = 0
        spans = [
            (start, start + len(answer)) for start, answer in zip(row["answer_start"], row["answers"], strict=True)
        ]
        for sentence in sentencex.segment("en", document["text"]):
            start, at = at, at + len(sentence)
            if not sentence.strip():
                continue
            if any(start < end - 3 and at > begin + 3 for begin, end in spans):
                holding.append(len(sentences))
            sentences.append(sentence.strip())
        near = _window(len(sentences), holding, 12)
        if holding and len(question) < 300:
            units = _read(sentences, document["title"])
            kept = tuple(units[i] for i in near)
            yield Example(question, kept, frozenset(near.index(i) for i in holding if i in near), document["_id"])


def _of_record(record: dict[str, Any], group: str) -> Iterator[Example]:
    chooser = random.Random(group)  # noqa: S311  the same names for the same section
    people: dict[str, str] = {}

    def named(text: str) -> str:
        return PLACEHOLDER.sub(
            lambda match: people.setdefault(match[1], f"{chooser.choice(FIRST)} {chooser.choice(LAST)}"), text
        )

    heading = record["headings"][-1] if record.get("headings") else ""
    units: list[str] = []
    for block in record["blocks"]:
        before = ""
        for text in _texts(block):
            units.append(
                reading(named(text), title=record["title"], date=record.get("date", ""), heading=heading, before=before)
            )
            if block["kind"] == "paragraph" or not before:
                before = named(text) if block["kind"] == "paragraph" or text == block.get("lead") else ""
    for question in record["questions"]:
        yield Example(named(question["q"]), tuple(units), frozenset(question["answer"]), group)


def _texts(block: dict[str, Any]) -> Iterator[str]:
    if block.get("lead"):
        yield block["lead"]
    match block["kind"]:
        case "table":
            for row in block["rows"]:
                cells = zip(block["header"], row, strict=False)
                yield "; ".join(f"{name}: {cell}" for name, cell in cells if cell) + "."
        case "list":
            yield from block["items"]
        case _:
            yield from block["sentences"]


def _read(sentences: list[str], title: str) -> tuple[str, ...]:
    before = ["", *sentences]
    return tuple(reading(text, title=title, before=before[i]) for i, text in enumerate(sentences))


def _window(length: int, around: list[int], size: int) -> list[int]:
    if not around:
        return []
    first = max(0, min(around[0] - size // 2, length - size))
    return list(range(first, min(length, first + size)))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
