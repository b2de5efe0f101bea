"""The path for new starters: drafted from documents, edited by hand, checked, and walked through."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from conftest import CITEWELL, CORPUS, ROOT, Run, ingested, json_lines, write

from bot.adapters.onboard import walk
from bot.assemble import Bot, open_bot
from bot.errors import NoOnboarding, StoreUnavailable
from bot.memory.store import open_store
from bot.onboarding import (
    FILE,
    Onboarding,
    onboarding_in,
    questions_not_answered,
    read_onboarding,
    slug,
    steps_for,
)
from bot.onboarding_draft import draft_onboarding
from bot.settings import BotSettings
from bot.types import Answer
from bot.words import words_in
from ingest.catalog import Catalog
from ingest.embed import Embedder

FERRIES = """---
title: The Ferry Trust today
date: 2024
---
# The Ferry Trust today

## Who we are

The Ferry Trust Board (FTB) is a public body that plans and pays for all ferries of the bay.
The FTB was established on 1 May 2019 and replaced the Pier Committee (PC).
The FTB is responsible for timetables, fares and safety on the bay.

## People and partners

The FTB has a Chair, a Chief Executive and four directors.
The FTB works jointly with the Town Council and its partners on the piers.
The Island Bus Network (IBN) is a partnership of three bus firms that meet the ferries of the FTB.
About 12,000 people live on the islands, and the FTB has 85 posts.

## What comes next

The FTB will buy two electric ferries, and the old ferries are to be
sold in 2026.
"""
PAGE = """# For new starters

What stands up here is for editors.

## Who we are

The Ferry Trust Board (FTB) pays for all ferries of the bay. [1]
It has 85 posts, and the old ferries will go in 2026. [2][3]

Sources:

1. ferries.md "The Ferry Trust Board (FTB) is a public body that plans and pays for all ferries of the bay."
2. ferries.md "the FTB has 85 posts"
3. ferries.md "the old ferries are to be sold in 2026"

Questions:

- When was the FTB established?

## Check yourself

- What is the FTB responsible for?
"""


@pytest.fixture(scope="module")
def ferries_data(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A data folder with one document about ferries; never written to by a test."""
    folder = tmp_path_factory.mktemp("ferries")
    write(folder, ferries_md=FERRIES)
    ingested(folder, folder / "data", embedder)
    return folder / "data"


@pytest.fixture(scope="module")
def ferry_bot(ferries_data: Path) -> Iterator[Bot]:
    """The bot over the ferries."""
    bot = open_bot(BotSettings(data_dir=ferries_data))
    yield bot
    bot.index.catalog.close()


@pytest.fixture
def ferries(ferry_bot: Bot) -> Catalog:
    """The catalogue of the ferries."""
    return ferry_bot.index.catalog


@pytest.fixture
def drafted(ferry_bot: Bot, ferries: Catalog) -> str:
    """A path drafted from the ferries."""
    return draft_onboarding(ferries, words_in(ferries), ferry_bot.ask)


def read(page: str, ferries: Catalog) -> Onboarding:
    return onboarding_in(page, ferries)


def test_a_draft_has_six_to_ten_cited_steps_whose_questions_are_answered(
    drafted: str, ferry_bot: Bot, ferries: Catalog
) -> None:
    path = read(drafted, ferries)
    assert path.problems == ()
    assert 6 <= len(path.steps) <= 10
    assert all(step.citations for step in path.steps)
    assert list(questions_not_answered(path, ferry_bot.ask)) == []
    assert sum(len(step.questions) for step in path.steps) >= len(path.steps) / 2


def test_a_draft_tells_what_the_body_is_how_it_came_about_and_what_words_mean(drafted: str, ferries: Catalog) -> None:
    steps = {step.id: step.text for step in read(drafted, ferries).steps}
    assert "is a public body that plans and pays" in steps["what-the-organisation-is"]
    assert "established on 1 May 2019" in steps["how-it-came-about"]
    assert "IBN stands for Island Bus Network" in steps["the-words-people-use-here"]


def test_every_quotation_stands_in_its_document_also_where_that_breaks_the_line(ferries: Catalog) -> None:
    step = read(PAGE, ferries).steps[0]
    document = ferries.document("ferries.md")
    assert document is not None
    assert [document.text[one.start : one.end] for one in step.citations] == [one.quote for one in step.citations]
    assert step.citations[2].quote == "the old ferries are to be\nsold in 2026"
    assert step.citations[0].locator == "Who we are"


