"""Check a proposed answer against the documents and let only what is backed through.

Every answer, whoever proposed it, becomes an `Answer` here and nowhere else.
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote as in_address

from bot.answer.draft import Draft, DraftSentence, Place
from bot.types import Answer, Citation, Conflict, Sentence
from ingest.types import Document

Documents = Callable[[str], Document | None]

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
NAME = re.compile(r"\b[A-Z][\w’'&-]*\b")
REFUSAL = "The documents don't tell"
# Words the wording of an answer may add in capitals of its own.
FRAME = frozenset("A An As At By Earlier From In It Later No Not Now On That The There This Yes".split())


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer answers."""

    question: str
    standalone_question: str
    conversation_id: str
    contact: str = ""


def checked(draft: Draft, asked: Asked, documents: Documents, *, answerer: str = "extractive") -> Answer:
    """Make an answer of a draft; sentences that the documents don't back are left out.

    A draft of which nothing is left becomes `not_found`, whose citations are the nearest places.
    """
    citing = _Citing(documents)
    sentences: list[Sentence] = []
    conflicts: list[Conflict] = []
    for proposed in draft.sentences:
        numbers = citing.cite(proposed.places)
        if not numbers or not is_backed(
            proposed.text, [citing.quote(number) for number in numbers], _facts(proposed, documents)
        ):
            continue
        sentences.append(Sentence(proposed.text, numbers))
        if proposed.earlier:
            conflicts.append(Conflict(proposed.says, numbers[0], citing.date(numbers[0])))
    status = draft.status
    if status in ("answered", "partial") and not sentences and not draft.reply:
        status = "not_found"
    text = draft.reply or " ".join(_marked(sentence) for sentence in sentences)
    if status == "not_found":
        sentences, conflicts = [], []
        citing = _Citing(documents)
        citing.cite(draft.nearest)
        text = _refusal(draft, asked, citing.citations, documents)
    return Answer(
        answer_id=uuid.uuid4().hex,
        conversation_id=asked.conversation_id,
        question=asked.question,
        standalone_question=asked.standalone_question,
        status=status,
        text=text,
        sentences=tuple(sentences),
        citations=tuple(citing.citations),
        conflicts=tuple(conflicts),
        missing=draft.missing if status in ("not_found", "partial") else "",
        suggestions=draft.suggestions,
        answerer=answerer,
    )


def is_backed(text: str, quotes: list[str], known: str) -> bool:
    """Whether every number and name in a sentence stands in its quotations, or in `known` (titles, dates, headers).

    >>> is_backed("There are 42 networks.", ["42 networks in all"], ""), is_backed("There are 43.", ["42"], "")
    (True, False)
    """
    source = " ".join([*quotes, known])
    if not set(NUMBER.findall(text)) <= set(NUMBER.findall(source)):
        return False
    lowered = source.lower()
    return all(name.lower() in lowered for name in NAME.findall(text) if name not in FRAME)


def cited(places: tuple[Place, ...], documents: Documents) -> tuple[Citation, ...]:
    """Places as citations, numbered; what does not stand where it should is left out."""
    citing = _Citing(documents)
    citing.cite(places)
    return tuple(citing.citations)


class _Citing:
    """Number places as they are cited, the same place once; drop what does not stand where it should."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self.citations: list[Citation] = []

    def cite(self, places: tuple[Place, ...]) -> tuple[int, ...]:
        return tuple(number for number in map(self._cite, places) if number)

    def quote(self, number: int) -> str:
        return self.citations[number - 1].quote

    def date(self, number: int) -> str:
        return self.citations[number - 1].date

    def _cite(self, place: Place) -> int:
        passage = place.passage
        for citation in self.citations:
            if (citation.document_id, citation.start, citation.end) == (passage.document_id, place.start, place.end):
                return citation.number
        document = self._documents(passage.document_id)
        if document is None or document.text[passage.start : passage.end] != passage.text:
            return 0
        quote = document.text[place.start : place.end]
        if not quote.strip():
            return 0
        number = len(self.citations) + 1
        self.citations.append(
            Citation(
                number=number,
                document_id=document.id,
                title=document.title,
                date=document.date,
                kind=document.kind,
                status=document.status,
                locator=_locator(document, place),
                passage_id=passage.id,
                quote=quote,
                start=place.start,
                end=place.end,
                url=f"/documents/{in_address(document.id)}#p-{place.start}",
                score=round(place.score, 3),
            )
        )
        return number


def _locator(document: Document, place: Place) -> str:
    """Page, slide or row, then the headings above: `page 3 · Networks > In the east`."""
    mark = place.passage.mark_at(place.start)
    headings = [
        heading
        for heading in place.passage.headings
        if heading != document.title and f"“{heading}”" not in mark  # a mark may name its sheet
    ]
    return " · ".join(part for part in (mark, " > ".join(headings)) if part) or document.title


def _facts(sentence: DraftSentence, documents: Documents) -> str:
    """What a sentence may say beyond its quotation: the document's title and date, and what stands above the place."""
    known: list[str] = []
    for place in sentence.places:
        document = documents(place.passage.document_id)
        if document:
            known += [document.title, document.date, document.kind, document.publisher]
        known += [*place.passage.headings, place.passage.context]
    return " ".join(known)


def _marked(sentence: Sentence) -> str:
    marks = "".join(f"[{number}]" for number in sentence.citations)
    return f"{sentence.text} {marks}"


def _refusal(draft: Draft, asked: Asked, nearest: list[Citation], documents: Documents) -> str:
    parts = [
        draft.reply
        or f"{REFUSAL}: I looked for “{draft.missing or asked.standalone_question}” and found no answer to it."
    ]
    if nearest:
        parts.append("The nearest passages are listed below.")
    owners = [document.owner for document in map(documents, (c.document_id for c in nearest[:1])) if document]
    contact = next((owner for owner in owners if owner), asked.contact)
    if contact:
        parts.append(f"You could ask {contact}.")
    return " ".join(parts)
