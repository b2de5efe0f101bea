"""Keep conversations: whose they are, their turns, and the answers as they were."""

import json
import uuid
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

from sqlalchemy import Connection, Row, desc, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.errors import Overtaken, UnknownAnswer, UnknownConversation
from bot.memory.answers import from_json, to_json
from bot.memory.database import Database
from bot.memory.locks import Locks
from bot.memory.recent import REMEMBERED
from bot.memory.tables import LONGEST_ID, conversations, turns
from bot.memory.text import now, storable
from bot.memory.types import ANYWHERE, Conversation, KeptTurn, Past
from bot.types import Answer


class Conversations:
    """The conversations of all askers. What is asked for by the id of another asker is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._locks = Locks()

    def begin(
        self,
        conversation_id: str = "",
        *,
        asker: str,
        channel: str = "",
        audiences: frozenset[str] | None = None,
    ) -> Conversation:
        """Begin a conversation, or find the one the asker has with this id. An adapter may choose the id."""
        name = conversation_id or uuid.uuid4().hex
        if not _possible(name):
            raise UnknownConversation
        with suppress(UnknownConversation):
            return self.find(name, asker=asker)
        # Another process may begin the same one at this moment; then its is found.
        with (
            self._database.writing() as connection,
            suppress(IntegrityError),
            connection.begin_nested(),
        ):
            _insert(connection, name, asker, channel=channel, audiences=audiences)
        return self.find(name, asker=asker)

    def alone(self, conversation_id: str, *, asker: str) -> AbstractContextManager[None]:
        """Let the turns of one conversation be answered one after another, in this process."""
        return self._locks.held((asker, conversation_id)) if conversation_id else nullcontext()

    def past(self, conversation_id: str, *, asker: str) -> Past:
        """What was said before; raise `UnknownConversation` where the asker has no such conversation."""
        if not conversation_id:
            return Past()
        with self._database.reading() as connection:
            key = _key(connection, conversation_id, asker)
            last = (
                select(turns.c.number, turns.c.answer)
                .where(turns.c.conversation == key)
                .order_by(desc(turns.c.number))
                .limit(REMEMBERED)
            )
            rows = connection.execute(last).all()
        answers = tuple(from_json(row.answer) for row in reversed(rows))
        return Past(conversation_id, answers, rows[0].number if rows else 0)

    def keep(self, answer: Answer, *, asker: str, past: Past) -> None:
        """Keep an answer as the next turn; begin the conversation with it where it is a new one.

        Raises `Overtaken` where there is a turn by now that `past` doesn't know, and `UnknownConversation` where the
        conversation was deleted since.
        """
        at = now()
        with self._database.writing() as connection:
            if past.conversation_id:
                # Other processes that keep a turn of it wait here.
                key = _key(connection, past.conversation_id, asker, lock=True)
                connection.execute(update(conversations).where(conversations.c.key == key).values(updated=at))
            else:
                key = _insert(connection, answer.conversation_id, asker)
            newest = select(func.coalesce(func.max(turns.c.number), 0)).where(turns.c.conversation == key)
            last = connection.execute(newest).scalar_one()
            if past.last not in (last, ANYWHERE):
                raise Overtaken
            connection.execute(
                insert(turns).values(
                    conversation=key,
                    number=last + 1,
                    answer_id=answer.answer_id,
                    question=storable(answer.question),
                    standalone_question=storable(answer.standalone_question),
                    status=answer.status,
                    answer=to_json(answer),
                    at=at,
                )
            )

    def find(self, conversation_id: str, *, asker: str) -> Conversation:
        """A conversation of the asker."""
        with self._database.reading() as connection:
            row = _row(connection, conversation_id, asker)
        if row is None:
            raise UnknownConversation
        return _conversation(row)

    def of(self, asker: str, *, limit: int = 20) -> list[Conversation]:
        """The conversations of an asker, that of the newest turn first."""
        wanted = (
            select(conversations)
            .where(conversations.c.asker == storable(asker))
            .order_by(desc(conversations.c.updated), desc(conversations.c.key))
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [_conversation(row) for row in connection.execute(wanted)]

    def turns(self, conversation_id: str, *, asker: str, limit: int = 100, before: int | None = None) -> list[KeptTurn]:
        """The last turns of a conversation, or the last before the turn of that number; oldest first."""
        with self._database.reading() as connection:
            wanted = select(turns).where(turns.c.conversation == _key(connection, conversation_id, asker))
            if before is not None:
                wanted = wanted.where(turns.c.number < before)
            rows = connection.execute(wanted.order_by(desc(turns.c.number)).limit(limit)).all()
        return [KeptTurn(row.number, from_json(row.answer), row.at) for row in reversed(rows)]

    def answer(self, answer_id: str, *, asker: str) -> Answer:
        """An answer that the asker was given; raise `UnknownAnswer`."""
        with self._database.reading() as connection:
            return from_json(answer_row(connection, answer_id, asker).answer)

    def unanswered(self, *, limit: int = 1000) -> list[Answer]:
        """The answers of all askers that found nothing, newest first."""
        wanted = select(turns.c.answer).where(turns.c.status == "not_found").order_by(desc(turns.c.at)).limit(limit)
        with self._database.reading() as connection:
            return [from_json(row.answer) for row in connection.execute(wanted)]


def answer_row(connection: Connection, answer_id: str, asker: str, *, lock: bool = False) -> Row[Any]:
    """The turn of an answer that the asker was given; raise `UnknownAnswer`."""
    wanted = (
        select(turns)
        .join(conversations)
        .where(turns.c.answer_id == storable(answer_id), conversations.c.asker == storable(asker))
    )
    row = connection.execute(wanted.with_for_update(of=turns) if lock else wanted).one_or_none()
    if row is None:
        raise UnknownAnswer
    return row


def _insert(
    connection: Connection, name: str, asker: str, *, channel: str = "", audiences: frozenset[str] | None = None
) -> int:
    """Insert a conversation and give its key."""
    at = now()
    done = connection.execute(
        insert(conversations).values(
            id=name,
            asker=storable(asker),
            channel=storable(channel),
            audiences=None if audiences is None else json.dumps(sorted(audiences)),
            created=at,
            updated=at,
        )
    )
    assert done.inserted_primary_key is not None  # noqa: S101
    return int(done.inserted_primary_key[0])


def _possible(name: str) -> bool:
    return 0 < len(name) <= LONGEST_ID and storable(name) == name


def _row(connection: Connection, name: str, asker: str, *, lock: bool = False) -> Row[Any] | None:
    if not _possible(name):
        return None
    wanted = select(conversations).where(conversations.c.asker == storable(asker), conversations.c.id == name)
    return connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()


def _key(connection: Connection, name: str, asker: str, *, lock: bool = False) -> int:
    row = _row(connection, name, asker, lock=lock)
    if row is None:
        raise UnknownConversation
    return int(row.key)


def _conversation(row: Row[Any]) -> Conversation:
    audiences = None if row.audiences is None else frozenset(json.loads(row.audiences))
    return Conversation(row.id, row.asker, row.created, row.updated, row.channel, audiences)
