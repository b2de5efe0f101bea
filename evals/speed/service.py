"""The HTTP service beside the same answers in process: overhead, 32 callers at once, memory, time until it is ready."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil

from bot.assemble import open_bot
from bot.memory.store import open_store
from bot.settings import BotSettings
from evals.speed.figures import Figure, p50
from evals.speed.material import CORPUS, questions
from evals.speed.workers import citewell, process

QUESTIONS = 50
ROUNDS = 5
CALLERS = 32
ASKS = 10_000  # over which memory has to stay flat
SETTLED = 0.2  # of them, after which what is kept for speed has filled up
_ready: dict[str, Any] = {}


def measure(workspace: Path, *, quick: bool) -> list[Figure]:
    """Ask the service and the bot in turn, each in a process of its own; then load both in the same way."""
    data_dir = workspace / "corpus-index"
    citewell("ingest", CORPUS, "--data-dir", data_dir)
    asked = questions(QUESTIONS)
    began = time.perf_counter()
    with _service(data_dir) as (client, pid):
        ready = time.perf_counter() - began
        with process(prepare, data_dir, workspace / "inside.db") as inside:
            overhead = _overhead(client, inside, asked, rounds=1 if quick else ROUNDS)
            many = list(islice(cycle(asked), 400 if quick else 2_000))
            load = _load(client, inside, many)
        memory = _memory(client, pid, asked, asks=1_000 if quick else ASKS)
    return [*overhead, *load, memory, Figure("service ready after", ready, "s", "<=", 10, "from its start to /readyz")]


@contextmanager
def _service(data_dir: Path) -> Iterator[tuple[httpx.Client, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bot.adapters.cli", "serve", "--port", str(port), "--data-dir", str(data_dir)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)  # noqa: S603
    limits = httpx.Limits(max_connections=CALLERS, max_keepalive_connections=CALLERS)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits) as client:
            while not _is_ready(client):
                time.sleep(0.05)
            yield client, running.pid
    finally:
        running.terminate()
        running.wait()


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _overhead(client: httpx.Client, inside: Any, asked: list[str], *, rounds: int) -> list[Figure]:
    for question in asked:
        _over_http(client, question)
        inside(ask, question)
    over_http: list[float] = []
    in_process: list[float] = []
    for _ in range(rounds):
        for question in asked:
            over_http.append(_over_http(client, question))
            in_process.append(inside(ask, question))
    more = p50(service - bare for service, bare in zip(over_http, in_process, strict=True))
    how = f"median of pairs; p50 {p50(over_http):.1f} and {p50(in_process):.1f}, {len(asked)} questions"
    return [Figure("service over the answer in process", more, "ms", "<=", 5, how)]


def _load(client: httpx.Client, inside: Any, asked: list[str]) -> list[Figure]:
    in_process = inside(ask_all, asked)
    began = time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as callers:
        took = list(callers.map(lambda question: _over_http(client, question), asked))
    service = len(asked) / (time.perf_counter() - began)
    middle, slowest = p50(took), float(np.percentile(took, 99))
    errors = sum(milliseconds == float("inf") for milliseconds in took)
    both = f"{service:.0f} / {in_process:.0f} answers a second, {CALLERS} callers, {os.cpu_count()} threads in process"
    return [
        Figure("service throughput / in process", service / in_process, "×", ">=", 0.8, both),
        Figure("p99 / p50 under load", slowest / middle, "×", "<=", 10, f"{slowest:.0f} / {middle:.0f} ms"),
        Figure("errors under load", errors, "", "<=", 0, f"of {len(asked)}"),
    ]


def _memory(client: httpx.Client, pid: int, asked: list[str], *, asks: int) -> Figure:
    many = list(islice(cycle(asked), asks))
    settled = int(asks * SETTLED)
    watched = psutil.Process(pid)
    with ThreadPoolExecutor(4) as callers:
        list(callers.map(lambda question: _over_http(client, question), many[:settled]))
        before = watched.memory_info().rss
        list(callers.map(lambda question: _over_http(client, question), many[settled:]))
    after = watched.memory_info().rss
    how = f"{after / 1e6:.0f} MB after {asks:,} asks / {before / 1e6:.0f} MB after {settled:,}"
    return Figure("memory after many asks / before", after / before, "×", "<=", 1.1, how)


def _over_http(client: httpx.Client, question: str) -> float:
    """Milliseconds of one ask; infinite where it was not answered."""
    began = time.perf_counter()
    response = client.post("/v1/ask", json={"question": question})
    return (time.perf_counter() - began) * 1000 if response.status_code == 200 else float("inf")


def prepare(data_dir: Path, database: Path) -> None:
    """Open a bot with a store in this process, as the service has one."""
    _ready["store"] = open_store(f"sqlite:///{database}", retention_days=0)
    _ready["bot"] = open_bot(BotSettings(data_dir=data_dir), memory=_ready["store"].__enter__())


def ask(question: str) -> float:
    """Milliseconds of asking in this process."""
    began = time.perf_counter()
    _ready["bot"].ask(question)
    return (time.perf_counter() - began) * 1000


def ask_all(asked: list[str]) -> float:
    """Answers a second, on as many threads as there are cores."""
    began = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(ask, asked))
    return len(asked) / (time.perf_counter() - began)
