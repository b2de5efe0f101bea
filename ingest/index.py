"""Search the passages from both sides, and keep both sides and the catalogue in step."""

import shutil
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TypeVar

import numpy as np
from filelock import FileLock, Timeout

from ingest.catalog import Catalog, Explained, emptied, remove_catalog
from ingest.embed import Embedder, Matrix
from ingest.errors import DataFolderError, IndexBusy, IndexDamaged, NoIndex
from ingest.lexical import LexicalIndex
from ingest.rows import Row, unpack
from ingest.store import Embedded, PassageStore, Vectors, as_embedded, remove_embedded
from ingest.types import Document, Passage
from ingest.words import is_meant, stem, words_of

Part = TypeVar("Part")

KEPT_VECTORS = 4096  # passages whose unit vectors are kept; about 30 MB
KEPT_VIEWS = 64  # different sets of audiences that ask by turns
MAX_WORDS = 20_000  # whose vectors are kept; 15 MB once they are unpacked for each 10,000
REMOVED_AT_ONCE = 100  # documents; each removal waits for the disk, and readers wait for it
UNFINISHED = "unfinished:"  # before the generation that a change began from


class Index:
    """What was ingested: the vectors in Chroma, the words in tantivy, and the catalogue of what holds.

    Chroma holds everything; the other two are derived from it and are built again when they don't agree
    with it, as they are on a second machine that uses the same Chroma server.
    """

    def __init__(
        self,
        store: PassageStore,
        lexical: LexicalIndex,
        catalog: Catalog,
        *,
        audiences: frozenset[str] | None = None,
    ) -> None:
        """`audiences` are those whose documents are found and read; `None` means all."""
        self.store = store
        self.lexical = lexical
        self.catalog = catalog
        self._audiences = audiences
        self._explained: tuple[Explained, Explained] = ({}, {})
        self._views: dict[frozenset[str] | None, Index] = {}
        self._unit_vectors: dict[str, Matrix] = {}  # a passage's id names its content, so what is kept never ages
        self._followed = catalog.version, catalog.generation
        self._following = Lock()

    @property
    def is_usable(self) -> bool:
        """Whether the catalogue agrees with Chroma, or with what Chroma held when a change began."""
        agreed = self.catalog.generation
        return agreed != "" and self.store.generation in (agreed, UNFINISHED + agreed)

    def mend(self) -> None:
        """Bring everything in agreement after a crash, or after another machine changed the collection."""
        if not self.is_usable:
            self._derive()
        elif self.store.generation.startswith(UNFINISHED):
            self._remove_leftovers()

    def begin_change(self) -> None:
        """Mark the collection as being changed, so that a crash is noticed and mended by the next ingest."""
        self.store.set_generation(UNFINISHED + self.catalog.generation)

    def end_change(self) -> None:
        """Agree on a new generation."""
        generation = uuid.uuid4().hex
        self.lexical.commit()
        self.store.set_generation(generation)
        self.catalog.set_generation(generation)

    def replace(
        self,
        batch: Sequence[tuple[Document, list[Passage]]],
        *,
        copies: Mapping[str, str] | None = None,
        renamed: Mapping[str, str] | None = None,
    ) -> None:
        """Put new versions of documents in the place of the old ones; for readers each is one step.

        `copies` names, for a new document, one that holds the same, and `renamed` one that goes for it. Passages
        that stood in the old version, or stand in the copy, are not embedded again.
        """
        copies, renamed = copies or {}, renamed or {}
        old = {document.id: self.catalog.passages_of(document.id) for document, _ in batch}
        unit_vectors = self.store.add(batch, self._known(batch, copies))
        for document, passages in batch:
            self.lexical.add(document, passages)
        self.lexical.commit()
        self._learn(batch)
        stale: list[Passage] = []
        for (document, passages), vectors in zip(batch, unit_vectors, strict=True):
            gone = renamed.get(document.id, "")
            stale += self.catalog.passages_of(gone) if gone else []
            stale += [passage for passage in old[document.id] if passage.content_hash != document.content_hash]
            self.catalog.replace(document, passages, vectors, instead_of=gone)
        self._delete(stale)

    def remove(self, document_ids: Sequence[str]) -> None:
        """Take documents out of the index."""
        for start in range(0, len(document_ids), REMOVED_AT_ONCE):
            some = document_ids[start : start + REMOVED_AT_ONCE]
            stale = [passage for name in some for passage in self.catalog.passages_of(name)]
            self.catalog.remove(some)
            self._delete(stale)

    def for_audiences(self, audiences: frozenset[str] | None) -> "Index":
        """The same index as people of these audiences may see it, in searches, counts and explanations."""
        if audiences == self._audiences:
            return self
        if len(self._views) >= KEPT_VIEWS:
            self._views.clear()
        if audiences not in self._views:
            self._views[audiences] = Index(self.store, self.lexical, self.catalog, audiences=audiences)
        return self._views[audiences]

    def follow(self) -> None:
        """See what other processes changed since."""
        version = self.catalog.version
        if version == self._followed[0]:
            return
        with self._following:
            generation = self.catalog.generation
            self.lexical.reload()
            if generation != self._followed[1]:
                self.store.reopen()
            self._followed = version, generation

    @property
    def version(self) -> object:
        """Another value after every change."""
        return self.catalog.version

    def nearest(self, vector: list[float], *, limit: int) -> list[tuple[Passage, float]]:
        """Passages by the cosine of their vector to this one, nearest first."""
        narrowed = self._narrowed()
        if narrowed == frozenset():  # Chroma takes no empty list
            return []
        return self._that_hold(self.store.nearest(vector, limit=limit, audiences=narrowed))

    def search(self, question: str, *, limit: int) -> list[tuple[Passage, float]]:
        """Passages by the BM25 score of their words, best first."""
        return self._that_hold(self.lexical.search(question, limit=limit, audiences=self._narrowed()))

    def document_frequency(self, stem: str) -> int:
        """Count the passages in whose text a word with this stem stands."""
        return self.lexical.document_frequency(stem, audiences=self._narrowed())

    def documents(self) -> list[Document]:
        """All documents, without their texts, in the order of their ids."""
        return [document for document in self.catalog.documents() if self._may_read(document)]

    def document(self, document_id: str) -> Document | None:
        """A document with its text."""
        document = self.catalog.document(document_id)
        return document if document and self._may_read(document) else None

    def passage(self, passage_id: str) -> Passage | None:
        """A passage that holds now."""
        passage = self.catalog.passage(passage_id)
        return passage if passage and self.document(passage.document_id) else None

    def passages_of(self, document_id: str) -> list[Passage]:
        """The passages of a document in reading order."""
        return self.catalog.passages_of(document_id) if self.document(document_id) else []

    def count_passages(self, document_id: str | None = None) -> int:
        """Count the passages of all documents or of one."""
        if document_id is not None:
            return self.catalog.count_passages(document_id) if document_id in self._readable() else 0
        narrowed = self._narrowed()
        if narrowed is None:
            return self.catalog.count_passages()
        readable = [name for name, audience in self.catalog.audiences().items() if audience in narrowed]
        return sum(map(self.catalog.count_passages, readable))

    def abbreviations(self) -> Explained:
        """Each abbreviation that a document explains, with the ids of those; the same object until a change."""
        source = self.catalog.abbreviations()
        if self._narrowed() is None:
            return source
        if self._explained[0] is not source:
            may_read = self._readable()
            kept = {short: [(one, name) for one, name in found if name in may_read] for short, found in source.items()}
            self._explained = source, {short: found for short, found in kept.items() if found}
        return self._explained[1]

    def unit_vectors(self, passage: Passage, dimensions: int) -> Matrix:
        """The vectors of the units of a passage in its context, a row each."""
        found = self._unit_vectors.get(passage.id)
        if found is None:
            if len(self._unit_vectors) >= KEPT_VECTORS:
                self._unit_vectors.clear()
            packed = self.catalog.unit_vectors(passage.id)
            if not packed:  # another process replaced its document since it was found
                return np.zeros((len(passage.units), dimensions), dtype=np.float32)
            found = self._unit_vectors[passage.id] = unpack(packed, dimensions)
        return found

    def _learn(self, batch: Sequence[tuple[Document, list[Passage]]]) -> None:
        """Keep what the words of documents mean, so that a question in other words finds them."""
        known = self.catalog.words()
        new: dict[str, str] = {}
        for document, passages in batch:
            texts = [document.title, *(part for one in passages for part in (one.text, one.context, *one.headings))]
            for word in words_of("\n".join(texts)):
                name = stem(word)
                if name not in known and name not in new and is_meant(word):
                    new[name] = word
        learned = list(new.items())[: max(0, MAX_WORDS - len(known))]
        if learned:
            vectors = self.store.embed_words([word.lower() for _, word in learned])
            self.catalog.add_words([(*named, vector) for named, vector in zip(learned, vectors, strict=True)])

    def _that_hold(self, scored: list[tuple[str, float]]) -> list[tuple[Passage, float]]:
        passages = self.catalog.passages(name for name, _ in scored)
        held = [(passages[name], score) for name, score in scored if name in passages]
        if self._narrowed() is None:
            return held
        # A document may have become another's between the search and now.
        may_read = self._readable()
        return [(passage, score) for passage, score in held if passage.document_id in may_read]

    def _narrowed(self) -> frozenset[str] | None:
        """The audiences that a search has to keep to; `None` where they may read everything there is."""
        if self._audiences is None or self._audiences.issuperset(self.catalog.audiences().values()):
            return None
        return self._audiences

    def _readable(self) -> set[str]:
        return {name for name, audience in self.catalog.audiences().items() if self._may_see(audience)}

    def _may_read(self, document: Document) -> bool:
        return self._may_see(document.audience)

    def _may_see(self, audience: str) -> bool:
        return self._audiences is None or audience in self._audiences

    def _known(
        self, batch: Sequence[tuple[Document, list[Passage]]], copies: Mapping[str, str]
    ) -> dict[Embedded, Vectors]:
        """The vectors of passages of this batch that are stored already, by what was embedded."""
        wanted = {as_embedded(document.title, passage) for document, passages in batch for passage in passages}
        stored: dict[str, Embedded] = {}
        for document, _ in batch:
            before = self.catalog.document(document.id) or self.catalog.document(copies.get(document.id, ""))
            if before is None:
                continue
            for passage in self.catalog.passages_of(before.id):
                embedded = as_embedded(before.title, passage)
                if embedded in wanted:
                    stored[passage.id] = embedded
        vectors = self.store.vectors(list(stored)) if stored else {}
        return {stored[name]: (vector, self.catalog.unit_vectors(name)) for name, vector in vectors.items()}

    def _delete(self, stale: Sequence[Passage]) -> None:
        if stale:
            self.store.delete_passages([passage.id for passage in stale])
            for document_id, content_hash in dict.fromkeys((one.document_id, one.content_hash) for one in stale):
                self.lexical.delete(document_id, content_hash=content_hash)

    def _remove_leftovers(self) -> None:
        """Remove from both sides what an interrupted change stored and nobody refers to."""
        held = self.catalog.hashes()
        for document_id, content_hash in {(row.document.id, row.document.content_hash) for row in self.store.rows()}:
            if held.get(document_id) != content_hash:
                self.store.delete(document_id, content_hash=content_hash)
        self.lexical.clear()
        for document in self.catalog.documents():
            self.lexical.add(document, self.catalog.passages_of(document.id))
        self.end_change()

    def _derive(self) -> None:
        """Build catalogue and word index again from Chroma, with a complete version of each document."""
        versions: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.store.rows():
            versions[row.document.id, row.document.content_hash].append(row)
        held = self.catalog.hashes()
        chosen: dict[str, str] = {}
        for (document_id, content_hash), rows in versions.items():
            complete = len(rows) == rows[0].passages_in_document
            if complete and (document_id not in chosen or held.get(document_id) == content_hash):
                chosen[document_id] = content_hash
        self.lexical.clear()
        self.catalog.clear()
        for (document_id, content_hash), rows in versions.items():
            if chosen.get(document_id) != content_hash:
                self.store.delete(document_id, content_hash=content_hash)
                continue
            rows.sort(key=lambda row: row.passage.ordinal)
            passages = [row.passage for row in rows]
            self.lexical.add(rows[0].document, passages)
            vectors = [row.unit_vectors for row in rows]
            self._learn([(rows[0].document, passages)])
            self.catalog.replace(replace(rows[0].document, text=_text(rows)), passages, vectors)
        self.end_change()


