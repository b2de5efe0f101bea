"""Bring the index in step with a folder of documents."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ingest.embed import Embedder
from ingest.errors import UnreadableDocument
from ingest.index import alone, connect
from ingest.load import document_id_of, document_paths, load
from ingest.split import split
from ingest.terms import read_terms
from ingest.types import Document, Passage

BATCH = 64  # passages; documents are stored together up to here, since each commit waits for the disk
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did; `failed` gives the reason by document."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    passages: int = 0
    seconds: float = 0.0


def sync(
    folder: Path,
    *,
    location: str,
    data_dir: Path,
    embedder: Embedder,
    rebuild: bool = False,
    progress: Progress = lambda done, total, name: None,
) -> SyncReport:
    """Ingest what is new or changed below `folder` and remove what is gone; the same again changes nothing.

    A document that can't be read any more keeps its last version in the index and is reported as failed.
    `progress` is told how many files of how many are done, and the one at hand. Raises `CorpusError`,
    `IndexBusy`, and the errors of `connect`.
    """
    began = time.monotonic()
    paths = list(document_paths(folder))
    with alone(data_dir):
        index = connect(location, data_dir, embedder, create=True, rebuild=rebuild)
        index.mend()
        held = index.catalog.hashes()
        report = SyncReport()
        gone = sorted(held.keys() - {document_id_of(path, folder) for path in paths})
        changing = False
        batch: list[tuple[Document, list[Passage]]] = []
        for done, path in enumerate(paths):
            name = document_id_of(path, folder)
            progress(done, len(paths), name)
            try:
                document = load(path, folder)
            except UnreadableDocument as error:
                report.failed[name] = str(error)
                continue
            if held.get(name) == document.content_hash:
                report.unchanged.append(name)
                continue
            passages = split(document, embedder.count, limit=embedder.max_pieces)
            if not passages:
                report.failed[name] = "it has nothing but headings or mark-up"
                continue
            if not changing:
                index.begin_change()
                changing = True
            batch.append((document, passages))
            if sum(len(cut) for _, cut in batch) >= BATCH:
                index.replace(batch)
                batch = []
            (report.changed if name in held else report.added).append(name)
        if batch:
            index.replace(batch)
        if gone and not changing:
            index.begin_change()
            changing = True
        for name in gone:
            index.remove(name)
            report.removed.append(name)
        if changing:
            index.end_change()
        terms = read_terms(folder)
        if terms != index.catalog.terms():
            index.catalog.set_terms(terms)
        progress(len(paths), len(paths), "")
        total = index.catalog.count_passages()
        index.catalog.close()
    return SyncReport(
        report.added,
        report.changed,
        report.removed,
        report.unchanged,
        report.failed,
        passages=total,
        seconds=round(time.monotonic() - began, 3),
    )
