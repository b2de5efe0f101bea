"""Bring the index in step with a folder of documents."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.catalog import hashes_without_writing
from ingest.embed import Embedder
from ingest.errors import CorpusError
from ingest.folder import Listing, look_through
from ingest.index import Index, alone, connect
from ingest.load import document_id_of
from ingest.plan import Plan, compare
from ingest.reading import Reader
from ingest.store import PassageStore
from ingest.terms import read_terms
from ingest.types import Document, Passage
from ingest.versions import Pair, probable_versions

BATCH = 64  # passages; documents are stored together up to here, since each commit waits for the disk
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did, or would do.

    `renamed` gives the old name by the new one, `failed` the reason by document, `skipped` the number of files of
    each suffix that no reader is for; `similar` are documents that are probably versions of one another.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    similar: list[Pair] = field(default_factory=list)
    documents: int = 0  # in the index, those included whose last version still answers
    passages: int = 0
    seconds: float = 0.0


def sync(
    folder: Path,
    *,
    location: str,
    data_dir: Path,
    embedder: Embedder,
    rebuild: bool = False,
    allow_empty: bool = False,
    reader: Reader | None = None,
    progress: Progress = lambda done, total, name: None,
) -> SyncReport:
    """Ingest what is new or changed below `folder` and remove what is gone; the same again changes nothing.

    A document that can't be read any more keeps its last version in the index and is reported as failed. A folder
    that has no documents at all, where the index holds some, is an error unless `allow_empty`: more often than
    not, a disk is not mounted. `progress` is told how many of the new and changed files are done, and the one at
    hand. Raises `CorpusError`, `IndexBusy`, `ReaderError`, and the errors of `connect`.
    """
    began = time.monotonic()
    with _reading(reader, embedder) as reader:
        listing = look_through(folder, largest_mb=reader.limits.file_mb)
        if rebuild and not allow_empty:
            _refuse_empty(folder, listing, what="nothing was rebuilt")
        with alone(data_dir):
            index = connect(location, data_dir, embedder, create=True, rebuild=rebuild)
            try:
                index.mend()
                held = index.catalog.hashes()
                if held and not allow_empty:
                    _refuse_empty(folder, listing, what=f"the index holds {len(held):,}, so nothing was removed")
                plan = compare(listing, folder, held)
                report = _carried_out(plan, folder, index, reader, held, progress)
                terms = read_terms(folder)
                if terms != index.catalog.terms():
                    index.catalog.set_terms(terms)
                documents = {document.id: document for document in index.catalog.documents()}
                report.similar.extend(probable_versions(index.catalog.resembling(), documents))
                report.skipped.update(listing.skipped)
                total = index.catalog.count_passages()
            finally:
                index.catalog.close()
    seconds = round(time.monotonic() - began, 3)
    failed = _failures(report, held)
    return replace(report, failed=failed, documents=len(documents), passages=total, seconds=seconds)


def preview(
    folder: Path,
    *,
    location: str,
    data_dir: Path,
    embedder: Embedder,
    allow_empty: bool = False,
    reader: Reader | None = None,
    progress: Progress = lambda done, total, name: None,
) -> SyncReport:
    """Say what `sync` would do, and write nothing; files that are new or changed are read, not embedded."""
    began = time.monotonic()
    with _reading(reader, embedder) as reader:
        listing = look_through(folder, largest_mb=reader.limits.file_mb)
        stored = _held_without_writing(location, data_dir, embedder)
        held = {name: content_hash for name, (content_hash, _) in stored.items()}
        if held and not allow_empty:
            _refuse_empty(folder, listing, what=f"the index holds {len(held):,}, so nothing would be removed")
        plan = compare(listing, folder, held)
        report = SyncReport(unchanged=plan.unchanged, failed=plan.failed, skipped=dict(listing.skipped))
        counts = {name: count for name, (_, count) in stored.items()}
        for document, passages in _read(plan, folder, reader, report, progress):
            counts[document.id] = len(passages)
            _note(report, document.id, held, plan)
        progress(len(plan.to_read), len(plan.to_read), "")
        report.removed.extend(_forgotten(plan, report))
        for name in plan.gone:
            del counts[name]
    seconds = round(time.monotonic() - began, 3)
    failed, total = _failures(report, held), sum(counts.values())
    return replace(report, failed=failed, documents=len(counts), passages=total, seconds=seconds)


@contextmanager
def _reading(reader: Reader | None, embedder: Embedder) -> Iterator[Reader]:
    """Use the caller's reader, which stays open, or one of our own."""
    with nullcontext(reader) if reader else Reader(embedder) as one:
        yield one


