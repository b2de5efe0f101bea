"""Find the files of a folder and load them as documents."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import CorpusError, UnreadableDocument
from ingest.readers import READERS, read
from ingest.types import Document

ABOUT_THE_CORPUS = frozenset({"README.md", "terms.md", "onboarding.md"})


def document_paths(folder: Path) -> Iterator[Path]:
    """Yield the files below `folder` that can be read as documents, in the order of their names.

    Hidden files, links, and the files about the corpus at its root are left out.
    Raises `CorpusError` where the folder can't be read.
    """
    if not folder.is_dir():
        raise CorpusError(f"There is no folder '{folder}'. Name the folder that holds the documents.")
    try:
        for path in sorted(folder.rglob("*")):
            below = path.relative_to(folder)
            hidden = any(part.startswith((".", "~$")) for part in below.parts)  # ~$ is the lock of an open Office file
            wanted = path.suffix.lower() in READERS and str(below) not in ABOUT_THE_CORPUS and not hidden
            if wanted and path.is_file() and not path.is_symlink():
                yield path
    except OSError as error:
        raise CorpusError(f"The folder '{folder}' can't be read: {error.strerror}.") from error


def load(path: Path, folder: Path) -> Document:
    """Read one file; raise `UnreadableDocument` with the reason where that is not possible."""
    document_id = document_id_of(path, folder)
    if document_id != path.relative_to(folder).as_posix():
        raise UnreadableDocument("its name is not valid UTF-8; rename it")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"it can't be opened: {error.strerror}") from error
    return read(document_id, data, hashlib.sha256(data).hexdigest())


def document_id_of(path: Path, folder: Path) -> str:
    """Name a document by its path below the ingested folder; bytes that are no UTF-8 become question marks."""
    return path.relative_to(folder).as_posix().encode("utf-8", "replace").decode()