def open_index(location: str, data_dir: Path, embedder: Embedder) -> Index:
    """Open an index for reading.

    What is derived from Chroma is built first where it is missing or out of date. Raises `NoIndex` where
    nothing was ingested yet, and the errors of `PassageStore`, `LexicalIndex` and `Catalog`.
    """
    index = connect(location, data_dir, embedder)
    if not index.store.exists:
        raise NoIndex(f"There is no index at '{location}' yet. Run: citewell ingest")
    if not index.is_usable:
        with alone(data_dir):
            index.mend()
    return index


def connect(location: str, data_dir: Path, embedder: Embedder, *, create: bool = False, rebuild: bool = False) -> Index:
    """Connect the three parts of an index, as they are, or emptied for `rebuild` however damaged they were."""
    words, catalog = data_dir / "lexical", data_dir / "catalog.sqlite3"
    if not rebuild:
        return Index(PassageStore(location, embedder, create=create), LexicalIndex(words), Catalog(catalog))
    return Index(
        _anew(lambda: PassageStore(location, embedder, rebuild=True), lambda: remove_embedded(location)),
        _anew(lambda: LexicalIndex(words), lambda: shutil.rmtree(words, ignore_errors=True)),
        _anew(lambda: emptied(catalog), lambda: remove_catalog(catalog)),
    )


def _anew(part: Callable[[], Part], remove: Callable[[], None]) -> Part:
    """Open a part of an index; one that is damaged is removed first."""
    try:
        return part()
    except IndexDamaged:
        remove()
        return part()


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Hold the lock that keeps a second writer out; raise `IndexBusy` when somebody else holds it."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(data_dir / "ingest.lock", timeout=0):
            yield
    except Timeout as error:
        raise IndexBusy("Another ingest is writing this index. Wait until it has finished and run again.") from error
    except OSError as error:
        raise DataFolderError(
            f"The data folder '{data_dir}' can't be written ({error.strerror}). Choose another with --data-dir."
        ) from error


def _text(rows: list[Row]) -> str:
    return "".join(row.before + row.passage.text for row in rows) + rows[-1].after
