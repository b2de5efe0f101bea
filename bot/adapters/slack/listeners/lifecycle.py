"""The Stop button, and the end of an installation."""

import logging
from typing import Any

from slack_bolt import App, BoltContext

from bot.adapters.slack.deliver import EVENT_TYPE
from bot.adapters.slack.desk import Desk

LOG = logging.getLogger("citewell.slack")
STOPPED = "Stopped. Ask again when you like."


def register(app: App, desk: Desk) -> None:
    """Register what listens to Stop and to the app being removed."""

    def stopped(event: dict[str, Any], body: dict[str, Any], context: BoltContext) -> None:
        team, channel = str(body.get("team_id") or context.team_id or ""), str(event["channel"])
        root = str(event.get("thread_ts") or "")
        desk.claims.cancel(team, channel, root=root)
        desk.errands.run(lambda: _confirm(team, channel, root))

    def _confirm(team: str, channel: str, root: str) -> None:
        calls = desk.calls(team)
        calls.again("agents.sessions.setStatus", channel_id=channel, thread_ts=root, status="active")
        calls.again(
            "chat.postMessage",
            channel=channel,
            thread_ts=root,
            text=STOPPED,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"question": "stopped", "part": 0}},
            unfurl_links=False,
            unfurl_media=False,
        )

    def revoked(event: dict[str, Any], body: dict[str, Any]) -> None:
        if (event.get("tokens") or {}).get("bot"):
            desk.workspaces.remove(str(body["team_id"]))

    def uninstalled(body: dict[str, Any]) -> None:
        team = str(body["team_id"])
        LOG.warning("The app was removed from workspace %s: its token and all that waited there is deleted", team)
        desk.workspaces.remove(team)
        desk.claims.forget_team(team)

    app.event("agent_session_stopped")(stopped)
    app.event("tokens_revoked")(revoked)
    app.event("app_uninstalled")(uninstalled)
