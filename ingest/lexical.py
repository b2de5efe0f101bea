"""Find passages by their words: BM25 in tantivy, derived from what is in Chroma."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import tantivy

from ingest.errors import DataFolderError, IndexDamaged
from ingest.types import Document, Passage, embedded_prefix
from ingest.words import without_plural_of_abbreviation

WRITER_MEMORY = 30_000_000  # bytes; tantivy takes no less than 15 million
HEADING_BOOST = 0.5  # what stands above a passage counts, but less than what stands in it


class LexicalIndex:
    """An inverted index over passages, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        try:
            self._index = _opened(folder)
        except (OSError, ValueError) as error:
            raise _plain(error) from error
        self._index.register_tokenizer("words", analyzer())

    def add(self, document: Document, passages: Iterable[Passage]) -> None:
        """Add passages; they are found after `commit`."""
        writer = self._writing()
        for passage in passages:
            writer.add_document(
                tantivy.Document(
                    id=passage.id,
                    version=version(document.id, document.content_hash),
                    audience=document.audience,
                    text=without_plural_of_abbreviation(passage.text),
                    above=without_plural_of_abbreviation(embedded_prefix(document.title, passage)),
                )
            )

    def delete(self, document_id: str, *, content_hash: str) -> None:
        """Remove one version of a document; it is gone after `commit`."""
        self._writing().delete_documents_by_term("version", version(document_id, content_hash))

    def clear(self) -> None:
        """Remove everything; it is gone after `commit`."""
        self._writing().delete_all_documents()

    def commit(self) -> None:
        """Make additions and removals visible."""
        if self._writer is None:
            return
        try:
            self._writer.commit()
            self._writer.wait_merging_threads()
        except (OSError, ValueError) as error:
            raise _plain(error) from error
        finally:
            self._writer = None
        self._index.reload()

    def reload(self) -> None:
        """See what other processes committed."""
        self._index.reload()

    def search(self, question: str, *, limit: int, audiences: frozenset[str] | None = None) -> list[tuple[str, float]]:
        """Return the ids of the best passages, of documents for these audiences, with their BM25 scores, best first."""
        words = [
            word
            for word in dict.fromkeys(_ANALYZER.analyze(without_plural_of_abbreviation(question)))
            if len(word) > 1 or word.isdigit()
        ]
        if not words:
            return []
        query = tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, part) for word in words for part in self._parts(word)]
        )
        searcher = self._index.searcher()
        hits = searcher.search(self._for(audiences, query), limit).hits
        return [(str(searcher.doc(address).get_first("id")), float(score or 0.0)) for score, address in hits]

    def document_frequency(self, stem: str, *, audiences: frozenset[str] | None = None) -> int:
        """Count the passages, of documents for these audiences, in whose text a word with this stem stands."""
        searcher = self._index.searcher()
        if audiences is None:
            return int(searcher.doc_freq("text", stem))
        word = tantivy.Query.term_query(self._index.schema, "text", stem)
        return int(searcher.search(self._for(audiences, word), 1, count=True).count)  # type: ignore[attr-defined]

    def _for(self, audiences: frozenset[str] | None, query: tantivy.Query) -> tantivy.Query:
        """A query that finds, with the same scores, only what these audiences may read."""
        if audiences is None:
            return query
        readable = tantivy.Query.term_set_query(self._index.schema, "audience", sorted(audiences))
        unscored = tantivy.Query.const_score_query(readable, 0.0)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, unscored)])

    def _parts(self, word: str) -> list[tantivy.Query]:
        schema = self._index.schema
        above = tantivy.Query.term_query(schema, "above", word)
        return [tantivy.Query.term_query(schema, "text", word), tantivy.Query.boost_query(above, HEADING_BOOST)]

    _writer: tantivy.IndexWriter | None = None

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            try:
                self._writer = self._index.writer(WRITER_MEMORY, 1)
            except (OSError, ValueError) as error:
                raise _plain(error) from error
        return self._writer


def version(document_id: str, content_hash: str) -> str:
    """Name one version of a document."""
    return f"{content_hash}/{document_id}"


def analyzer() -> tantivy.TextAnalyzer:
    """Words in lower case without accents, cut to their stems, without those that say nothing.

    >>> analyzer().analyze("How many Networks are there?")
    ['how', 'mani', 'network']
    """
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (
        tantivy.Filter.remove_long(60),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        tantivy.Filter.stopword("english"),
        tantivy.Filter.stemmer("english"),
    ):
        builder = builder.filter(step)
    return builder.build()


_ANALYZER = analyzer()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("id", "version", "audience"):
        builder.add_text_field(name, stored=name == "id", tokenizer_name="raw")
    for name in ("text", "above"):
        builder.add_text_field(name, stored=False, tokenizer_name="words")
    return builder.build()


def _opened(folder: Path) -> tantivy.Index:
    """Open the index in a folder; one that another version made is begun anew, and the catalogue's form says so."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return tantivy.Index(_schema(), path=str(folder))
    except ValueError as error:
        if "schema does not match" not in str(error):
            raise
    shutil.rmtree(folder)
    folder.mkdir()
    return tantivy.Index(_schema(), path=str(folder))


def _plain(error: Exception) -> Exception:
    text = str(error)
    if "No space left" in text:
        return DataFolderError("The disk is full. Free some space and run the same again; nothing stored is lost.")
    if "ermission" in text or "Read-only" in text:
        return DataFolderError(
            "The data folder can't be written. Give it write permission, or choose another with --data-dir."
        )
    return IndexDamaged(f"The word index can't be read ({text[:120]}). Run: citewell ingest --rebuild")
