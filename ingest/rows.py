"""What Chroma keeps of a passage, and how it is read back."""

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ingest.embed import Matrix
from ingest.types import ABOUT, Document, Mark, Passage, Unit


class Row(NamedTuple):
    """A passage as it is stored, with the document it belongs to (without its text)."""

    passage: Passage
    document: Document
    passages_in_document: int
    unit_vectors: bytes  # a row of int8 for each unit; see `pack`
    before: str  # text of the document between the passage before and this one
    after: str  # text after the last passage; empty for the others


def metadata_of(document: Document, passages: list[Passage]) -> Iterator[dict[str, str | int]]:
    about: dict[str, Any] = {**document.about(), "content_hash": document.content_hash}
    about["superseded_by"] = json.dumps(document.superseded_by)
    about["document_kind"] = about.pop("kind")
    before = [0, *(passage.end for passage in passages)]
    for passage in passages:
        last = passage.ordinal == len(passages) - 1
        yield {
            **about,
            "document_id": passage.document_id,
            "ordinal": passage.ordinal,
            "passages": len(passages),
            "start": passage.start,
            "end": passage.end,
            "kind": passage.kind,
            "headings": json.dumps(passage.headings),
            "context": passage.context,
            "units": json.dumps(passage.units),
            "marks": json.dumps(passage.marks),
            "before": document.text[before[passage.ordinal] : passage.start],
            "after": document.text[passage.end :] if last else "",
        }


def row_of(text: str, metadata: dict[str, Any]) -> Row:
    start, end = int(metadata["start"]), int(metadata["end"])
    passage = Passage(
        document_id=metadata["document_id"],
        content_hash=metadata["content_hash"],
        ordinal=int(metadata["ordinal"]),
        start=start,
        end=end,
        text=text[len(text) - (end - start) :],
        kind=metadata["kind"],
        headings=tuple(json.loads(metadata["headings"])),
        context=metadata["context"],
        units=tuple(Unit(*unit) for unit in json.loads(metadata["units"])),
        marks=tuple(Mark(*mark) for mark in json.loads(metadata.get("marks", "[]"))),
    )
    about = {name: metadata.get(name, "") for name in ABOUT}
    about["kind"] = metadata["document_kind"]
    about["superseded_by"] = tuple(json.loads(metadata["superseded_by"]))
    document = Document(id=metadata["document_id"], text="", content_hash=metadata["content_hash"], **about)
    return Row(
        passage,
        document,
        int(metadata["passages"]),
        base64.b64decode(metadata["unit_vectors"]),
        metadata["before"],
        metadata["after"],
    )


def pack(rows: Matrix) -> bytes:
    """Store vectors of length 1 as int8, a byte a number; the cosine changes by less than .001.

    >>> np.round(unpack(pack(np.array([[0.6, -0.8]], dtype=np.float32)), 2).astype(float), 2).tolist()
    [[0.6, -0.8]]
    """
    return np.round(rows * 127).astype(np.int8).tobytes()


def unpack(packed: bytes, dimensions: int) -> Matrix:
    """Read packed vectors, a row each."""
    rows: Matrix = np.frombuffer(packed, dtype=np.int8).reshape(-1, dimensions).astype(np.float32) / np.float32(127)
    return rows
