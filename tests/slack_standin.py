"""Slack on loopback: the Web API over HTTP with faults by method, Socket Mode, and signed requests to an app."""

import hashlib
import hmac
import json
import socket
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode

from slack_sockets import Sockets
from slack_workspace import APP, ME, SECRET, TEAM, Call, Refused, Workspace

Args = dict[str, Any]
CLOSED = 0


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call: `before` Slack did anything, or after it did but before it said so."""

    kind: str  # ratelimited, error, status, disconnect, delay
    value: Any = None
    done_all_the_same: bool = False


class StandIn(Workspace):
    """Slack as an app sees it. `base_url` is all that a `WebClient` has to be given."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.chance: Callable[[str], Fault | None] = lambda method: None
        self.responses: dict[str, list[Args]] = defaultdict(list)  # to commands, by the name of their URL
        self.sockets = Sockets()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.standin = self
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/api/"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def fail(self, method: str, *faults: Fault) -> None:
        """Let the next calls of a method fail."""
        self.faults[method].extend(faults)

    def response_url(self) -> str:
        """Where a command's answer goes."""
        return f"{self.base_url.removesuffix('api/')}commands/{self.ts()}"

    def close(self) -> None:
        self.sockets.close()
        self._server.shutdown()
        self._server.server_close()

    def fault_of(self, method: str) -> Fault | None:
        with self.lock:
            return self.faults[method].popleft() if self.faults[method] else self.chance(method)


@contextmanager
def a_standin() -> Iterator[StandIn]:
    """A stand-in; what the app did that Slack would refuse fails the test."""
    standin = StandIn()
    try:
        yield standin
    finally:
        standin.close()
    assert not standin.violations, standin.violations
    assert not standin.busy_threads(), "the status was not cleared"


class _Server(ThreadingHTTPServer):
    standin: StandIn
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is none of the stand-in's concern; its own mistakes are."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | BrokenPipeError):
            self.standin.violations.append(f"the stand-in failed: {error!r}")
            traceback.print_exc()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing; the journal has it."""

    def do_POST(self) -> None:
        standin = self.server.standin
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/commands/"):
            standin.responses[self.path.rsplit("/", 1)[-1]].append(json.loads(body))
            self._reply(200, {"ok": True})
            return
        method = self.path.removeprefix("/api/")
        args = self._args(body)
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or args.get("token", "")
        args.pop("token", None)
        call = Call(method, args, time.monotonic())
        with standin.lock:
            standin.journal.append(call)
        fault = standin.fault_of(method)
        if fault and fault.kind == "delay":
            time.sleep(fault.value)
            fault = None
        if fault and not fault.done_all_the_same:
            self._fail(fault, call)
            return
        try:
            result = {"ok": True, **standin.call(method, args, token)}
            if method == "apps.connections.open":
                result["url"] = standin.sockets.url()
        except Refused as refused:
            result = {"ok": False, "error": str(refused)}
        call.outcome = "ok" if result["ok"] else result["error"]
        if fault:
            self._fail(fault, call)
        else:
            self._reply(200, result, {"x-oauth-scopes": standin.scopes} if method == "auth.test" else None)

    def _args(self, body: bytes) -> Args:
        kind = self.headers.get("Content-Type") or ""
        if kind.startswith("application/json"):
            return json.loads(body or b"{}")  # type: ignore[no-any-return]
        if kind.startswith("multipart/form-data"):
            parsed = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
            pairs = [(p.get_param("name", header="content-disposition"), p.get_payload()) for p in parsed.walk()][1:]
        else:
            pairs = parse_qsl(body.decode(), keep_blank_values=True)
        args: Args = dict(pairs)  # type: ignore[arg-type]
        for name in ("blocks", "view", "metadata", "prompts", "chunks"):
            if name in args:
                args[name] = json.loads(args[name])
        for name in ("unfurl_links", "unfurl_media"):
            if name in args:
                args[name] = args[name] not in ("0", "false", "False")
        return args

    def _fail(self, fault: Fault, call: Call) -> None:
        call.outcome = call.outcome or fault.kind
        match fault.kind:
            case "ratelimited":
                self._reply(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(fault.value or 1)})
            case "error":
                self._reply(200, {"ok": False, "error": fault.value})
            case "status":
                self._reply(fault.value, "<html>Service unavailable</html>")
            case "disconnect":
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True

    def _reply(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(content, str) else "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)


# What Slack sends


def event(content: Args, *, team: str = TEAM, event_id: str = "") -> Args:
    """The envelope of an event."""
    about = f"{content.get('type')}-{content.get('ts') or content.get('event_ts')}-{content.get('subtype', '')}"
    return {
        "type": "event_callback",
        "team_id": team,
        "api_app_id": APP,
        "event_id": event_id or f"Ev-{team}-{content.get('channel', '')}-{about}",
        "event_time": int(time.time()),
        "event": content,
        "authorizations": [{"team_id": team, "user_id": ME, "is_bot": True}],
    }


def message_events(standin: Workspace, channel: str, message: Args, *, team: str = TEAM) -> list[Args]:
    """The events of a person's message: `message`, and `app_mention` beside it where the app is mentioned."""
    kind = standin.channels[channel].kind
    about = {**message, "channel": channel, "channel_type": kind, "event_ts": message["ts"]}
    events = [event(about, team=team)]
    if f"<@{ME}>" in message["text"] and kind != "im":
        mention = {key: value for key, value in about.items() if key != "channel_type"}
        events.append(event({**mention, "type": "app_mention"}, team=team))
    return events


def signed(body: bytes, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The headers by which an app knows a request is Slack's."""
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def post(url: str, content: Args | bytes, *, form: bool = False, retry: int = 0, **headers: str) -> tuple[int, bytes]:
    """Send a signed request to an app as Slack does; give status and body."""
    if isinstance(content, bytes):
        body = content
    elif form:
        body = urlencode(content).encode()
    else:
        body = json.dumps(content).encode()
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    again = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
    request = urllib.request.Request(url, body, {"Content-Type": kind, **signed(body), **again, **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionError):
            return CLOSED, b""  # the app would not read all of it
        raise


def eventually(true: Callable[[], Any], *, within: float = 60.0, what: str = "") -> Any:
    """Wait until something is so."""
    ends = time.monotonic() + within
    while time.monotonic() < ends:
        value = true()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"it did not happen within {within} s: {what}")
