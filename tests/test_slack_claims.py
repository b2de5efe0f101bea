"""What is claimed for Slack: once, by whoever comes first, on both databases."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.memory.database import Database
from bot.memory.slack.claims import Claims
from bot.memory.slack.installed import Installations, Installed
from bot.memory.slack.places import Place, Places
from bot.memory.slack.types import Question


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'store.db'}"
    else:
        address = str(request.getfixturevalue("postgres").empty_database())
    database = Database(address)
    yield database
    database.close()


@pytest.fixture
def claims(database: Database) -> Claims:
    return Claims(database)


def question(ts: str = "1.1", *, root: str = "1.1", user: str = "U1") -> Question:
    return Question("T1", "C1", ts, root, user, "how many?")


def test_a_question_is_accepted_once_by_its_event_and_by_its_place(claims: Claims) -> None:
    assert claims.accept(question(), event="E1")
    assert not claims.accept(question(), event="E1")
    assert not claims.accept(question(), event="E2")  # the mention beside the message
    assert claims.accept(question("1.2"), event="")
    assert claims.take_event("T1", "E9")
    assert not claims.take_event("T1", "E9")
    claims.return_event("T1", "E9")
    assert claims.take_event("T1", "E9")


def test_of_many_that_accept_and_take_at_once_one_does(claims: Claims) -> None:
    accepted: list[bool] = []
    taken: list[Question | None] = []

    def work(number: int) -> None:
        accepted.append(claims.accept(question(), event=f"E{number % 2}"))
        taken.append(claims.take(question().thread, holder=f"holder-{number}", lease=60))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert accepted.count(True) == 1
    assert len([one for one in taken if one]) == 1


def test_a_thread_is_held_until_its_time_is_out_or_its_question_done(claims: Claims) -> None:
    for ts in ("1.1", "1.2"):
        claims.accept(question(ts), event="")
    thread = question().thread
    first = claims.take(thread, holder="a", lease=0.2)
    assert first
    assert (first.ts, first.began) == ("1.1", 0)
    assert claims.take(thread, holder="b", lease=60) is None
    assert claims.due_threads() == []
    threading.Event().wait(0.3)
    assert claims.due_threads() == [thread]
    again = claims.take(thread, holder="b", lease=60)
    assert again
    assert (again.ts, again.began) == ("1.1", 1)
    assert claims.begin_posting(again, answer_id="a1", answer="{}")
    claims.finish(again, state="done", sent=["1.9"], answer_id="a1", holder="b")
    assert claims.answer_of("T1", "C1", "1.9") == "a1"
    assert claims.participated(thread)
    assert claims.sent_in(thread) == {"1.9"}
    after = claims.take(thread, holder="a", lease=60)
    assert after
    assert after.ts == "1.2"
    claims.put_off(after, seconds=60, holder="a")
    assert not claims.is_due(thread)
    assert claims.take(thread, holder="a", lease=60) is None
    assert claims.states() == {"done": 1, "waiting": 1}


def test_what_was_cancelled_is_not_posted(claims: Claims) -> None:
    claims.accept(question(), event="")
    taken = claims.take(question().thread, holder="a", lease=60)
    assert taken
    assert claims.cancel("T1", "C1", root="1.1") == 1
    assert not claims.begin_posting(taken, answer_id="a1", answer="{}")
    assert not claims.is_waiting(taken)


def test_a_workspace_that_goes_takes_all_of_its_own_with_it(database: Database, claims: Claims) -> None:
    Installations(database).add(Installed("T1", "xoxb", "B1", "U0"))
    Places(database).set(Place("T1", "C1", frozenset({"board"}), ("hr/*",)))
    Places(database).set(Place("", "C2", frozenset({"board"})))
    claims.accept(question(), event="E1")
    assert Places(database).of("T1", "C1").documents == ("hr/*",)
    claims.forget_team("T1")
    assert Installations(database).find("T1") is None
    assert Places(database).all() == [Place("", "C2", frozenset({"board"}))]
    assert claims.states() == {}
    assert claims.accept(question(), event="E1")
