"""What goes over the wire, beside `Answer`, which is the same everywhere."""

from dataclasses import asdict
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.types import Answer, Citation, Said
from bot.words import Word
from ingest.types import Document, Passage

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]

EXAMPLE_ANSWER: dict[str, Any] = {
    "answer_id": "0f9a4c6e5d1b4c0c8f7e2a1b3c4d5e6f",
    "conversation_id": "b5d1e0c2a4f64a0e9c3d2b1a0f9e8d7c",
    "question": "When does the ferry run?",
    "standalone_question": "When does the ferry run?",
    "status": "answered",
    "text": "The ferry runs every day at nine. [1]",
    "sentences": [{"text": "The ferry runs every day at nine.", "citations": [1], "supported": True}],
    "citations": [
        {
            "number": 1,
            "document_id": "timetable.md",
            "title": "Ferry timetable",
            "date": "2024",
            "kind": "briefing",
            "status": "current",
            "locator": "Every day",
            "passage_id": "a8d6f9a5a48a0f91",
            "quote": "The ferry runs every day at nine.",
            "start": 11,
            "end": 44,
            "url": "/documents/timetable.md#p-11",
            "score": 0.83,
        }
    ],
    "conflicts": [],
    "missing": "",
    "suggestions": [],
    "answerer": "extractive",
    "timings_ms": {"understand": 0.4, "retrieve": 5.1, "answer": 3.2, "verify": 0.1, "total": 8.8},
    "notice": "",
    "usage": None,
}


class Question(BaseModel):
    """A question; with `conversation_id` it is understood by the turns before it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"question": "When does the ferry run?"}})

    question: str = Field(min_length=1, description="In plain words, at most 2,000 characters.")
    conversation_id: Name | Literal[""] = Field(
        default="", description="The `conversation_id` of the answer before, for a follow-up."
    )


class WireDocument(BaseModel):
    """A document as it is listed. `superseded_by` names only documents that the caller may read."""

    id: str
    title: str
    date: str
    date_is: str
    kind: str
    status: str
    superseded_by: list[str]
    publisher: str
    owner: str
    source: str
    audience: str
    passages: int
    url: str


class WholeDocument(WireDocument):
    """A document with its text; spans of citations count characters of it."""

    text: str


class WirePassage(BaseModel):
    """A passage; `document.text[start:end] == text`."""

    id: str
    document_id: str
    title: str
    date: str
    status: str
    ordinal: int
    start: int
    end: int
    text: str
    kind: str
    headings: list[str]
    context: str
    url: str


class WirePlace(BaseModel):
    """Where something stands: `text[start:end]` of the document is the quotation."""

    quote: str
    document_id: str
    date: str
    locator: str
    start: int
    end: int
    url: str


class Meaning(WirePlace):
    """What a document says a word means; `long` is what it spells an abbreviation out as."""

    long: str
    text: str


class WireWord(BaseModel):
    """A word with its meanings, the newest first.

    `owners_meaning` and `people_also_say` are the content owners' words and no quotations. `used` are places of an
    abbreviation that is spelled out nowhere.
    """

    short: str
    long: str
    status: Literal["explained", "used_not_expanded", "owners_only"]
    meanings: list[Meaning]
    owners_meaning: str
    people_also_say: list[str]
    used: list[WirePlace]


def address_of(document_id: str) -> str:
    """Where the page of a document is."""
    return f"/documents/{quote(document_id)}"


def place_of(document_id: str, start: int, end: int) -> str:
    """Where the page of a document is, with these characters marked."""
    return f"{address_of(document_id)}?start={start}&end={end}#p-{start}"


def wire_answer(answer: Answer) -> dict[str, Any]:
    """An answer as JSON has it."""
    return asdict(answer)


def wire_said(said: Said) -> dict[str, Any]:
    """A sentence with its citations, as the events of an answer have it."""
    return {**asdict(said.sentence), "citations": [wire_citation(one) for one in said.citations]}


def wire_citation(citation: Citation) -> dict[str, Any]:
    """A citation as JSON has it."""
    return asdict(citation)


def wire_document(document: Document, *, passages: int, readable: frozenset[str]) -> dict[str, Any]:
    """The fields of a document; `readable` are the ids that the caller may know."""
    fields = asdict(document)
    del fields["text"], fields["content_hash"]
    return {
        **fields,
        "superseded_by": [name for name in document.superseded_by if name in readable],
        "passages": passages,
        "url": address_of(document.id),
    }


def wire_passage(passage: Passage, document: Document) -> dict[str, Any]:
    """The fields of a passage, with what matters of its document."""
    return {
        "id": passage.id,
        "document_id": document.id,
        "title": document.title,
        "date": document.date,
        "status": document.status,
        "ordinal": passage.ordinal,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "kind": passage.kind,
        "headings": list(passage.headings),
        "context": passage.context,
        "url": f"{address_of(document.id)}#p-{passage.start}",
    }


def wire_word(word: Word) -> dict[str, Any]:
    """A word of the documents as JSON has it."""
    return {
        "short": word.term,
        "long": word.long,
        "status": word.status,
        "meanings": [{**_place(told.citation), "long": told.long, "text": told.text} for told in word.meanings],
        "owners_meaning": word.owners_meaning,
        "people_also_say": list(word.people_also_say),
        "used": [_place(citation) for citation in word.used],
    }


def _place(citation: Citation) -> dict[str, Any]:
    return {
        "quote": citation.quote,
        "document_id": citation.document_id,
        "date": citation.date,
        "locator": citation.locator,
        "start": citation.start,
        "end": citation.end,
        "url": place_of(citation.document_id, citation.start, citation.end),
    }
