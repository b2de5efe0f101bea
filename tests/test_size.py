"""Many documents: what `python -m evals.speed --only size` measures with 10,000, with 200."""

from pathlib import Path

from conftest import ingested, opened
from test_in_step import Counting

from evals.speed.size import synced, write_generated

DOCUMENTS = 200


def test_many_documents_need_little_memory_and_one_changed_little_work(tmp_path: Path) -> None:
    folder, data_dir = tmp_path / "documents", tmp_path / "data"
    paths = write_generated(folder, documents=DOCUMENTS)
    _, peak = synced(folder, data_dir)
    assert 100 < peak < 700  # with 10,000 documents it may be 1,500; what is held for all alike is half of this
    paths[7].write_text(paths[8].read_text() + "\nOne more line.\n")
    embedder = Counting()
    report = ingested(folder, data_dir, embedder)
    assert (len(report.changed), len(report.unchanged)) == (1, DOCUMENTS - 1)
    changed = opened(data_dir, embedder).catalog.passages_of(report.changed[0])
    assert 0 < len(embedder.embedded) <= len(changed)
    assert report.similar  # the document that it was made from
