"""What the bot knows, as far as a person may see it: documents with dates, the words they use, the way in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.abbreviations import Abbreviation
from ingest.types import Document


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the way in for new starters, with questions to ask about it."""

    title: str
    text: str
    questions: tuple[str, ...] = ()


Onboarding = Callable[[frozenset[str]], Sequence[Step]]  # for people of these audiences


class Documents(Protocol):
    """What is asked of an index."""

    def for_audiences(self, audiences: frozenset[str] | None) -> "Documents":
        """The same as people of these audiences may see it."""

    def documents(self) -> list[Document]:
        """All documents, without their texts."""

    def document(self, document_id: str) -> Document | None:
        """A document."""

    def abbreviations(self) -> dict[str, list[tuple[Abbreviation, str]]]:
        """Abbreviations that documents explain, with the ids of those documents."""


def no_steps(_: frozenset[str]) -> Sequence[Step]:
    """No way in is known."""
    return ()


class Library:
    """What people of some audiences may see of the documents."""

    def __init__(self, index: Documents, onboarding: Onboarding = no_steps) -> None:
        self._index = index
        self.onboarding = onboarding

    def documents(self, audiences: frozenset[str]) -> list[Document]:
        """Documents that these audiences may read, the newest first."""
        readable = self._index.for_audiences(audiences).documents()
        return sorted(readable, key=lambda one: (one.date, one.title), reverse=True)

    def terms(self, audiences: frozenset[str]) -> list[tuple[str, str]]:
        """Abbreviations with what they stand for, by the newest document that these audiences may read."""
        explained = self._index.for_audiences(audiences).abbreviations()
        return sorted((short, meanings[-1][0].long) for short, meanings in explained.items() if meanings)

    def may_all_read(self, document_ids: Iterable[str], audiences: frozenset[str]) -> bool:
        """Whether these audiences may read all of these documents."""
        readable = self._index.for_audiences(audiences)
        return all(readable.document(name) is not None for name in document_ids)

    def owner(self, document_ids: Iterable[str]) -> str:
        """The owner of the first of these documents that has one."""
        documents = (self._index.document(name) for name in document_ids)
        return next((document.owner for document in documents if document and document.owner), "")
