"""Remember which documents and passages hold now: one SQLite file, derived from what is in Chroma."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from ingest.errors import DataFolderError, IndexDamaged
from ingest.types import Document, Passage, Unit

FORM = 1  # of the tables below; another number means: build the file again from Chroma
TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, content_hash TEXT NOT NULL, about TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS passages (
    id TEXT PRIMARY KEY, document_id TEXT NOT NULL, ordinal INTEGER NOT NULL, passage TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS passages_in_order ON passages (document_id, ordinal);
"""


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
                self._connection.executescript(TABLES)
        except (OSError, sqlite3.OperationalError) as error:
            raise _cannot_write(path, error) from error
        self._documents = lru_cache(maxsize=64)(self._read_document)
        self._passages = lru_cache(maxsize=4096)(self._read_passage)
        self._seen = self._data_version()

    @property
    def generation(self) -> str:
        """The generation of the Chroma collection that this catalogue agrees with; empty when it agrees with none."""
        return self._about("generation") if self._about("form") == str(FORM) else ""

    def set_generation(self, generation: str) -> None:
        """Say which generation of the collection the catalogue agrees with."""
        with self._writing() as connection:
            for name, value in (("generation", generation), ("form", str(FORM))):
                connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    def replace(self, document: Document, passages: Iterable[Passage]) -> None:
        """Let this version of a document hold from now on."""
        about = {name: value for name, value in asdict(document).items() if name not in ("id", "text", "content_hash")}
        with self._writing() as connection:
            connection.execute("DELETE FROM passages WHERE document_id = ?", (document.id,))
            connection.execute(
                "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)",
                (document.id, document.content_hash, json.dumps(about), document.text),
            )
            connection.executemany(
                "INSERT OR REPLACE INTO passages VALUES (?, ?, ?, ?)",
                [(passage.id, document.id, passage.ordinal, _dumps(passage)) for passage in passages],
            )

    def remove(self, document_id: str) -> None:
        """Let a document hold no longer."""
        with self._writing() as connection:
            connection.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
            connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    def clear(self) -> None:
        """Forget everything."""
        with self._writing() as connection:
            for table in ("about", "passages", "documents"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608

    def hashes(self) -> dict[str, str]:
        """The content hash of every document, by its id."""
        with _plainly(self._path):
            return dict(self._connection.execute("SELECT id, content_hash FROM documents ORDER BY id"))

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
        self._forget_if_changed()
        return self._documents(document_id)

    def passage(self, passage_id: str) -> Passage | None:
        """A passage that holds now."""
        self._forget_if_changed()
        return self._passages(passage_id)

    def passages(self, passage_ids: Iterable[str]) -> dict[str, Passage]:
        """Those of the named passages that hold now."""
        self._forget_if_changed()
        found = ((name, self._passages(name)) for name in passage_ids)
        return {name: passage for name, passage in found if passage}

    def passages_of(self, document_id: str) -> list[Passage]:
        """The passages of a document in reading order."""
        with _plainly(self._path):
            rows = self._connection.execute(
                "SELECT passage FROM passages WHERE document_id = ? ORDER BY ordinal", (document_id,)
            ).fetchall()
        return [_loads(row[0]) for row in rows]

    def all_passages(self) -> Iterator[Passage]:
        """Every passage that holds now, document by document."""
        for document in self.documents():
            yield from self.passages_of(document.id)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _read_document(self, document_id: str) -> Document | None:
        with _plainly(self._path):
            row = self._connection.execute(
                "SELECT id, content_hash, about, text FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
        return _document(*row) if row else None

    def _read_passage(self, passage_id: str) -> Passage | None:
        with _plainly(self._path):
            row = self._connection.execute("SELECT passage FROM passages WHERE id = ?", (passage_id,)).fetchone()
        return _loads(row[0]) if row else None

    def _about(self, name: str) -> str:
        with _plainly(self._path):
            row = self._connection.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def _data_version(self) -> int:
        with _plainly(self._path):
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _forget_if_changed(self) -> None:
        # data_version changes when another connection committed: https://sqlite.org/pragma.html#pragma_data_version
        seen = self._data_version()
        if seen != self._seen:
            self._seen = seen
            self._forget()

    def _forget(self) -> None:
        self._documents.cache_clear()
        self._passages.cache_clear()

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
        self._forget()


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


def _document(name: str, content_hash: str, about: str, text: str) -> Document:
    fields = json.loads(about)
    fields["superseded_by"] = tuple(fields["superseded_by"])
    return Document(id=name, content_hash=content_hash, text=text, **fields)


def _dumps(passage: Passage) -> str:
    return json.dumps(asdict(passage))


def _loads(text: str) -> Passage:
    fields = json.loads(text)
    units = tuple(Unit(*unit) for unit in fields.pop("units"))
    return Passage(**{**fields, "headings": tuple(fields["headings"]), "units": units})
