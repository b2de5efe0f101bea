"""Call Slack's methods with patience: wait out limits and outages, and never post twice for having lost a reply."""

import http.client
import random
import ssl
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.adapters.slack.errors import PlaceGone, SlackAway, TokenGone
from bot.adapters.slack.seldom import seldom

Found = TypeVar("Found")

TIMEOUT = 10  # seconds for one call
PATIENCE = 8.0  # seconds that a call may wait in all; what takes longer gives the thread to others
LONGEST_WAIT = 300.0  # seconds; Slack's Retry-After is rarely above 60
PAUSES = (0.25, 1.0, 2.0, 4.0)  # seconds between tries, while Slack is away
TOKEN_GONE = frozenset(
    "account_inactive invalid_auth not_authed token_expired token_revoked team_access_not_granted".split()
)
PLACE_GONE = frozenset(
    """channel_not_found not_in_channel is_archived thread_not_found restricted_action cannot_dm_bot user_not_found
    restricted_action_read_only_channel restricted_action_thread_only_channel messages_tab_disabled
    user_not_in_channel user_is_restricted cant_dm_bot no_permission""".split()
)
AWAY = frozenset("fatal_error internal_error ratelimited request_timeout service_unavailable team_added_to_org".split())
FAILED = (OSError, http.client.HTTPException, SlackClientError)  # URLError and timeouts are OSErrors


def a_client(token: str, *, api_url: str) -> WebClient:
    """A client that tries nothing again by itself: the SDK's does so even when a message may have been posted."""
    logger = seldom("citewell.slack.web")
    return WebClient(token, base_url=api_url, timeout=TIMEOUT, ssl=_tls(), retry_handlers=[], logger=logger)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """One for all calls: without it, the SDK reads the system's certificates anew for each."""
    return ssl.create_default_context()


class Calls:
    """Calls for one workspace. `stopping` ends all waiting."""

    def __init__(self, client: WebClient, stopping: threading.Event) -> None:
        self.client = client
        self._stopping = stopping

    def again(self, method: str, **args: Any) -> SlackResponse:
        """Call a method that may be called twice without harm.

        Raises `SlackAway`, `TokenGone` and `PlaceGone`; other refusals as `SlackApiError`.
        """
        return self._patiently(lambda: self._call(method, args))

    def once(self, method: str, arrived: Callable[[], Found | None], **args: Any) -> SlackResponse | Found:
        """Call a method whose second call would say something twice.

        When it is unknown whether a call was heard, `arrived` looks for what it made; only where nothing is found,
        it is called again.
        """
        doubtful = False

        def attempt() -> SlackResponse | Found:
            nonlocal doubtful
            if doubtful:
                found = arrived()
                if found is not None:
                    return found
            try:
                return self._call(method, args)
            except _Doubt:
                doubtful = True
                raise

        return self._patiently(attempt)

    def _patiently(self, attempt: Callable[[], Found]) -> Found:
        ends = time.monotonic() + PATIENCE
        for pause in (*PAUSES, None):
            try:
                return attempt()
            except _Wait as error:
                seconds = error.seconds if error.seconds is not None else (pause or PAUSES[-1])
                seconds *= 1 + random.random() / 10  # noqa: S311 - so that replicas don't come back all at once
                if pause is None or time.monotonic() + seconds > ends or self._stopping.is_set():
                    raise SlackAway(str(error), min(seconds, LONGEST_WAIT)) from error
                self._stopping.wait(seconds)
        raise AssertionError("the last try raises")

    def _call(self, method: str, args: dict[str, Any]) -> SlackResponse:
        try:
            return self.client.api_call(method, json=args)
        except SlackApiError as error:
            raise _read(error) from error
        except FAILED as error:
            raise _Doubt(f"Slack could not be reached ({type(error).__name__}: {error})") from error


class _Wait(Exception):
    """Nothing was done; try later."""

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class _Doubt(_Wait):
    """It may have been done; nobody said so."""


def error_of(error: SlackApiError) -> str:
    """Slack's name for what was wrong."""
    return str(error.response.get("error") or "") if isinstance(error.response, SlackResponse) else ""


def is_doubtful(error: SlackApiError) -> bool:
    """Whether Slack may have done what it was asked all the same."""
    name, status = error_of(error), getattr(error.response, "status_code", 200)
    return status >= 500 or (name in AWAY and name != "ratelimited")


def _read(error: SlackApiError) -> Exception:
    """What a refusal means to us."""
    name, status = error_of(error), getattr(error.response, "status_code", 200)
    if status == 429 or name == "ratelimited":
        return _Wait("Slack wants us to wait", _seconds(error.response.headers))
    if name in TOKEN_GONE:
        return TokenGone(
            f"Slack doesn't take the bot's token any more ({name}). Install the app again, and give its new token."
        )
    if is_doubtful(error):
        return _Doubt(f"Slack has a problem ({status}, {name[:80]})")
    if name in PLACE_GONE:
        return PlaceGone(f"Slack doesn't let the bot write there ({name}).")
    return error


def _seconds(headers: Any) -> float:
    given = next((value for name, value in dict(headers).items() if name.lower() == "retry-after"), "1")
    try:
        return max(0.0, float(given[0] if isinstance(given, list) else given))
    except ValueError:
        return 1.0
