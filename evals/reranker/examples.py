"""Training examples for the reranker: a question, what the engine found for it, and which of that answers."""

import json
import random
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sentencex
import yaml

from bot.assemble import Bot, open_bot
from bot.converse import turns_from
from bot.rerank.reading import reading, reading_of
from bot.settings import BotSettings
from ingest.embed import DEFAULT, open_embedder
from ingest.sync import sync
from ingest.types import Document

SECTIONS = Path(__file__).parent / "sections"
ORGANISATIONS = Path(__file__).parent / "organisations"
PLACEHOLDER = re.compile(r"\{person(\d+)\}")
FIRST = "Amara Bela Chen Dina Emeka Farid Greta Hana Ivo Jonas Kofi Lena Milo Nadia Omar Petra Rosa Sven Tariq".split()
LAST = "Abara Bloom Castell Dorn Eriks Fenn Grau Holt Ibarra Jansz Kell Lund Marsh Nunes Orr Pell Quist Rook".split()
KEPT = 40  # units of a question, best first; what the engine would not look at teaches nothing, unless it answers


@dataclass(frozen=True, slots=True)
class Example:
    """A question and units, the likeliest first; `answers` are indices of those that answer, none where nothing does.

    `group` keeps what belongs together on one side of a split.
    """

    question: str
    units: tuple[str, ...]
    answers: frozenset[int]
    group: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a folder of documents, with the document and the quotation of each unit that answers it.

    `before` are the questions of the same conversation that were asked before it.
    """

    question: str
    gold: tuple[tuple[str, str], ...]
    group: str
    before: tuple[str, ...] = ()


def organisations() -> Iterator[Example]:
    """Organisations that don't exist, each with documents of several dates and questions about them."""
    for documents, asked in asked_of_organisations():
        yield from found_for(asked, documents)


def asked_of_organisations() -> Iterator[tuple[Path, list[Asked]]]:
    """The folder of documents of each written organisation, and what is asked about them."""
    for folder in sorted(path for path in ORGANISATIONS.iterdir() if path.is_dir()):
        lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines if line.strip()]
        yield (
            folder / "docs",
            [
                Asked(
                    one["q"],
                    tuple((gold["doc"], gold["quote"]) for gold in one["gold"]),
                    folder.name,
                    tuple(one.get("before", ())),
                )
                for one in records
            ],
        )


def sections() -> Iterator[Example]:
    """500 sections of documents of organisations that don't exist, all in one folder, and questions about each."""
    with tempfile.TemporaryDirectory() as folder:
        asked = []
        for path in sorted(SECTIONS.glob("*.jsonl")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
                if line.strip():
                    asked += _written(json.loads(line), f"{path.stem}{number}", Path(folder))
        yield from found_for(asked, Path(folder))


def squad(folder: Path) -> Iterator[Example]:
    """SQuAD 2.0 (Rajpurkar, Jia and Liang, ACL 2018): the sentence of a paragraph that holds the answer, or none."""
    texts = {row["_id"]: row for row in _rows(folder / "corpus.jsonl")}
    for row in _rows(folder / "queries.jsonl"):
        document = texts[row["doc"]]
        sentences = [sentence.strip() for sentence in sentencex.segment("en", document["text"]) if sentence.strip()]
        holding = [i for i, sentence in enumerate(sentences) if any(answer in sentence for answer in row["answers"])]
        if row["is_impossible"] or holding:
            before = ["", *sentences]
            units = tuple(reading(text, title=document["title"], before=before[i]) for i, text in enumerate(sentences))
            answers: frozenset[int] = frozenset() if row["is_impossible"] else frozenset(holding)
            yield Example(row["text"], units, answers, document["title"])


def found_for(asked: Iterable[Asked], documents: Path) -> Iterator[Example]:
    """What the engine finds for questions in a folder of documents; those whose answer it misses are left out."""
    with tempfile.TemporaryDirectory() as data:
        settings = BotSettings(data_dir=Path(data), index="", corpus=documents, reranker="off")
        sync(documents, location=settings.index_location, data_dir=settings.data_dir, embedder=open_embedder(DEFAULT))
        bot = open_bot(settings)
        for one in asked:
            example = _found(one, bot)
            if example:
                yield example
        bot.index.catalog.close()


def _found(asked: Asked, bot: Bot) -> Example | None:
    looked = bot.chain.explain({"question": asked.question, "turns": turns_from(asked.before)}).looked
    if len(looked) != 1 or not looked[0].evidence:  # of several questions in one, it isn't known which a unit answers
        return None
    spans = [(name, *span_of(quote, bot.index.catalog.document(name))) for name, quote in asked.gold]
    units: list[str] = []
    answers: set[int] = set()
    for number, one in enumerate(looked[0].evidence):
        answering = any(
            name == one.passage.document_id and one.unit.start < end and one.unit.end > start
            for name, start, end in spans
        )
        if number >= KEPT and not answering:
            continue
        document = bot.index.catalog.document(one.passage.document_id)
        title, date = (document.title, document.date) if document else ("", "")
        if answering:
            answers.add(len(units))
        units.append(reading_of(one.passage, one.unit, title=title, date=date))
    if asked.gold and not answers:
        return None
    return Example(looked[0].query.judged, tuple(units), frozenset(answers), asked.group)


def span_of(quote: str, document: Document | None) -> tuple[int, int]:
    """Where a quotation stands, whatever its line breaks."""
    words = r"\s+".join(re.escape(word) for word in quote.split())
    found = re.search(words, document.text) if document else None
    if not found:
        raise ValueError(f"no document has: {quote}")
    return found.span()


def _written(record: dict[str, Any], group: str, folder: Path) -> list[Asked]:
    """Write a section as a document, and give the questions about it."""
    chooser = random.Random(group)  # noqa: S311  the same names for the same section
    people: dict[str, str] = {}

    def named(text: str) -> str:
        return PLACEHOLDER.sub(
            lambda match: people.setdefault(match[1], f"{chooser.choice(FIRST)} {chooser.choice(LAST)}"), text
        )

    units: list[str] = []
    lines = [f"# {record['title']}"]
    lines += [f"{'#' * (level + 2)} {heading}" for level, heading in enumerate(record.get("headings", []))]
    for block in record["blocks"]:
        lead = [named(block["lead"])] if block.get("lead") else []
        match block["kind"]:
            case "table":
                rows = ["| " + " | ".join(named(cell) for cell in row) + " |" for row in block["rows"]]
                head = ["| " + " | ".join(block["header"]) + " |", "|---" * len(block["header"]) + "|"]
                units += lead + rows
                lines += [*lead, "\n".join(head + rows)]
            case "list":
                items = [named(item) for item in block["items"]]
                units += lead + items
                lines += [*lead, "\n".join(f"- {item}" for item in items)]
            case _:
                sentences = lead + [named(sentence) for sentence in block["sentences"]]
                units += sentences
                lines.append(" ".join(sentences))
    front = {"title": record["title"], "date": str(record.get("date", "")), "kind": record.get("kind", "")}
    body = "\n\n".join(lines)
    (folder / f"{group}.md").write_text(f"---\n{yaml.safe_dump(front)}---\n\n{body}\n", encoding="utf-8")
    return [
        Asked(named(one["q"]), tuple((f"{group}.md", units[number]) for number in one["answer"]), group)
        for one in record["questions"]
    ]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
