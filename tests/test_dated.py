"""Where documents of different dates answer differently, what holds now comes first and the rest is dated."""

from pathlib import Path

import pytest
from conftest import ingested, write

from bot.assemble import Bot, open_bot
from bot.settings import BotSettings
from ingest.embed import Embedder

PLAN = """---
title: Plan for the ferries
date: 2021-03-01
status: superseded
---

# Plan for the ferries

The Harbour Ferry Service is planned to start in April 2022.

The Harbour Ferry Service is expected to cost £4 million a year.

The quay has nine lamps.
"""
BRIEFING = """---
title: Briefing on the ferries
date: 2023-05-01
status: current
---

# Briefing on the ferries

The Harbour Ferry Service started on 1 July 2022.

The Harbour Ferry Service costs £6 million a year.

The quay has nine lamps.
"""


@pytest.fixture
def ferries(folder: Path, data_dir: Path, embedder: Embedder) -> Bot:
    write(folder, plan_md=PLAN, briefing_md=BRIEFING)
    ingested(folder, data_dir, embedder)
    return open_bot(BotSettings(corpus=folder, data_dir=data_dir, index=""))


@pytest.mark.parametrize(
    ("question", "now", "before"),
    [
        ("When did the Harbour Ferry Service start?", "1 July 2022", "April 2022"),
        ("How much does the Harbour Ferry Service cost a year?", "£6 million", "£4 million"),
    ],
)
def test_a_value_that_changed_is_told_newest_first(ferries: Bot, question: str, now: str, before: str) -> None:
    answer = ferries.ask(question)
    assert now in answer.sentences[0].text
    assert answer.sentences[1].text.startswith("Earlier, in 2021:")
    assert before in answer.sentences[1].text
    assert [(conflict.date, before in conflict.says) for conflict in answer.conflicts] == [("2021-03-01", True)]


def test_a_value_that_stayed_is_told_once(ferries: Bot) -> None:
    answer = ferries.ask("How many lamps does the quay have?")
    assert "nine" in answer.text.lower()
    assert answer.conflicts == ()


def test_a_question_about_a_year_is_answered_as_of_then(ferries: Bot) -> None:
    answer = ferries.ask("In the 2021 plan, when was the Harbour Ferry Service to start?")
    assert "April 2022" in answer.sentences[0].text
    assert answer.conflicts == ()
