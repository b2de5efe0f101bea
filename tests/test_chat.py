"""A chat in the terminal: questions and commands from a pipe, and as a person types them."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pexpect
import pytest
from conftest import CITEWELL, ROOT, ingested, write
from rich.text import Text

from bot.adapters.chat.show import MARKED, in_its_document
from bot.adapters.chat.talk import Talk
from bot.assemble import Bot, open_bot
from bot.memory.store import Store, open_store
from bot.memory.turn import NOT_KEPT
from bot.settings import BotSettings
from bot.types import Citation
from ingest.embed import Embedder

OPENING = "Who chairs the harbour board?"
FOLLOW_UP = "since when does she chair it?"
SAID = "Ann Lee chairs the harbour board"
BEFORE = "The quay was rebuilt in stone after the flood, and its cranes were sold to a yard further up the river."
DOCUMENT = f"""# The harbour

{BEFORE}

## The board

{SAID} since May 2019.
The board meets in the custom house every second Monday.

## Ferries

Ferries to the island run every hour in summer, and on Sundays in winter.
"""
PROMPT = r"\x1b\[\?2004h[^›]*›"  # a new one, which begins by asking the terminal to mark what is pasted


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in a file."""
    with open_store(f"sqlite:///{tmp_path / 'citewell.db'}", retention_days=90) as opened:
        yield opened


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A data folder with one document."""
    folder, data = tmp_path_factory.mktemp("documents"), tmp_path_factory.mktemp("data")
    write(folder, harbour_md=DOCUMENT)
    ingested(folder, data, embedder)
    return data


@pytest.fixture(scope="module")
def harbour(data: Path) -> Iterator[Bot]:
    """The bot over that document."""
    bot = open_bot(BotSettings(data_dir=data, index=""))
    yield bot
    bot.index.catalog.close()


@pytest.fixture
def talk(harbour: Bot, store: Store) -> Talk:
    """A chat on it."""
    return Talk(replace(harbour, memory=store), store)


@pytest.fixture
def environment(tmp_path: Path, data: Path) -> dict[str, str]:
    """For a chat on that document, with a store of its own."""
    own = {"CITEWELL_DATABASE": f"sqlite:///{tmp_path / 'citewell.db'}", "CITEWELL_DATA_DIR": str(data)}
    return {**os.environ, **own}


def said(talk: Talk, line: str) -> str:
    """What the chat shows, as plain text."""
    shown = talk.respond(line)
    return shown.plain if isinstance(shown, Text) else shown


def test_a_question_is_answered_with_a_line_for_each_source(talk: Talk) -> None:
    shown = said(talk, OPENING)
    assert SAID in shown
    assert "Sources (:1 opens the first)\n  [1] harbour.md, The board" in shown


def test_a_follow_up_is_understood_and_a_new_conversation_is_new(talk: Talk) -> None:
    said(talk, OPENING)
    said(talk, FOLLOW_UP)
    asked = said(talk, ":why")
    assert f"Asked          {FOLLOW_UP}" in asked
    assert "harbour" in asked.split("Understood as")[1].split("Answer")[0]
    said(talk, ":new")
    said(talk, FOLLOW_UP)
    assert "harbour" not in said(talk, ":why").split("Understood as")[1].split("Answer")[0]


def test_a_number_opens_the_quotation_in_its_document(talk: Talk, harbour: Bot) -> None:
    said(talk, OPENING)
    shown = talk.respond(":1")
    assert isinstance(shown, Text)
    (marked,) = [shown.plain[span.start : span.end] for span in shown.spans if span.style == MARKED][1:2]
    assert SAID in marked
    assert f"»{marked}«" in shown.plain
    document = harbour.index.catalog.document("harbour.md")
    assert document
    before = shown.plain.split("»")[0].split("\n\n", 1)[1]
    assert before + marked in document.text
    assert BEFORE in before


@pytest.mark.parametrize(
    ("line", "shows"),
    [
        (":1", "no source 1. It has none."),
        (":0", "no source 0"),
        (":99999999999999999999", "no source"),
        (":²", "no command"),
        (":sources", "Nothing was asked yet."),
        (":why", "Nothing was asked yet."),
        (":history", "Nothing was asked yet."),
        (":forget", "nothing to forget"),
        (":sing \x1b[31m", "There is no command ':sing'. Type :help"),
        (":", "There is no command ':'"),
        ("???", "The question is empty."),
        ("why " * 1000, "characters"),
    ],
)
def test_what_makes_no_sense_is_answered_with_a_sentence(talk: Talk, line: str, shows: str) -> None:
    assert shows in said(talk, line)


def test_help_tells_every_command(talk: Talk) -> None:
    shown = said(talk, ":help")
    assert all(name in shown for name in (":1", *talk.words()))


def test_sources_quote_and_history_shows_the_turns(talk: Talk) -> None:
    said(talk, OPENING)
    assert f"“{SAID}" in said(talk, ":sources")
    said(talk, FOLLOW_UP)
    shown = said(talk, ":history")
    assert shown.index(f"> {OPENING}") < shown.index(f"> {FOLLOW_UP}")


def test_forget_deletes_the_conversation_and_its_questions(talk: Talk, store: Store) -> None:
    said(talk, OPENING)
    said(talk, ":new")
    said(talk, "How often do ferries run?")
    assert talk.asked == [OPENING, "How often do ferries run?"]
    assert "Deleted: 1 turns" in said(talk, ":forget")
    assert talk.asked == [OPENING]
    assert len(store.conversations.of("")) == 1
    assert "Nothing was asked yet." in said(talk, ":sources")


def test_a_chat_goes_on_where_the_last_one_ended(talk: Talk, harbour: Bot, store: Store) -> None:
    assert "begins the first" in talk.resume()
    said(talk, OPENING)
    again = Talk(replace(harbour, memory=store), store)
    assert f"> {OPENING}" in again.resume()
    assert SAID in said(again, ":1")
    said(again, FOLLOW_UP)
    assert len(store.conversations.of("")) == 1
    assert again.asked == [OPENING, FOLLOW_UP]


def test_a_conversation_deleted_elsewhere_is_begun_anew_and_said_so(talk: Talk, store: Store) -> None:
    said(talk, OPENING)
    store.forget_user("")
    shown = said(talk, "How often do ferries run?")
    assert shown.startswith("(The conversation so far was deleted elsewhere.")
    assert len(store.conversations.of("")) == 1


def test_a_chat_works_without_its_store_and_says_so(harbour: Bot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with open_store(f"sqlite:///{tmp_path / 'file' / 'citewell.db'}", retention_days=90) as store:
        talk = Talk(replace(harbour, memory=store), store)
        shown = " ".join(said(talk, OPENING).split())
        assert SAID in shown
        assert f"({NOT_KEPT})" in shown
        assert SAID in said(talk, ":1")
        assert "Nothing was asked" in said(talk, ":history")


def test_a_quotation_of_a_document_that_changed_or_went_is_shown_as_it_was(harbour: Bot) -> None:
    document = harbour.index.catalog.document("harbour.md")
    assert document
    citation = Citation(1, document.id, "T", "", "", "", "L", "p", "not what \x1b[31mstands there", 5, 9, "", 0.0)
    for found, says in ((document, "has changed since"), (None, "is not in the index any more")):
        shown = in_its_document(citation, found, None).plain
        assert says in shown
        assert "»not what [31mstands there«" in shown


def test_lines_of_a_pipe_are_answered_one_by_one(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [CITEWELL, "chat"],
        input=f"{OPENING}\n\n:1\n{FOLLOW_UP}\n".encode() + b"networks \xff\xe9\n:quit\nWho?\n",
        capture_output=True,
        cwd=ROOT,
        env=environment,
        timeout=120,
        check=False,
    )
    shown = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "›" not in shown
    assert "\x1b" not in shown
    assert shown.index(SAID) < shown.index(f"»{SAID}") < shown.rindex("May 2019")
    with open_store(environment["CITEWELL_DATABASE"], retention_days=90) as store:
        (conversation,) = store.conversations.of("")
        assert len(store.conversations.turns(conversation.id, asker="")) == 3


@pytest.fixture
def terminal(environment: dict[str, str]) -> Iterator[Any]:
    """A chat in a terminal, waiting for a question."""
    # Without the question for the cursor's position, which only a real terminal answers.
    plain = {"PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm", "NO_COLOR": "1"}
    child = pexpect.spawn(
        str(CITEWELL),
        ["chat"],
        cwd=str(ROOT),
        env={**environment, **plain},
        encoding="utf-8",
        dimensions=(40, 100),
        timeout=120,  # of a machine that has much else to do
    )
    child.expect("Ctrl-D ends")
    child.expect(PROMPT)
    yield child
    child.close(force=True)


def test_a_person_edits_completes_and_recalls_lines(terminal: Any) -> None:
    terminal.send(f"XY{OPENING}\x01\x04\x04\r")  # Ctrl-A: to the start; Ctrl-D there: delete a character
    terminal.expect(SAID)
    terminal.expect(PROMPT)
    terminal.send(":sou\t")
    terminal.expect("rces")
    terminal.send("\r")
    terminal.expect(f"“{SAID}")
    terminal.expect(PROMPT)
    terminal.send("\x1b[A")  # the question comes back, the command doesn't
    terminal.expect_exact(OPENING)
    terminal.send("\r")
    terminal.expect(SAID)
    terminal.expect(PROMPT)
    terminal.send("half a question\x03")  # Ctrl-C drops the line
    terminal.expect(PROMPT)
    terminal.send(":1\r")
    terminal.expect(f"»[^A]*{SAID}")
    terminal.expect(PROMPT)
    terminal.send("\x04")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_what_is_forgotten_does_not_come_back_with_the_arrow_keys(terminal: Any) -> None:
    terminal.send(f"{OPENING}\r")
    terminal.expect(SAID)
    terminal.expect(PROMPT)
    terminal.send(":forget\r")
    terminal.expect("Deleted: 1 turns")
    terminal.expect(PROMPT)
    terminal.send("\x1b[A:help\r")
    terminal.expect("begin a new conversation")
    assert OPENING not in terminal.before
    terminal.expect(PROMPT)
    terminal.send("\x04")
    terminal.expect(pexpect.EOF)
