"""A first sync, beside bare `SentenceTransformer.encode` of the same passages at its best setting on this machine."""

import json
import random
import shutil
from pathlib import Path

from evals.speed.bare import best_setting, passages_a_second
from evals.speed.figures import Figure, p50
from evals.speed.material import CORPUS, passages, write_abstracts, write_variations
from evals.speed.workers import citewell, process

ABSTRACTS = 200  # documents of about three passages each
COPIES = 2  # of the corpus, where there are no abstracts
SAMPLE = 160  # passages that the best setting is searched with
ROUNDS = 3


def measure(workspace: Path, *, quick: bool, bench: Path | None) -> list[Figure]:
    """Sync a folder into nothing and encode its passages, in turn."""
    folder = workspace / "documents"
    if bench:
        write_abstracts(folder, bench / "scifact" / "corpus.jsonl", count=100 if quick else ABSTRACTS)
        shutil.copytree(CORPUS, folder / "corpus")
    else:
        write_variations(folder, copies=1 if quick else COPIES)
    with process() as splitter:
        texts: list[str] = splitter(passages, folder)
    ours: list[float] = []
    bare: list[float] = []
    with process() as encoder:
        setting = encoder(best_setting, random.Random(1).sample(texts, SAMPLE))  # noqa: S311
        for number in range(1 if quick else ROUNDS):
            report = json.loads(
                citewell("ingest", folder, "--json", "--data-dir", workspace / f"sync-{number}", check=False)
            )
            ours.append(report["passages"] / report["seconds"])
            bare.append(encoder(passages_a_second, texts, *setting))
    precision, threads, batch = setting
    speeds = f"{p50(ours):.1f} / {p50(bare):.1f} passages a second, {len(texts):,} passages"
    how = f"{speeds}; bare: {precision}, {threads} threads, batch {batch}"
    return [Figure("first sync / bare encode", p50(ours) / p50(bare), "×", ">=", 0.85, how)]
