"""Build the Slack app around a bot: the same for Socket Mode and HTTP."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt import App, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.adapters.slack.answering import Asks
from bot.adapters.slack.desk import Desk, a_desk
from bot.adapters.slack.library import Library, Step
from bot.adapters.slack.listeners import register
from bot.adapters.slack.seldom import seldom
from bot.adapters.slack.settings import SlackSettings
from bot.memory.store import Store
from bot.onboarding import steps_for
from ingest.errors import CitewellError

if TYPE_CHECKING:
    from bot.assemble import Bot  # which loads models, and so takes long to import

LOG = logging.getLogger("citewell.slack")
BOLT = seldom("citewell.slack.bolt")


@dataclass(frozen=True, slots=True)
class SlackApp:
    """The Bolt app, and the desk behind it. `start` before events come, `stop` when none come any more."""

    app: App
    desk: Desk

    def start(self) -> None:
        """Begin to answer, with what an earlier process left."""
        self.desk.worker.start()

    def stop(self) -> bool:
        """Finish what is in hand within the time that settings give; whether all was finished."""
        done = self.desk.worker.stop(within=self.desk.settings.slack_drain)
        self.desk.errands.stop(within=2.0)
        return done


def create_slack_app(bot: Asks, library: Library, settings: SlackSettings, *, store: Store) -> SlackApp:
    """Build the app; it calls nobody and starts nothing."""
    desk = a_desk(bot, library, settings, store=store)

    def authorize(team_id: str | None, enterprise_id: str | None, user_id: str | None) -> Any:
        installed = desk.workspaces.known(team_id or "")
        if installed is None:
            return None
        return AuthorizeResult(
            enterprise_id=installed.enterprise or enterprise_id,
            team_id=team_id or installed.team,
            bot_token=installed.token,
            bot_id=installed.bot,
            bot_user_id=installed.user,
            user_id=user_id,
        )

    with _quiet(BOLT):  # Bolt warns of tokens in the environment, which are ours to read
        app = App(
            name="citewell",
            logger=BOLT,
            client=WebClient(base_url=settings.slack_api_url, retry_handlers=[]),
            authorize=authorize,
            signing_secret=settings.signing_secret.get_secret_value(),
            # An event is acknowledged when its listener has stored it, never before.
            process_before_response=True,
        )
    app.error(_failed)
    register(app, desk)
    return SlackApp(app, desk)


def a_slack_app(bot: "Bot", settings: SlackSettings, *, store: Store) -> SlackApp:
    """The app around the real bot."""

    def way_in(audiences: frozenset[str]) -> list[Step]:
        steps = steps_for(settings.corpus, bot.index.for_audiences(audiences))
        return [Step(step.title, step.text, step.questions) for step in steps]

    return create_slack_app(bot, Library(bot.index, way_in), settings, store=store)


def _failed(error: Exception) -> BoltResponse:
    """Log why an event was not taken; it is not acknowledged then, and Slack sends it again."""
    if isinstance(error, CitewellError | SlackApiError | OSError):
        LOG.warning("An event could not be taken; Slack sends it again: %s", error)
        return BoltResponse(status=503)
    LOG.error("An event could not be read", exc_info=error)
    return BoltResponse(status=400)


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
