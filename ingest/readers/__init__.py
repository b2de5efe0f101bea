"""Read a file of any known format into a document.

A reader is a module with `read(document_id, data, content_hash)`; it is imported when a file of its format is met,
since some of the libraries behind them take a second.
"""

import importlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import cast

from ingest.errors import CitewellError, DamagedDocument
from ingest.readers.sniff import refuse_misnamed
from ingest.types import Document

Reader = Callable[[str, bytes, str], Document]

READERS = {
    ".md": "text",
    ".txt": "text",
    ".html": "page",
    ".htm": "page",
    ".pdf": "pdf",
    ".docx": "word",
    ".pptx": "slides",
    ".xlsx": "sheets",
    ".csv": "table",
    ".eml": "mail",
}


def read(document_id: str, data: bytes, content_hash: str) -> Document:
    """Read the content of a file, by the suffix of its name; raise `UnreadableDocument` with the reason."""
    suffix = PurePosixPath(document_id).suffix.lower()
    refuse_misnamed(suffix, data)
    reader = cast(Reader, importlib.import_module(f"ingest.readers.{READERS[suffix]}").read)
    try:
        return reader(document_id, data, content_hash)
    except (CitewellError, MemoryError):
        raise
    except Exception as error:
        # Parsers fail on damaged files in ways of their own; each file has to be reported, and the next one read.
        raise DamagedDocument(f"it is damaged: reading it failed ({type(error).__name__})") from error
