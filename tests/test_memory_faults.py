"""A store that is locked, full, away, damaged or swapped: answers go on, say so, and nothing is half written."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from postgres_parts import Server
from sqlalchemy import Engine, event
from test_memory import OPENING, an_answer, kept

from bot.assemble import Bot
from bot.errors import StoreDamaged, StoreUnavailable, UnknownConversation
from bot.memory import database
from bot.memory.recent import CONVERSATIONS, REMEMBERED, Recent
from bot.memory.store import Store, open_store
from bot.memory.turn import DELETED, NOT_KEPT, answered
from bot.memory.types import Past
from bot.settings import BotSettings
from bot.types import Answer
from ingest.errors import SettingsError
from ingest.settings import load_settings


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Don't wait for locks as long as a person would."""
    monkeypatch.setattr(database, "PATIENCE", 0.2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the store."""
    return tmp_path / "citewell.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A store in a file."""
    with open_store(f"sqlite:///{path}", retention_days=90) as opened:
        yield opened


def said(bot: Bot, memory: Store, conversation_id: str = "") -> Answer:
    """Ask the opening question."""
    return replace(bot, memory=memory).ask(OPENING, conversation_id=conversation_id, asker="ann")


def opened_and_closed(address: str) -> None:
    """Open a store."""
    with open_store(address, retention_days=90):
        pass


def count(path: Path) -> tuple[int, ...]:
    """How many conversations, turns and votes are in the file."""
    with closing(sqlite3.connect(path)) as connection:
        tables = ("conversations", "turns", "votes")
        return tuple(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)  # noqa: S608


def test_a_locked_store_lets_the_answer_through_with_a_notice(
    bot: Bot, store: Store, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = said(bot, store)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        second = said(bot, store, first.conversation_id)
        new = said(bot, store)
        other.execute("ROLLBACK")
    assert second.citations == new.citations == first.citations
    assert second.notice == new.notice == NOT_KEPT
    assert (second.conversation_id, new.conversation_id) == (first.conversation_id, "")
    assert "locked" in caplog.text
    assert str(path) in caplog.text
    assert count(path) == (1, 1, 0)
    assert said(bot, store, first.conversation_id).notice == ""
    assert count(path) == (1, 2, 0)


def test_a_full_disk_lets_the_answer_through_and_leaves_nothing_half_written(bot: Bot, path: Path) -> None:
    def full(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA max_page_count = 90")  # SQLite reports a full disk the same way

    event.listen(Engine, "connect", full)
    try:
        with open_store(f"sqlite:///{path}", retention_days=90) as store:
            answer = said(bot, store)
            for _ in range(400):
                if answer.notice:
                    break
                answer = said(bot, store)
            assert answer.notice == NOT_KEPT
            assert answer.citations
            with pytest.raises(StoreUnavailable, match="full"):
                store.keep(an_answer(text="x" * 200_000), asker="ann", past=Past())
    finally:
        event.remove(Engine, "connect", full)
    conversations, turns, _ = count(path)
    assert 0 < conversations == turns


def test_a_server_that_is_away_is_used_again_when_it_is_back(
    bot: Bot, postgres: Server, caplog: pytest.LogCaptureFixture
) -> None:
    address = postgres.empty_database()
    with open_store(address, retention_days=90) as store:
        first = said(bot, store)
        postgres.stop()
        try:
            began = time.monotonic()
            assert said(bot, store, first.conversation_id).notice == NOT_KEPT
            assert time.monotonic() - began < 3 * database.AWAY_AFTER  # of a slow machine
            with open_store(address, retention_days=90) as late:  # as a process that starts before the server
                assert said(bot, late).notice == NOT_KEPT
                postgres.start()
                assert said(bot, late).notice == ""
        finally:
            postgres.start()
        assert said(bot, store, first.conversation_id).notice == ""
        assert len(store.conversations.turns(first.conversation_id, asker="ann")) == 2
    assert "can't be used now" in caplog.text


def test_a_folder_that_cannot_be_made_is_told_once_and_answers_go_on(
    bot: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with open_store(f"sqlite:///{tmp_path / 'file' / 'citewell.db'}", retention_days=90) as store:
        assert "can't be used now" in caplog.text
        replace(bot, memory=store).begin("thread 1", asker="ann")
        assert said(bot, store, "thread 1").notice == NOT_KEPT
        (tmp_path / "file").unlink()
        assert said(bot, store).notice == ""


def test_a_file_that_was_moved_away_is_made_again(bot: Bot, store: Store, path: Path) -> None:
    first = said(bot, store)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).rename(path.with_name(f"old{suffix}"))
    second = said(bot, store)
    assert second.notice == ""
    assert store.conversations.answer(second.answer_id, asker="ann") == second
    with pytest.raises(UnknownConversation):
        said(bot, store, first.conversation_id)


@pytest.mark.parametrize("content", [b"not a database at all " * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_refused_in_a_sentence_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with (
        pytest.raises(StoreDamaged, match="Put a backup in its place"),
        open_store(f"sqlite:///{path}", retention_days=90),
    ):
        pass
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused_and_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE votes (party TEXT)")
        connection.commit()
    with (
        pytest.raises(StoreDamaged, match="tables of something else"),
        open_store(f"sqlite:///{path}", retention_days=90),
    ):
        pass
    with closing(sqlite3.connect(path)) as connection:
        assert [name for (name,) in connection.execute("SELECT name FROM sqlite_master")] == ["votes"]


@pytest.mark.parametrize("way", ["conversation", "user", "age"])
def test_what_was_deleted_stands_in_no_file_any_more(store: Store, path: Path, way: str) -> None:
    (answer,) = kept(store, "Where is the zanzibarbarian treasure?")
    store.keep(an_answer(text="zanzibarbarian " * 10_000), asker="ann", past=Past())
    store.votes.cast(answer.answer_id, "down", asker="ann", reason="zanzibarbarian")
    assert holds(path, b"zanzibarbarian")
    match way:
        case "conversation":
            for one in store.conversations.of("ann"):
                store.forget_conversation(one.id, asker="ann")
        case "user":
            store.forget_user("ann")
        case "age":
            store.forget_older(0)
    assert not holds(path, b"zanzibarbarian")


def holds(path: Path, word: bytes) -> bool:
    """Whether a word stands in any file of the store."""
    return any(word in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_a_conversation_deleted_while_it_is_answered_stays_deleted(store: Store, path: Path) -> None:
    (first,) = kept(store, "Who?")

    def slowly(past: Past) -> Answer:
        store.forget_user("ann")
        return an_answer(past.conversation_id)

    answer = answered(store, slowly, conversation_id=first.conversation_id, asker="ann")
    assert answer.notice == DELETED
    assert count(path) == (0, 0, 0)


def test_only_the_owner_may_read_the_file(store: Store, path: Path) -> None:
    kept(store, "Who?")
    assert {file.stat().st_mode & 0o777 for file in path.parent.glob(f"{path.name}*")} == {0o600}


KILLED = """
import os, signal, sys
from pathlib import Path
from bot.assemble import open_bot
from bot.memory.store import open_store
from bot.settings import BotSettings
with open_store(sys.argv[1], retention_days=90) as store:
    bot = open_bot(BotSettings(data_dir=Path(sys.argv[2]), index=""), memory=store)
    for _ in range(3):
        print(bot.ask(sys.argv[3], asker="ann").answer_id, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_an_answer_that_was_shown_survives_a_kill(path: Path, corpus_data: Path) -> None:
    address = f"sqlite:///{path}"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, address, corpus_data, OPENING],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    shown = done.stdout.split()
    assert len(shown) == 3
    with open_store(address, retention_days=90) as store:
        for answer_id in shown:
            assert store.conversations.answer(answer_id, asker="ann").question == OPENING


@pytest.mark.parametrize(
    "address",
    ["", "citewell.db", "mysql://u:hidden@h/d", "sqlite://", "sqlite:///:memory:", "postgresql://u:hidden@h/d", "://"],
)
def test_an_address_that_cannot_be_one_is_refused_without_showing_a_password(address: str) -> None:
    with (
        pytest.raises(SettingsError, match="CITEWELL_DATABASE has to be") as error,
        open_store(address, retention_days=1),
    ):
        pass
    assert "hidden" not in str(error.value)


def test_a_password_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with open_store("postgresql+psycopg://u:hidden@127.0.0.1:1/d", retention_days=1) as store:
        assert "hidden" not in store.place
    assert "can't be used now" in caplog.text
    assert "hidden" not in caplog.text


@pytest.mark.parametrize("days", ["-1", "soon", "1e9"])
def test_a_retention_that_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    monkeypatch.setenv("CITEWELL_RETENTION_DAYS", days)
    with pytest.raises(SettingsError, match="CITEWELL_RETENTION_DAYS"):
        load_settings(BotSettings)


def test_memory_in_the_process_is_bounded() -> None:
    recent = Recent()
    for number in range(CONVERSATIONS + 10):
        recent.keep(an_answer(), asker="", past=Past(str(number)))
    for _ in range(REMEMBERED + 10):
        recent.keep(an_answer(), asker="", past=Past("last"))
    assert recent.past("0", asker="").answers == ()
    assert len(recent.past("last", asker="").answers) == REMEMBERED
    assert recent.past("last", asker="ann").answers == ()
