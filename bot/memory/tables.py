"""The tables of the store as they are now. A change here needs a new script in `migrations/versions`."""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

LONGEST_ID = 200  # characters; ours have 32, and an adapter's own names (a thread's, say) are not much longer
metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """A time in UTC. SQLite drops the zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        """To the database."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _of_answer(*, primary_key: bool = False) -> Column[str]:
    """Whatever is said about an answer goes when the answer goes."""
    answers = ForeignKey("turns.answer_id", ondelete="CASCADE")
    return Column("answer_id", String(LONGEST_ID), answers, primary_key=primary_key, nullable=not primary_key)


# The same id of another asker is another conversation, so that nobody finds out by an id what others have.
conversations = Table(
    "conversations",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("id", String(LONGEST_ID), nullable=False),
    Column("asker", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("audiences", Text),
    Column("created", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    UniqueConstraint("asker", "id", name="conversations_of_asker"),
    Index("conversations_by_id", "id"),
    Index("conversations_by_age", "updated"),
    sqlite_autoincrement=True,  # or the key of a deleted conversation would be given again
)

turns = Table(
    "turns",
    metadata,
    Column("conversation", Integer, ForeignKey("conversations.key", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("answer_id", String(LONGEST_ID), nullable=False),
    Column("question", Text, nullable=False),
    Column("standalone_question", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("answer_id", name="turns_by_answer"),
    Index("turns_by_age", "at"),
    Index("turns_by_status", "status", "at"),
)

votes = Table(
    "votes",
    metadata,
    _of_answer(primary_key=True),
    Column("asker", Text, primary_key=True),
    Column("rating", String(4), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_answer(),
    Column("asker", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("document_ids", Text, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Index("gaps_by_answer", "answer_id"),
    sqlite_autoincrement=True,
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_answer(),
    Column("asker", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("document_id", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("proposals_by_answer", "answer_id"),
    sqlite_autoincrement=True,
)

steps = Table(
    "steps",
    metadata,
    Column("asker", Text, primary_key=True),
    Column("step", String(LONGEST_ID), primary_key=True),
    Column("at", Moment, nullable=False),
)


# Of the Slack adapter. Times are seconds since 1970: they are compared with the clock, and shown to nobody.


def _name(name: str, *, primary_key: bool = True) -> Column[str]:
    return Column(name, String(LONGEST_ID), primary_key=primary_key, nullable=False)


slack_events = Table(
    "slack_events",
    metadata,
    _name("team"),
    _name("event"),
    Column("at", Float(precision=53), nullable=False),
    Index("slack_events_by_age", "at"),
)

# `state` is waiting, done, cancelled, failed, or declined. `due` is when a waiting one may be tried (again).
slack_questions = Table(
    "slack_questions",
    metadata,
    _name("team"),
    _name("channel"),
    _name("ts"),
    _name("root", primary_key=False),
    _name("asker", primary_key=False),
    Column("kind", String(20), nullable=False),
    Column("is_direct", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("response_url", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("at", Float(precision=53), nullable=False),
    Column("due", Float(precision=53), nullable=False),
    Column("began", Integer, nullable=False),
    Column("posting", Boolean, nullable=False),
    Column("sent", Text, nullable=False),
    Column("answer", Text, nullable=False),
    _name("answer_id", primary_key=False),
    Index("slack_questions_waiting", "state", "due"),
    Index("slack_questions_of_thread", "team", "channel", "root", "state"),
    Index("slack_questions_of_asker", "team", "asker", "at"),
    Index("slack_questions_of_channel", "team", "channel", "at"),
    Index("slack_questions_by_answer", "answer_id"),
)

# Whoever holds a thread (until a time) answers its questions, in order; `participated`: the bot has spoken there.
slack_threads = Table(
    "slack_threads",
    metadata,
    _name("team"),
    _name("channel"),
    _name("root"),
    _name("holder", primary_key=False),
    Column("until", Float(precision=53), nullable=False),
    Column("participated", Boolean, nullable=False),
    Column("at", Float(precision=53), nullable=False),
)

slack_messages = Table(
    "slack_messages",
    metadata,
    _name("team"),
    _name("channel"),
    _name("ts"),
    _name("answer_id", primary_key=False),
    Column("at", Float(precision=53), nullable=False),
)

slack_channels = Table(
    "slack_channels",
    metadata,
    _name("team"),
    _name("channel"),
    Column("audiences", Text, nullable=False),
    Column("documents", Text, nullable=False),
)

slack_workspaces = Table(
    "slack_workspaces",
    metadata,
    _name("team"),
    _name("enterprise", primary_key=False),
    Column("token", Text, nullable=False),
    _name("bot", primary_key=False),
    _name("user", primary_key=False),
    Column("at", Float(precision=53), nullable=False),
)
