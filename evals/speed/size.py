"""10,000 documents: memory, a sync with nothing changed, and a sync after one document changed.

The documents are generated, of one to three passages each, and every one is embedded.
"""

import contextlib
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from evals.speed.figures import Figure
from evals.speed.material import CORPUS, WORD
from ingest.folder import document_paths

DOCUMENTS = 10_000
PARAGRAPHS = 2  # of a document; about a passage each
SENTENCES = 4  # of a paragraph
LOOK = 0.1  # seconds between two looks at the memory
FOLDERS = 100  # that the documents lie in


def measure(workspace: Path, *, documents: int = DOCUMENTS) -> list[Figure]:
    """Sync generated documents three times: into nothing, with nothing changed, and with one changed."""
    folder, data_dir = workspace / "generated", workspace / "generated-index"
    paths = write_generated(folder, documents=documents)
    first, peak = synced(folder, data_dir)
    unchanged, _ = synced(folder, data_dir)
    paths[documents // 2].write_text(paths[0].read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    changed, _ = synced(folder, data_dir)
    over, share = changed - unchanged, first / documents
    return [
        Figure(f"peak memory of a first sync of {documents:,} documents", peak, "MB", "<=", 1500, "all processes; RSS"),
        Figure(f"first sync of {documents:,} documents", first, "s", how=f"{share * 1000:.0f} ms a document"),
        Figure(f"sync of {documents:,} with nothing changed", unchanged, "s", how="the whole command"),
        # The model, Chroma's graph and the reading process are started for one document as for all.
        Figure(
            f"sync of {documents:,} with one changed, over that",
            over,
            "s",
            "<=",
            5,
            f"{changed:.1f} - {unchanged:.1f} s",
        ),
    ]


def write_generated(folder: Path, *, documents: int, seed: int = 1) -> list[Path]:
    """Write documents of random sentences from the words of the corpus, no two the same, in Markdown and plain text."""
    chance = random.Random(seed)  # noqa: S311
    words = sorted({word for path in document_paths(CORPUS) for word in WORD.findall(path.read_text(encoding="utf-8"))})

    def sentence() -> str:
        return f"{' '.join(chance.choices(words, k=14)).capitalize()} {chance.randrange(1000)}."

    paths = []
    for number in range(documents):
        path = folder / f"{number % FOLDERS:02d}" / f"{number}{'.md' if number % 2 else '.txt'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        paragraphs = [" ".join(sentence() for _ in range(SENTENCES)) for _ in range(PARAGRAPHS)]
        path.write_text("\n\n".join([f"# Document {number}", *paragraphs]) + "\n", encoding="utf-8")
        paths.append(path)
    return paths


def synced(folder: Path, data_dir: Path) -> tuple[float, float]:
    """Seconds that `citewell ingest` takes, and megabytes that it and what it starts hold at most, taken together."""
    command = [sys.executable, "-m", "bot.adapters.cli", "ingest", str(folder), "--json", "--data-dir", str(data_dir)]
    began, peak = time.perf_counter(), 0.0
    with tempfile.TemporaryFile("w+") as printed:  # a pipe that nobody reads would be full
        with subprocess.Popen(command, stdout=printed) as process:  # noqa: S603
            while process.poll() is None:
                peak = max(peak, _held(process.pid))
                time.sleep(LOOK)
        took = time.perf_counter() - began
        printed.seek(0)
        report = json.load(printed)
    if report["failed"]:
        raise RuntimeError(f"not read: {report['failed'][:3]}")
    return took, peak


def _held(pid: int) -> float:
    with contextlib.suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        return sum(process.memory_info().rss for process in (top, *top.children(recursive=True))) / 1_000_000
    return 0.0
