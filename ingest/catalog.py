"""Remember which documents and passages hold now: one SQLite file, derived from what is in Chroma."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from ingest.abbreviations import Abbreviation, abbreviations_in
from ingest.errors import DataFolderError, IndexDamaged
from ingest.resembling import NAMES, forget, remember, resembling
from ingest.resembling import TABLES as RESEMBLING_TABLES
from ingest.terms import Term
from ingest.types import Document, Mark, Passage, Unit

FORM = 7  # of the tables below and of the words beside them; another number means: build the file again from Chroma
TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, content_hash TEXT NOT NULL, about TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS passages (
    id TEXT PRIMARY KEY, document_id TEXT NOT NULL, ordinal INTEGER NOT NULL, passage TEXT NOT NULL,
    unit_vectors BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS abbreviations (
    short TEXT NOT NULL, long TEXT NOT NULL, document_id TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS words (
    stem TEXT PRIMARY KEY, word TEXT NOT NULL, vector BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS passages_in_order ON passages (document_id, ordinal);
"""
ABOUT_A_DOCUMENT = ("passages", "abbreviations")
Explained = dict[str, list[tuple[Abbreviation, str]]]
DATA = ("about", *ABOUT_A_DOCUMENT, "words", "documents", *NAMES)


class Catalog:
    """Documents with their texts, and their passages.

    A passage that is found on either side of the index counts only when it is listed here, so replacing
    a document is one transaction: a reader sees the old version or the new one, never a mixture.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, check_same_thread=False, timeout=30, isolation_level=None)
            with _plainly(path):
                self._connection.execute("PRAGMA journal_mode=WAL")
                self._connection.execute("PRAGMA synchronous=NORMAL")
                self._drop_other_form()
                self._connection.executescript(TABLES + RESEMBLING_TABLES)
        except (OSError, sqlite3.OperationalError) as error:
            raise _cannot_write(path, error) from error
        self._documents = lru_cache(maxsize=64)(self._read_document)
        self._passages = lru_cache(maxsize=4096)(self._read_passage)
        self._explained = lru_cache(maxsize=1)(self._read_abbreviations)
        self._terms = lru_cache(maxsize=1)(self._read_terms)
        self._words = lru_cache(maxsize=1)(self._read_words)
        self._passages_of = lru_cache(maxsize=64)(self._read_passages_of)
        self._audiences = lru_cache(maxsize=1)(self._read_audiences)
        self._own_changes = 0

    @property
    def version(self) -> tuple[int, int]:
        """Two numbers that are others after every change, whichever process made it."""
        # data_version changes when another connection committed: https://sqlite.org/pragma.html#pragma_data_version
        return self._data_version(), self._own_changes

    @property
    def generation(self) -> str:
        """The generation of the Chroma collection that this catalogue agrees with; empty when it agrees with none."""
        return self._about("generation")

    def set_generation(self, generation: str) -> None:
        """Say which generation of the collection the catalogue agrees with."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO about VALUES ('generation', ?)", (generation,))

    def replace(
        self, document: Document, passages: Sequence[Passage], unit_vectors: Sequence[bytes], *, instead_of: str = ""
    ) -> None:
        """Let this version of a document hold from now on; `unit_vectors` are the packed ones of each passage.

        A document that was renamed goes in the same step, as `instead_of`.
        """
        with self._writing() as connection:
            for old in {document.id, instead_of} - {""}:
                _remove(connection, old)
            connection.executemany(
                "INSERT INTO abbreviations VALUES (?, ?, ?, ?, ?)",
                [(one.short, one.long, document.id, one.start, one.end) for one in abbreviations_in(document.text)],
            )
            connection.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?)",
                (document.id, document.content_hash, json.dumps(document.about()), document.text),
            )
            connection.executemany(
                "INSERT OR REPLACE INTO passages VALUES (?, ?, ?, ?, ?)",
                [
                    (passage.id, document.id, passage.ordinal, _dumps(passage), packed)
                    for passage, packed in zip(passages, unit_vectors, strict=True)
                ],
            )
            remember(connection, document.id, document.text)

    def remove(self, document_ids: Iterable[str]) -> None:
        """Let documents hold no longer."""
        with self._writing() as connection:
            for document_id in document_ids:
                _remove(connection, document_id)

    def clear(self) -> None:
        """Forget everything."""
        with self._writing() as connection:
            for table in DATA:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608

    def set_terms(self, terms: Iterable[Term]) -> None:
        """Keep the words that people use for those of the documents."""
        with self._writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO about VALUES ('terms', ?)", (json.dumps([asdict(term) for term in terms]),)
            )

    def terms(self) -> tuple[Term, ...]:
        """The terms of the content owners; the same object until something changes."""
        return self._terms(self.version)

    def add_words(self, words: Iterable[tuple[str, str, bytes]]) -> None:
        """Keep words: stem, word, packed vector. They stay when a document goes: a word means the same."""
        with self._writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO words VALUES (?, ?, ?)", words)

    def words(self) -> dict[str, tuple[str, bytes]]:
        """The words of the documents with their packed vectors, by their stems; the same object until a change."""
        return self._words(self.version)

    def hashes(self) -> dict[str, str]:
        """The content hash of every document, by its id."""
        with _plainly(self._path):
            return dict(self._connection.execute("SELECT id, content_hash FROM documents ORDER BY id"))

    def resembling(self) -> list[tuple[str, str, float]]:
        """Pairs of documents with the share of their words that stands in both, the largest share first."""
        with _plainly(self._path):
            return list(resembling(self._connection))

    def documents(self) -> list[Document]:
        """All documents, without their texts, in the order of their ids."""
        with _plainly(self._path):
            rows = self._connection.execute("SELECT id, content_hash, about, '' FROM documents ORDER BY id")
            return [_document(*row) for row in rows]

    def count_passages(self, document_id: str | None = None) -> int:
        """Count the passages of all documents or of one."""
        with _plainly(self._path):
            row = self._connection.execute(
                "SELECT count(*) FROM passages WHERE ?1 IS NULL OR document_id = ?1", (document_id,)
            ).fetchone()
        return int(row[0])

    def document(self, document_id: str) -> Document | None:
        """A document with its text."""
        return self._documents(self.version, document_id)

    def passage(self, passage_id: str) -> Passage | None:
        """A passage that holds now."""
        return self._passages(self.version, passage_id)

    def passages(self, passage_ids: Iterable[str]) -> dict[str, Passage]:
        """Those of the named passages that hold now."""
        version = self.version
        found = ((name, self._passages(version, name)) for name in passage_ids)
        return {name: passage for name, passage in found if passage}

    def unit_vectors(self, passage_id: str) -> bytes:
        """The packed vectors of the units of a passage, if it holds now; see `ingest.rows.unpack`."""
        with _plainly(self._path):
            row = self._connection.execute("SELECT unit_vectors FROM passages WHERE id = ?", (passage_id,)).fetchone()
        return bytes(row[0]) if row else b""

    def passages_of(self, document_id: str) -> list[Passage]:
        """The passages of a document in reading order."""
        return list(self._passages_of(self.version, document_id))

    def abbreviations(self) -> Explained:
        """Each abbreviation that a document explains, with the ids of those documents, in the order of their dates."""
        return self._explained(self.version)

    def audiences(self) -> dict[str, str]:
        """For whom each document is, by its id."""
        return self._audiences(self.version)

    # What is kept is kept with the version it was read at: a thread that reads the old while another process changes
    # it would else leave the old behind for good.

    def _read_audiences(self, _: tuple[int, int]) -> dict[str, str]:
        with _plainly(self._path):
            return dict(self._connection.execute("SELECT id, json_extract(about, '$.audience') FROM documents"))

    def _read_abbreviations(self, _: tuple[int, int]) -> Explained:
        with _plainly(self._path):
            rows = self._connection.execute(
                'SELECT short, long, start, "end", document_id FROM abbreviations JOIN documents ON id = document_id '
                "ORDER BY json_extract(about, '$.date'), document_id, start"
            ).fetchall()
        explained: Explained = {}
        for short, long, start, end, document_id in rows:
            explained.setdefault(short, []).append((Abbreviation(short, long, start, end), document_id))
        return explained

    def _read_terms(self, _: tuple[int, int]) -> tuple[Term, ...]:
        rows = json.loads(self._about("terms") or "[]")
        return tuple(Term(tuple(row["names"]), tuple(row["said"]), row["meaning"]) for row in rows)

    def _read_words(self, _: tuple[int, int]) -> dict[str, tuple[str, bytes]]:
        with _plainly(self._path):
            rows = self._connection.execute("SELECT stem, word, vector FROM words")
            return {name: (word, vector) for name, word, vector in rows}

    def all_passages(self) -> Iterator[Passage]:
        """Every passage that holds now, document by document."""
        for document in self.documents():
            yield from self._read_passages_of(self.version, document.id)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _read_document(self, _: tuple[int, int], document_id: str) -> Document | None:
        with _plainly(self._path):
            row = self._connection.execute(
                "SELECT id, content_hash, about, text FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
        return _document(*row) if row else None

    def _read_passage(self, _: tuple[int, int], passage_id: str) -> Passage | None:
        with _plainly(self._path):
            row = self._connection.execute("SELECT passage FROM passages WHERE id = ?", (passage_id,)).fetchone()
        return _loads(row[0]) if row else None

    def _read_passages_of(self, _: tuple[int, int], document_id: str) -> tuple[Passage, ...]:
        with _plainly(self._path):
            rows = self._connection.execute(
                "SELECT passage FROM passages WHERE document_id = ? ORDER BY ordinal", (document_id,)
            ).fetchall()
        return tuple(_loads(row[0]) for row in rows)

    def _drop_other_form(self) -> None:
        if self._connection.execute("PRAGMA user_version").fetchone()[0] not in (0, FORM):
            for table in DATA:
                self._connection.execute(f"DROP TABLE IF EXISTS {table}")
        self._connection.execute(f"PRAGMA user_version = {FORM}")

    def _about(self, name: str) -> str:
        with _plainly(self._path):
            row = self._connection.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def _data_version(self) -> int:
        with _plainly(self._path):
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with _plainly(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        self._own_changes += 1


def hashes_without_writing(path: Path) -> dict[str, tuple[str, int]]:
    """The content hash and number of passages of each document, from a catalogue that is left as it is."""
    if not path.exists():
        return {}
    query = "SELECT id, content_hash, (SELECT count(*) FROM passages WHERE document_id = documents.id) FROM documents"
    # A reader of a database in WAL mode makes files beside it, unless it is told that nobody writes.
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=30)) as connection:
            return {name: (content_hash, count) for name, content_hash, count in connection.execute(query)}
    except sqlite3.DatabaseError as error:
        raise IndexDamaged(f"The catalogue '{path}' can't be read ({error}). Run: citewell ingest --rebuild") from error


