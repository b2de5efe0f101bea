"""What is measured with: questions, passages, and documents made by variation."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from ingest.embed import open_embedder
from ingest.folder import document_paths
from ingest.load import load
from ingest.split import split
from ingest.types import embedded_prefix

CORPUS = Path("corpus")
FACTS = Path("evals/facts")
WORD = re.compile(r"\b[a-z]{5,}\b")
NUMBER = re.compile(r"\d+")
SHARE_VARIED = 0.1  # of the longer words; the rest of a copy stands as in its original


def questions(count: int) -> list[str]:
    """Known questions of every category, evenly spread; the same ones each time."""
    asked: list[str] = []
    for path in sorted(FACTS.glob("*.jsonl")):
        cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        asked += [case["question"] for case in cases if case.get("question")]
    return asked[:: max(1, len(asked) // count)][:count]


def passages(folder: Path) -> list[str]:
    """The passages of all documents below a folder, with what is embedded in front of them."""
    embedder = open_embedder("all-MiniLM-L6-v2")
    texts: list[str] = []
    for path in document_paths(folder):
        document = load(path, folder)
        cut = split(document, embedder.count, limit=embedder.max_pieces)
        texts += [embedded_prefix(document.title, passage) + passage.text for passage in cut]
    return texts


def write_variations(folder: Path, *, copies: int, seed: int = 1) -> None:
    """Write each document of the corpus many times, with other numbers and a tenth of its longer words exchanged."""
    chance = random.Random(seed)  # noqa: S311
    originals = [(path, path.read_text(encoding="utf-8")) for path in document_paths(CORPUS)]
    words = sorted({word for _, text in originals for word in WORD.findall(text)})

    def other(match: re.Match[str]) -> str:
        return chance.choice(words) if chance.random() < SHARE_VARIED else match[0]

    def another_number(match: re.Match[str]) -> str:
        return str(chance.randrange(10 ** len(match[0])))

    folder.mkdir(parents=True, exist_ok=True)
    for copy in range(copies):
        for path, text in originals:
            front, _, body = text.removeprefix("---").partition("\n---\n")
            varied = NUMBER.sub(another_number, WORD.sub(other, body))
            (folder / f"{path.stem}-{copy:04d}.md").write_text(f"---{front}\n---\n{varied}", encoding="utf-8")


def lines_of(path: Path) -> Iterator[dict[str, str]]:
    """The objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def write_abstracts(folder: Path, corpus: Path, *, count: int) -> None:
    """Write the first abstracts of a BEIR corpus as Markdown documents."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(lines_of(corpus)):
        if number == count:
            return
        (folder / f"{row['_id']}.md").write_text(f"# {row['title']}\n\n{row['text']}\n", encoding="utf-8")