def test_a_step_is_read_with_its_marks_its_questions_and_the_check(ferries: Catalog) -> None:
    path = read(PAGE, ferries)
    assert path.problems == ()
    assert [step.id for step in path.steps] == ["who-we-are"] == [slug("Who we are?")]
    assert path.steps[0].text == (
        "The Ferry Trust Board (FTB) pays for all ferries of the bay. [1] "
        "It has 85 posts, and the old ferries will go in 2026. [2][3]"
    )
    assert path.steps[0].questions == ("When was the FTB established?",)
    assert path.check == ("What is the FTB responsible for?",)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("the FTB has 85 posts", "the FTB has 86 posts", "“the FTB has 86 posts” no longer stands in 'ferries.md'"),
        ('2. ferries.md "', '2. gone.md "', "there is no document 'gone.md'"),
        ("It has 85 posts", "It has 90 posts", "has a number or a name that its quotation doesn't"),
        ("It has 85 posts", "Skerrin has 85 posts", "has a number or a name that its quotation doesn't"),
        ("in 2026. [2][3]", "in 2026.", "has no source"),
        ("in 2026. [2][3]", "in 2026. [2][7]", "names a source that is not in the list"),
    ],
)
def test_what_no_longer_holds_is_left_out_and_said_in_one_sentence(
    before: str, after: str, problem: str, ferries: Catalog
) -> None:
    path = read(PAGE.replace(before, after), ferries)
    assert [one for one in path.problems if problem in one]
    assert all(one.startswith("onboarding.md, step 'Who we are': ") and "\n" not in one for one in path.problems)
    assert path.steps[0].text == "The Ferry Trust Board (FTB) pays for all ferries of the bay. [1]"
    assert len(path.steps[0].citations) == 1


def test_a_question_that_the_documents_do_not_answer_is_said(ferry_bot: Bot, ferries: Catalog) -> None:
    path = read(PAGE.replace("When was the FTB established?", "Who won the football world cup?"), ferries)
    wrong = list(questions_not_answered(path, ferry_bot.ask))
    assert len(wrong) == 1
    assert "step 'Who we are': the documents don't answer “Who won the football world cup?”" in wrong[0]


def test_a_page_without_steps_or_with_the_same_step_twice_is_said_to_be_so(ferries: Catalog) -> None:
    assert "has no step" in read("# Only a title\n", ferries).problems[0]
    twice = read(PAGE + PAGE, ferries)
    assert "two steps 'Who we are'" in twice.problems[0]
    assert len(twice.steps) == 1


def test_a_path_that_is_missing_or_no_text_is_an_error_for_people_and_none_for_services(
    tmp_path: Path, ferries: Catalog
) -> None:
    with pytest.raises(NoOnboarding, match="citewell onboard --write"):
        read_onboarding(tmp_path, ferries)
    (tmp_path / FILE).write_bytes(b"## Caf\xe9\n")
    with pytest.raises(NoOnboarding, match="Save it as UTF-8"):
        read_onboarding(tmp_path, ferries)
    assert steps_for(tmp_path, ferries) == ()


def test_the_shipped_path_holds_and_its_questions_are_answered(bot: Bot) -> None:
    path = read_onboarding(CORPUS, bot.index.catalog)
    assert path.problems == ()
    assert list(questions_not_answered(path, bot.ask)) == []
    assert 6 <= len(path.steps) <= 10
    assert all(2 <= len(step.questions) <= 3 for step in path.steps)


def test_the_shipped_path_checks_with_five_known_facts(bot: Bot) -> None:
    path = read_onboarding(CORPUS, bot.index.catalog)
    known = {case.get("question") for file in (ROOT / "evals" / "facts").glob("*.jsonl") for case in json_lines(file)}
    assert len(path.check) == 5
    assert set(path.check) <= known


class Kept:
    """Progress in memory of the test, for walks without a terminal."""

    def __init__(self, *done: str) -> None:
        self.steps = list(done)

    def done(self, asker: str) -> tuple[str, ...]:
        return tuple(self.steps)

    def mark(self, asker: str, step: str) -> None:
        self.steps.append(step)


def typing(*lines: str) -> Callable[[str], str]:
    left = list(lines)

    def read(prompt: str) -> str:
        print(prompt)
        if not left:
            raise EOFError
        return left.pop(0)

    return read


