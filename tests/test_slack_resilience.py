"""What happens to questions when processes are killed, sockets drop, and Slack fails at random: one answer each."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from postgres_parts import Server
from slack_parts import Running, running
from slack_standin import Fault, StandIn, eventually, message_events, post
from slack_workspace import ME

PROCESS = Path(__file__).with_name("slack_process.py")
PATIENT = 60.0  # seconds; starting a process takes some on a busy machine


def a_database(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder / 'store.db'}"
    server: Server = request.getfixturevalue("postgres")
    return str(server.empty_database())


@contextmanager
def process(standin: StandIn, database: str, *, delay: float = 0.0, lease: float = 1.0) -> Iterator[Any]:
    """The app in a process of its own."""
    before = standin.sockets.opened
    arguments = [sys.executable, str(PROCESS), standin.base_url, database, str(delay), str(lease)]
    one = subprocess.Popen(arguments, cwd=PROCESS.parent.parent)
    try:
        eventually(lambda: standin.sockets.opened > before, within=PATIENT, what="the process connects")
        yield one
    finally:
        one.terminate()
        one.wait(20)


def asked(standin: StandIn, channel: str = "C1", **more: Any) -> str:
    """A person asks, over the socket; gives the thread."""
    message = standin.person_says(channel, "U1", f"<@{ME}> how many?", **more)
    for one in message_events(standin, channel, message):
        standin.sockets.send(one)
    return str(message["ts"])


def answered_once(standin: StandIn, thread: str, *, within: float = PATIENT) -> None:
    """There is one answer, and it stays one."""
    eventually(lambda: standin.bot_messages(thread_ts=thread), within=within, what="an answer")
    eventually(lambda: not standin.busy_threads(), within=within, what="the status is cleared")
    time.sleep(0.3)
    (answer,) = standin.bot_messages(thread_ts=thread)
    assert answer.get("metadata"), "the answer is complete"


def at(standin: StandIn, method: str) -> Callable[[], Any]:
    """Whether a method was called."""
    return lambda: standin.calls(method)


@pytest.mark.parametrize(
    ("moment", "kind"), [("answering", "sqlite"), ("posting", "postgresql"), ("streaming", "sqlite")]
)
def test_killed_between_acknowledgement_and_answer_the_next_start_answers_once(
    standin: StandIn, request: pytest.FixtureRequest, tmp_path: Path, moment: str, kind: str
) -> None:
    database = a_database(kind, request, tmp_path)
    channel = "D1" if moment == "streaming" else "C1"
    method = {"answering": "users.list", "posting": "chat.postMessage", "streaming": "chat.stopStream"}[moment]
    # What was asked of Slack has happened, but the process is dead before it hears of it.
    standin.fail(method, Fault("disconnect", done_all_the_same=True), *[Fault("delay", 30)] * 4)
    with process(standin, database, delay=1.0 if moment == "answering" else 0.0) as first:
        thread = asked(standin, channel)
        eventually(at(standin, method), within=PATIENT)
        first.kill()
        first.wait()
    standin.faults.clear()
    with process(standin, database):
        answered_once(standin, thread)


def test_two_replicas_answer_each_question_once(standin: StandIn, postgres: Server) -> None:
    database = str(postgres.empty_database())
    with process(standin, database), process(standin, database):
        threads = [asked(standin) for _ in range(20)]
        for thread in threads:
            answered_once(standin, thread)


def test_when_one_replica_dies_the_other_answers_what_it_had(standin: StandIn, postgres: Server) -> None:
    database = str(postgres.empty_database())
    with process(standin, database, delay=0.5) as first, process(standin, database, delay=0.5):
        threads = [asked(standin) for _ in range(8)]
        eventually(lambda: standin.bot_messages(), within=PATIENT)
        first.kill()
        for thread in threads:
            answered_once(standin, thread)


def test_sockets_that_drop_and_slack_that_asks_to_reconnect_lose_nothing(standin: StandIn, tmp_path: Path) -> None:
    with process(standin, f"sqlite:///{tmp_path / 'store.db'}"):
        threads = []
        for disturb in (standin.sockets.drop, standin.sockets.ask_to_reconnect) * 3:
            threads.append(asked(standin))
            disturb()
            threads.append(asked(standin))
            time.sleep(0.2)
        for thread in threads:
            answered_once(standin, thread)


def test_a_start_while_slack_is_away_waits_for_it(standin: StandIn, tmp_path: Path) -> None:
    standin.fail("apps.connections.open", Fault("status", 503), Fault("disconnect"))
    with process(standin, f"sqlite:///{tmp_path / 'store.db'}"):
        answered_once(standin, asked(standin))


# The soak

KINDS = ("ratelimited", "status", "disconnect", "error")


class Weather:
    """Faults at random, the same ones for the same seed."""

    def __init__(self, seed: int, share: float) -> None:
        self._random = random.Random(seed)
        self._share = share
        self._lock = threading.Lock()
        self.faults = 0

    def __call__(self, method: str) -> Fault | None:
        with self._lock:
            if self._random.random() > self._share:
                return None
            self.faults += 1
            kind = self._random.choice(KINDS)
            done = kind != "ratelimited" and self._random.random() < 0.5
            value = {"ratelimited": 0, "status": self._random.choice((500, 502, 503)), "error": "internal_error"}
            return Fault(kind, value.get(kind), done_all_the_same=done)


def soak(slack: Running, *, events: int, seed: int) -> None:
    """So many events, with loss, duplicates, reordering and retries; each question is answered exactly once."""
    chance = random.Random(seed)
    standin = slack.standin
    weather = standin.chance = Weather(seed, 0.06)
    slack.bot.text = lambda question: f"As to “{question}”, it is so. It ends"  # to be streamed
    for number in range(4):
        standin.add_channel(f"C1{number}", f"channel-{number}", members={ME, "U1", "U2", "U3"})
    for number in range(3):
        standin.add_channel(f"D1{number}", "", kind="im", members={ME, f"U{number + 1}"})
    wanted: dict[tuple[str, str], int] = {}  # answers by thread
    waiting: list[tuple[int, dict[str, Any]]] = []  # deliveries that are left, with the number of tries before
    sent = 0
    while sent < events or waiting:
        if sent < events:
            channel, root, told = another_question(standin, chance, list(wanted), number=sent)
            wanted[channel, root] = wanted.get((channel, root), 0) + 1
            sent += len(told)
            waiting += [(0, one) for one in told for _ in range(chance.choice((1, 1, 1, 2)))]
        chance.shuffle(waiting)
        for _ in range(min(len(waiting), chance.randint(1, 6))):
            tries, one = waiting.pop()
            lost = tries < 3 and chance.random() < 0.1
            arrived = not lost and post(slack.url, one, retry=tries)[0] == 200
            if not arrived or chance.random() < 0.05:  # or the acknowledgement was lost: Slack sends it again
                waiting.append((tries + 1, one))
    eventually(lambda: not slack.slack.desk.claims.states().get("waiting"), within=600, what="all is answered")
    assert slack.slack.desk.claims.states() == {"done": sum(wanted.values())}
    for (channel, root), count in wanted.items():
        names = [one["metadata"]["event_payload"]["question"] for one in standin.bot_messages(channel, root)]
        assert len(names) == len(set(names)) == count, (channel, root, names)
    assert weather.faults > events / 20


def another_question(
    standin: StandIn, chance: random.Random, threads: list[tuple[str, str]], *, number: int
) -> tuple[str, str, list[dict[str, Any]]]:
    """A person asks, in a thread or beside it; gives the thread and the events."""
    channel = chance.choice(["C10", "C11", "C12", "C13", "D10", "D11", "D12"])
    user = f"U{int(channel[-1]) % 3 + 1}"
    there = [root for where, root in threads if where == channel]
    thread = {"thread_ts": chance.choice(there)} if there and chance.random() < 0.3 else {}
    message = standin.person_says(channel, user, f"<@{ME}> question {number}?", **thread)
    return channel, thread.get("thread_ts", message["ts"]), message_events(standin, channel, message)


# `SOAK_EVENTS=2000 pytest tests/test_slack_resilience.py -k soak` is the whole of it, and takes about two minutes.
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 1 + int(os.environ.get("SOAK_SEEDS", "1"))))
def test_a_soak_with_random_faults_answers_every_question_once(standin: StandIn, data_dir: Path, seed: int) -> None:
    with running(standin, data_dir, slack_user_quota=10**6, slack_channel_quota=10**6) as slack:
        soak(slack, events=int(os.environ.get("SOAK_EVENTS", "300")), seed=seed)
