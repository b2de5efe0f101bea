"""Which workspaces the app is installed in, and the bot's token and names in each."""

import logging
import threading
import time

from slack_sdk.errors import SlackApiError

from bot.adapters.slack.calls import TOKEN_GONE, a_client, error_of
from bot.memory.slack.installed import Installations, Installed

LOG = logging.getLogger("citewell.slack")
REFUSED_FOR = 60.0  # seconds until a token that Slack refused is tried again: it may have been put right


class Workspaces:
    """Workspaces by team: those in the database, and that of the token in the environment, which is not stored."""

    def __init__(self, installations: Installations, *, token: str, api_url: str) -> None:
        self._installations = installations
        self._token = token
        self._api_url = api_url
        self._own: Installed | None = None
        self._before: Installed | None = None
        self._refused_until = 0.0
        self._asking = threading.Lock()

    def find(self, team: str) -> Installed | None:
        """The bot in a workspace; none where it is not installed, or not any more.

        Raises `SlackApiError` or `OSError` where Slack can't be asked now.
        """
        if self._token:
            return self.own()
        return self._installations.find(team)

    def known(self, team: str) -> Installed | None:
        """As `find`, or as before Slack refused the token: questions still come in, and wait for a better one."""
        return self.find(team) or (self._before if self._token else None)

    def own(self) -> Installed | None:
        """The bot whose token is in the environment: its app has one workspace only, whatever team an event names."""
        with self._asking:
            if self._own is None and time.monotonic() > self._refused_until:
                try:
                    said = a_client(self._token, api_url=self._api_url).auth_test()
                    enterprise = said.get("enterprise_id") or ""
                    self._own = Installed(said["team_id"], self._token, said["bot_id"], said["user_id"], enterprise)
                    self._before = self._own
                except SlackApiError as error:
                    if error_of(error) not in TOKEN_GONE:
                        raise
                    self.refuse(error_of(error))
            return self._own

    def refuse(self, why: str) -> None:
        """Note that Slack doesn't take the token; say so once, and try again after a while."""
        if self._own is not None or not self._refused_until:
            LOG.error("Slack doesn't take SLACK_BOT_TOKEN (%s). Install the app again and give its new token.", why)
        self._own = None
        self._refused_until = time.monotonic() + REFUSED_FOR

    def gone(self, team: str, why: str) -> None:
        """Note that Slack doesn't take the token of a workspace any more."""
        if self._token:
            self.refuse(why)
            return
        LOG.error("Workspace %s: %s", team, why)

    def add(self, installed: Installed) -> None:
        """Remember a workspace, instead of what was known of it."""
        self._installations.add(installed)

    def remove(self, team: str) -> None:
        """Forget a workspace and its token."""
        if self._token:
            self.refuse("tokens_revoked")
            self._before = None
            return
        self._installations.remove(team)
