"""A folder that is followed."""

import json
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import CITEWELL, ROOT, write

from ingest.index import alone

NETWORKS = "There are 42 primary care networks in the county."
FOOTBALL = "An event about the plan was held at the football ground."
PATIENCE = 40  # seconds; a change is seen after about one, on a machine with nothing else to do

Next = Callable[[], dict[str, Any]]


class Watching:
    """A running `citewell ingest --watch --json`."""

    def __init__(self, folder: Path, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [CITEWELL, "ingest", folder, "--watch", "--json", "--data-dir", data_dir],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.told: queue.Queue[str] = queue.Queue()
        self._reports: queue.Queue[str] = queue.Queue()
        for stream, into in ((self.process.stdout, self._reports), (self.process.stderr, self.told)):
            threading.Thread(target=lambda s, i: [i.put(line) for line in s], args=(stream, into), daemon=True).start()

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self._reports.get(timeout=PATIENCE))
        return report

    def report_with(self, **wanted: object) -> dict[str, Any]:
        """The first report that says this: what is written in two steps may be seen in two."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            report = self.report()
            if all(report[name] == value for name, value in wanted.items()):
                return report
        raise AssertionError(f"no report with {wanted}")

    def is_quiet(self, seconds: float) -> bool:
        try:
            self._reports.get(timeout=seconds)
        except queue.Empty:
            return True
        return False


@pytest.fixture
def watching(folder: Path, data_dir: Path) -> Iterator[Callable[..., Watching]]:
    started: list[Watching] = []

    def start(data_dir: Path = data_dir) -> Watching:
        started.append(Watching(folder, data_dir))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
        for stream in (one.process.stdout, one.process.stderr):
            if stream:
                stream.close()


def test_a_watched_folder_is_followed_until_it_is_interrupted(folder: Path, watching: Callable[..., Watching]) -> None:
    write(folder, networks_md=NETWORKS)
    watched = watching(folder / ".data")  # below the folder: what the index writes is no change
    assert watched.report()["added"] == ["networks.md"]
    write(folder, event_md=FOOTBALL)
    assert watched.report_with(added=["event.md"])["unchanged"] == ["networks.md"]
    (folder / "event.md").rename(folder / "party.md")
    assert watched.report_with(renamed=[{"from": "event.md", "to": "party.md"}])["failed"] == []
    (folder / ".hidden.md").write_text(NETWORKS)
    assert watched.is_quiet(3)
    (folder / "party.md").unlink()
    assert watched.report_with(removed=["party.md"])["documents"] == 1
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(timeout=PATIENCE) == 0
    assert watched.told.empty()


def test_what_goes_wrong_is_told_once_and_tried_again(
    folder: Path, data_dir: Path, watching: Callable[..., Watching]
) -> None:
    write(folder, networks_md=NETWORKS)
    with alone(data_dir):
        watched = watching()
        assert "Another ingest is writing this index." in watched.told.get(timeout=PATIENCE)
    assert watched.report()["added"] == ["networks.md"]
    folder.rename(folder.parent / "elsewhere")
    (folder.parent / "elsewhere").joinpath("event.md").write_text(FOOTBALL)
    time.sleep(2)
    assert watched.process.poll() is None
    shutil.copytree(folder.parent / "elsewhere", folder)
    assert watched.report_with(added=["event.md"])["removed"] == []
    os.kill(watched.process.pid, signal.SIGINT)
    assert watched.process.wait(timeout=PATIENCE) == 0


def test_a_folder_that_is_not_there_from_the_start_is_an_error(folder: Path, watching: Callable[..., Watching]) -> None:
    folder.rmdir()
    watched = watching()
    assert watched.process.wait(timeout=PATIENCE) == 1
    assert "There is no folder" in watched.told.get(timeout=PATIENCE)