def emptied(path: Path) -> Catalog:
    """Open a catalogue and forget what is in it."""
    catalog = Catalog(path)
    catalog.clear()
    return catalog


def remove_catalog(path: Path) -> None:
    """Delete a catalogue that can't be read any more."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def _plainly(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _cannot_write(path, error) from error
    except (sqlite3.DatabaseError, ValueError, TypeError) as error:
        raise IndexDamaged(f"The catalogue '{path}' can't be read ({error}). Run: citewell ingest --rebuild") from error


def _cannot_write(path: Path, error: Exception) -> Exception:
    reason = str(error)
    if "full" in reason or "No space" in reason:
        return DataFolderError("The disk is full. Free some space and run the same again; nothing stored is lost.")
    return DataFolderError(
        f"The data folder '{path.parent}' can't be used ({reason}). "
        "Give it write permission, or choose another with --data-dir."
    )


def _remove(connection: sqlite3.Connection, document_id: str) -> None:
    for table in ABOUT_A_DOCUMENT:
        connection.execute(f"DELETE FROM {table} WHERE document_id = ?", (document_id,))  # noqa: S608
    connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
    forget(connection, document_id)


def _document(name: str, content_hash: str, about: str, text: str) -> Document:
    fields = json.loads(about)
    fields["superseded_by"] = tuple(fields["superseded_by"])
    return Document(id=name, content_hash=content_hash, text=text, **fields)


def _dumps(passage: Passage) -> str:
    return json.dumps(asdict(passage))


def _loads(text: str) -> Passage:
    fields = json.loads(text)
    units = tuple(Unit(*unit) for unit in fields.pop("units"))
    marks = tuple(Mark(*mark) for mark in fields.pop("marks", ()))
    return Passage(**{**fields, "headings": tuple(fields["headings"]), "units": units, "marks": marks})
