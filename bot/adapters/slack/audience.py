"""Who reads along in a place in Slack, and so which documents may be quoted there."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.adapters.slack.calls import Calls
from bot.adapters.slack.errors import PlaceGone, SlackAway

LOG = logging.getLogger("citewell.slack")

PUBLIC = frozenset({"public"})
MEMBERS = frozenset({"public", "staff"})  # of the workspace, where nobody from outside reads along
REMEMBERED = 300.0  # seconds; so long a guest who just came in may go unnoticed
MOST_MEMBERS = 20_000  # of a channel whose members are looked through; about twenty calls
PAGE = 1000


class Readers:
    """Finds out, through Slack, whether a guest or somebody from outside reads along; remembers it for minutes."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], tuple[float, Any]] = {}

    def audiences(self, calls: Calls, *, team: str, channel: str, user: str = "") -> frozenset[str] | None:
        """The audiences that a place admits; `None`: all that its settings name, since only members read there.

        With `user`, the place is a conversation with this person alone. What can't be found out is public.
        """
        try:
            if user:
                return None if self._is_member(calls, team, user) else PUBLIC
            return None if self._members_only(calls, team, channel) else PUBLIC
        except (SlackApiError, SlackAway, PlaceGone, KeyError, TypeError) as error:
            LOG.warning("Who reads %s is not known (%s): answering from public documents only", user or channel, error)
            return PUBLIC

    def name_of(self, calls: Calls, *, team: str, user: str) -> str:
        """What a person is called; their id where Slack doesn't say."""
        try:
            found = self._user(calls, team, user)
        except (SlackApiError, SlackAway, PlaceGone):
            return user
        return str(found.get("profile", {}).get("display_name") or found.get("real_name") or found.get("name") or user)

    def _members_only(self, calls: Calls, team: str, channel: str) -> bool:
        return bool(self._once(("channel", team, channel), lambda: self._look(calls, team, channel)))

    def _look(self, calls: Calls, team: str, channel: str) -> bool:
        about = calls.again("conversations.info", channel=channel, include_num_members=True)["channel"]
        if any(about.get(flag) for flag in ("is_ext_shared", "is_pending_ext_shared", "is_shared")):
            return False
        if int(about.get("num_members") or 0) > MOST_MEMBERS:
            return False
        members = set(_pages(calls, "conversations.members", channel=channel))
        return members.issubset(self._once(("members", team, ""), lambda: self._list(calls, team)))

    @staticmethod
    def _list(calls: Calls, team: str) -> frozenset[str]:
        """All full members of a workspace, and its bots: a bot is the workspace's own."""
        return frozenset(user["id"] for user in _pages(calls, "users.list") if _is_member(user, team))

    def _is_member(self, calls: Calls, team: str, user: str) -> bool:
        return _is_member(self._user(calls, team, user), team)

    def _user(self, calls: Calls, team: str, user: str) -> dict[str, Any]:
        found = self._once(("user", team, user), lambda: calls.again("users.info", user=user)["user"])
        return dict(found)

    def _once(self, name: tuple[str, str, str], read: Callable[[], Any]) -> Any:
        until, value = self._known.get(name, (0.0, None))
        if until < time.monotonic():
            value = read()
            if len(self._known) > 10_000:  # people and channels; a workspace has fewer that ask within five minutes
                self._known.clear()
            self._known[name] = (time.monotonic() + REMEMBERED, value)
        return value


def _pages(calls: Calls, method: str, **args: Any) -> Iterator[Any]:
    cursor = ""
    while True:
        page = calls.again(method, limit=PAGE, cursor=cursor, **args)
        yield from page["members"]
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


def _is_member(user: dict[str, Any], team: str) -> bool:
    outside = ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted")
    home = user.get("team_id") or team
    teams = {home, *(user.get("enterprise_user") or {}).get("teams", [])}
    return not any(user.get(flag) for flag in outside) and team in teams


def allowed(settings: frozenset[str], admitted: frozenset[str] | None) -> frozenset[str]:
    """Audiences to answer from: what a channel's settings name (or members may read), as far as its readers allow.

    >>> sorted(allowed(frozenset(), None)), sorted(allowed(frozenset({"board"}), None))
    (['public', 'staff'], ['board', 'public'])
    >>> sorted(allowed(frozenset({"board"}), PUBLIC))
    ['public']
    """
    wanted = (settings or MEMBERS) | PUBLIC
    return wanted if admitted is None else wanted & admitted
