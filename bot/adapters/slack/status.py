"""Show in a thread that the bot is at work, and that it no longer is."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.adapters.slack.calls import FAILED, Calls, error_of
from bot.adapters.slack.errors import PlaceGone
from bot.memory.slack.types import Question

LOG = logging.getLogger("citewell.slack")
# Most answers are there in a tenth of this; a status that flickers helps nobody, and costs two calls of Slack's limit.
SHOWN_AFTER = 0.5
NEVER = frozenset({"missing_scope", "unknown_method", "not_allowed_token_type", "not_an_agent", "access_denied"})
AGAIN_AFTER = 600.0  # seconds until a workspace that has no status for us is asked again
METHOD = "agents.sessions.setStatus"


class Statuses:
    """The status of threads, where workspaces have one for us (an app with `agent_view`)."""

    def __init__(self) -> None:
        self._without: dict[str, float] = {}

    def of(self, calls: Calls, question: Question) -> "Status":
        """The status of the thread of a question. A command has no thread."""
        without = question.kind == "command" or self._without.get(question.team, 0.0) > time.monotonic()

        def never() -> None:
            self._without[question.team] = time.monotonic() + AGAIN_AFTER

        return Status(calls, question, never, enabled=not without)


class Status:
    """Shows itself when an answer takes long. `clear` before a question is finished: then a crash can't leave it."""

    def __init__(self, calls: Calls, question: Question, never: Callable[[], None], *, enabled: bool) -> None:
        self._calls = calls
        self._where = {"channel_id": question.channel, "thread_ts": question.root}
        self._never = never
        self._enabled = enabled
        self._lock = threading.Lock()
        self._over = False
        # An attempt before this one may have died with the status shown.
        self._shown = question.began > 0
        self._timer = threading.Timer(SHOWN_AFTER, self._show)
        self._timer.daemon = True
        if enabled:
            self._timer.start()

    def clear(self) -> None:
        """Show that the bot is done; raise `SlackAway` or `TokenGone` where that has to be tried again."""
        self._timer.cancel()
        with self._lock:  # a call that shows it may be under way
            self._over = True
            if not (self._enabled and self._shown):
                return
            try:
                self._calls.again(METHOD, **self._where, status="active")
            except (SlackApiError, PlaceGone) as error:
                LOG.debug("There is no status to clear (%s)", error)
            self._shown = False

    def _show(self) -> None:
        with self._lock:
            if self._over:
                return
            try:
                self._call(status="processing")
            except SlackApiError as error:
                if error_of(error) in NEVER:
                    self._never()
                    self._enabled = False
                    return
            except FAILED:
                LOG.debug("The status could not be set")
            self._shown = True  # or may be, where the reply was lost

    def _call(self, **args: Any) -> None:
        self._calls.client.api_call(METHOD, json={**self._where, **args})
