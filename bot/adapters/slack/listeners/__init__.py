"""The listeners: plain functions, each file with a `register(app, desk)`. Their order matters: `rest` is the last."""

from slack_bolt import App

from bot.adapters.slack.desk import Desk
from bot.adapters.slack.listeners import actions, commands, home, lifecycle, messages, reactions, rest

ALL = (messages, actions, commands, home, reactions, lifecycle, rest)


def register(app: App, desk: Desk) -> None:
    """Register all listeners."""
    for module in ALL:
        module.register(app, desk)
