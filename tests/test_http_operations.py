"""Running the service: metrics, log, start, stop, and an index that changes meanwhile."""

import gzip
import json
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread, Timer

import httpx
import psutil
import pytest
from conftest import CITEWELL, ROOT, Run, ingested, write
from http_parts import QUESTION, Held, serving

from bot.adapters.http.admission import check
from bot.adapters.http.logs import Plain, Structured
from bot.adapters.http.settings import ServiceSettings
from bot.assemble import Bot
from ingest.embed import Embedder
from ingest.errors import SettingsError
from ingest.settings import load_settings

READY_WITHIN = 10.0  # seconds of the processor, which don't depend on what else runs
Started = tuple[httpx.Client, subprocess.Popen[str]]


@contextmanager
def started(
    data_dir: Path, *arguments: str, **environment: str
) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """Run `citewell serve` as people do."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [CITEWELL, "serve", "--port", str(port), "--data-dir", data_dir],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            until = time.monotonic() + 60
            while time.monotonic() < until and process.poll() is None:
                try:
                    if client.get("/readyz").status_code == 200:
                        break
                except httpx.ConnectError:
                    time.sleep(0.05)
            yield client, process
    finally:
        process.kill()
        process.wait()


class Collected(ThreadingHTTPServer):
    """A collector of traces that keeps what it is sent."""

    paths: list[str]
    sent = b""

    @property
    def environment(self) -> dict[str, str]:
        """The settings that send traces here."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.server_port}", "OTEL_METRICS_EXPORTER": "none"}


class Collecting(BaseHTTPRequestHandler):
    server: Collected

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sent += gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        self.server.paths.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def collecting() -> Iterator[Collected]:
    with Collected(("127.0.0.1", 0), Collecting) as server:
        server.paths = []
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_figures_count_answers_steps_requests_and_refusals(bot: Bot, tmp_path: Path) -> None:
    with serving(bot, tmp_path) as client:
        client.post("/v1/ask", json={"question": QUESTION})
        client.post("/v1/ask", json={"question": "?"})
        client.get("/documents/no/such/thing.md")
        figures = client.get("/metrics").text
    for figure in (
        'citewell_asks_total{status="answered",way="json"} 1.0',
        'citewell_step_seconds_count{step="retrieve"} 1.0',
        'citewell_requests_total{method="POST",route="/v1/ask",status="422"} 1.0',
        'citewell_requests_total{method="GET",route="/documents/{document_id:path}",status="404"} 1.0',
        'citewell_refused_requests_total{problem="no-question"} 1.0',
        f"citewell_documents {float(len(bot.index.documents()))}",
        f"citewell_passages {float(bot.index.count_passages())}",
        "citewell_waiting_asks 0.0",
    ):
        assert figure in figures
    assert "such/thing" not in figures


def test_the_log_has_a_line_for_each_request_with_its_reference_and_no_question(
    bot: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "citewell.http")
    with serving(bot, tmp_path) as client:
        reference = client.post("/v1/ask", json={"question": QUESTION}).headers["x-reference"]
        client.get("/healthz")
    lines = [json.loads(Structured().format(record)) for record in caplog.records if record.name == "citewell.http"]
    (line,) = lines
    assert line["reference"] == reference
    assert (line["method"], line["path"], line["status"], line["answer"]) == ("POST", "/v1/ask", 200, "answered")
    assert line["timings_ms"]["total"] > 0
    assert "primary care" not in json.dumps(line)


def test_questions_are_in_the_log_when_asked_for(bot: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "citewell.http")
    with serving(bot, tmp_path, log_questions=True) as client:
        client.post("/v1/ask", json={"question": QUESTION})
    assert QUESTION in Structured().format(caplog.records[-1])
    assert QUESTION in Plain().format(caplog.records[-1])


def test_what_goes_wrong_inside_is_a_sentence_outside_and_the_whole_of_it_in_the_log(
    bot: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(bot, tmp_path) as client:
        monkeypatch.setattr(type(bot.index), "search", lambda *_, **__: 1 / 0)
        response = client.post("/v1/ask", json={"question": QUESTION})
        events = client.post("/v1/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"}).text
    assert response.status_code == 500
    assert "ZeroDivision" not in response.text + events
    assert "event: error" in events
    record = next(one for one in caplog.records if getattr(one, "reference", "") == response.json()["reference"])
    assert "ZeroDivisionError" in Structured().format(record)


def test_a_stopped_service_finishes_what_it_began(bot: Bot, tmp_path: Path) -> None:
    held = Held(bot)
    with ThreadPoolExecutor(1) as callers:
        with serving(held.bot, tmp_path) as client:
            answer = callers.submit(httpx.post, f"{client.base_url}/v1/ask", json={"question": QUESTION}, timeout=20)
            assert held.begun.wait(5)
            Timer(0.3, held.go.set).start()
        assert answer.result().status_code == 200


def test_it_is_ready_in_time_follows_the_index_and_lets_answers_under_way_finish(
    folder: Path, data_dir: Path, embedder: Embedder, citewell: Run
) -> None:
    write(folder, ferries_md="# Ferries\n\nThe ferry runs every day at nine.\n")
    ingested(folder, data_dir, embedder)
    asked = {"question": "Who chairs the harbour board?"}
    with collecting() as collected, started(data_dir, **collected.environment) as (client, process):
        used = psutil.Process(process.pid).cpu_times()
        assert used.user + used.system < READY_WITHIN

        assert client.post("/v1/ask", json=asked).json()["status"] == "not_found"
        write(folder, board_md="# Board\n\nAnn Lee chairs the harbour board.\n")
        citewell("ingest", folder, data_dir=data_dir)
        assert "Ann Lee" in client.post("/v1/ask", json=asked).json()["text"]
        assert [one["id"] for one in client.get("/v1/documents").json()] == ["board.md", "ferries.md"]

        with ThreadPoolExecutor(8) as callers:
            answers = [callers.submit(client.post, "/v1/ask", json=asked) for _ in range(8)]
            answers[0].result()
            process.send_signal(signal.SIGTERM)
            assert [answer.result().status_code for answer in answers] == [200] * 8
        assert process.wait(20) in (0, -signal.SIGTERM)
        assert set(collected.paths) == {"/v1/traces"}
        assert b"/v1/ask" in collected.sent
        assert b"retrieve" in collected.sent
        assert b"harbour" not in collected.sent, "nothing of a question"


def test_it_does_not_start_open_to_others_without_a_key(citewell: Run, tmp_path: Path) -> None:
    refused = citewell("serve", "--host", "0.0.0.0", "--port", "0", data_dir=tmp_path)  # noqa: S104
    assert refused.returncode == 1
    assert "citewell keys create" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"), [("CITEWELL_RATE", "often"), ("CITEWELL_MAX_ASKS", "0"), ("CITEWELL_KEYS", "maybe")]
)
def test_settings_that_make_no_sense_are_said_before_it_starts(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        check(load_settings(ServiceSettings))
