"""Parts that tests share: the embedder, the corpus ingested once, and the command line as people run it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from bot.assemble import Bot, open_bot
from bot.settings import BotSettings
from ingest.embed import Embedder, open_embedder
from ingest.index import Index, open_index
from ingest.sync import SyncReport, sync

pytest_plugins = ["evals_parts", "model_parts", "page_parts", "postgres_parts", "slack_fixtures"]

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
CITEWELL = Path(sys.executable).with_name("citewell")

# The same examples each time, so that a change fails by its own doing; search for new ones with
# `pytest --hypothesis-profile=search`.
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", settings.get_profile("same"), derandomize=False, max_examples=1000)
settings.load_profile("same")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def _own_settings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in [name for name in os.environ if name.startswith("CITEWELL_") and name != "CITEWELL_CACHE_DIR"]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The default embedder."""
    return open_embedder("all-MiniLM-L6-v2")


@pytest.fixture(scope="session")
def corpus_data(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A data folder with the corpus in it; never written to by a test."""
    data_dir = tmp_path_factory.mktemp("corpus-data")
    ingested(CORPUS, data_dir, embedder)
    return data_dir


@pytest.fixture(scope="session")
def bot(corpus_data: Path) -> Iterator[Bot]:
    """The bot over the corpus."""
    bot = open_bot(BotSettings(corpus=CORPUS, data_dir=corpus_data, index="", contact="the records office"))
    yield bot
    bot.index.catalog.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for documents."""
    path = tmp_path / "documents"
    path.mkdir()
    return path


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Where a data folder may be made."""
    return tmp_path / "data"


@pytest.fixture
def citewell(corpus_data: Path, tmp_path: Path) -> Run:
    """Run the real executable; on the ingested corpus unless `data_dir` names another place."""

    def run(*arguments: str | bytes | Path, data_dir: Path | None = corpus_data, **environment: str) -> Any:
        where = ["--data-dir", data_dir] if data_dir else []
        return subprocess.run(
            [CITEWELL, *arguments, *where],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, **environment},
            timeout=120,
            check=False,
        )

    return run


def write(folder: Path, **files: str) -> None:
    """Write documents: `write(folder, plan_md="…")` makes `plan.md`."""
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (folder / f"{stem}.{suffix}").write_text(text, encoding="utf-8")


def ingested(folder: Path, data_dir: Path, embedder: Embedder, *, location: str = "", **options: Any) -> SyncReport:
    """Sync a folder into a data folder."""
    return sync(folder, location=location or str(data_dir / "index"), data_dir=data_dir, embedder=embedder, **options)


def opened(data_dir: Path, embedder: Embedder, *, location: str = "") -> Index:
    """Open the index in a data folder."""
    return open_index(location or str(data_dir / "index"), data_dir, embedder)


def found_by_words(index: Index, question: str) -> list[str]:
    """The texts that the word index finds."""
    return [passage.text for passage, _ in index.search(question, limit=5)]


def found_by_meaning(index: Index, question: str, embedder: Embedder) -> list[str]:
    """The texts that the vectors find."""
    return [passage.text for passage, _ in index.nearest(embedder.embed_query(question), limit=5)]


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
