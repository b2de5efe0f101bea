"""Put an answer into a thread, once: in one go or sentence by sentence, whatever gets lost on the way."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebhookClient
from slack_sdk.errors import SlackApiError

from bot.adapters.slack import limits
from bot.adapters.slack.calls import FAILED, Calls, error_of, is_doubtful
from bot.adapters.slack.errors import PlaceGone, SlackAway
from bot.adapters.slack.markup import harmless_markdown
from bot.adapters.slack.render import Message, backing, messages, size
from bot.memory.slack.types import Question
from bot.types import Answer

LOG = logging.getLogger("citewell.slack")

EVENT_TYPE = "citewell_answer"
NO_UNFURL = {"unfurl_links": False, "unfurl_media": False}  # or links leak, and make noise
TOO_MUCH = frozenset({"msg_blocks_too_long", "invalid_blocks", "msg_too_long", "invalid_blocks_format"})
BUDGETS = (limits.MESSAGE, 6_000, 3_000)  # characters of a message, tried in turn where Slack finds one too long
PAGE = 200


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in a thread already: our messages by their part of the answer, and those nobody knows of."""

    parts: dict[int, str]
    unknown: tuple[str, ...] = ()


class Cancelled(Exception):
    """The answer is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How answers go out.

    `note` is told of each message; `wanted` says whether to go on; `known` are messages that answer something else.
    """

    calls: Calls
    me: str
    public_url: str
    stream: bool
    note: Callable[[Sequence[str]], None]
    wanted: Callable[[], bool]
    known: Callable[[], frozenset[str]]

    def send(self, question: Question, answer: Answer, *, asked: str = "") -> list[str]:
        """Send what was not sent yet, and give the timestamps of all messages.

        Raises `SlackAway` where it has to be tried later, `PlaceGone`, `TokenGone`, and `Cancelled`.
        """
        # An attempt before this one may have come to any point.
        found = self.found(question) if question.posting else Found({})
        for budget in BUDGETS:
            parts = messages(answer, public_url=self.public_url, asked=asked, budget=budget)
            try:
                return self._send(question, answer, parts, found)
            except SlackApiError as error:
                if error_of(error) not in TOO_MUCH:
                    raise
                LOG.warning("Slack finds a message too much (%s): making it smaller", error_of(error))
                found = self.found(question)
        return self._parts(question, [Message(part.text) for part in parts], found, [])

    def post(self, question: Question, parts: list[Message]) -> list[str]:
        """Post messages of another kind than an answer, once."""
        return self._parts(question, parts, self.found(question) if question.posting else Found({}), [])

    def _send(self, question: Question, answer: Answer, parts: list[Message], found: Found) -> list[str]:
        orphan = next((ts for ts in found.unknown if not found.parts), "")
        if orphan:
            self.note([orphan])
            self._complete(question, orphan, parts[0])
            return self._parts(question, parts, Found({0: orphan}), [orphan])
        if self.stream and len(parts) == 1 and not found.parts and answer.sentences:
            sent = self._streamed(question, answer, parts[0])
            if sent:
                return [sent]
        return self._parts(question, parts, found, [])

    def _parts(self, question: Question, parts: list[Message], found: Found, sent: list[str]) -> list[str]:
        """Post the parts that don't stand there yet, in order."""
        for number, part in enumerate(parts[len(sent) :], start=len(sent)):
            ts = found.parts.get(number) or self._posted(question, part, number)
            sent.append(ts)
            if len(sent) < len(parts):  # all of them are noted when the question is finished
                self.note(sent)
        return sent

    def _posted(self, question: Question, part: Message, number: int) -> str:
        if number:  # the first follows at once after the question was found to be wanted
            self._stop_if_unwanted()
        said = self.calls.once(
            "chat.postMessage",
            lambda: self.found(question).parts.get(number),
            channel=question.channel,
            thread_ts=question.root,
            text=part.text,
            metadata=_metadata(question, number),
            **({"blocks": list(part.blocks)} if part.blocks else {}),
            **NO_UNFURL,
        )
        return said if isinstance(said, str) else str(said["ts"])

    def _streamed(self, question: Question, answer: Answer, whole: Message) -> str:
        """Say an answer sentence by sentence; empty where this can't begin here, and it has to be posted."""
        lines = [harmless_markdown(line) for line in _lines(answer)]
        if len(lines) == 1 or any(len(line) > limits.STREAM_TEXT for line in lines):
            return ""  # one sentence is said as quickly by one call as by two
        below = backing(answer, public_url=self.public_url, room=limits.MESSAGE - size(whole.blocks[:1]))
        try:
            begun = self.calls.client.chat_startStream(
                channel=question.channel,
                thread_ts=question.root,
                recipient_user_id=question.user,
                recipient_team_id=question.team,
                markdown_text=lines[0],
            )
            ts = str(begun["ts"])
        except SlackApiError as error:
            if not is_doubtful(error):
                LOG.debug("No stream in %s (%s)", question.channel, error_of(error))
                return ""
            ts = self._unknown(question)
        except FAILED:
            ts = self._unknown(question)
        if not ts:
            return ""
        self.note([ts])
        try:
            for line in lines[1:]:
                self._stop_if_unwanted()
                self.calls.client.chat_appendStream(channel=question.channel, ts=ts, markdown_text=line)
            self.calls.client.chat_stopStream(
                channel=question.channel, ts=ts, blocks=below or None, metadata=_metadata(question, 0)
            )
        except (SlackApiError, *FAILED) as error:
            LOG.info("A stream ended early (%s): completing its message", type(error).__name__)
            self._complete(question, ts, whole)
        except Cancelled:
            self._end(question, ts)
            raise
        return ts

    def _complete(self, question: Question, ts: str, whole: Message) -> None:
        """Make a message that was begun the whole answer: nothing is lost, and nothing said twice."""
        self._end(question, ts)
        self.calls.again(
            "chat.update",
            channel=question.channel,
            ts=ts,
            text=whole.text,
            blocks=list(whole.blocks),
            metadata=_metadata(question, 0),
        )

    def _end(self, question: Question, ts: str) -> None:
        """End a stream, where it has not ended by itself."""
        try:
            self.calls.again("chat.stopStream", channel=question.channel, ts=ts)
        except SlackApiError as error:
            LOG.debug("The stream had ended (%s)", error_of(error))

    def _unknown(self, question: Question) -> str:
        return next(iter(self.found(question).unknown), "")

    def found(self, question: Question) -> Found:
        """Look in the thread for messages of ours that answer this question."""
        parts: dict[int, str] = {}
        unknown: list[str] = []
        known: frozenset[str] = frozenset()
        cursor = ""
        while True:
            try:
                page = self.calls.again(
                    "conversations.replies",
                    channel=question.channel,
                    ts=question.root,
                    limit=PAGE,
                    cursor=cursor,
                    include_all_metadata=True,
                )
            except SlackApiError as error:
                # Without the permission to read, nobody can tell; an answer twice is better than none.
                LOG.warning("Can't look for what was said in %s (%s)", question.channel, error_of(error))
                return Found({})
            for message in page["messages"]:
                if message.get("user") != self.me or message["ts"] == question.root:
                    continue
                payload = ((message.get("metadata") or {}).get("event_payload")) or {}
                if payload.get("question") == question.name:
                    parts[int(payload.get("part", 0))] = message["ts"]
                elif not payload and message["ts"] > question.ts.partition("/")[0]:
                    known = known or self.known()
                    unknown += [message["ts"]] if message["ts"] not in known else []
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        own = [ts for ts in question.sent if ts in unknown or ts in parts.values()]
        return Found(parts, (*own, *(ts for ts in unknown if ts not in own)))

    def _stop_if_unwanted(self) -> None:
        if not self.wanted():
            raise Cancelled


def respond(url: str, message: Message) -> None:
    """Answer a command to the person alone.

    Raises `SlackAway` where it has to be tried again, and `PlaceGone` where it is too late.
    """
    try:
        said = WebhookClient(url, timeout=10).send(
            text=message.text, blocks=list(message.blocks), response_type="ephemeral", replace_original=False
        )
    except FAILED as error:
        raise SlackAway(f"the response could not be sent ({type(error).__name__})", 2.0) from error
    if said.status_code == 429 or said.status_code >= 500:
        raise SlackAway(f"the response could not be sent ({said.status_code})", 2.0)
    if said.status_code != 200:
        raise PlaceGone(f"Slack doesn't take the response any more ({said.status_code}).")


def _metadata(question: Question, part: int) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"question": question.name, "part": part}}


def _lines(answer: Answer) -> list[str]:
    """The text of an answer in pieces that end where its sentences end; together they are the text."""
    pieces: list[str] = []
    rest = answer.text
    for sentence in answer.sentences[1:]:
        at = rest.find(sentence.text)
        if at > 0:
            pieces.append(rest[:at])
            rest = rest[at:]
    return [*pieces, rest]
