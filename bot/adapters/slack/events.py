"""Tell which messages are questions to the bot."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from bot.adapters.slack.markup import mentioned
from bot.memory.slack.types import Question, ThreadKey

FollowUps = Literal["off", "participated", "always"]
SLACKBOT = "USLACKBOT"
# Other subtypes are about a channel (somebody joined, a topic changed) or about another message.
ASKING_SUBTYPES = (None, "file_share", "thread_broadcast")


def question_of(
    event: Mapping[str, Any], *, team: str, me: str, follow_ups: FollowUps, participated: Callable[[ThreadKey], bool]
) -> Question | None:
    """The question in a `message` or `app_mention` event, or none where the bot has to be silent.

    >>> event = {"type": "message", "channel": "C1", "user": "U1", "ts": "1.1", "text": "hello"}
    >>> asked = dict(team="T1", me="U0", follow_ups="participated", participated=lambda thread: False)
    >>> question_of(event, **asked) is None, question_of({**event, "text": "<@U0> hello"}, **asked) is None
    (True, False)
    """
    channel, user, ts = event.get("channel", ""), event.get("user", ""), event.get("ts", "")
    if event.get("subtype") not in ASKING_SUBTYPES or event.get("bot_id") or event.get("hidden"):
        return None
    if not (channel and ts and user) or user in (me, SLACKBOT):
        return None
    text = event.get("text") or ""
    root = event.get("thread_ts") or ts
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    question = Question(team, channel, ts, root, user, text, is_direct=direct)
    named = mentioned(text)
    if direct or me in named or event.get("type") == "app_mention":
        return question
    if root == ts or named or follow_ups == "off":
        return None
    return question if follow_ups == "always" or participated(question.thread) else None
