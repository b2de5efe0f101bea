"""Keep passages and their vectors in Chroma, embedded or on a server."""

import base64
import gc
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import chromadb
import numpy as np
from chromadb.api.collection_configuration import CreateHNSWConfiguration
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, NotFoundError
from langchain_core.embeddings import Embeddings

from ingest.embed import Embedder
from ingest.errors import DataFolderError, IndexDamaged, IndexMismatch, IndexUnreachable
from ingest.rows import Row, metadata_of, pack, row_of
from ingest.types import Document, Passage, embedded_prefix

ROOM_TO_WORK = 5_000_000  # bytes; SQLite copies pages and Chroma writes vectors in steps of 1 to 2 MB
# It takes a quarter of a second to import, and neither a question nor a sync with nothing changed needs it.
if TYPE_CHECKING:
    from langchain_chroma import Chroma

COLLECTION = "citewell"
SCHEMA = 2  # of the metadata below; a collection with another number is rebuilt
SEGMENT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # a folder in which Chroma keeps vectors
AT_ONCE = 256  # passages embedded and stored at once; a document of 40,000 would fill memory with vectors otherwise
PAGE = 500  # rows read at once; Chroma's own limit on variables is above 5,000
# With Chroma's default of 100 a search missed one of the true first 30 passages for every eighth question, another one
# in each process (the graph is built anew), and the same question had different answers.
HNSW: CreateHNSWConfiguration = {"space": "cosine", "ef_search": 400}

Embedded = tuple[str, tuple[tuple[int, int], ...]]
Vectors = tuple[list[float], bytes]  # of a passage, and of its units as `ingest.rows.pack` makes them


