"""Workspaces that installed the app, with the bot's token in each."""

import time
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from bot.memory.database import Database
from bot.memory.tables import slack_workspaces as workspaces


@dataclass(frozen=True, slots=True)
class Installed:
    """The bot in one workspace."""

    team: str
    token: str
    bot: str
    user: str
    enterprise: str = ""


class Installations:
    """The workspaces in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, team: str) -> Installed | None:
        """The bot in a workspace."""
        with self._database.reading() as connection:
            row = connection.execute(select(workspaces).where(workspaces.c.team == team)).one_or_none()
        return Installed(row.team, row.token, row.bot, row.user, row.enterprise) if row else None

    def add(self, installed: Installed) -> None:
        """Remember a workspace, instead of what was known of it."""
        with self._database.writing() as connection:
            connection.execute(delete(workspaces).where(workspaces.c.team == installed.team))
            connection.execute(
                insert(workspaces).values(
                    team=installed.team,
                    enterprise=installed.enterprise,
                    token=installed.token,
                    bot=installed.bot,
                    user=installed.user,
                    at=time.time(),
                )
            )

    def remove(self, team: str) -> None:
        """Forget a workspace and its token."""
        with self._database.writing() as connection:
            connection.execute(delete(workspaces).where(workspaces.c.team == team))
