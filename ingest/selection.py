"""An index of which only some documents are searched, such as those a channel was given."""

import fnmatch
from collections.abc import Callable

from ingest.index import Index
from ingest.types import Document, Passage

Scored = list[tuple[Passage, float]]

# Documents are left out after searching, so the search goes deeper until enough is left: at last as deep as this,
# which is all of most collections.
DEPTHS = (20, 200)  # times as many passages as are wanted


class Selection(Index):
    """The same index, with the documents alone whose ids match one of the patterns (`hr/*`)."""

    def __init__(self, index: Index, patterns: tuple[str, ...], *, audiences: frozenset[str] | None) -> None:
        super().__init__(index.store, index.lexical, index.catalog, audiences=audiences)
        self._patterns = patterns

    def holds(self, document_id: str) -> bool:
        """Whether a document is selected."""
        return any(fnmatch.fnmatchcase(document_id, pattern) for pattern in self._patterns)

    def nearest(self, vector: list[float], *, limit: int) -> Scored:
        """As of an index, of the selected documents."""
        return self._selected(lambda depth: Index.nearest(self, vector, limit=depth), limit)

    def search(self, question: str, *, limit: int) -> Scored:
        """As of an index, of the selected documents."""
        return self._selected(lambda depth: Index.search(self, question, limit=depth), limit)

    def documents(self) -> list[Document]:
        """The selected documents, without their texts, in the order of their ids."""
        return [document for document in super().documents() if self.holds(document.id)]

    def document(self, document_id: str) -> Document | None:
        """A selected document with its text."""
        return super().document(document_id) if self.holds(document_id) else None

    def _selected(self, search: Callable[[int], Scored], limit: int) -> Scored:
        kept: Scored = []
        for times in DEPTHS:
            found = search(limit * times)
            kept = [(passage, score) for passage, score in found if self.holds(passage.document_id)]
            if len(kept) >= limit or len(found) < limit * times:
                break
        return kept[:limit]
