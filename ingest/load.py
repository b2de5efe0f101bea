"""Load files as documents."""

import hashlib
from pathlib import Path

from ingest.errors import UnreadableDocument
from ingest.readers import read
from ingest.types import Document

ABOUT_THE_CORPUS = frozenset({"README.md", "terms.md", "onboarding.md"})


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
