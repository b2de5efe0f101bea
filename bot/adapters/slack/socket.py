"""Socket Mode: `citewell slack` connects to Slack and stays until it is stopped."""

import logging
from threading import Event
from typing import Any

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError

from bot.adapters.slack.app import SlackApp
from bot.adapters.slack.calls import FAILED, TOKEN_GONE, a_client, error_of
from bot.adapters.slack.errors import SlackSettingsError
from bot.adapters.slack.seldom import seldom
from bot.adapters.slack.settings import SlackSettings

LOG = logging.getLogger("citewell.slack")
LONGEST_PAUSE = 60.0  # seconds between tries to connect
REFUSED = TOKEN_GONE | {"not_allowed_token_type"}
BAD_BOT = "Slack doesn't take SLACK_BOT_TOKEN ({}). Copy it again from your app's page, under OAuth & Permissions."
BAD_APP = (
    "Slack doesn't take SLACK_APP_TOKEN ({}). "
    "Make one with connections:write on your app's page, under Basic Information."
)


def run_socket_mode(slack: SlackApp, stop: Event, *, ping_interval: float = 10.0) -> bool:
    """Connect and answer until `stop` is set; whether all was finished then.

    Raises `SlackSettingsError` where Slack doesn't take a token. While Slack can't be reached, it waits.
    """
    settings = slack.desk.settings
    logger = seldom("citewell.slack.socket")
    handler: Any = SocketModeHandler(
        slack.app,
        settings.app_token.get_secret_value(),
        logger=logger,
        web_client=a_client("", api_url=settings.slack_api_url),
        ping_interval=ping_interval,
    )
    slack.start()
    try:
        if _connected(handler, stop):
            LOG.info("Connected to Slack; stop with Ctrl+C")
            stop.wait()
    finally:
        handler.close()  # nothing new comes in; what was not acknowledged, Slack sends to whoever is next
        done = slack.stop()
    return done


def check_tokens(settings: SlackSettings) -> None:
    """Ask Slack about both tokens; raise `SlackSettingsError` where it refuses one, nothing where it can't be asked."""
    for token, method, advice in (
        (settings.bot_token, "auth.test", BAD_BOT),
        (settings.app_token, "apps.connections.open", BAD_APP),
    ):
        try:
            a_client(token.get_secret_value(), api_url=settings.slack_api_url).api_call(method)
        except SlackApiError as error:
            if error_of(error) in REFUSED:
                raise SlackSettingsError(advice.format(error_of(error))) from error
        except FAILED as error:
            LOG.warning("Slack can't be reached (%s)", error)


def _connected(handler: Any, stop: Event) -> bool:
    """Connect, as soon as Slack can be reached."""
    pause = 1.0
    while not stop.is_set():
        try:
            handler.connect()
            if handler.client.is_connected():
                return True
            why = "the connection was refused"
        except SlackApiError as error:
            if error_of(error) in REFUSED:
                raise SlackSettingsError(BAD_APP.format(error_of(error))) from error
            why = error_of(error)
        except FAILED as error:
            why = f"{type(error).__name__}: {error}"
        LOG.warning("Slack can't be reached (%s); trying again in %.0f s", why[:200], pause)
        stop.wait(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    return False
