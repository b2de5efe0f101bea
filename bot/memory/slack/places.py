"""What administrators set for a channel: its audience and its documents."""

import fnmatch
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select

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
        these = and_(channels.c.team.in_((team, "")), channels.c.channel == channel)
        with self._database.reading() as connection:
            rows = connection.execute(select(channels).where(these).order_by(channels.c.team)).all()
        # Those set without naming a workspace, where there is only one, sort first.
        return _place(rows[-1]) if rows else Place(team, channel)

    def all(self) -> list[Place]:
        """The settings of all channels that have some."""
        with self._database.reading() as connection:
            rows = connection.execute(select(channels).order_by(channels.c.team, channels.c.channel)).all()
        return [_place(row) for row in rows]

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


def _place(row: Row[Any]) -> Place:
    return Place(row.team, row.channel, frozenset(json.loads(row.audiences)), tuple(json.loads(row.documents)))
