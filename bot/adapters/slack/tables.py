"""The tables of the adapter, made by the store's migrations: what was claimed, what waits, what is set."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from bot.memory.tables import LONGEST_ID, metadata


def _name(name: str, *, primary_key: bool = True) -> Column[str]:
    return Column(name, String(LONGEST_ID), primary_key=primary_key, nullable=False)


events = Table(
    "slack_events",
    metadata,
    _name("team"),
    _name("event"),
    Column("at", Float, nullable=False),
    Index("slack_events_by_age", "at"),
)

# `state` is waiting, done, cancelled, failed, or declined. `due` is when a waiting one may be tried (again).
questions = Table(
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
    Column("at", Float, nullable=False),
    Column("due", Float, nullable=False),
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
threads = Table(
    "slack_threads",
    metadata,
    _name("team"),
    _name("channel"),
    _name("root"),
    _name("holder", primary_key=False),
    Column("until", Float, nullable=False),
    Column("participated", Boolean, nullable=False),
    Column("at", Float, nullable=False),
)

messages = Table(
    "slack_messages",
    metadata,
    _name("team"),
    _name("channel"),
    _name("ts"),
    _name("answer_id", primary_key=False),
    Column("at", Float, nullable=False),
)

channels = Table(
    "slack_channels",
    metadata,
    _name("team"),
    _name("channel"),
    Column("audiences", Text, nullable=False),
    Column("documents", Text, nullable=False),
)

workspaces = Table(
    "slack_workspaces",
    metadata,
    _name("team"),
    _name("enterprise", primary_key=False),
    Column("token", Text, nullable=False),
    _name("bot", primary_key=False),
    _name("user", primary_key=False),
    Column("at", Float, nullable=False),
)

ALL = (events, questions, threads, messages, channels, workspaces)
