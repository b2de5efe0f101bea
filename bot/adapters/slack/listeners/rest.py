"""Everything else is acknowledged and left: what nobody answers, Slack sends again."""

import re

from slack_bolt import Ack, App

from bot.adapters.slack.desk import Desk

ANYTHING = re.compile(".*")


def register(app: App, _: Desk) -> None:
    """Register the last listeners."""

    def nothing(ack: Ack) -> None:
        ack()

    app.event(ANYTHING)(nothing)
    app.action(ANYTHING)(nothing)
    app.view(ANYTHING)(nothing)
    app.view_closed(ANYTHING)(nothing)
    app.shortcut(ANYTHING)(nothing)
    app.options(ANYTHING)(nothing)
