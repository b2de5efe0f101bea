"""Keep how far a person came on the path for new starters."""

from contextlib import suppress

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from bot.memory.database import Database
from bot.memory.tables import steps
from bot.memory.text import now, storable


class Steps:
    """The steps that each person has done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def done(self, asker: str) -> tuple[str, ...]:
        """The steps that a person has done, in the order they were done."""
        wanted = select(steps.c.step).where(steps.c.asker == storable(asker)).order_by(steps.c.at, steps.c.step)
        with self._database.reading() as connection:
            return tuple(connection.execute(wanted).scalars())

    def mark(self, asker: str, step: str) -> None:
        """Note that a person has done a step; again is no harm."""
        with (
            self._database.writing() as connection,
            suppress(IntegrityError),  # it was done before
            connection.begin_nested(),
        ):
            connection.execute(insert(steps).values(asker=storable(asker), step=storable(step), at=now()))

    def clear(self, asker: str) -> None:
        """Let a person begin again."""
        with self._database.writing() as connection:
            connection.execute(delete(steps).where(steps.c.asker == storable(asker)))
