"""Parts that tests of the Slack adapter share: a bot whose answers are known, and the app in front of a stand-in."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI
from slack_known import STEPS, KnownBot, KnownIndex
from slack_standin import StandIn, eventually, message_events, post
from slack_workspace import APP_TOKEN, SECRET, TEAM, TOKEN

from bot.adapters.slack.app import SlackApp, create_slack_app
from bot.adapters.slack.http import routers
from bot.adapters.slack.library import Library
from bot.adapters.slack.settings import SlackSettings
from bot.memory.store import Store, open_store


@dataclass
class Running:
    """An app at work in front of a stand-in."""

    slack: SlackApp
    standin: StandIn
    bot: KnownBot
    store: Store
    url: str = ""

    def person_says(self, channel: str, user: str, text: str, **more: Any) -> dict[str, Any]:
        """A person writes, and Slack tells the app of it."""
        message = self.standin.person_says(channel, user, text, **more)
        for event in message_events(self.standin, channel, message):
            self.slack_sends(event)
        return message

    def slack_sends(self, event: dict[str, Any]) -> None:
        """Send an event, and again where it is not acknowledged, as Slack does."""
        eventually(lambda: post(self.url, event)[0] == 200, what="the event is acknowledged")

    def answers(self, thread_ts: str = "", count: int = 1, channel: str = "") -> list[dict[str, Any]]:
        """Wait for so many messages of the bot, and until it is at rest; there may be no more."""
        eventually(lambda: len(self.standin.bot_messages(channel, thread_ts)) >= count, what=f"{count} answers")
        self.rest()
        found = self.standin.bot_messages(channel, thread_ts)
        assert len(found) == count, [one.get("text") for one in found]
        return found

    def rest(self) -> None:
        """Wait until nothing is left to do."""
        eventually(lambda: not self.slack.desk.claims.states().get("waiting"), what="nothing waits")
        eventually(lambda: not self.slack.desk.errands._waiting, what="no errands")

    def no_answer(self) -> None:
        """Nothing is asked of the bot, and nothing said."""
        self.rest()
        assert not self.bot.asked
        assert not self.standin.bot_messages()

    def click(
        self, message: dict[str, Any], action_id: str, user: str = "U1", *, channel: str = "C1", **more: Any
    ) -> str:
        """A person presses a button of a message; gives its value."""
        action = next(one for one in elements(message) if one.get("action_id", "").startswith(action_id))
        value = more.pop("value", action.get("value", ""))
        content = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "channel": {"id": channel},
            "message": message,
            "trigger_id": self.standin.trigger(),
            "actions": [{"type": action["type"], "action_id": action["action_id"], "value": value, "block_id": "b"}],
            **more,
        }
        self.interact(content)
        return value

    def interact(self, content: dict[str, Any]) -> bytes:
        """An interaction, as Slack posts it."""
        status, body = post(self.url, {"payload": json.dumps(content)}, form=True)
        assert status == 200
        return body

    def command(self, text: str, user: str = "U1", channel: str = "C1") -> list[dict[str, Any]]:
        """A person uses the command; wait for what only they see."""
        url = self.standin.response_url()
        form = {
            "command": "/ask",
            "text": text,
            "user_id": user,
            "team_id": TEAM,
            "channel_id": channel,
            "trigger_id": self.standin.trigger(),
            "response_url": url,
        }
        assert post(self.url, form, form=True)[0] == 200
        self.rest()
        return self.standin.responses[url.rsplit("/", 1)[-1]]


def seen(message: dict[str, Any]) -> str:
    """What a reader sees: blocks, and text where there are none or where it was streamed above them."""
    text = message.get("text", "") if message.get("streamed") or not message.get("blocks") else ""
    return text + json.dumps(message.get("blocks") or [], ensure_ascii=False)


def elements(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons of a message or view."""
    return [one for block in message.get("blocks") or [] for one in block.get("elements", []) if isinstance(one, dict)]


def slack_settings(standin: StandIn, data_dir: Path, **given: Any) -> SlackSettings:
    """Settings for tests: patient where Slack is, quick where we are."""
    quick = {"slack_lease": 2.0, "slack_look_every": 0.05, "slack_drain": 3.0}
    tokens = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_SIGNING_SECRET": SECRET}
    return SlackSettings(**{"data_dir": data_dir, "slack_api_url": standin.base_url, **quick, **tokens, **given})


@contextmanager
def served(routes: list[APIRouter]) -> Iterator[str]:
    """Serve routes under uvicorn on a free port; gives the address of the events."""
    app = FastAPI()
    for router in routes:
        app.include_router(router)
    with serving(app) as url:
        yield url


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve a service under uvicorn on a free port; gives the address of the events."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/slack/events"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def running(standin: StandIn, data_dir: Path, *, bot: KnownBot | None = None, **given: Any) -> Iterator[Running]:
    """An app behind a real server."""
    settings = slack_settings(standin, data_dir, **given)
    with open_store(settings.database_address, retention_days=90) as store:
        known = bot or KnownBot(store)
        known.store = store
        library = Library(KnownIndex(), lambda audiences: STEPS)
        slack = create_slack_app(known, library, settings, store=store)
        with served(routers(slack)) as url:
            yield Running(slack, standin, known, store, url)
