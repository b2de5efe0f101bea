"""What the Slack adapter adds: acknowledging events, showing answers, and listening beside the answer itself."""

import hashlib
import hmac
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI

from bot.adapters.slack.app import SlackApp, a_slack_app
from bot.adapters.slack.http import routers
from bot.adapters.slack.render import messages
from bot.adapters.slack.settings import SlackSettings
from bot.assemble import Bot, open_bot
from bot.memory.slack.types import Question
from bot.memory.store import open_store
from evals.speed.figures import Figure, p50
from evals.speed.material import CORPUS, questions
from evals.speed.workers import citewell
from ingest.errors import CitewellError

A_SECOND = 20  # events
SECONDS = 10
QUESTIONS = 50
TEAM, CHANNEL, ME, USER, SECRET = "T1", "D1", "U0", "U1", "a signing secret"
ROUNDS = 200  # of showing an answer


def measure(workspace: Path, *, quick: bool) -> list[Figure]:
    """Send signed events to the real service, whose Slack answers at once; time acknowledgements and listeners."""
    data_dir = workspace / "corpus-index"
    citewell("ingest", CORPUS, "--data-dir", data_dir)
    with _slack() as api_url:
        tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": SECRET, "SLACK_APP_TOKEN": ""}
        quotas = {"slack_user_quota": 10**6, "slack_channel_quota": 10**6}
        settings = SlackSettings(data_dir=data_dir, slack_api_url=api_url, **tokens, **quotas)  # type: ignore[arg-type]
        with open_store(settings.database_address, retention_days=90) as store:
            bot = open_bot(settings, memory=store)
            slack = a_slack_app(bot, settings, store=store)
            asked = questions(QUESTIONS)
            shown = _rendering(bot, asked)
            alone, added = _overhead(slack, bot, asked[:20] if quick else asked)
            with _served(slack) as url:
                acknowledged = _acknowledgements(url, asked, seconds=2 if quick else SECONDS)
                _wait_for(slack)
    slowest = float(np.percentile(acknowledged, 99))
    return [
        Figure(
            f"acknowledgement of a Slack event, p99 at {A_SECOND} events a second",
            slowest,
            "ms",
            "<=",
            200,
            f"p50 {p50(acknowledged):.1f}, {len(acknowledged)} events, over HTTP, while questions are answered",
        ),
        Figure("showing an answer as Slack blocks", shown, "ms", "<=", 1, f"p50 of {len(asked)} answers"),
        Figure(
            "a question in Slack over the same in this process",
            added,
            "ms",
            "<=",
            10,
            f"p50 of pairs, {alone:.1f} ms alone: stored, taken, answered, posted, noted; Slack answers at once",
        ),
    ]


def _rendering(bot: Bot, asked: list[str]) -> float:
    answers = [bot.ask(question) for question in asked]
    taken = []
    for number in range(ROUNDS):
        began = time.perf_counter()
        messages(answers[number % len(answers)], public_url="https://answers.example.org")
        taken.append((time.perf_counter() - began) * 1000)
    return p50(taken)


def _overhead(slack: SlackApp, bot: Bot, asked: list[str]) -> tuple[float, float]:
    """Milliseconds of a question in this process, and what one adds that comes as an event, from claim to done."""
    alone, added = [], []
    desk = slack.desk
    for number, question in enumerate(asked * 2):
        began = time.perf_counter()
        bot.begin(f"alone-{number}", asker="somebody", channel="slack")
        bot.ask(question, conversation_id=f"alone-{number}", asker="somebody")
        alone.append((time.perf_counter() - began) * 1000)
        ts = f"1600000000.{number:06d}"
        event = Question(TEAM, CHANNEL, ts, ts, USER, question, is_direct=True)
        began = time.perf_counter()
        desk.claims.accept(event, event=ts)
        taken = desk.claims.take(event.thread, holder="me", lease=30)
        if taken is None:
            raise CitewellError("A question that was stored was not found again. See bot/memory/slack/claims.py.")
        desk.answering(taken, "me")
        added.append((time.perf_counter() - began) * 1000 - alone[-1])
    return p50(alone[len(asked) :]), p50(added[len(asked) :])


def _acknowledgements(url: str, asked: list[str], *, seconds: int) -> list[float]:
    """Milliseconds until each event is acknowledged, sent at an even pace, whatever became of those before."""
    taken: list[float] = []

    def send(number: int) -> None:
        ts = f"1700000000.{number:06d}"
        content = {"type": "message", "channel": CHANNEL, "channel_type": "im", "user": USER, "ts": ts}
        event = {**content, "text": asked[number % len(asked)]}
        body = json.dumps(
            {"type": "event_callback", "team_id": TEAM, "event_id": f"E{number}", "event": event}
        ).encode()
        began = time.perf_counter()
        with urllib.request.urlopen(_signed(url, body), timeout=10) as answer:  # noqa: S310
            answer.read()
        taken.append((time.perf_counter() - began) * 1000)

    senders = [threading.Thread(target=send, args=(number,)) for number in range(A_SECOND * seconds)]
    for sender in senders:
        sender.start()
        time.sleep(1 / A_SECOND)
    for sender in senders:
        sender.join()
    return taken


def _signed(url: str, body: bytes) -> urllib.request.Request:
    timestamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}
    return urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})  # noqa: S310


def _wait_for(slack: SlackApp) -> None:
    while slack.desk.claims.states().get("waiting"):
        time.sleep(0.1)


@contextmanager
def _served(slack: SlackApp) -> Iterator[str]:
    app = FastAPI()
    for router in routers(slack):
        app.include_router(router)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/slack/events"
    finally:
        server.should_exit = True
        thread.join()


class _Api(BaseHTTPRequestHandler):
    """A Slack that is content with everything, so that its time is not measured."""

    protocol_version = "HTTP/1.0"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        user = {"id": USER, "team_id": TEAM}
        known = {"ok": True, "ts": f"{time.time():.6f}", "team_id": TEAM, "bot_id": "B0", "user_id": ME, "user": user}
        body = json.dumps({**known, "messages": [], "channel": CHANNEL}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def _slack() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/"
    finally:
        server.shutdown()
        server.server_close()
