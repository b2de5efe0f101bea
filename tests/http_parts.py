"""Parts that tests of the HTTP service share: the real service on a free port, and a bot that can be held up."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import uvicorn
from langchain_core.runnables import RunnableLambda

from bot.adapters.http.app import create_app
from bot.adapters.http.server import configuration
from bot.adapters.http.settings import ServiceSettings
from bot.assemble import Bot
from bot.memory.store import open_store

QUESTION = "How many primary care networks are there, and was it always so?"
JSON = {"Content-Type": "application/json"}


@contextmanager
def serving(bot: Bot, data_dir: Path, **settings: Any) -> Iterator[httpx.Client]:
    """Serve a bot on a free port, and give a client of it. `data_dir` is where store and keys are."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        chosen = ServiceSettings(data_dir=data_dir, **{"port": port, "rate": "", **settings})
        with open_store(chosen.database_address, retention_days=0) as store:
            app = create_app(replace(bot, memory=store), store, chosen)
            server = uvicorn.Server(configuration(app, chosen))
            taken.listen()
            thread = Thread(target=lambda: asyncio.run(server.serve(sockets=[taken])), daemon=True)
            thread.start()
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
                _wait(client)
                yield client
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()


def _wait(client: httpx.Client) -> None:
    # The socket listens already: the first request waits in its queue until the service is up.
    assert client.get("/healthz").status_code == 200


class Held:
    """Holds every answer of a bot up, after its first step, until `go` is set."""

    def __init__(self, bot: Bot) -> None:
        self.go = Event()
        self.begun = Event()
        self.stopped = Event()
        self.finished = Event()
        self._chain = bot.chain
        self.bot = replace(bot, chain=RunnableLambda(self._answer))

    def _answer(self, given: dict[str, Any]) -> Any:
        if "loaded" in given["question"]:  # what the service asks when it begins
            return self._chain.invoke(given)
        progress: Callable[[str], None] = given["progress"]
        progress("understand")
        self.begun.set()
        self.go.wait(20)
        try:
            answer = self._chain.invoke(given)
        except BaseException:
            self.stopped.set()
            raise
        self.finished.set()
        return answer


def address(client: httpx.Client) -> tuple[str, int]:
    """Where a service listens."""
    return "127.0.0.1", int(client.base_url.port or 0)
