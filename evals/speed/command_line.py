"""What a person waits for and a machine must hold: commands from start to end, and their memory."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from evals.speed.figures import Figure, p50
from evals.speed.workers import citewell, process

ROUNDS = 5
MODEL_PARTS = ("onnxruntime", "tokenizers", "torch", "transformers", "sentence_transformers")
INGEST_AND_LIST_IMPORTS = """
import json, sys
from bot.adapters.cli import cli
cli.main(["ingest", "--json", "--data-dir", sys.argv[1]], standalone_mode=False)
print(json.dumps(sorted(sys.modules)))
"""


def measure(workspace: Path, *, quick: bool) -> list[Figure]:
    """Time commands, each of them in a process of its own."""
    data_dir = workspace / "command-line-index"
    citewell("ingest", "--data-dir", data_dir)
    rounds = 2 if quick else ROUNDS
    unchanged = p50(_seconds(lambda: citewell("ingest", "--data-dir", data_dir)) for _ in range(rounds))
    loaded = models_loaded(data_dir)
    help_shown = p50(_seconds(lambda: citewell("--help")) for _ in range(rounds))
    with process() as small:
        peak = small(peak_memory, data_dir)
    return [
        Figure("sync with nothing changed", unchanged, "s", "<=", 1.5, "the whole command"),
        Figure(
            "model parts loaded by a sync with nothing changed", len(loaded), "", "<=", 0, ", ".join(loaded) or "none"
        ),
        Figure("citewell --help", help_shown, "s", "<=", 0.5, "the whole command"),
        Figure("peak memory of citewell ask", peak, "MB", "<=", 700, "with an index; ru_maxrss"),
    ]


def models_loaded(data_dir: Path) -> list[str]:
    """Which libraries that run models a sync with nothing changed imports."""
    command = [sys.executable, "-c", INGEST_AND_LIST_IMPORTS, str(data_dir)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603
    return sorted(set(json.loads(printed[-1])) & set(MODEL_PARTS))


def peak_memory(data_dir: Path) -> float:
    """Megabytes that `citewell ask` holds at most; to be called in a small process, whose size a child inherits."""
    citewell("ask", "How many primary care networks are there?", "--data-dir", data_dir)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began
