"""The slash command: an answer for the person alone."""

import re
from typing import Any

from slack_bolt import Ack, App

from bot.adapters.slack.desk import Desk
from bot.memory.slack.types import Question

USAGE = "Put your question after the command, for example: {command} Who chairs the board?"


def register(app: App, desk: Desk) -> None:
    """Register what listens to commands, whatever the administrator called ours."""

    def ask(ack: Ack, command: dict[str, Any]) -> None:
        text = str(command.get("text") or "").strip()
        if not text:
            ack(text=USAGE.format(command=command.get("command", "/ask")))
            return
        name = f"command:{command['trigger_id']}"
        desk.take(
            Question(
                command["team_id"],
                command["channel_id"],
                name,
                name,
                command["user_id"],
                text,
                kind="command",
                is_direct=command["channel_id"].startswith("D"),
                response_url=command["response_url"],
            ),
            event=name,
        )
        ack()

    app.command(re.compile("^/"))(ask)
