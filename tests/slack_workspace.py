"""A stand-in for what Slack knows: teams, people, channels, messages, streams, views; strict on every argument."""

import itertools
import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

from slack_payloads import NOTIFIES, faults_of_message, faults_of_view

Args = dict[str, Any]
TEAM, ME, MY_BOT, APP = "T1", "U0ME", "B0ME", "A1"
TOKEN, APP_TOKEN, SECRET = "xoxb-T1", "xapp-1", "a signing secret"
MANIFEST = Path(__file__).parent.parent / "bot" / "adapters" / "slack" / "manifest.json"
MESSAGE_ARGS = {"channel", "text", "blocks", "thread_ts", "metadata", "unfurl_links", "unfurl_media", "mrkdwn"}
ALLOWED = {
    "auth.test": set(),
    "apps.connections.open": set(),
    "oauth.v2.access": {"client_id", "client_secret", "code"},
    "chat.postMessage": MESSAGE_ARGS,
    "chat.postEphemeral": MESSAGE_ARGS - {"metadata", "unfurl_links", "unfurl_media"} | {"user"},
    "chat.update": {"channel", "ts", "text", "blocks", "metadata"},
    "chat.startStream": {"channel", "thread_ts", "recipient_user_id", "recipient_team_id", "markdown_text", "chunks"},
    "chat.appendStream": {"channel", "ts", "markdown_text", "chunks"},
    "chat.stopStream": {"channel", "ts", "markdown_text", "chunks", "blocks", "metadata"},
    "agents.sessions.setStatus": {"channel_id", "thread_ts", "status", "title"},
    "assistant.threads.setSuggestedPrompts": {"channel_id", "thread_ts", "title", "prompts"},
    "conversations.info": {"channel", "include_num_members"},
    "conversations.members": {"channel", "limit", "cursor"},
    "conversations.replies": {"channel", "ts", "limit", "cursor", "include_all_metadata", "oldest", "latest"},
    "users.info": {"user"},
    "users.list": {"limit", "cursor"},
    "users.lookupByEmail": {"email"},
    "views.open": {"trigger_id", "view"},
    "views.publish": {"user_id", "view", "hash"},
    "reactions.add": {"channel", "timestamp", "name"},
}


class Refused(Exception):
    """`ok: false` with this error."""


@dataclass
class Channel:
    """A conversation."""

    id: str
    name: str
    kind: str  # channel, group, im, mpim
    members: set[str]
    team: str = TEAM
    shared: bool = False
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Call:
    """One call of a method, as the journal keeps it."""

    method: str
    args: Args
    at: float
    outcome: str = ""


