"""What is evaluated: something that answers questions from documents, and shows what it finds."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.assemble import Bot
    from bot.settings import BotSettings
    from bot.types import Answer
    from ingest.types import Document, Passage

FOUND = 10  # passages looked at, as MRR@10 and nDCG@10 need


@dataclass(frozen=True, slots=True)
class Engine:
    """An answering machine as evaluation sees it.

    `ask(question, conversation_id)` answers; `search(question)` gives the ids of the passages it finds, best first.
    `settings` and `models`, with their checksums, are recorded with a run: they and the documents decide what is
    answered. `dropped` tells which sentences of a chat model the last answer lacks, and why.
    """

    ask: Callable[[str, str], "Answer"]
    search: Callable[[str], list[str]]
    documents: tuple["Document", ...]
    passages: tuple["Passage", ...]
    settings: dict[str, Any] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    dropped: Callable[[], list[dict[str, str]]] = list


def open_engine(settings: "BotSettings") -> Engine:
    """Open the bot as it is set up; where there is no index yet, the documents are read first."""
    from bot.assemble import open_bot
    from ingest.errors import NoIndex

    try:
        bot = open_bot(settings)
    except NoIndex:
        read_documents(settings)
        bot = open_bot(settings)
    return engine_of(bot, settings)


def engine_of(bot: "Bot", settings: "BotSettings") -> Engine:
    """See a bot that is open as an engine."""
    from bot.retrieve import retrieve
    from bot.types import Dropped

    dropped: list[dict[str, str]] = []

    def watching(step: object) -> None:
        if isinstance(step, Dropped):
            dropped.append(asdict(step))

    def ask(question: str, conversation_id: str) -> "Answer":
        dropped.clear()
        return bot.ask_safely(question, conversation_id=conversation_id, progress=watching)

    def search(question: str) -> list[str]:
        vector = bot.encode(question)
        return [found.passage.id for found in retrieve(question, vector, bot.index, limit=FOUND)]

    catalog = bot.index.catalog
    return Engine(
        ask=ask,
        search=search,
        documents=tuple(document for document in map(catalog.document, sorted(catalog.hashes())) if document),
        passages=tuple(sorted(catalog.all_passages(), key=lambda one: (one.document_id, one.ordinal))),
        settings=_told(settings),
        models=_models(settings),
        dropped=lambda: list(dropped),
    )


def read_documents(settings: "BotSettings") -> None:
    """Bring the index in step with the corpus."""
    from ingest.embed import open_embedder
    from ingest.sync import sync

    embedder = open_embedder(settings.embedder)
    sync(settings.corpus, location=settings.index_location, data_dir=settings.data_dir, embedder=embedder)


def profile(settings: "BotSettings") -> str:
    """The name of a set-up, which its baseline has too: `offline` is the one that needs no key and no download.

    >>> from bot.settings import BotSettings
    >>> profile(BotSettings(answerer="extractive")), profile(BotSettings(answerer="openai:gpt-5", embedder="my/e5"))
    ('offline', 'openai-gpt-5-my-e5')
    """
    default = type(settings).model_fields["embedder"].default
    names = [settings.answerer, *([] if settings.embedder == default else [settings.embedder])]
    if names == ["extractive"]:
        return "offline"
    return "-".join("".join(c if c.isalnum() or c in "._" else "-" for c in name) for name in names)


def _told(settings: "BotSettings") -> dict[str, Any]:
    """The settings that decide what is answered: not where files lie, which is another place on each machine."""
    places = {"corpus", "data_dir", "index", "database", "retention_days"}  # and for how long what lies there
    shown = settings.model_dump(mode="json")
    if settings.answerer == "extractive":  # which asks no model
        places |= {name for name in shown if name.startswith("model_")}
    return {"profile": profile(settings), **{k: v for k, v in sorted(shown.items()) if k not in places}}


def _models(settings: "BotSettings") -> dict[str, str]:
    """The models that answer, by what they do: the SHA-256 of those that are files here, the name of others."""
    from bot.query_encoder import encode
    from bot.rerank import score
    from ingest.embed import DEFAULT, DEFAULT_SHA256

    embedder = DEFAULT_SHA256 if settings.embedder == DEFAULT else settings.embedder
    encoder = settings.query_encoder if settings.embedder == DEFAULT else "off"
    return {
        "embedder": embedder,
        "query_encoder": _file_of(encoder, encode.MODEL),
        "reranker": _file_of(settings.reranker, score.MODEL),
        "answerer": settings.answerer,
    }


def _file_of(setting: str, shipped: Path) -> str:
    if setting == "off":
        return "none"
    return _checksum(shipped if setting == "default" else Path(setting))


def _checksum(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"
