"""Parts that tests of the Slack adapter share: a bot whose answers are known, and the app in front of a stand-in."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI
from slack_standin import StandIn, eventually, message_events, post
from slack_workspace import APP_TOKEN, SECRET, TEAM, TOKEN

from bot.adapters.slack.app import SlackApp, create_slack_app
from bot.adapters.slack.http import routers
from bot.adapters.slack.library import Library, Step
from bot.adapters.slack.settings import SlackSettings
from bot.errors import EmptyQuestion
from bot.memory.store import Store, open_store
from bot.memory.turn import answered
from bot.types import Answer, Citation, Conflict, Sentence
from ingest.abbreviations import Abbreviation
from ingest.types import Document

HR, BOARD, OPEN = "hr/leave.md", "board.md", "open.md"


@dataclass
class KnownBot:
    """Answers each question in the same way, and notes who asked for what; everything else of a bot is real."""

    store: Store
    delay: float = 0.0
    fails: Exception | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    text: Callable[[str], str] = lambda question: f"The answer to “{question}” is 42."
    status: str = "answered"
    at_once: int = 0
    most_at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, conversation_id: str, *, asker: str, channel: str = "", audiences: Any = None) -> None:
        self.store.begin(conversation_id, asker=asker, channel=channel, audiences=audiences)

    def ask(self, question: str, *, conversation_id: str = "", asker: str = "", **how: Any) -> Answer:
        with self._lock:
            self.asked.append({"question": question, "conversation_id": conversation_id, "asker": asker, **how})
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            time.sleep(self.delay)
            if self.fails:
                raise self.fails
            if not question.strip():
                raise EmptyQuestion("There is no question. Ask one in words.")
            return answered(
                self.store,
                lambda past: self._answer(question, past.conversation_id),
                conversation_id=conversation_id,
                asker=asker,
            )
        finally:
            with self._lock:
                self.at_once -= 1

    def _answer(self, question: str, conversation_id: str) -> Answer:
        text = self.text(question)
        sentences = [one + "." for one in text.rstrip(".").split(". ")]
        marked = " ".join(f"{one} [1]" for one in sentences)
        return Answer(
            answer_id=uuid.uuid4().hex,
            conversation_id=conversation_id,
            question=question,
            standalone_question=question,
            status=self.status,  # type: ignore[arg-type]
            text=marked,
            sentences=tuple(Sentence(one, (1,)) for one in sentences),
            citations=(
                Citation(1, HR, "Leave", "2022", "policy", "current", "Days", "p1", "It is 42.", 0, 9, _url(HR), 0.9),
                Citation(
                    2, OPEN, "Old", "2020", "plan", "superseded", "Days", "p2", "It is 43.", 0, 9, _url(OPEN), 0.8
                ),
            ),
            conflicts=(Conflict("43", 2, "2020"),),
            suggestions=("Since when?",),
        )


def _url(document_id: str) -> str:
    return f"/documents/{document_id}#p-0"


DOCUMENTS = {
    HR: Document(HR, "", "h", "Leave", "2022", audience="staff", owner="owner@example.org"),
    BOARD: Document(BOARD, "", "h", "Minutes of the board", "2023", audience="board"),
    OPEN: Document(OPEN, "", "h", "Old", "2020", audience="public"),
}
TERMS = {"AL": ("annual leave", HR), "BM": ("board minutes", BOARD)}


@dataclass(frozen=True)
class KnownIndex:
    """Three documents for three audiences, and abbreviations of two."""

    audiences: frozenset[str] | None = None

    def for_audiences(self, audiences: frozenset[str] | None) -> "KnownIndex":
        return KnownIndex(audiences)

    def documents(self) -> list[Document]:
        return [one for one in DOCUMENTS.values() if self.document(one.id)]

    def document(self, document_id: str) -> Document | None:
        found = DOCUMENTS.get(document_id)
        return found if found and (self.audiences is None or found.audience in self.audiences) else None

    def abbreviations(self) -> dict[str, list[tuple[Abbreviation, str]]]:
        return {
            short: [(Abbreviation(short, long, 0, 1), name)]
            for short, (long, name) in TERMS.items()
            if self.document(name)
        }


STEPS = (Step("Who we are", "We run ferries & buses.", ("Who runs the ferries?",)),)


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
            assert post(self.url, event)[0] == 200
        return message

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
