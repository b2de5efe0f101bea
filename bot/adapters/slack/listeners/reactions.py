"""Reactions of evaluators: an agreed emoji on an answer proposes it as a known fact."""

import re
from typing import Any

from slack_bolt import App, BoltContext

from bot.adapters.slack.desk import Desk
from bot.errors import NotYours
from bot.memory.slack.types import person_of

MARKERS = re.compile(r"\s*\[\d+\]")
NOTED = "memo"  # the bot's own reaction, so that the evaluator sees that it was heard


def register(app: App, desk: Desk) -> None:
    """Register what listens to reactions."""

    def reacted(event: dict[str, Any], body: dict[str, Any], context: BoltContext) -> None:
        item = event.get("item") or {}
        wanted = event.get("reaction", "").partition("::")[0] == desk.settings.slack_evaluator_emoji
        if not wanted or event.get("user") not in desk.settings.evaluators or item.get("type") != "message":
            return
        team = str(body.get("team_id") or context.team_id or "")
        answer_id = desk.claims.answer_of(team, item["channel"], item["ts"])
        asked = desk.claims.by_answer(answer_id) if answer_id else None
        if not asked or not desk.claims.take_event(team, f"fact:{answer_id}:{event['user']}"):
            return
        try:
            answer = desk.store.conversations.answer(answer_id, asker=asked.owner)
            desk.reports.propose(
                answer.question,
                MARKERS.sub("", answer.text),
                asker=person_of(team, event["user"]),
                note="marked as right in Slack",
                document_id=answer.citations[0].document_id if answer.citations else "",
                answer_id=answer_id,
                owner=asked.owner,
            )
        except NotYours:
            return
        desk.errands.run(
            lambda: desk.calls(team).client.reactions_add(channel=item["channel"], timestamp=item["ts"], name=NOTED)
        )

    app.event("reaction_added")(reacted)
