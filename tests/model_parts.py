"""Parts that tests of chat models share: documents of a harbour, and a bot over them that asks a scripted server."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import ingested, write
from model_servers import Reply, Script, Server, scripted

from bot.assemble import Bot, open_bot
from bot.settings import BotSettings
from ingest.embed import Embedder

PLAN = """---
title: Harbour plan
date: 2021-06-30
status: superseded
---
# Ferries

In 2021 the Harbour Board ran 12 ferries between Oldquay and Stonham.

A new ferry terminal will open at Stonham in May 2023.
"""
REPORT = """---
title: Harbour report
date: 2024-02-01
status: current
---
# Ferries

The Harbour Board runs 15 ferries between Oldquay and Stonham. The ferries do not sail on Sundays.

The budget of the ferries is £4.2 million a year.

# People

Ann Lee chairs the Harbour Board. Ann Lee reports to the mayor, Bob Fry.

The board has three committees:

- The pilots' committee, which Dora May leads.
- The safety committee.
- The accounts committee.
"""
FERRIES = "How many ferries does the Harbour Board run?"
RUNS = "The Harbour Board runs 15 ferries between Oldquay and Stonham."

Asking = Callable[..., AbstractContextManager[tuple[Bot, Server]]]


@pytest.fixture(scope="session")
def ferry_data(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A data folder with the harbour's documents."""
    folder, data_dir = tmp_path_factory.mktemp("harbour"), tmp_path_factory.mktemp("harbour-data")
    write(folder, plan_md=PLAN, report_md=REPORT)
    ingested(folder, data_dir, embedder)
    return data_dir


@pytest.fixture
def asking(ferry_data: Path, tmp_path: Path) -> Asking:
    """Open a bot over the harbour's documents whose model says what a script says."""

    @contextmanager
    def asked(script: Script, *, data_dir: Path = ferry_data, **settings: Any) -> Iterator[tuple[Bot, Server]]:
        with scripted(script) as server:
            bot = opened_with(f"{server.url}/v1#scripted", copied(data_dir, tmp_path), **settings)
            yield bot, server
            bot.index.catalog.close()

    return asked


def copied(data_dir: Path, tmp_path: Path) -> Path:
    """A copy of a data folder, so that what is kept of a model is the test's own."""
    return shutil.copytree(data_dir, tmp_path / "copied", dirs_exist_ok=True)


def opened_with(answerer: str, data_dir: Path, **settings: Any) -> Bot:
    """A bot with a chat model."""
    chosen = {
        "model_seconds": 30,
        "model_cache_days": 0,
        "contact": "the harbour office",
        "reranker": "off",
        **settings,
    }
    return open_bot(BotSettings(data_dir=data_dir, index="", answerer=answerer, **chosen))


def once(first: Reply | str, then: Reply | str) -> Script:
    """A script that says one thing the first time, and another from then on."""
    told = iter([first])
    return lambda asked: next(told, then)
