"""Messages and mentions: questions, edits, deletions."""

from typing import Any

from slack_bolt import App, BoltContext

from bot.adapters.slack.desk import Desk
from bot.adapters.slack.events import question_of
from bot.memory.slack.types import Question, ThreadKey


def register(app: App, desk: Desk) -> None:
    """Register what listens to messages."""

    def heard(event: dict[str, Any], body: dict[str, Any], context: BoltContext) -> None:
        team = str(body.get("team_id") or context.team_id or "")
        match event.get("subtype"):
            case "message_deleted":
                desk.claims.cancel(team, event["channel"], ts=str(event.get("deleted_ts") or ""))
            case "message_changed":
                _edited(event, body, team, str(context.bot_user_id))
            case _:
                _asked(event, str(body.get("event_id") or ""), team, str(context.bot_user_id))

    def _asked(event: dict[str, Any], event_id: str, team: str, me: str) -> None:
        question = question_of(
            event,
            team=team,
            me=me,
            follow_ups=desk.settings.slack_follow_ups,
            participated=desk.claims.participated,
        )
        if question:
            desk.take(question, event=event_id)

    def _edited(event: dict[str, Any], body: dict[str, Any], team: str, me: str) -> None:
        new, old = event.get("message") or {}, event.get("previous_message") or {}
        if desk.settings.slack_edits != "answer" or new.get("text") == old.get("text"):
            return
        about = {"channel": event.get("channel"), "channel_type": event.get("channel_type")}
        question = question_of(
            {**new, **about, "type": "message"},
            team=team,
            me=me,
            follow_ups=desk.settings.slack_follow_ups,
            participated=lambda thread: desk.claims.participated(ThreadKey(*thread)),
        )
        if question:
            desk.claims.cancel(team, question.channel, ts=question.ts)
            edited = Question(
                question.team,
                question.channel,
                f"{question.ts}/{(new.get('edited') or {}).get('ts', '')}",
                question.root,
                question.user,
                question.text,
                kind="follow_up",  # shows which question it answers
                is_direct=question.is_direct,
            )
            desk.take(edited, event=str(body.get("event_id") or ""))

    app.event("message")(heard)
    app.event("app_mention")(heard)
