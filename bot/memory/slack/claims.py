"""Claim what Slack sends, once for all replicas, and keep it until it is answered.

An event is acknowledged only after its question is stored here, so that whatever Slack was told is taken care of is
found again after a crash. Whoever answers holds the thread for a time and prolongs it; when they die, the time runs
out, and another one, or the same after a restart, goes on.
"""

import json
import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.memory.database import Database
from bot.memory.slack.types import Question, ThreadKey
from bot.memory.tables import slack_channels, slack_workspaces
from bot.memory.tables import slack_events as events
from bot.memory.tables import slack_messages as messages
from bot.memory.tables import slack_questions as questions
from bot.memory.tables import slack_threads as threads
from bot.memory.text import storable

ALL = (events, questions, threads, messages, slack_channels, slack_workspaces)
EVENT_LIFE = 24 * 3600  # seconds; Slack sends an event again for about an hour


class Claims:
    """Events and questions that are claimed, and the threads that are being answered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_event(self, team: str, event: str) -> bool:
        """Claim something that happens once; false where it was claimed before."""
        with self._database.writing() as connection:
            return _inserted(connection, events, team=team, event=event[:200], at=time.time())

    def return_event(self, team: str, event: str) -> None:
        """Give a claim back, because what it was taken for did not work."""
        with self._database.writing() as connection:
            connection.execute(delete(events).where(events.c.team == team, events.c.event == event[:200]))

    def accept(self, question: Question, *, event: str, state: str = "waiting") -> bool:
        """Claim a question by its event and by its place, and store it; false where it is known already."""
        at = time.time()
        with self._database.writing() as connection:
            if event and not _inserted(connection, events, team=question.team, event=event[:200], at=at):
                return False
            return _inserted(
                connection,
                questions,
                team=question.team,
                channel=question.channel,
                ts=question.ts,
                root=question.root,
                asker=question.user,
                kind=question.kind,
                is_direct=question.is_direct,
                text=storable(question.text),
                response_url=question.response_url,
                state=state,
                at=at,
                due=at,
                began=0,
                posting=False,
                sent="[]",
                answer="",
                answer_id="",
            )

    def asked_since(self, team: str, *, user: str = "", channel: str = "", seconds: float) -> int:
        """How many questions a person, or a channel, asked in the last seconds."""
        whose = questions.c.asker == user if user else questions.c.channel == channel
        wanted = select(func.count()).where(
            questions.c.team == team, whose, questions.c.at > time.time() - seconds, questions.c.state != "declined"
        )
        with self._database.reading() as connection:
            return int(connection.execute(wanted).scalar_one())

    def take(self, thread: ThreadKey, *, holder: str, lease: float) -> Question | None:
        """Hold a thread and get its first question that is due; none where there is none, or another one holds it."""
        now = time.time()
        with self._database.writing() as connection:
            row = connection.execute(_first(thread)).one_or_none()
            if row is None or row.due > now or not _held(connection, thread, holder, now + lease, now):
                return None
            connection.execute(update(questions).where(_is(row)).values(began=row.began + 1))
            return _question(row)

    def is_due(self, thread: ThreadKey) -> bool:
        """Whether a thread has a question that may be answered now, whoever holds it."""
        with self._database.reading() as connection:
            row = connection.execute(_first(thread)).one_or_none()
        return row is not None and row.due <= time.time()

    def prolong(self, held: Iterable[ThreadKey], *, holder: str, lease: float) -> None:
        """Hold threads for longer."""
        with self._database.writing() as connection:
            for thread in held:
                mine = and_(_of(threads, thread), threads.c.holder == holder)
                connection.execute(update(threads).where(mine).values(until=time.time() + lease))

    def release(self, thread: ThreadKey, *, holder: str) -> None:
        """Hold a thread no longer."""
        with self._database.writing() as connection:
            mine = and_(_of(threads, thread), threads.c.holder == holder)
            connection.execute(update(threads).where(mine).values(until=0.0))

    def begin_posting(self, question: Question, *, answer_id: str, answer: str) -> bool:
        """Note that from now on something may stand in Slack; false where the question was cancelled meanwhile."""
        waiting = and_(_this(question), questions.c.state == "waiting")
        changes = {"posting": True, "answer_id": answer_id, "answer": answer}
        with self._database.writing() as connection:
            return connection.execute(update(questions).where(waiting).values(**changes)).rowcount == 1

    def is_waiting(self, question: Question) -> bool:
        """Whether an answer is still wanted."""
        with self._database.reading() as connection:
            return connection.execute(select(questions.c.state).where(_this(question))).scalar() == "waiting"

    def note_sent(self, question: Question, sent: Iterable[str]) -> None:
        """Note the messages that were sent for a question so far."""
        with self._database.writing() as connection:
            connection.execute(update(questions).where(_this(question)).values(sent=json.dumps(list(sent))))

    def finish(
        self, question: Question, *, state: str, sent: Iterable[str] = (), answer_id: str = "", holder: str = ""
    ) -> None:
        """Note that a question needs nothing more, and hold its thread no longer. Its text is not kept."""
        stood = list(sent)
        changes = {"state": state, "text": "", "answer": "", "response_url": "", "sent": json.dumps(stood)}
        with self._database.writing() as connection:
            connection.execute(update(questions).where(_this(question)).values(**changes))
            for ts in stood:
                about = {"team": question.team, "channel": question.channel, "ts": ts}
                _inserted(connection, messages, **about, answer_id=answer_id, at=time.time())
            spoke = {"participated": True} if stood else {}
            mine = and_(_of(threads, question.thread), threads.c.holder == holder)
            connection.execute(update(threads).where(mine).values(until=0.0, **spoke))

    def put_off(self, question: Question, *, seconds: float, holder: str) -> None:
        """Let a question wait, because it can't be answered now."""
        with self._database.writing() as connection:
            connection.execute(update(questions).where(_this(question)).values(due=time.time() + seconds))
            mine = and_(_of(threads, question.thread), threads.c.holder == holder)
            connection.execute(update(threads).where(mine).values(until=0.0))

    def cancel(self, team: str, channel: str, *, ts: str = "", root: str = "") -> int:
        """Cancel a question by its `ts`, or all that wait in a thread; give how many."""
        which = questions.c.ts == ts if ts else questions.c.root == root
        theirs = and_(questions.c.team == team, questions.c.channel == channel, which, questions.c.state == "waiting")
        with self._database.writing() as connection:
            return connection.execute(update(questions).where(theirs).values(state="cancelled", text="")).rowcount

    def due_threads(self, *, limit: int = 200) -> list[ThreadKey]:
        """Threads with a question that is due and that nobody answers, those that wait longest first."""
        now = time.time()
        held = exists().where(
            *(threads.c[name] == questions.c[name] for name in ("team", "channel", "root")), threads.c.until > now
        )
        wanted = (
            select(questions.c.team, questions.c.channel, questions.c.root, func.min(questions.c.at))
            .where(questions.c.state == "waiting", questions.c.due <= now, ~held)
            .group_by(questions.c.team, questions.c.channel, questions.c.root)
            .order_by(func.min(questions.c.at))
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [ThreadKey(row.team, row.channel, row.root) for row in connection.execute(wanted)]

    def participated(self, thread: ThreadKey) -> bool:
        """Whether the bot has answered in a thread, or is about to."""
        spoke = select(threads.c.root).where(_of(threads, thread), threads.c.participated)
        asked = select(questions.c.root).where(
            *(questions.c[name] == value for name, value in thread._asdict().items()), questions.c.state == "waiting"
        )
        with self._database.reading() as connection:
            return any(connection.execute(wanted.limit(1)).first() is not None for wanted in (spoke, asked))

    def age(self, question: Question) -> float:
        """Seconds since a question was accepted."""
        with self._database.reading() as connection:
            return time.time() - float(connection.execute(select(questions.c.at).where(_this(question))).scalar_one())

    def by_answer(self, answer_id: str) -> Question | None:
        """The question that an answer answered."""
        with self._database.reading() as connection:
            row = connection.execute(select(questions).where(questions.c.answer_id == answer_id)).first()
        return _question(row) if row else None

    def answer_of(self, team: str, channel: str, ts: str) -> str:
        """The id of the answer that a message shows; empty where it is no answer."""
        this = and_(messages.c.team == team, messages.c.channel == channel, messages.c.ts == ts)
        with self._database.reading() as connection:
            return str(connection.execute(select(messages.c.answer_id).where(this)).scalar() or "")

    def sent_in(self, thread: ThreadKey) -> frozenset[str]:
        """The messages in a thread that are known to be answers."""
        these = select(questions.c.sent).where(
            *(questions.c[name] == value for name, value in thread._asdict().items())
        )
        with self._database.reading() as connection:
            return frozenset(ts for sent in connection.execute(these).scalars() for ts in json.loads(sent))

    def states(self) -> dict[str, int]:
        """How many questions are in each state."""
        wanted = select(questions.c.state, func.count()).group_by(questions.c.state)
        with self._database.reading() as connection:
            return {str(state): int(count) for state, count in connection.execute(wanted)}

    def forget_team(self, team: str) -> None:
        """Delete everything of a workspace."""
        with self._database.writing() as connection:
            for table in ALL:
                connection.execute(delete(table).where(table.c.team == team))

    def forget_older(self, seconds: float) -> None:
        """Delete what is done and older than so many seconds; events that can't come again go sooner."""
        now = time.time()
        with self._database.writing() as connection:
            connection.execute(delete(events).where(events.c.at < now - EVENT_LIFE))
            old = and_(questions.c.at < now - seconds, questions.c.state != "waiting")
            connection.execute(delete(questions).where(old))
            connection.execute(delete(messages).where(messages.c.at < now - seconds))
            connection.execute(delete(threads).where(threads.c.at < now - seconds, threads.c.until < now))


def _inserted(connection: Connection, table: Table, **values: Any) -> bool:
    """Insert a row; false where there is one with its key."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    done = insert(table).values(**values).on_conflict_do_nothing().returning(table.c.team)
    return connection.execute(done).first() is not None


def _held(connection: Connection, thread: ThreadKey, holder: str, until: float, now: float) -> bool:
    about = {**thread._asdict(), "holder": holder, "until": until, "participated": False, "at": now}
    free = and_(_of(threads, thread), or_(threads.c.until < now, threads.c.holder == holder))
    changed = connection.execute(update(threads).where(free).values(holder=holder, until=until)).rowcount
    return changed == 1 or _inserted(connection, threads, **about)


def _first(thread: ThreadKey) -> Any:
    these = (questions.c[name] == value for name, value in thread._asdict().items())
    return select(questions).where(*these, questions.c.state == "waiting").order_by(questions.c.ts).limit(1)


def _of(table: Table, thread: ThreadKey) -> Any:
    return and_(*(table.c[name] == value for name, value in thread._asdict().items()))


def _this(question: Question) -> Any:
    return and_(
        questions.c.team == question.team, questions.c.channel == question.channel, questions.c.ts == question.ts
    )


def _is(row: Row[Any]) -> Any:
    return and_(questions.c.team == row.team, questions.c.channel == row.channel, questions.c.ts == row.ts)


def _question(row: Row[Any]) -> Question:
    return Question(
        team=row.team,
        channel=row.channel,
        ts=row.ts,
        root=row.root,
        user=row.asker,
        text=row.text,
        kind=row.kind,
        is_direct=row.is_direct,
        response_url=row.response_url,
        began=row.began,
        posting=row.posting,
        sent=tuple(json.loads(row.sent)),
        answer=row.answer,
    )
