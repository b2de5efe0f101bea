"""A chat in the terminal: questions and commands from a pipe, and as a person types them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pexpect
import pytest
from conftest import CITEWELL, ROOT, Run
from rich.text import Text

from bot.adapters.chat.show import MARKED, in_its_document
from bot.adapters.chat.talk import Talk
from bot.assemble import Bot
from bot.memory.store import Store, open_store
from bot.memory.turn import NOT_KEPT
from bot.types import Citation

OPENING = "When did the Integrated Care Board begin to operate?"
SAID = "1 July 2022"
PROMPT = r"\x1b\[\?2004h[^›]*›"  # a new one, which begins by asking the terminal to mark what is pasted


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in a file."""
    with open_store(f"sqlite:///{tmp_path / 'citewell.db'}", retention_days=90) as opened:
        yield opened


@pytest.fixture
def talk(bot: Bot, store: Store) -> Talk:
    """A chat on the corpus."""
    return Talk(replace(bot, memory=store), store)


@pytest.fixture
def own_data(corpus_data: Path, tmp_path: Path) -> Path:
    """A data folder of one's own, with the corpus in it."""
    return Path(shutil.copytree(corpus_data, tmp_path / "data"))


def said(talk: Talk, line: str) -> str:
    """What the chat shows, as plain text."""
    shown = talk.respond(line)
    return shown.plain if isinstance(shown, Text) else shown


def test_a_question_is_answered_with_a_line_for_each_source(talk: Talk) -> None:
    shown = said(talk, OPENING)
    assert SAID in shown
    assert "Sources (:1 opens the first)\n  [1] ics-arrangements-2022.md" in shown


def test_a_follow_up_is_understood_and_a_new_conversation_is_new(talk: Talk) -> None:
    said(talk, OPENING)
    said(talk, "what did it replace?")
    assert f"Understood as  {OPENING} what did it replace?" in " ".join(said(talk, ":why").split("\n               "))
    said(talk, ":new")
    said(talk, "what did it replace?")
    assert "Understood as  what did it replace?" in said(talk, ":why")


def test_a_number_opens_the_quotation_in_its_document(talk: Talk, bot: Bot) -> None:
    said(talk, OPENING)
    shown = talk.respond(":1")
    assert isinstance(shown, Text)
    (marked,) = [shown.plain[span.start : span.end] for span in shown.spans if span.style == MARKED][1:2]
    assert SAID in marked
    assert f"»{marked}«" in shown.plain
    document = bot.index.catalog.document("ics-arrangements-2022.md")
    assert document
    before = shown.plain.split("»")[0].split("…\n", 1)[1]
    assert before + marked in document.text
    assert len(before) > 100


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
    assert "“The ICB for Kent and Medway began operating" in said(talk, ":sources")
    said(talk, "what did it replace?")
    shown = said(talk, ":history")
    assert shown.index(f"> {OPENING}") < shown.index("> what did it replace?")


def test_forget_deletes_the_conversation_and_its_questions(talk: Talk, store: Store) -> None:
    said(talk, OPENING)
    said(talk, ":new")
    said(talk, "Who chairs the board?")
    assert talk.asked == [OPENING, "Who chairs the board?"]
    assert "Deleted: 1 turns" in said(talk, ":forget")
    assert talk.asked == [OPENING]
    assert len(store.conversations.of("")) == 1
    assert "Nothing was asked yet." in said(talk, ":sources")


def test_a_chat_goes_on_where_the_last_one_ended(talk: Talk, bot: Bot, store: Store) -> None:
    assert "begins the first" in talk.resume()
    said(talk, OPENING)
    again = Talk(replace(bot, memory=store), store)
    assert f"> {OPENING}" in again.resume()
    assert SAID in said(again, ":1")
    said(again, "what did it replace?")
    assert len(store.conversations.of("")) == 1
    assert again.asked == [OPENING, "what did it replace?"]


def test_a_conversation_deleted_elsewhere_is_begun_anew_and_said_so(talk: Talk, store: Store) -> None:
    said(talk, OPENING)
    store.forget_user("")
    shown = said(talk, "Who chairs the board?")
    assert shown.startswith("(The conversation so far was deleted elsewhere.")
    assert len(store.conversations.of("")) == 1


def test_a_chat_works_without_its_store_and_says_so(bot: Bot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with open_store(f"sqlite:///{tmp_path / 'file' / 'citewell.db'}", retention_days=90) as store:
        talk = Talk(replace(bot, memory=store), store)
        shown = " ".join(said(talk, OPENING).split())
        assert SAID in shown
        assert f"({NOT_KEPT})" in shown
        assert SAID in said(talk, ":1")
        assert "Nothing was asked" in said(talk, ":history")


def test_a_quotation_of_a_document_that_changed_or_went_is_shown_as_it_was(bot: Bot) -> None:
    document = bot.index.catalog.document("ics-arrangements-2022.md")
    assert document
    citation = Citation(1, document.id, "T", "", "", "", "L", "p", "not what \x1b[31mstands there", 5, 9, "", 0.0)
    for found, says in ((document, "has changed since"), (None, "is not in the index any more")):
        shown = in_its_document(citation, found, None).plain
        assert says in shown
        assert "»not what [31mstands there«" in shown


def test_lines_of_a_pipe_are_answered_one_by_one(citewell: Run, own_data: Path) -> None:
    done = subprocess.run(
        [CITEWELL, "chat", "--data-dir", own_data],
        input=f"{OPENING}\n\n:1\nwhat did it replace?\n".encode() + b"networks \xff\xe9\n:quit\nWho?\n",
        capture_output=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    shown = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "›" not in shown
    assert "\x1b" not in shown
    assert shown.index(SAID) < shown.index("»The ICB") < shown.index("replaced the single")
    with open_store(f"sqlite:///{own_data / 'citewell.db'}", retention_days=90) as store:
        (conversation,) = store.conversations.of("")
        assert len(store.conversations.turns(conversation.id, asker="")) == 3


@pytest.fixture
def terminal(own_data: Path) -> Iterator[Any]:
    """A chat in a terminal, waiting for a question."""
    # Without the question for the cursor's position, which only a real terminal answers.
    environment = {**os.environ, "PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm", "NO_COLOR": "1"}
    child = pexpect.spawn(
        str(CITEWELL),
        ["chat", "--data-dir", str(own_data)],
        cwd=str(ROOT),
        env=environment,
        encoding="utf-8",
        dimensions=(40, 100),
        timeout=30,
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
    terminal.expect("“The ICB for Kent and Medway began operating")
    terminal.expect(PROMPT)
    terminal.send("\x1b[A")  # the question comes back, the command doesn't
    terminal.expect_exact(OPENING)
    terminal.send("\r")
    terminal.expect(SAID)
    terminal.expect(PROMPT)
    terminal.send("half a question\x03")  # Ctrl-C drops the line
    terminal.expect(PROMPT)
    terminal.send(":1\r")
    terminal.expect("»[^T]*The ICB for Kent and Medway began operating")
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
    terminal.send("\x04")
    terminal.expect(pexpect.EOF)
    assert OPENING not in terminal.before