class Workspace:
    """The state behind the methods. Everything that Slack would refuse or that nobody wants is in `violations`."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.tokens = {TOKEN: TEAM}
        self.codes: dict[str, tuple[str, str]] = {}
        self.scopes = ",".join(json.loads(MANIFEST.read_text(encoding="utf-8"))["oauth_config"]["scopes"]["bot"])
        self.users: dict[str, dict[str, Any]] = {}
        self.channels: dict[str, Channel] = {}
        self.journal: list[Call] = []
        self.violations: list[str] = []
        self.statuses: dict[tuple[str, str], str] = {}
        self.streams: dict[str, bool] = {}
        self.stream_text: dict[str, str] = defaultdict(str)
        self.ephemerals: list[Args] = []
        self.homes: dict[str, Args] = {}
        self.modals: list[Args] = []
        self.prompts: dict[str, Args] = {}
        self.triggers: dict[str, float] = {}
        self.missing_scopes: set[str] = set()
        self.stream_expires_after = 1_000  # calls of one stream
        self._stream_calls: dict[str, int] = defaultdict(int)
        self._clock = itertools.count(1)
        self.add_user(ME, "citewell", is_bot=True)
        for number in (1, 2, 3):
            self.add_user(f"U{number}", f"person{number}")
        self.add_channel("C1", "general", members={ME, "U1", "U2", "U3"})
        self.add_channel("D1", "", kind="im", members={ME, "U1"})

    # What tests arrange

    def add_user(self, user: str, name: str, *, team: str = TEAM, **about: Any) -> None:
        profile = {"display_name": name, "email": about.pop("email", f"{name}@example.org")}
        flags = {"is_restricted": False, "is_ultra_restricted": False, "is_bot": False, "deleted": False, **about}
        self.users[user] = {"id": user, "team_id": team, "name": name, "profile": profile, **flags}

    def add_channel(
        self, channel: str, name: str, *, members: set[str], kind: str = "channel", **about: Any
    ) -> Channel:
        self.channels[channel] = Channel(channel, name, kind, members, **about)
        return self.channels[channel]

    def ts(self) -> str:
        """A new timestamp, later than all before."""
        with self.lock:
            return f"1700000000.{next(self._clock):06d}"

    def trigger(self) -> str:
        """A trigger id, good for three seconds."""
        name = f"trigger-{next(self._clock)}"
        self.triggers[name] = time.monotonic() + 3
        return name

    def person_says(self, channel: str, user: str, text: str, *, thread_ts: str = "", **more: Any) -> dict[str, Any]:
        """Put a person's message in a channel."""
        with self.lock:
            message = {"type": "message", "user": user, "text": text, "ts": self.ts(), **more}
            if thread_ts:
                message["thread_ts"] = thread_ts
            self.channels[channel].messages[message["ts"]] = message
            return message

    # What tests look at

    def bot_messages(self, channel: str = "", thread_ts: str = "") -> list[dict[str, Any]]:
        """What the bot said, in order."""
        with self.lock:
            return [
                message
                for one in self.channels.values()
                if not channel or one.id == channel
                for message in one.messages.values()
                if message.get("bot_id") == MY_BOT and (not thread_ts or message.get("thread_ts") == thread_ts)
            ]

    def calls(self, *methods: str) -> list[Call]:
        """Calls of these methods."""
        with self.lock:
            return [call for call in self.journal if call.method in methods]

    def busy_threads(self) -> list[tuple[str, str]]:
        """Threads that show the bot at work."""
        with self.lock:
            return [thread for thread, status in self.statuses.items() if status == "processing"]

    # The methods

    def call(self, method: str, args: Args, token: str) -> Args:
        """Run a method; raise `Refused`."""
        with self.lock:
            if method not in ALLOWED:
                self.violations.append(f"there is no method '{method}'")
                raise Refused("unknown_method")
            unknown = set(args) - ALLOWED[method] - {"team_id"}
            if unknown:
                self.violations.append(f"{method} has no {unknown}")
            if method == "apps.connections.open":
                if token != APP_TOKEN:
                    raise Refused("invalid_auth")
                return {}
            if method == "oauth.v2.access":
                return self._installed(args)
            if token not in self.tokens:
                raise Refused("token_revoked" if token.startswith("xoxb-") else "invalid_auth")
            if method in self.missing_scopes:
                raise Refused("missing_scope")
            run: Callable[[Args, str], Args] = getattr(self, "_" + method.replace(".", "_"))
            return run(args, self.tokens[token])

    def _installed(self, args: Args) -> Args:
        if args.get("code") not in self.codes:
            raise Refused("invalid_code")
        team, token = self.codes[args["code"]]
        return {
            "access_token": token,
            "bot_user_id": ME,
            "team": {"id": team, "name": f"Team {team}"},
            "enterprise": None,
        }

    def _auth_test(self, args: Args, team: str) -> Args:
        return {"team_id": team, "team": f"Team {team}", "user_id": ME, "bot_id": MY_BOT, "url": "https://t.example/"}

    def _chat_postMessage(self, args: Args, team: str) -> Args:  # noqa: N802
        channel = self._channel(args)
        self._check_message("chat.postMessage", args)
        if args.get("unfurl_links") is not False or args.get("unfurl_media") is not False:
            self.violations.append("a message that unfurls links")
        thread = args.get("thread_ts", "")
        if thread and thread not in channel.messages:
            raise Refused("thread_not_found")
        message = {"type": "message", "bot_id": MY_BOT, "user": ME, "ts": self.ts(), **args}
        channel.messages[message["ts"]] = message
        self._clear(channel.id, thread)
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def _chat_postEphemeral(self, args: Args, team: str) -> Args:  # noqa: N802
        channel = self._channel(args)
        self._check_message("chat.postEphemeral", args)
        if args.get("user") not in channel.members:
            raise Refused("user_not_in_channel")
        self.ephemerals.append(args)
        return {"message_ts": self.ts()}

    def _chat_update(self, args: Args, team: str) -> Args:
        channel = self._channel(args)
        self._check_message("chat.update", args)
        message = channel.messages.get(args.get("ts", ""))
        if message is None or message.get("bot_id") != MY_BOT:
            raise Refused("cant_update_message")
        if self.streams.get(message["ts"]):
            raise Refused("streaming_state_conflict")
        message.update({key: value for key, value in args.items() if key != "channel"}, streamed=False)
        return {"channel": channel.id, "ts": message["ts"]}

    def _chat_startStream(self, args: Args, team: str) -> Args:  # noqa: N802
        channel = self._channel(args)
        if args.get("thread_ts", "") not in channel.messages:
            raise Refused("thread_not_found")
        if channel.kind != "im" and not (args.get("recipient_user_id") and args.get("recipient_team_id")):
            raise Refused("missing_recipient_user_id")
        ts = self.ts()
        about = {"type": "message", "bot_id": MY_BOT, "user": ME, "ts": ts, "text": "", "thread_ts": args["thread_ts"]}
        channel.messages[ts] = {**about, "streaming": True}
        self.streams[ts] = True
        self._add(ts, args, channel)
        return {"channel": channel.id, "ts": ts}

    def _chat_appendStream(self, args: Args, team: str) -> Args:  # noqa: N802
        channel = self._streaming(args)
        self._add(args["ts"], args, channel)
        return {"channel": channel.id, "ts": args["ts"]}

    def _chat_stopStream(self, args: Args, team: str) -> Args:  # noqa: N802
        channel = self._streaming(args)
        self._add(args["ts"], args, channel)
        message = channel.messages[args["ts"]]
        blocks = args.get("blocks") or []
        text = self.stream_text[args["ts"]]
        self.violations += faults_of_message({"text": "streamed", "blocks": blocks})
        if len(text) + sum(len(json.dumps(block)) for block in blocks) > 40_000:
            self.violations.append("a streamed message is too long")
        message.update(blocks=blocks, metadata=args.get("metadata"), streaming=False, streamed=True)
        self.streams[args["ts"]] = False
        self._clear(channel.id, message["thread_ts"])
        return {"channel": channel.id, "ts": args["ts"]}

    def _agents_sessions_setStatus(self, args: Args, team: str) -> Args:  # noqa: N802
        if args.get("status") not in ("active", "processing", "suspended", "closed"):
            raise Refused("invalid_status")
        channel = self._channel({"channel": args.get("channel_id")})
        if args.get("thread_ts", "") not in channel.messages:
            raise Refused("thread_not_found")
        self.statuses[(channel.id, args["thread_ts"])] = args["status"]
        return {"status": args["status"]}

    def _assistant_threads_setSuggestedPrompts(self, args: Args, team: str) -> Args:  # noqa: N802
        self._channel({"channel": args.get("channel_id")})
        prompts = args.get("prompts") or []
        if not 0 < len(prompts) <= 4 or not all(one.get("title") and one.get("message") for one in prompts):
            self.violations.append(f"prompts: {prompts}")
        self.prompts[args["channel_id"]] = args
        return {}

    def _conversations_info(self, args: Args, team: str) -> Args:
        one = self._channel(args)
        return {
            "channel": {
                "id": one.id,
                "name": one.name,
                "is_im": one.kind == "im",
                "is_mpim": one.kind == "mpim",
                "is_private": one.kind != "channel",
                "is_ext_shared": one.shared,
                "is_shared": one.shared,
                "num_members": len(one.members),
                "context_team_id": one.team,
            }
        }

    def _conversations_members(self, args: Args, team: str) -> Args:
        members = sorted(self._channel(args).members)
        return self._page("members", members, args)

    def _conversations_replies(self, args: Args, team: str) -> Args:
        channel = self._channel(args)
        root = args.get("ts", "")
        if root not in channel.messages:
            raise Refused("thread_not_found")
        found = [one for ts, one in channel.messages.items() if ts == root or one.get("thread_ts") == root]
        if not args.get("include_all_metadata"):
            found = [{key: value for key, value in one.items() if key != "metadata"} for one in found]
        return self._page("messages", found, args)

    def _users_info(self, args: Args, team: str) -> Args:
        user = self.users.get(args.get("user", ""))
        if user is None:
            raise Refused("user_not_found")
        return {"user": user}

    def _users_list(self, args: Args, team: str) -> Args:
        return self._page("members", list(self.users.values()), args)

    def _users_lookupByEmail(self, args: Args, team: str) -> Args:  # noqa: N802
        for user in self.users.values():
            if user["profile"]["email"] == args.get("email"):
                return {"user": user}
        raise Refused("users_not_found")

    def _views_open(self, args: Args, team: str) -> Args:
        if self.triggers.pop(args.get("trigger_id", ""), 0) < time.monotonic():
            raise Refused("expired_trigger_id")
        self.violations += faults_of_view(args["view"])
        self.modals.append(args["view"])
        return {"view": {"id": f"V{len(self.modals)}"}}

    def _views_publish(self, args: Args, team: str) -> Args:
        if args.get("user_id") not in self.users:
            raise Refused("user_not_found")
        self.violations += faults_of_view(args["view"])
        self.homes[args["user_id"]] = args["view"]
        return {"view": {"id": "VHOME"}}

    def _reactions_add(self, args: Args, team: str) -> Args:
        message = self._channel(args).messages.get(args.get("timestamp", ""))
        if message is None:
            raise Refused("message_not_found")
        names = message.setdefault("reactions", [])
        if args["name"] in names:
            raise Refused("already_reacted")
        names.append(args["name"])
        return {}

    # Helpers

    def _channel(self, args: Args) -> Channel:
        name = args.get("channel") or ""
        if name in self.users:  # a message to a person opens the conversation with them
            return self.channels.setdefault(f"D-{name}", Channel(f"D-{name}", "", "im", {ME, name}))
        channel = self.channels.get(name)
        if channel is None:
            raise Refused("channel_not_found")
        if ME not in channel.members:
            raise Refused("not_in_channel")
        return channel

    def _check_message(self, method: str, args: Args) -> None:
        faults = faults_of_message(args)
        self.violations += [f"{method}: {fault}" for fault in faults]
        if any(fault.startswith("msg_blocks_too_long") for fault in faults):
            raise Refused("msg_blocks_too_long")
        if faults:
            raise Refused("invalid_blocks")
        metadata = args.get("metadata")
        if metadata and set(metadata) != {"event_type", "event_payload"}:
            self.violations.append(f"metadata: {metadata}")

    def _streaming(self, args: Args) -> Channel:
        channel = self._channel(args)
        ts = args.get("ts", "")
        if ts not in self.streams:
            raise Refused("message_not_found")
        self._stream_calls[ts] += 1
        if self._stream_calls[ts] > self.stream_expires_after:
            self.streams[ts] = False
        if not self.streams[ts]:
            raise Refused("message_not_in_streaming_state")
        return channel

    def _add(self, ts: str, args: Args, channel: Channel) -> None:
        chunks = args.get("chunks") or []
        text = (args.get("markdown_text") or "") + "".join(chunk.get("text", "") for chunk in chunks)
        if len(text) > 12_000:
            self.violations.append("more than 12,000 characters for a stream at once")
        if NOTIFIES.search(text):
            self.violations.append(f"a stream notifies people: {text[:80]}")
        self.stream_text[ts] += text
        channel.messages[ts]["text"] = self.stream_text[ts]

    def _clear(self, channel: str, thread: str) -> None:
        """Slack clears the status by itself when the app has said something; the app must not rely on it."""

    @staticmethod
    def _page(name: str, rows: list[Any], args: Args) -> Args:
        start, size = int(args.get("cursor") or 0), int(args.get("limit") or 100)
        after = str(start + size) if start + size < len(rows) else ""
        return {name: rows[start : start + size], "response_metadata": {"next_cursor": after}}
