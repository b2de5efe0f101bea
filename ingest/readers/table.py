"""Read tables of comma-separated values."""

import csv
import io
from collections.abc import Iterator

from ingest.errors import DamagedDocument
from ingest.readers.about import Properties
from ingest.readers.draft import Draft
from ingest.readers.rows import add_rows
from ingest.readers.text import decoded
from ingest.types import Document

SAMPLE = 8192  # characters by which the separator is guessed
SEPARATORS = ",;\t|"
LONGEST_CELL = 1_000_000  # characters; the library's own limit of 131,072 is met by exported free text


def read(document_id: str, data: bytes, content_hash: str) -> Document:
    """Make a document of a table, each row of which can be cited by its number."""
    draft = Draft()
    try:
        add_rows(draft, _rows(decoded(data)))
    except csv.Error as error:
        raise DamagedDocument(f"it is no table of comma-separated values ({error})") from error
    return draft.document(document_id, content_hash, Properties(), titled=False)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text[:SAMPLE]))
    return ((number, cells) for number, cells in enumerate(rows, start=1) if any(cells))


def _separator(sample: str) -> str:
    """The separator that stands most often in the first line, and in its quotes not at all.

    >>> _separator('"Name; first";Post' + chr(10)), _separator("one column")
    (';', ',')
    """
    outside = "".join(sample.partition("\n")[0].split('"')[::2])
    return max(SEPARATORS, key=outside.count)
