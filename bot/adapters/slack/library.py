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


class Catalog(Protocol):
    """What is asked of the catalogue of an index."""

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

    def __init__(self, catalog: Catalog, onboarding: Onboarding = no_steps) -> None:
        self._catalog = catalog
        self.onboarding = onboarding

    def documents(self, audiences: frozenset[str]) -> list[Document]:
        """Documents that these audiences may read, the newest first."""
        seen = [one for one in self._catalog.documents() if one.audience in audiences]
        return sorted(seen, key=lambda one: (one.date, one.title), reverse=True)

    def terms(self, audiences: frozenset[str]) -> list[tuple[str, str]]:
        """Abbreviations with what they stand for, from documents that these audiences may read."""
        readable = {one.id for one in self._catalog.documents() if one.audience in audiences}
        explained = self._catalog.abbreviations()
        found = {
            short: next((one.long for one, document_id in reversed(meanings) if document_id in readable), "")
            for short, meanings in explained.items()
        }
        return sorted((short, long) for short, long in found.items() if long)

    def may_all_read(self, document_ids: Iterable[str], audiences: frozenset[str]) -> bool:
        """Whether these audiences may read all of these documents."""
        documents = [self._catalog.document(name) for name in document_ids]
        return all(document is not None and document.audience in audiences for document in documents)

    def owner(self, document_ids: Iterable[str]) -> str:
        """The owner of the first of these documents that has one."""
        documents = (self._catalog.document(name) for name in document_ids)
        return next((document.owner for document in documents if document and document.owner), "")
