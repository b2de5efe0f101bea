"""What the store remembers, whose it is, and how it is forgotten: the same on SQLite and on PostgreSQL."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, select, text, update

from bot.assemble import Bot
from bot.errors import Overtaken, StoreTooNew, UnknownAnswer, UnknownConversation
from bot.memory import migrate
from bot.memory.answers import from_json, to_json
from bot.memory.store import Store, open_store
from bot.memory.tables import conversations, metadata, turns
from bot.memory.turn import answered
from bot.memory.types import Forgotten, Past
from bot.types import Answer, Citation, Conflict, Sentence

OPENING = "When did the Integrated Care Board begin to operate?"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store may be made, on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'made' / 'citewell.db'}"
    return str(request.getfixturevalue("postgres").empty_database())


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """A new store."""
    with open_store(address, retention_days=90) as opened:
        yield opened


def an_answer(conversation_id: str = "", question: str = "Who chairs?", **fields: Any) -> Answer:
    """An answer with a name of its own."""
    given: dict[str, Any] = {
        "answer_id": uuid.uuid4().hex,
        "conversation_id": conversation_id or uuid.uuid4().hex,
        "question": question,
        "standalone_question": question,
        "status": "answered",
        "text": "Ann chairs. [1]",
        "sentences": (Sentence("Ann chairs. [1]", (1,)),),
        "citations": (
            Citation(1, "a.md", "A", "2022", "plan", "current", "Chairs", "p", "Ann chairs.", 0, 11, "/a", 0.5),
        ),
        "conflicts": (Conflict("Bea", 1, "2020"),),
        "suggestions": ("Since when?",),
        "timings_ms": {"total": 1.25},
    }
    return Answer(**{**given, **fields})


def kept(store: Store, *questions: str, asker: str = "ann") -> list[Answer]:
    """Keep answers to questions, as one conversation."""
    answers = [an_answer(question=questions[0])]
    store.keep(answers[0], asker=asker, past=Past())
    for question in questions[1:]:
        name = answers[0].conversation_id
        answers.append(an_answer(name, question))
        store.keep(answers[-1], asker=asker, past=store.past(name, asker=asker))
    return answers


def aged(address: str, answer: Answer, *, days: float) -> None:
    """Let an answer be older than it is."""
    at = datetime.now(UTC) - timedelta(days=days)
    its = turns.c.answer_id == answer.answer_id
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(update(turns).where(its).values(at=at))
        key = select(turns.c.conversation).where(its).scalar_subquery()
        connection.execute(update(conversations).where(conversations.c.key == key).values(updated=at))
    engine.dispose()


def test_answers_come_back_exactly_as_they_were_after_opening_again(address: str, store: Store) -> None:
    first, second = kept(store, "Who chairs?", "Since when?")
    with open_store(address, retention_days=90) as again:
        found = again.conversations.turns(first.conversation_id, asker="ann")
        assert [turn.answer for turn in found] == [first, second]
        assert [turn.number for turn in found] == [1, 2]
        assert again.conversations.answer(second.answer_id, asker="ann") == second
        assert again.past(first.conversation_id, asker="ann").answers == (first, second)


@pytest.mark.parametrize("odd", ["a\0b", "\ud800", "✓ 漢字 🙂", "\\u0000", "'; DROP TABLE turns; --", "\u2028\r\n", ""])
def test_any_text_can_be_kept(store: Store, odd: str) -> None:
    answer = an_answer(question=odd, text=odd, missing=odd)
    store.keep(answer, asker=f"ann {odd}", past=Past())
    assert store.conversations.answer(answer.answer_id, asker=f"ann {odd}") == answer
    store.votes.cast(answer.answer_id, "down", asker=f"ann {odd}", reason=odd)
    store.reports.gap(odd, asker=odd, note=odd, document_ids=[odd])
    assert len(store.votes.down()) == len(store.reports.gaps()) == 1


def test_an_answer_of_another_version_can_be_read() -> None:
    written = json.loads(to_json(an_answer()))
    written["mood"] = "good"
    written["citations"][0]["colour"] = "blue"
    del written["notice"]
    assert from_json(json.dumps(written)).citations[0].quote == "Ann chairs."


@pytest.mark.parametrize("name", ["no-such", "", "x" * 100_000, "a\0b", "\ud800", "' OR 1=1 --"])
def test_a_conversation_that_nobody_has_is_unknown(store: Store, name: str) -> None:
    kept(store, "Who?")
    for look in (store.conversations.turns, store.conversations.find, store.forget_conversation):
        with pytest.raises(UnknownConversation):
            look(name, asker="ann")
    if name:
        with pytest.raises(UnknownConversation):
            store.past(name, asker="ann")


def test_a_conversation_of_another_is_as_unknown_as_one_that_is_not_there(store: Store) -> None:
    (answer,) = kept(store, "Who?", asker="ann")
    said = set()
    for name in (answer.conversation_id, "no-such"):
        for look in (store.past, store.conversations.turns, store.conversations.find, store.forget_conversation):
            with pytest.raises(UnknownConversation) as error:
                look(name, asker="bob")
            said.add(str(error.value))
    assert len(said) == 1
    for answer_id in (answer.answer_id, "no-such", "a\0b", "x" * 100_000):
        with pytest.raises(UnknownAnswer):
            store.conversations.answer(answer_id, asker="bob")
        with pytest.raises(UnknownAnswer):
            store.votes.cast(answer_id, "up", asker="bob")
        with pytest.raises(UnknownAnswer):
            store.reports.gap("Who?", asker="bob", answer_id=answer_id)
    assert store.conversations.turns(answer.conversation_id, asker="ann")[0].answer == answer


def test_an_adapter_may_choose_the_id_and_another_asker_may_have_the_same(store: Store) -> None:
    for asker in ("ann", "bob", "ann"):
        store.begin("thread 1", asker=asker, channel="C1", audiences=frozenset({"staff"}))
    store.keep(an_answer("thread 1", "Whose?"), asker="ann", past=store.past("thread 1", asker="ann"))
    assert store.past("thread 1", asker="bob").answers == ()
    found = store.conversations.find("thread 1", asker="ann")
    assert (found.channel, found.audiences, found.asker) == ("C1", frozenset({"staff"}), "ann")
    assert len(store.conversations.of("ann")) == len(store.conversations.of("bob")) == 1


def test_many_that_begin_the_same_conversation_at_once_have_one(store: Store) -> None:
    at_once([lambda: store.begin("thread 1", asker="ann")] * 8)
    assert len(store.conversations.of("ann")) == 1


def test_conversations_are_listed_with_the_newest_turn_first(store: Store) -> None:
    (first,), (second,) = kept(store, "One?"), kept(store, "Two?")
    again = an_answer(first.conversation_id)
    store.keep(again, asker="ann", past=store.past(first.conversation_id, asker="ann"))
    names = [one.id for one in store.conversations.of("ann")]
    assert names == [first.conversation_id, second.conversation_id]
    assert names[:1] == [one.id for one in store.conversations.of("ann", limit=1)]


def test_a_turn_that_does_not_know_the_last_one_is_refused_and_leaves_nothing(store: Store) -> None:
    first, _ = kept(store, "One?", "Two?")
    with pytest.raises(Overtaken):
        store.keep(an_answer(first.conversation_id), asker="ann", past=Past(first.conversation_id, last=1))
    assert len(store.conversations.turns(first.conversation_id, asker="ann")) == 2


def at_once(steps: list[Any]) -> None:
    """Do all at the same time, and pass on what went wrong."""
    wrong: list[BaseException] = []
    together = threading.Barrier(len(steps))

    def run(step: Any) -> None:
        together.wait()
        try:
            step()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=[step]) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


def test_two_processes_that_keep_turns_of_one_conversation_never_have_the_same_number(address: str) -> None:
    with open_store(address, retention_days=90) as one, open_store(address, retention_days=90) as other:
        (first,) = kept(one, "First?")
        name = first.conversation_id

        def keep(store: Store) -> None:
            for _ in range(10):
                while True:
                    try:
                        store.keep(an_answer(name), asker="ann", past=store.past(name, asker="ann"))
                        break
                    except Overtaken:
                        continue

        at_once([lambda: keep(one), lambda: keep(other)])
        assert [turn.number for turn in one.conversations.turns(name, asker="ann")] == list(range(1, 22))


def test_one_vote_a_person_which_may_be_changed_and_taken_back(store: Store) -> None:
    (answer,) = kept(store, "Who?")
    at_once([lambda: store.votes.cast(answer.answer_id, "up", asker="ann")] * 6)
    store.votes.cast(answer.answer_id, "down", asker="ann", reason="out of date")
    store.votes.cast(answer.answer_id, "up", asker="bob", owner="ann")
    assert {(vote.asker, vote.rating, vote.reason) for vote in store.votes.on(answer.answer_id)} == {
        ("ann", "down", "out of date"),
        ("bob", "up", ""),
    }
    assert [vote.answer for vote in store.votes.down()] == [answer]
    store.votes.withdraw(answer.answer_id, asker="ann")
    assert [vote.asker for vote in store.votes.on(answer.answer_id)] == ["bob"]


def test_gaps_proposals_and_steps_are_kept(store: Store) -> None:
    (answer,) = kept(store, "Who?")
    gap = store.reports.gap("Who pays?", asker="ann", document_ids=["a.md"], answer_id=answer.answer_id)
    store.reports.mark_told(gap)
    store.reports.propose("Who pays?", "the board", asker="ann", document_id="a.md")
    assert [(one.id, one.question, one.document_ids, one.told) for one in store.reports.gaps()] == [
        (gap, "Who pays?", ("a.md",), True)
    ]
    assert [(one.question, one.expected, one.document_id) for one in store.reports.proposed()] == [
        ("Who pays?", "the board", "a.md")
    ]
    for step in ("what", "who", "what"):
        store.steps.mark("ann", step)
    assert store.steps.done("ann") == ("what", "who")
    assert store.steps.done("bob") == ()
    store.steps.clear("ann")
    assert store.steps.done("ann") == ()


def everything_of(store: Store, asker: str, word: str) -> list[Answer]:
    """Let a person ask, vote, report, propose, and do a step."""
    answers = kept(store, f"Who {word}?", f"Why {word}?", asker=asker)
    store.votes.cast(answers[0].answer_id, "down", asker=asker, reason=word)
    store.reports.gap(word, asker=asker, answer_id=answers[1].answer_id)
    store.reports.gap(word, asker=asker)
    store.reports.propose(word, word, asker=asker)
    store.steps.mark(asker, "what")
    return answers


def test_a_conversation_is_deleted_with_what_was_said_about_it_and_no_other(store: Store) -> None:
    doomed = everything_of(store, "ann", "pays")
    other = everything_of(store, "bob", "sings")
    done = store.forget_conversation(doomed[0].conversation_id, asker="ann")
    assert done == Forgotten(conversations=1, turns=2, votes=1, reports=1)
    with pytest.raises(UnknownConversation):
        store.past(doomed[0].conversation_id, asker="ann")
    assert len(store.reports.gaps()) == 3
    assert len(store.conversations.turns(other[0].conversation_id, asker="bob")) == 2


def test_a_person_is_forgotten_and_no_other(store: Store) -> None:
    everything_of(store, "ann", "pays")
    (theirs, _) = everything_of(store, "bob", "sings")
    store.votes.cast(theirs.answer_id, "up", asker="ann", owner="bob")
    assert store.forget_user("ann") == Forgotten(conversations=1, turns=2, votes=2, reports=3, steps=1)
    assert store.forget_user("ann") == Forgotten()
    assert [vote.asker for vote in store.votes.on(theirs.answer_id)] == ["bob"]
    assert store.steps.done("bob") == ("what",)
    assert len(store.conversations.turns(theirs.conversation_id, asker="bob")) == 2


def test_what_is_too_old_goes_when_the_store_is_opened(address: str, store: Store) -> None:
    old, young = kept(store, "Old?", "Young?")
    (alone,) = kept(store, "Alone?")
    store.votes.cast(old.answer_id, "up", asker="ann")
    aged(address, alone, days=91)
    aged(address, old, days=91)
    aged(address, young, days=89)
    with open_store(address, retention_days=0) as forever:
        assert len(forever.conversations.of("ann")) == 2
    with open_store(address, retention_days=90) as again:
        assert [one.id for one in again.conversations.of("ann")] == [old.conversation_id]
        assert [turn.answer for turn in again.conversations.turns(old.conversation_id, asker="ann")] == [young]
        again.keep(an_answer(old.conversation_id), asker="ann", past=again.past(old.conversation_id, asker="ann"))


def test_a_process_that_runs_for_long_tidies_by_itself(address: str, store: Store) -> None:
    (old,) = kept(store, "Old?")
    with store.tidied_daily(every=0.05):
        aged(address, old, days=100)
        for _ in range(100):
            if not store.conversations.of("ann"):
                return
            threading.Event().wait(0.05)
    pytest.fail("it is still there")


def test_a_thousand_turns_are_read_page_by_page_and_only_the_last_go_into_an_answer(address: str, store: Store) -> None:
    name = store.conversations.begin(asker="ann").id
    engine = create_engine(address)
    with engine.begin() as connection:  # at once; `keep` one by one is measured elsewhere
        key = connection.execute(select(conversations.c.key)).scalar_one()
        for number in range(999):
            answer = an_answer(name, str(number))
            row = {"number": number + 1, "answer_id": answer.answer_id, "question": "", "standalone_question": ""}
            about = {"conversation": key, "status": "answered", "at": datetime.now(UTC), "answer": to_json(answer)}
            connection.execute(insert(turns).values(**row, **about))
    engine.dispose()
    store.keep(an_answer(name, "999"), asker="ann", past=store.past(name, asker="ann"))
    assert [answer.question for answer in store.past(name, asker="ann").answers][-3:] == ["997", "998", "999"]
    assert len(store.past(name, asker="ann").answers) < 20
    page = store.conversations.turns(name, asker="ann", limit=100)
    assert [turn.number for turn in page] == list(range(901, 1001))
    page = store.conversations.turns(name, asker="ann", limit=100, before=101)
    assert [turn.answer.question for turn in page] == [str(number) for number in range(100)]
    assert store.forget_conversation(name, asker="ann").turns == 1000


def test_turns_of_ten_megabytes_are_kept_and_forgotten(store: Store) -> None:
    long = an_answer(text="long " * 2_000_000)
    store.keep(long, asker="ann", past=Past())
    assert store.past(long.conversation_id, asker="ann").answers == (long,)
    assert store.forget_user("ann").turns == 1


def test_the_tables_made_by_the_scripts_are_those_of_the_code(address: str, store: Store) -> None:
    engine = create_engine(address)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert migrate.version_of(connection) == migrate.NEWEST
    engine.dispose()
    assert ScriptDirectory(str(migrate.SCRIPTS)).get_heads() == [migrate.NEWEST]


def test_a_store_of_a_newer_version_is_refused_in_a_sentence_and_left_alone(address: str, store: Store) -> None:
    (answer,) = kept(store, "Who?")
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    with (
        pytest.raises(StoreTooNew, match="by a newer version"),
        open_store(address, retention_days=1),
    ):
        pass
    with engine.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0999"
        connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": migrate.NEWEST})
    engine.dispose()
    with open_store(address, retention_days=90) as again:
        assert again.conversations.answer(answer.answer_id, asker="ann") == answer


def test_many_that_open_a_new_store_at_once_find_it_whole(address: str) -> None:
    def use() -> None:
        with open_store(address, retention_days=90) as store:
            kept(store, "Who?")

    at_once([use] * 6)
    with open_store(address, retention_days=90) as store:
        assert len(store.conversations.of("ann")) == 6


def test_the_bot_understands_a_follow_up_after_the_store_was_opened_again(bot: Bot, address: str) -> None:
    with open_store(address, retention_days=90) as store:
        first = replace(bot, memory=store).ask(OPENING, asker="ann")
        assert first.notice == ""
    with open_store(address, retention_days=90) as store:
        again = replace(bot, memory=store)
        second = again.ask("what did it replace?", conversation_id=first.conversation_id, asker="ann")
        assert "Integrated Care Board" in second.standalone_question
        kept_turns = store.conversations.turns(first.conversation_id, asker="ann")
        assert [turn.answer for turn in kept_turns] == [first, second]
        for name, asker in ((first.conversation_id, "bob"), ("no-such", "ann")):
            with pytest.raises(UnknownConversation):
                again.ask("what did it replace?", conversation_id=name, asker=asker)


def test_an_adapter_begins_a_conversation_by_its_own_name_for_the_bot(bot: Bot, store: Store) -> None:
    remembering = replace(bot, memory=store)
    for _ in range(2):
        remembering.begin("thread 1", asker="ann", channel="C1")
        assert remembering.ask(OPENING, conversation_id="thread 1", asker="ann").conversation_id == "thread 1"
    assert len(store.conversations.turns("thread 1", asker="ann")) == 2


def test_turns_of_one_conversation_are_answered_one_after_another(address: str) -> None:
    with open_store(address, retention_days=90) as one, open_store(address, retention_days=90) as other:
        (first,) = kept(one, "First?")
        name = first.conversation_id

        def answer(past: Past) -> Answer:
            time.sleep(0.02)  # long enough for all others to begin
            return an_answer(name, text=past.answers[-1].answer_id)

        def ask(store: Store) -> None:  # two stores, as two processes have
            assert answered(store, answer, conversation_id=name, asker="ann").notice == ""

        at_once([lambda store=store: ask(store) for store in (one, other) * 4])
        answers = [turn.answer for turn in one.conversations.turns(name, asker="ann")]
    # Each was made with the one before it, in whatever order they came.
    assert [later.text for later in answers[1:]] == [earlier.answer_id for earlier in answers[:-1]]
    assert len(answers) == 9


def test_two_that_begin_at_once_do_not_wait_for_each_other(address: str) -> None:
    with open_store(address, retention_days=90) as store:
        together = threading.Barrier(4, timeout=10)

        def answer(past: Past) -> Answer:
            together.wait()  # ends only when all four are being answered
            return an_answer(past.conversation_id)

        names = [one.conversation_id for one in (*kept(store, "A?"), *kept(store, "B?"))] + ["", ""]
        at_once([lambda n=name: answered(store, answer, conversation_id=n, asker="ann") for name in names])
        found = [store.conversations.turns(one.id, asker="ann") for one in store.conversations.of("ann")]
        assert sorted(map(len, found)) == [1, 1, 2, 2]
