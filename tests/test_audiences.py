"""Documents for some: who may not read a document is never shown anything of it."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from conftest import ingested, write

from bot.assemble import Bot, open_bot
from bot.onboarding import onboarding_in
from bot.settings import BotSettings
from bot.words import words_in
from ingest.embed import Embedder

STAFF, BOARD = frozenset({"staff"}), frozenset({"staff", "board"})
ASKED = "Who is paid the bonus of the harbour master?"

PLAN = """---
title: Ferry plan
date: 2024
status: superseded
superseded_by: [secret.md]
---
# Ferry plan

There are 12 Local Ferry Lines (LFLs) in the harbour.

The harbour master keeps the list of the lines.
"""
FOR_THE_BOARD = """---
title: Quiet merger
date: 2025
audience: board
---
# Quiet merger

There are 7 Local Ferry Lines (LFLs) in the harbour.

Zelda Quist is paid the bonus of the harbour master, 900 crowns.

A Zonal Quay Fund (ZQF) pays for it.
"""


@pytest.fixture
def bot(folder: Path, data_dir: Path, embedder: Embedder) -> Iterator[Bot]:
    write(folder, plan_md=PLAN, secret_md=FOR_THE_BOARD)
    ingested(folder, data_dir, embedder)
    bot = open_bot(BotSettings(corpus=folder, data_dir=data_dir, index=""))
    yield bot
    bot.index.catalog.close()


def test_who_may_read_it_is_answered_from_it(bot: Bot) -> None:
    for audiences in (None, BOARD):
        assert "Zelda Quist" in bot.ask(ASKED, audiences=audiences).text


@pytest.mark.parametrize("audiences", [STAFF, frozenset(), frozenset({"nobody"})])
def test_who_may_not_finds_nothing_of_it_anywhere_in_an_answer(bot: Bot, audiences: frozenset[str]) -> None:
    for question in (ASKED, "How many Local Ferry Lines are there?", "What does ZQF stand for?", "What is new?"):
        told = str(asdict(bot.ask(question, audiences=audiences))).replace(question, "")
        for word in ("Zelda", "Quist", "900", "Quiet", "Zonal", "secret.md", " 7 "):
            assert word not in told, (question, word)


def test_a_conflict_with_it_is_told_to_those_who_may_read_it_only(bot: Bot) -> None:
    question = "How many Local Ferry Lines are there?"
    assert [one.says for one in bot.ask(question, audiences=BOARD).conflicts] == ["12"]
    assert bot.ask(question, audiences=STAFF).conflicts == ()
    assert bot.ask(question, audiences=STAFF).text.startswith("12.")


def test_searches_counts_and_explanations_keep_to_what_may_be_read(bot: Bot, embedder: Embedder) -> None:
    index, staff = bot.index, bot.index.for_audiences(STAFF)
    vector = embedder.embed_query(ASKED)
    assert {one.document_id for one, _ in index.nearest(vector, limit=9)} == {"plan.md", "secret.md"}
    assert {one.document_id for one, _ in staff.nearest(vector, limit=9)} == {"plan.md"}
    assert {one.document_id for one, _ in staff.search("bonus harbour", limit=9)} == {"plan.md"}
    assert [one.id for one in staff.documents()] == ["plan.md"]
    assert staff.document("secret.md") is None
    assert staff.passages_of("secret.md") == []
    assert staff.passage(index.passages_of("secret.md")[0].id) is None
    assert staff.count_passages() < index.count_passages()
    assert (index.document_frequency("quist"), staff.document_frequency("quist")) == (1, 0)
    assert staff.document_frequency("ferri") == 1
    assert sorted(index.abbreviations()) == ["LFL", "ZQF"]
    assert list(staff.abbreviations()) == ["LFL"]
    assert {name for _, name in staff.abbreviations()["LFL"]} == {"plan.md"}


def test_a_slip_is_not_repaired_into_a_word_that_only_others_may_read(bot: Bot) -> None:
    slipped = "Where does Zelda Quisst keep the merger?"
    assert "quist" in bot.ask(slipped, audiences=BOARD).standalone_question.lower()
    assert bot.ask(slipped, audiences=STAFF).standalone_question == slipped


def test_the_search_itself_keeps_to_it_so_that_others_documents_take_no_places(
    folder: Path, data_dir: Path, embedder: Embedder
) -> None:
    write(folder, plan_md=PLAN)
    for number in range(30):
        text = f"---\naudience: board\n---\n# Lines\n\nThere are {number} Local Ferry Lines in the harbour.\n"
        (folder / f"board-{number}.md").write_text(text, encoding="utf-8")
    ingested(folder, data_dir, embedder)
    bot = open_bot(BotSettings(corpus=folder, data_dir=data_dir, index=""))
    staff = bot.index.for_audiences(STAFF)
    assert staff.store.nearest(embedder.embed_query("ferry lines"), limit=1, audiences=STAFF)
    assert staff.nearest(embedder.embed_query("How many Local Ferry Lines?"), limit=1)
    assert staff.search("local ferry lines", limit=1)


def test_scores_of_words_are_the_same_with_and_without_a_filter_that_leaves_nothing_out(bot: Bot) -> None:
    everything = bot.index.lexical.search("harbour master", limit=9)
    assert bot.index.lexical.search("harbour master", limit=9, audiences=BOARD) == everything


def test_a_document_that_becomes_anothers_is_gone_at_once(
    bot: Bot, folder: Path, data_dir: Path, embedder: Embedder
) -> None:
    assert bot.ask("Who keeps the list of the lines?", audiences=STAFF).citations[0].document_id == "plan.md"
    write(folder, plan_md=PLAN.replace("date: 2024", "date: 2024\naudience: board"))
    ingested(folder, data_dir, embedder)
    answer = bot.ask("Who keeps the list of the lines?", audiences=STAFF)
    assert answer.status == "not_found"
    assert answer.citations == ()


def test_words_of_documents_that_one_may_not_read_are_in_no_glossary(bot: Bot) -> None:
    assert [word.term for word in words_in(bot.index.for_audiences(STAFF))] == ["LFL"]
    everything = {word.term: word for word in words_in(bot.index)}
    assert {"LFL", "ZQF"} <= set(everything)
    places = [told.citation.document_id for told in words_in(bot.index.for_audiences(STAFF))[0].meanings]
    assert places == ["plan.md"]


def test_a_step_for_new_starters_is_left_out_where_its_source_may_not_be_read(bot: Bot) -> None:
    page = '## Money\n\nThe bonus is 900 crowns. [1]\n\n1. secret.md "the bonus of the harbour master, 900 crowns"\n'
    assert [step.text for step in onboarding_in(page, bot.index).steps] == ["The bonus is 900 crowns. [1]"]
    assert onboarding_in(page, bot.index.for_audiences(STAFF)).steps == ()
