"""Buttons: follow-ups, thumbs with a reason, sharing an answer, telling the owner of documents."""

import re
from typing import Any

from slack_bolt import Ack, App

from bot.adapters.slack import render, views
from bot.adapters.slack.answering import Answering
from bot.adapters.slack.desk import Desk
from bot.adapters.slack.markup import harmless
from bot.errors import NotYours
from bot.memory.slack.types import Question, person_of
from bot.memory.types import Rating
from bot.types import Answer

RATINGS: dict[str, Rating] = {"up": "up", "down": "down"}
NO_UNFURL = {"unfurl_links": False, "unfurl_media": False}


def register(app: App, desk: Desk) -> None:
    """Register what listens to buttons."""
    answering: Answering = desk.answering

    def follow_up(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        message, channel = body.get("message") or {}, (body.get("channel") or {}).get("id", "")
        team, user = _who(body)
        if channel and message.get("ts"):
            ts = message["ts"]
            desk.take(
                Question(
                    team,
                    channel,
                    f"{ts}/{action['action_id']}",
                    message.get("thread_ts") or ts,
                    user,
                    harmless(action["value"]),
                    kind="follow_up",
                    is_direct=channel.startswith("D"),
                ),
                event="",
            )
        else:  # on the Home tab there is no thread yet
            desk.errands.run(lambda: _ask_in_private(team, user, action["value"]))
        ack()

    def _ask_in_private(team: str, user: str, question: str) -> None:
        said = desk.calls(team).again(
            "chat.postMessage", channel=user, text=harmless(f"You asked: {question}"), **NO_UNFURL
        )
        ts, channel = str(said["ts"]), str(said["channel"])
        desk.take(Question(team, channel, ts, ts, user, harmless(question), is_direct=True), event="")

    def feedback(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        rating, _, answer_id = str(action.get("value") or "").partition(":")
        team, user = _who(body)
        owner = _owner(answer_id)
        if rating in RATINGS and owner:
            _vote(answer_id, RATINGS[rating], person=person_of(team, user), owner=owner)
            if rating == "down":
                trigger = body["trigger_id"]
                form = views.reason_form(answer_id)
                desk.errands.run(lambda: desk.calls(team).client.views_open(trigger_id=trigger, view=form))
        ack()

    def reason(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        team, user = _who(body)
        answer_id = view["private_metadata"]
        given = view["state"]["values"][views.REASON][views.REASON].get("value") or ""
        owner = _owner(answer_id)
        if owner:
            _vote(answer_id, "down", person=person_of(team, user), owner=owner, reason=given)
        ack()

    def _vote(answer_id: str, rating: Rating, *, person: str, owner: str, reason: str = "") -> None:
        try:
            desk.votes.cast(answer_id, rating, asker=person, reason=reason, owner=owner)
        except NotYours:
            return  # the conversation was deleted since, and what is said about it with it

    def tell_owner(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        team, user = _who(body)
        asked, answer = _answer(action["value"])
        if asked and answer:
            if desk.claims.take_event(team, f"gap:{answer.answer_id}"):
                documents = [citation.document_id for citation in answer.citations]
                gap = desk.reports.gap(
                    answer.question,
                    asker=person_of(team, user),
                    document_ids=list(dict.fromkeys(documents)),
                    answer_id=answer.answer_id,
                    owner=asked.owner,
                )
                desk.errands.run(lambda: _write_to_owner(team, answer, gap))
            here = Question(team, _channel(body) or asked.channel, "", asked.root, user, "")
            desk.errands.run(lambda: desk.tell(here, "Thank you. It is noted for whoever looks after the documents."))
        ack()

    def _write_to_owner(team: str, answer: Answer, gap: int) -> None:
        """Tell the owner in Slack, where the document names an address that somebody here has."""
        owner = desk.library.owner(citation.document_id for citation in answer.citations)
        if "@" not in owner:
            return
        calls = desk.calls(team)
        user = calls.again("users.lookupByEmail", email=owner)["user"]["id"]
        documents = ", ".join(dict.fromkeys(citation.title for citation in answer.citations))
        text = f"Somebody asked what your documents don't tell: “{answer.question}” (looked at: {documents})"
        message = render.plain(text)
        calls.again("chat.postMessage", channel=user, text=message.text, blocks=list(message.blocks), **NO_UNFURL)
        desk.reports.mark_told(gap)

    def share(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        team, user = _who(body)
        channel = _channel(body)
        desk.errands.run(lambda: _share(team, user, channel, action["value"]))
        ack()

    def _share(team: str, user: str, channel: str, answer_id: str) -> None:
        asked, answer = _answer(answer_id)
        if not asked or not answer or asked.user != user:
            return
        calls = desk.calls(team)
        here = Question(team, channel, asked.ts, "", user, "")
        admitted = answering.admitted(calls, here)
        if not desk.library.may_all_read((one.document_id for one in answer.citations), admitted):
            why = "Not everybody here may read the documents that this answer quotes, so it was not shared."
            calls.again("chat.postEphemeral", channel=channel, user=user, text=why)
            return
        claim = f"share:{answer_id}:{channel}"
        if not desk.claims.take_event(team, claim):
            return
        try:
            for part in render.messages(answer, public_url=desk.settings.public_url, asked=answer.question):
                calls.again("chat.postMessage", channel=channel, text=part.text, blocks=list(part.blocks), **NO_UNFURL)
        except Exception:
            desk.claims.return_event(team, claim)
            raise

    def _answer(answer_id: str) -> tuple[Question | None, Answer | None]:
        asked = desk.claims.by_answer(answer_id)
        if not asked:
            return None, None
        try:
            return asked, desk.store.conversations.answer(answer_id, asker=asked.owner)
        except NotYours:
            return asked, None

    def _owner(answer_id: str) -> str:
        asked = desk.claims.by_answer(answer_id)
        return asked.owner if asked else ""

    app.action(re.compile(f"^{render.FOLLOW_UP}_"))(follow_up)
    app.action(render.FEEDBACK)(feedback)
    app.view(views.REASON)(reason)
    app.action(render.TELL_OWNER)(tell_owner)
    app.action(render.SHARE)(share)


def _who(body: dict[str, Any]) -> tuple[str, str]:
    user = body.get("user") or {}
    return str((body.get("team") or {}).get("id") or user.get("team_id") or ""), str(user.get("id") or "")


def _channel(body: dict[str, Any]) -> str:
    return str((body.get("channel") or body.get("container") or {}).get("id") or "")