def _refuse_empty(folder: Path, listing: Listing, *, what: str) -> None:
    if not listing.files:
        raise CorpusError(
            f"There is no document in '{folder}', and {what}. See that its disk or share is there; "
            "if the documents are to go, add --allow-empty."
        )


def _carried_out(
    plan: Plan, folder: Path, index: Index, reader: Reader, held: dict[str, str], progress: Progress
) -> SyncReport:
    report = SyncReport(unchanged=plan.unchanged, failed=plan.failed)
    changing = False
    batch: list[tuple[Document, list[Passage]]] = []

    def begin() -> None:
        nonlocal changing
        if not changing:
            index.begin_change()
        changing = True

    def store() -> None:
        if batch:
            begin()
            index.replace(batch, copies=plan.copies, renamed=plan.renamed)
            for document, _ in batch:
                _note(report, document.id, held, plan)
            batch.clear()

    for read in _read(plan, folder, reader, report, progress):
        batch.append(read)
        if sum(len(passages) for _, passages in batch) >= BATCH:
            store()
    store()
    gone = _forgotten(plan, report)
    if gone:
        if not folder.is_dir():
            raise CorpusError(
                f"The folder '{folder}' went away while it was read. Nothing of it was removed; run again."
            )
        begin()
        index.remove(gone)
        report.removed.extend(gone)
    if changing:
        index.end_change()
    progress(len(plan.to_read), len(plan.to_read), "")
    return report


def _read(
    plan: Plan, folder: Path, reader: Reader, report: SyncReport, progress: Progress
) -> Iterator[tuple[Document, list[Passage]]]:
    """Read what is to be read; what can't be is noted in the report."""
    names = [document_id_of(path, folder) for path, _ in plan.to_read]
    if names:
        progress(0, len(names), names[0])
    for done, (path, read) in enumerate(reader.read_all(plan.to_read, folder), start=1):
        if isinstance(read, str):
            report.failed[document_id_of(path, folder)] = read
        else:
            yield read
        if done < len(names):
            progress(done, len(names), names[done])


def _note(report: SyncReport, name: str, held: dict[str, str], plan: Plan) -> None:
    if name in plan.renamed:
        report.renamed[name] = plan.renamed[name]
    else:
        (report.changed if name in held else report.added).append(name)


def _forgotten(plan: Plan, report: SyncReport) -> list[str]:
    renamed = set(report.renamed.values())
    return [name for name in plan.gone if name not in renamed]


def _failures(report: SyncReport, held: dict[str, str]) -> dict[str, str]:
    """What could not be read, by name; where an earlier version still answers, this is said."""
    still = "; the version that was read before still answers"
    return {name: reason + (still if name in held else "") for name, reason in sorted(report.failed.items())}


def _held_without_writing(location: str, data_dir: Path, embedder: Embedder) -> dict[str, tuple[str, int]]:
    """The content hash and number of passages of each document in the index, which stays as it is."""
    catalog = data_dir / "catalog.sqlite3"
    is_server = location.startswith(("http://", "https://"))
    if catalog.exists() or not (is_server or Path(location).exists()):
        return hashes_without_writing(catalog)
    store = PassageStore(location, embedder)  # another machine filled it
    rows = store.rows() if store.exists else ()
    return {row.document.id: (row.document.content_hash, row.passages_in_document) for row in rows}