class PassageStore:
    """One Chroma collection; it holds all that is needed to build everything else again."""

    def __init__(self, location: str, embedder: Embedder, *, create: bool = False, rebuild: bool = False) -> None:
        """Open the collection at a folder or an `http://` address.

        Raises `IndexMismatch` when it was built for another embedder or schema, `IndexDamaged`,
        `IndexUnreachable` or `DataFolderError` when it can't be opened.
        """
        self._location = location
        self._embedder = embedder
        self._prepared = _Prepared(embedder)
        self._client = _client(location)
        if rebuild:
            self._drop()
        self._opened = self._open(create=create or rebuild)

    @property
    def exists(self) -> bool:
        """Whether there is a collection."""
        return self._opened is not None

    @property
    def generation(self) -> str:
        """A word that changes with every change of the collection's content."""
        return str((self._collection.metadata or {}).get("generation", ""))

    def set_generation(self, generation: str) -> None:
        """Say that the content changed."""
        self._collection.modify(metadata={**_identity(self._embedder), "generation": generation})

    def reopen(self) -> None:
        """See what other processes stored: an embedded Chroma reads its graph when it is opened, and not again.

        Raises the errors of opening, and keeps to what it had then.
        """
        SharedSystemClient.clear_system_cache()  # or the same client would be handed out again
        client, self._client = self._client, _client(self._location)
        try:
            self._opened = self._open(create=False)
        except BaseException:
            self._client = client
            raise
        # The old client is a ring of objects with files and threads, which would else stay until Python looks for such;
        # whoever searches in it at this moment keeps it so long.
        del client
        gc.collect()

    def count(self) -> int:
        """Count the rows, those of replaced documents included."""
        return int(self._collection.count())

    def add(
        self, batch: Sequence[tuple[Document, list[Passage]]], known: Mapping[Embedded, Vectors] | None = None
    ) -> list[list[bytes]]:
        """Embed and store passages of documents; return, document by document, the packed unit vectors of each.

        What is among `known` is not embedded again.
        """
        packed: list[bytes] = []
        rows = (
            (passage.id, as_embedded(document.title, passage), about)
            for document, passages in batch
            for passage, about in zip(passages, metadata_of(document, passages), strict=True)
        )
        while some := list(islice(rows, AT_ONCE)):
            packed += self._add(some, known or {})
        left = iter(packed)
        return [[next(left) for _ in passages] for _, passages in batch]

    def _add(
        self, rows: list[tuple[str, Embedded, dict[str, str | int]]], known: Mapping[Embedded, Vectors]
    ) -> list[bytes]:
        def embed(embedded: Embedded) -> Vectors:
            if found := known.get(embedded):
                return found
            vector, units = self._embedder.embed_parts(*embedded)
            return vector, pack(units)

        # A passage a core: `ingest.embed.open_session` says what that gains.
        with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
            made = list(threads.map(embed, [embedded for _, embedded, _ in rows]))
        for (_, _, about), (_, units) in zip(rows, made, strict=True):
            about["unit_vectors"] = base64.b64encode(units).decode()
        self._prepared.vectors = [vector for vector, _ in made]
        with _plainly(self._location):
            self.as_vector_store().add_texts(
                [text for _, (text, _), _ in rows],
                metadatas=[about for _, _, about in rows],
                ids=[name for name, _, _ in rows],
            )
        return [units for _, units in made]

    def vectors(self, passage_ids: Sequence[str]) -> dict[str, list[float]]:
        """The vectors of passages, as they were stored."""
        found: dict[str, list[float]] = {}
        for some in _in_pages(passage_ids):
            with _plainly(self._location):
                page = self._collection.get(ids=some, include=["embeddings"])
            vectors = page["embeddings"]
            if vectors is not None:
                found.update(zip(page["ids"], (vector.tolist() for vector in vectors), strict=True))
        return found

    def delete_passages(self, passage_ids: Sequence[str]) -> None:
        """Remove passages by their ids."""
        for some in _in_pages(passage_ids):
            with _plainly(self._location):
                self._collection.delete(ids=some)

    def embed_words(self, words: Sequence[str]) -> list[bytes]:
        """The packed vectors of single words."""
        with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
            return [
                pack(np.array([vector], dtype=np.float32)) for vector in threads.map(self._embedder.embed_query, words)
            ]

    def delete(self, document_id: str, *, content_hash: str) -> None:
        """Remove one version of a document."""
        wanted = {"$and": [{"document_id": document_id}, {"content_hash": content_hash}]}
        with _plainly(self._location):
            self._collection.delete(where=wanted)

    def nearest(
        self, vector: list[float], *, limit: int, audiences: frozenset[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return the ids of the nearest passages with their cosine, best first; of documents for `audiences` only."""
        where = None if audiences is None else {"audience": {"$in": sorted(audiences)}}
        with _plainly(self._location):
            try:
                found = self._query(vector, limit, where)
            except NotFoundError:  # another process built the index anew
                self.reopen()
                found = self._query(vector, limit, where)
        distances = (found["distances"] or [[]])[0]
        return [(name, 1.0 - distance) for name, distance in zip(found["ids"][0], distances, strict=True)]

    def _query(self, vector: list[float], limit: int, where: dict[str, Any] | None) -> Any:
        return self._collection.query(query_embeddings=[vector], n_results=limit, where=where, include=["distances"])

    def rows(self) -> Iterator[Row]:
        """Read everything back, page by page."""
        for offset in range(0, self.count(), PAGE):
            with _plainly(self._location):
                page = self._collection.get(limit=PAGE, offset=offset, include=["documents", "metadatas"])
            for text, metadata in zip(page["documents"] or [], page["metadatas"] or [], strict=True):
                yield row_of(text, dict(metadata))

    def as_vector_store(self) -> "Chroma":
        """The LangChain vector store, for tools that want one."""
        return self._vector_store

    @cached_property
    def _vector_store(self) -> "Chroma":
        from langchain_chroma import Chroma

        metadata = self._collection.metadata
        with _plainly(self._location):
            return Chroma(
                collection_name=COLLECTION,
                embedding_function=self._prepared,
                client=self._client,
                collection_metadata=metadata,
                collection_configuration={"hnsw": HNSW},
            )

    @property
    def _collection(self):  # type: ignore[no-untyped-def]
        if self._opened is None:
            raise IndexDamaged("There is no index. Run: citewell ingest")
        return self._opened

    def _open(self, *, create: bool):  # type: ignore[no-untyped-def]
        with _plainly(self._location):
            try:
                collection = self._client.get_collection(COLLECTION, embedding_function=None)
            except NotFoundError:
                if not create:
                    return None
                collection = self._client.create_collection(
                    COLLECTION,
                    metadata=_identity(self._embedder),
                    configuration={"hnsw": HNSW},
                    embedding_function=None,
                )
        self._refuse_mismatch(collection.metadata or {})
        return collection

    def _refuse_mismatch(self, metadata: Any) -> None:
        built = metadata.get("embedder")
        if built != self._embedder.name:
            raise IndexMismatch(
                f"The index was built with the embedder '{built}' and you asked for '{self._embedder.name}'. "
                "Run: citewell ingest --rebuild"
            )
        if metadata.get("schema") != SCHEMA:
            raise IndexMismatch("The index was built by another version of Citewell. Run: citewell ingest --rebuild")

    def _drop(self) -> None:
        with _plainly(self._location):
            try:
                self._client.delete_collection(COLLECTION)
            except NotFoundError:
                return


def _client(location: str):  # type: ignore[no-untyped-def]
    settings = ChromaSettings(anonymized_telemetry=False)
    if location.startswith(("http://", "https://")):
        scheme, _, rest = location.partition("://")
        host, _, port = rest.rstrip("/").partition(":")
        try:
            return chromadb.HttpClient(
                host=host,
                port=int(port or (443 if scheme == "https" else 8000)),
                ssl=scheme == "https",
                settings=settings,
            )
        except Exception as error:
            raise IndexUnreachable(
                f"The Chroma server at {location} doesn't answer. Start it, or correct CITEWELL_INDEX."
            ) from error
    try:
        Path(location).mkdir(parents=True, exist_ok=True)
        return chromadb.PersistentClient(path=location, settings=settings)
    except OSError as error:
        raise DataFolderError(
            f"The index folder '{location}' can't be written: {error.strerror}. Choose another with --data-dir."
        ) from error
    except BaseException as error:  # Chroma's Rust side panics, which is no Exception, on a damaged file
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        SharedSystemClient.clear_system_cache()  # or the half-opened client would be handed out next time
        raise _damaged(error, location) from error


def remove_embedded(location: str) -> None:
    """Delete an embedded index that can't be opened any more: Chroma's own files, and nothing else in the folder."""
    if location.startswith(("http://", "https://")):
        return
    for path in Path(location).iterdir():
        if path.is_dir() and SEGMENT.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith("chroma.sqlite3"):
            path.unlink()


class _Prepared(Embeddings):
    """Hands LangChain the vectors of texts that were embedded together with their parts."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.vectors: list[list[float]] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors, self.vectors = self.vectors, []
        return vectors if len(vectors) == len(texts) else self._embedder.embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        return self._embedder.embed_query(text)


class _plainly:  # noqa: N801
    """Turn Chroma's errors into ours."""

    def __init__(self, location: str) -> None:
        self._location = location

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        match error:
            case None | NotFoundError() | KeyboardInterrupt() | SystemExit():
                return
            case ConnectionError():
                raise IndexUnreachable("The Chroma server went away. Start it again and repeat.") from error
            case ChromaError() | OSError() | ValueError():
                raise _damaged(error, self._location) from error
            case _ if "onnect" in type(error).__name__:
                raise IndexUnreachable("The Chroma server went away. Start it again and repeat.") from error
            case _ if type(error).__module__.startswith(("chromadb", "pyo3")):
                raise _damaged(error, self._location) from error


def _damaged(error: BaseException, location: str) -> Exception:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if "readonly" in reason or "read-only" in reason:
        return DataFolderError(
            "The data folder can't be written. Give it write permission, or choose another with --data-dir."
        )
    if "disk is full" in reason or "No space left" in reason or _is_full(location):
        return DataFolderError("The disk is full. Free some space and run the same again; nothing stored is lost.")
    return IndexDamaged(f"The index can't be read ({reason[:120]}). Run: citewell ingest --rebuild")


def _is_full(location: str) -> bool:
    """Whether a disk has no room to work; Chroma doesn't always pass on that this is why it failed."""
    return Path(location).exists() and shutil.disk_usage(location).free < ROOM_TO_WORK


def _identity(embedder: Embedder) -> dict[str, str | int]:
    return {"embedder": embedder.name, "schema": SCHEMA}


def as_embedded(title: str, passage: Passage) -> Embedded:
    """What is embedded of a passage: its text with what is put in front, and its units as spans of that."""
    prefix = embedded_prefix(title, passage)
    shift = len(prefix) - passage.start
    return prefix + passage.text, tuple((unit.start + shift, unit.end + shift) for unit in passage.units)


def _in_pages(names: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), PAGE):
        yield list(names[start : start + PAGE])
