"""What the answers stand on: documents, passages, and the words they explain."""

from typing import Any

from fastapi import APIRouter

from bot.adapters.http.callers import MayAsk
from bot.adapters.http.problem import Problem
from bot.adapters.http.service import Serving
from bot.adapters.http.wire import (
    Abbreviation,
    WholeDocument,
    WireDocument,
    WirePassage,
    place_of,
    wire_document,
    wire_passage,
)

router = APIRouter(tags=["documents"])


@router.get("/v1/documents", summary="List the documents", response_model=list[WireDocument])
def documents(service: Serving, caller: MayAsk) -> list[dict[str, Any]]:
    """The documents that the caller may read."""
    index = service.index_for(caller)
    listed = index.documents()
    readable = frozenset(one.id for one in listed)
    return [wire_document(one, passages=index.count_passages(one.id), readable=readable) for one in listed]


@router.get("/v1/documents/{document_id:path}", summary="Read a document", response_model=WholeDocument)
def document(document_id: str, service: Serving, caller: MayAsk) -> dict[str, Any]:
    """A document with its text."""
    index = service.index_for(caller)
    found = index.document(document_id)
    if found is None:
        raise no_document()
    readable = frozenset(one.id for one in index.documents())
    about = wire_document(found, passages=index.count_passages(found.id), readable=readable)
    return {**about, "text": found.text}


@router.get("/v1/passages/{passage_id}", summary="Read a passage", response_model=WirePassage)
def passage(passage_id: str, service: Serving, caller: MayAsk) -> dict[str, Any]:
    """A passage with what matters of its document."""
    index = service.index_for(caller)
    found = index.passage(passage_id)
    within = index.document(found.document_id) if found else None
    if found is None or within is None:
        raise Problem(404, "no-passage", "There is no such passage. Its document may have changed; ask again.")
    return wire_passage(found, within)


@router.get("/v1/glossary", summary="What abbreviations mean", response_model=list[Abbreviation])
def glossary(service: Serving, caller: MayAsk) -> list[dict[str, Any]]:
    """The abbreviations that documents explain, in the order of the alphabet."""
    explained = service.index_for(caller).abbreviations()
    return [
        {
            "short": short,
            "meanings": [
                {
                    "long": one.long,
                    "document_id": name,
                    "start": one.start,
                    "end": one.end,
                    "url": place_of(name, one.start, one.end),
                }
                for one, name in meanings
            ],
        }
        for short, meanings in sorted(explained.items(), key=lambda entry: entry[0].lower())
    ]


def no_document() -> Problem:
    """The same for a document that is not there and for one that the caller may not read."""
    return Problem(404, "no-document", "There is no such document. See /v1/documents for those there are.")
