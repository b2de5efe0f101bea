"""Check that everything the bot needs is in place."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.assemble import file_of, open_model
from bot.errors import ModelError
from bot.memory.database import Database
from bot.memory.store import Store
from bot.models.ask import tried
from bot.query_encoder.encode import MODEL as QUERY_ENCODER
from bot.query_encoder.encode import QueryEncoder
from bot.rerank.score import MODEL as RERANKER
from bot.rerank.score import Reranker
from bot.settings import BotSettings
from ingest.embed import DEFAULT, check_weights, open_embedder
from ingest.errors import CitewellError
from ingest.folder import document_paths
from ingest.index import Index, open_index
from ingest.versions import probable_versions

OLDEST_PYTHON = (3, 11)
MOST_PAIRS = 20  # of documents that resemble one another; `citewell ingest --json` has them all


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, whether it is well, and what to do where it is not."""

    what: str
    well: bool
    says: str
    worth_a_look: bool = False  # nothing is broken, but somebody should decide

    @property
    def label(self) -> str:
        """A word in front of it."""
        if self.well:
            return "look at" if self.worth_a_look else "ok"
        return "PROBLEM"


def examine(settings: BotSettings) -> Iterator[Finding]:
    """Look at Python, settings, weights, corpus and index."""
    running = ".".join(map(str, sys.version_info[:3]))
    new_enough = sys.version_info >= OLDEST_PYTHON
    yield Finding("Python", new_enough, running if new_enough else f"{running}; install Python 3.11 or newer")
    yield Finding(
        "settings", True, f"answerer {settings.answerer}, embedder {settings.embedder}, data in '{settings.data_dir}'"
    )
    if settings.embedder == DEFAULT:
        yield _tried("weights", _weights)
    yield _tried("embedder", lambda: f"{len(open_embedder(settings.embedder).embed_query('a question'))} dimensions")
    yield _tried("query encoder", lambda: _query_encoder(settings))
    yield _tried("reranker", lambda: _reranker(settings))
    yield _tried("answerer", lambda: _answerer(settings))
    yield _tried("corpus", lambda: f"{_documents(settings)} documents in '{settings.corpus}'")
    yield _tried("conversations", lambda: _conversations(settings))
    index = _tried("index", lambda: _index(settings))
    yield index
    if index.well:
        yield _versions(settings)


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, well=True, says=look())
    except CitewellError as error:
        return Finding(what, well=False, says=str(error))


def _weights() -> str:
    check_weights()
    return "SHA-256 is right"


def _query_encoder(settings: BotSettings) -> str:
    if settings.embedder != DEFAULT:
        return "goes with the default embedder only; the embedder encodes questions"
    if settings.query_encoder == "off":
        return "off; the embedder encodes questions"
    QueryEncoder(file_of(settings.query_encoder, QUERY_ENCODER))
    return _checked(settings.query_encoder)


def _reranker(settings: BotSettings) -> str:
    if settings.reranker == "off":
        return "off; answers are chosen without it"
    Reranker(file_of(settings.reranker, RERANKER))
    return _checked(settings.reranker)


def _checked(setting: str) -> str:
    return "SHA-256 is right" if setting == "default" else f"'{setting}'"


def _answerer(settings: BotSettings) -> str:
    model = open_model(settings)
    if model is None:
        return "the documents' own sentences, without a chat model"
    try:
        return tried(model)
    except ModelError as error:
        raise CitewellError(f"the chat model {model.label} {error}. Answers are made without it until then") from error


def _documents(settings: BotSettings) -> int:
    count = len(list(document_paths(settings.corpus)))
    if not count:
        raise CitewellError(
            f"there is no document in '{settings.corpus}'. Set CITEWELL_CORPUS to the folder that has them"
        )
    return count


def _index(settings: BotSettings) -> str:
    index = open_index(settings.index_location, settings.data_dir, open_embedder(settings.embedder))
    return f"{len(index.catalog.hashes())} documents, {_agreeing(index):,} passages at '{settings.index_location}'"


def _conversations(settings: BotSettings) -> str:
    store = Store(Database(settings.database_address), retention_days=settings.retention_days)
    try:
        if store.exists():
            store.prepare()
        kept = f"kept for {settings.retention_days} days" if settings.retention_days else "kept until deleted"
        return f"{kept} in {store.place}" + ("" if store.exists() else ", which a first chat will make")
    finally:
        store.close()


def _versions(settings: BotSettings) -> Finding:
    catalog = open_index(settings.index_location, settings.data_dir, open_embedder(settings.embedder)).catalog
    documents = {document.id: document for document in catalog.documents()}
    pairs = list(probable_versions(catalog.resembling(), documents))
    if not pairs:
        return Finding("versions", well=True, says="no two documents look like versions of one another")
    told = [f"{pair.subject} {pair.says}" for pair in pairs[:MOST_PAIRS]]
    more = [f"and {len(pairs) - MOST_PAIRS:,} more pairs"] if len(pairs) > MOST_PAIRS else []
    advice = "Remove what no longer holds, or write `status: superseded` into its front matter"
    return Finding("versions", well=True, says=f"{'; '.join([*told, *more])}. {advice}", worth_a_look=True)


def _agreeing(index: Index) -> int:
    listed, stored = index.catalog.count_passages(), index.store.count()
    if listed > stored:
        raise CitewellError(f"{listed - stored} passages are missing. Run: citewell ingest --rebuild")
    return listed
