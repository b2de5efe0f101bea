"""Delete for good: a conversation, all of a person, or what is too old."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, false, or_, select

from bot.memory.database import Database
from bot.memory.tables import conversations, gaps, proposals, slack_questions, steps, turns, votes
from bot.memory.text import storable
from bot.memory.types import Forgotten

Condition = ColumnElement[bool]


def forget_conversation(database: Database, conversation_id: str, *, asker: str | None = None) -> Forgotten:
    """Delete an asker's conversation of this id (`None`: everybody's), and what was said about its answers."""
    which = conversations.c.id == storable(conversation_id)
    if asker is not None:
        which &= conversations.c.asker == storable(asker)
    with database.writing() as connection:
        done = _delete(connection, _turns_of(which), {conversations: which})
    return _cleaned(database, done)


def forget_user(database: Database, asker: str) -> Forgotten:
    """Delete all that a person asked, was answered, voted, reported, and did."""
    tables = (conversations, votes, gaps, proposals, steps)
    theirs = {table: table.c.asker == storable(asker) for table in tables}
    with database.writing() as connection:
        done = _delete(connection, _turns_of(theirs[conversations]), theirs)
        _forget_in_slack(connection, asker)
    return _cleaned(database, done)


def _forget_in_slack(connection: Connection, asker: str) -> None:
    """Delete that somebody (`slack:TEAM:USER`) asked anything in Slack; what was asked there is a channel's."""
    kind, _, place = asker.partition(":")
    team, _, user = place.partition(":")
    if kind == "slack" and user:
        theirs = (slack_questions.c.team == team) & (slack_questions.c.asker == user)
        connection.execute(delete(slack_questions).where(theirs))


def forget_older(database: Database, before: datetime) -> Forgotten:
    """Delete turns from before a time with what was said about them, reports, steps, and conversations left empty."""
    old = {table: table.c.at < before for table in (gaps, proposals, steps)}
    # One that was begun without a turn is old when it was not touched since.
    has_turns = select(turns).where(turns.c.conversation == conversations.c.key).exists()
    empty = (conversations.c.updated < before) & ~has_turns
    with database.writing() as connection:
        done = _delete(connection, turns.c.at < before, {**old, conversations: empty})
    return _cleaned(database, done)


def _turns_of(which: Condition) -> Condition:
    return turns.c.conversation.in_(select(conversations.c.key).where(which))


def _delete(connection: Connection, doomed: Condition, others: Mapping[Table, Condition]) -> Forgotten:
    """Delete the doomed turns, what was said about them, and of each other table the rows of its condition."""
    answers = select(turns.c.answer_id).where(doomed)

    def about_them_or(table: Table) -> int:
        return _count(connection, table, or_(table.c.answer_id.in_(answers), others.get(table, false())))

    return Forgotten(
        votes=about_them_or(votes),
        reports=about_them_or(gaps) + about_them_or(proposals),
        turns=_count(connection, turns, doomed),
        conversations=_count(connection, conversations, others[conversations]),
        steps=_count(connection, steps, others.get(steps, false())),
    )


def _count(connection: Connection, table: Table, which: Condition) -> int:
    return connection.execute(delete(table).where(which)).rowcount


def _cleaned(database: Database, done: Forgotten) -> Forgotten:
    if done != Forgotten():
        database.clean()
    return done
