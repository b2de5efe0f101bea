"""What the answers stand on: documents, passages, and the words they explain."""

from functools import lru_cache
from typing import Any

from fastapi import APIRouter

from bot.adapters.http.callers import MayAsk
from bot.adapters.http.problem import Problem
from bot.adapters.http.service import Serving
from bot.adapters.http.wire import (
    WholeDocument,
    WireDocument,
    WirePassage,
    WireWord,
    wire_document,
    wire_passage,
    wire_word,
)
from bot.words import Word, words_in
from ingest.index import Index
from ingest.words import stem, words_of

KEPT_WORDS = 16  # different sets of audiences that read the glossary by turns
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


@router.get("/v1/glossary", summary="What words mean", response_model=list[WireWord])
def glossary(service: Serving, caller: MayAsk) -> list[dict[str, Any]]:
    """The words that documents explain or use, in the order of the alphabet, with what their owners say about them."""
    index = service.index_for(caller)
    return [wire_word(word) for word in _words(index, index.version)]


@lru_cache(maxsize=KEPT_WORDS)
def _words(index: Index, _: object) -> tuple[Word, ...]:
    """The words of an index at a version of it: all its passages are read for them."""
    # terms.md is about all documents: what stands only in those that somebody may not read is none of their business.
    terms = index.catalog.terms()
    readable = [one for one in terms if all(index.document_frequency(stem(word)) for word in words_of(one.names[0]))]
    return words_in(index, readable)


def no_document() -> Problem:
    """The same for a document that is not there and for one that the caller may not read."""
    return Problem(404, "no-document", "There is no such document. See /v1/documents for those there are.")
