"""Keep what people think of answers: one vote a person, which may be changed."""

from typing import Any

from sqlalchemy import ColumnElement, delete, desc, insert, select

from bot.memory.answers import from_json
from bot.memory.conversations import answer_row
from bot.memory.database import Database
from bot.memory.tables import turns, votes
from bot.memory.text import now, storable
from bot.memory.types import Rating, Vote

LONGEST_REASON = 2000  # characters that are kept; as long as a question may be


class Votes:
    """Votes on answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cast(self, answer_id: str, rating: Rating, *, asker: str, reason: str = "", owner: str | None = None) -> None:
        """Vote on an answer, or change the vote; raise `UnknownAnswer`.

        Only who was given the answer may vote, unless `owner` says whose conversation it is: in a channel, others may.
        """
        with self._database.writing() as connection:
            # Two votes of one person at once wait for each other here.
            answer_row(connection, answer_id, asker if owner is None else owner, lock=True)
            connection.execute(delete(votes).where(*_of_person(answer_id, asker)))
            connection.execute(
                insert(votes).values(
                    answer_id=answer_id,
                    asker=storable(asker),
                    rating=rating,
                    reason=storable(reason)[:LONGEST_REASON],
                    at=now(),
                )
            )

    def withdraw(self, answer_id: str, *, asker: str) -> None:
        """Take a vote back."""
        with self._database.writing() as connection:
            connection.execute(delete(votes).where(*_of_person(answer_id, asker)))

    def on(self, answer_id: str) -> list[Vote]:
        """All votes on an answer, the newest first."""
        return self._read(votes.c.answer_id == storable(answer_id))

    def down(self, *, limit: int = 1000) -> list[Vote]:
        """The votes against answers, the newest first."""
        return self._read(votes.c.rating == "down", limit=limit)

    def _read(self, which: ColumnElement[bool], *, limit: int | None = None) -> list[Vote]:
        wanted = select(votes, turns.c.answer).join(turns).where(which).order_by(desc(votes.c.at)).limit(limit)
        with self._database.reading() as connection:
            return [
                Vote(from_json(row.answer), row.asker, row.rating, row.reason, row.at)
                for row in connection.execute(wanted)
            ]


def _of_person(answer_id: str, asker: str) -> tuple[Any, ...]:
    return (votes.c.answer_id == storable(answer_id), votes.c.asker == storable(asker))
