"""An app in a process of its own, to be killed: `python slack_process.py API_URL DATABASE DELAY LEASE`, Socket Mode."""

import logging
import signal
import sys
from pathlib import Path
from threading import Event

sys.path.insert(0, str(Path(__file__).parent))

from slack_known import KnownBot, KnownIndex
from slack_workspace import APP_TOKEN, TOKEN

from bot.adapters.slack.app import create_slack_app
from bot.adapters.slack.library import Library
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.socket import run_socket_mode
from bot.memory.store import open_store


def main(api_url: str, database: str, delay: str, lease: str) -> None:
    """Answer until told to stop."""
    logging.basicConfig(level=logging.WARNING)
    given = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "slack_look_every": 0.1}
    settings = SlackSettings(slack_api_url=api_url, database=database, slack_lease=float(lease), **given)
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with open_store(settings.database_address, retention_days=90) as store:
        bot = KnownBot(store, delay=float(delay), text=lambda question: "It is so. It ends")
        run_socket_mode(create_slack_app(bot, Library(KnownIndex()), settings, store=store), stop, ping_interval=0.3)


if __name__ == "__main__":
    main(*sys.argv[1:])
