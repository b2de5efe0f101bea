"""What administrators set for a channel: its audience and its documents."""

import fnmatch
import json
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, insert, select

from bot.memory.database import Database
from bot.memory.tables import slack_channels as channels


@dataclass(frozen=True, slots=True)
class Place:
    """A channel's settings. No audiences: those of members. No documents: all of them."""

    team: str = ""
    channel: str = ""
    audiences: frozenset[str] = frozenset()
    documents: tuple[str, ...] = ()

    def holds(self, document_id: str) -> bool:
        """Whether a document belongs to the channel's set.

        >>> Place(documents=("hr/*",)).holds("hr/leave.md"), Place(documents=("hr/*",)).holds("it.md")
        (True, False)
        """
        return not self.documents or any(fnmatch.fnmatchcase(document_id, pattern) for pattern in self.documents)


class Places:
    """The settings of all channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, team: str, channel: str) -> Place:
        """The settings of a channel, or those of one that has none."""
        for name in (team, ""):  # set without naming a workspace, where there is only one
            this = and_(channels.c.team == name, channels.c.channel == channel)
            with self._database.reading() as connection:
                row = connection.execute(select(channels).where(this)).one_or_none()
            if row:
                return Place(
                    row.team, row.channel, frozenset(json.loads(row.audiences)), tuple(json.loads(row.documents))
                )
        return Place(team, channel)

    def all(self) -> list[Place]:
        """The settings of all channels that have some."""
        with self._database.reading() as connection:
            rows = connection.execute(select(channels).order_by(channels.c.team, channels.c.channel)).all()
        return [
            Place(row.team, row.channel, frozenset(json.loads(row.audiences)), tuple(json.loads(row.documents)))
            for row in rows
        ]

    def set(self, place: Place) -> None:
        """Set them."""
        with self._database.writing() as connection:
            connection.execute(delete(channels).where(_of(place)))
            connection.execute(
                insert(channels).values(
                    team=place.team,
                    channel=place.channel,
                    audiences=json.dumps(sorted(place.audiences)),
                    documents=json.dumps(place.documents),
                )
            )

    def clear(self, place: Place) -> bool:
        """Let a channel be as others are; false where it was."""
        with self._database.writing() as connection:
            return connection.execute(delete(channels).where(_of(place))).rowcount > 0


def _of(place: Place) -> ColumnElement[bool]:
    return and_(channels.c.team == place.team, channels.c.channel == place.channel)