def test_a_walk_answers_questions_marks_steps_and_ends_with_the_check(
    ferries: Catalog, ferry_bot: Bot, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = Kept()
    walk(read(PAGE, ferries), ferry_bot.ask, kept, read=typing("1", "9", "Who chairs the moon?", "", ""))
    shown = " ".join(capsys.readouterr().out.split())
    assert kept.steps == ["who-we-are"]
    for part in (
        "1 of 1 Who we are",
        "established on 1 May 2019",
        "There are 1 questions here",
        "don't tell",
        "1. What is the FTB responsible for?",
        "timetables, fares and safety",
        "That is the whole path.",
    ):
        assert part in shown


def test_a_walk_goes_on_where_it_was_stopped_and_marks_nothing_that_was_not_finished(
    ferries: Catalog, ferry_bot: Bot, capsys: pytest.CaptureFixture[str]
) -> None:
    first = PAGE[PAGE.index("## Who") : PAGE.index("## Check")]
    page = PAGE.replace("## Check", first.replace("Who we are", "Where we go") + "## Check")
    path = read(page, ferries)
    assert len(path.steps) == 2
    kept = Kept()
    walk(path, ferry_bot.ask, kept, read=typing("", "q"))
    assert kept.steps == ["who-we-are"]
    assert "step 2 of 2" in capsys.readouterr().out
    walk(path, ferry_bot.ask, kept, read=typing("b", "q"))
    shown = capsys.readouterr().out
    assert shown.index("2 of 2  Where we go") < shown.index("1 of 2  Who we are")
    assert kept.steps == ["who-we-are"]


def test_a_walk_goes_on_where_progress_cannot_be_kept(ferries: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
    class Away(Kept):
        def done(self, asker: str) -> tuple[str, ...]:
            raise StoreUnavailable("The store is away.")

        def mark(self, asker: str, step: str) -> None:
            raise StoreUnavailable("The store is away.")

    def ask(question: str) -> Answer:
        raise AssertionError(question)

    walk(read(PAGE, ferries), ask, Away(), read=typing("", "q"))
    shown = capsys.readouterr()
    assert "Now check yourself" in shown.out
    assert shown.err.count("The store is away.") == 2


def test_progress_of_one_person_is_not_that_of_another(ferries: Catalog, tmp_path: Path) -> None:
    path = read(PAGE, ferries)
    with open_store(f"sqlite:///{tmp_path / 'steps.db'}", retention_days=0) as store:
        store.steps.mark("slack:T1:U1", "who-we-are")
        store.steps.mark("slack:T1:U1", "a-step-that-was-renamed")
        assert path.to_json(store.steps.done("slack:T1:U1"))["progress"] == {"done": ["who-we-are"], "total": 1}
        assert path.to_json(store.steps.done("slack:T1:U2"))["progress"] == {"done": [], "total": 1}


def test_the_command_walks_in_a_terminal_and_keeps_how_far_one_came(ferries_data: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / FILE).write_text(PAGE, encoding="utf-8")
    data = tmp_path / "data"
    shutil.copytree(ferries_data, data)
    environment = {**os.environ, "CITEWELL_CORPUS": str(corpus)}
    child = pexpect.spawn(
        str(CITEWELL),
        ["onboard", "--data-dir", str(data)],
        env=environment,
        encoding="utf-8",
        timeout=120,
    )
    child.expect("1 of 1  Who we are")
    child.sendline("")
    child.expect("Now check yourself: 1 questions")
    child.sendeof()
    child.expect("You can go on where you stopped")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    with open_store(f"sqlite:///{data / 'citewell.db'}", retention_days=0) as store:
        assert store.steps.done("") == ("who-we-are",)


def test_the_command_gives_the_path_as_json_and_refuses_to_replace_an_edited_page(
    citewell: Run, tmp_path: Path
) -> None:
    shown = citewell("onboard", "--json", CITEWELL_DATABASE=f"sqlite:///{tmp_path / 'steps.db'}")
    path = json.loads(shown.stdout)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert path["progress"] == {"done": [], "total": len(path["steps"])}
    assert set(path["steps"][0]) == {"id", "title", "text", "citations", "questions"}
    refused = citewell("onboard", "--write")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "--replace" in refused.stderr
