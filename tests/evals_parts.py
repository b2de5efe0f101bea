"""Parts that the tests of evaluation share: the real bot on the real corpus, a few known facts, a run of them."""

from collections import Counter
from pathlib import Path

import pytest
from conftest import CORPUS

from bot.assemble import Bot
from bot.settings import BotSettings
from evals.cases import Case, load
from evals.engine import Engine, engine_of
from evals.folder import RunFolder
from evals.run import run


@pytest.fixture(scope="session")
def settings(corpus_data: Path) -> BotSettings:
    """The settings of the bot that all tests share."""
    return BotSettings(corpus=CORPUS, data_dir=corpus_data, index="", contact="the records office")


@pytest.fixture(scope="session")
def engine(bot: Bot, settings: BotSettings) -> Engine:
    """The real bot, as evaluation sees it."""
    return engine_of(bot, settings)


@pytest.fixture(scope="session")
def few() -> list[Case]:
    """A few known facts of each category."""
    count: Counter[str] = Counter()
    chosen = []
    for case in load():
        count[case.category] += 1
        if count[case.category] <= (1 if case.is_conversation else 4):
            chosen.append(case)
    return chosen


@pytest.fixture(scope="session")
def honest(few: list[Case], engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of the few cases by the bot as it is; not written to by a test."""
    return run(few, engine, tmp_path_factory.mktemp("runs") / "honest", about={"split": "all", "left_out": False})
