"""Reading in a process of its own: whatever a file does to it, the others are read."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from conftest import ROOT, found_by_words, ingested, opened, write

from ingest.embed import Embedder
from ingest.reading import Limits, Reader

NETWORKS = "There are 42 primary care networks in the county."
FOOTBALL = "An event about the plan was held at the football ground."

# Readers of formats that do what bad files do to real ones, put into the process by Python's own start-up hook.
BAD_READERS = """
import os, sys, time
if "ingest.reading_process" in sys.orig_argv:
    import ingest.readers.text as text
    plain = text.read
    def read(document_id, data, content_hash, *more):
        match data.split()[0]:
            case b"hang":
                while True: pass
            case b"sleep":
                os.system("sleep 60")
            case b"swell":
                held = [bytes(1_000_000) for _ in range(100_000)]
            case b"crash":
                os.abort()
            case b"segfault":
                import ctypes; ctypes.string_at(0)
            case b"deep":
                def down(): return down()
                down()
            case b"leave":
                os._exit(3)
            case b"print":
                print("noise " * 100_000); print("noise", file=sys.stderr)
        return plain(document_id, data, content_hash, *more)
    text.read = read
"""


@pytest.fixture
def bad_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the process read Markdown files with readers that go wrong."""
    place = tmp_path / "hook"
    place.mkdir()
    (place / "sitecustomize.py").write_text(BAD_READERS)
    monkeypatch.setenv("PYTHONPATH", f"{place}{os.pathsep}{ROOT}")


@pytest.fixture
def reader(embedder: Embedder) -> Iterator[Reader]:
    with Reader(embedder, Limits(seconds=3, memory_mb=200)) as reader:
        yield reader


def reasons(folder: Path, reader: Reader) -> dict[str, str]:
    """Read all files of a folder; give the reason for those that could not be, and nothing for the others."""
    files = [(path, "a hash") for path in sorted(folder.iterdir())]
    return {path.name: read if isinstance(read, str) else "" for path, read in reader.read_all(files, folder)}


@pytest.mark.usefixtures("bad_readers")
def test_whatever_a_file_does_the_others_are_read(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    bad = {
        "hang": "reading it was stopped after 3 s of work (CITEWELL_READ_SECONDS is the limit)",
        "sleep": "reading it was stopped after 15 s without an end (CITEWELL_READ_SECONDS is the limit)",
        "swell": "reading it took more than 200 MB of memory (CITEWELL_READ_MEMORY_MB is the limit)",
        "crash": "reading it broke off, perhaps for want of memory (CITEWELL_READ_MEMORY_MB is the limit)",
        "segfault": "the reader of its format crashed (status -11)",
        "leave": "the reader of its format crashed (status 3)",
        "deep": "it is damaged: reading it failed (RecursionError)",
    }
    for name in bad:
        (folder / f"{name}.md").write_text(f"{name} and more.")
        (folder / f"{name}-next.md").write_text(f"{NETWORKS} It is {name}.")
    (folder / "print.md").write_text("print and go on.")
    with Reader(embedder, Limits(seconds=3, memory_mb=200)) as reader:
        report = ingested(folder, data_dir, embedder, reader=reader)
    assert report.failed == {f"{name}.md": reason for name, reason in sorted(bad.items())}
    assert report.added == sorted([*(f"{name}-next.md" for name in bad), "print.md"])
    assert len(found_by_words(opened(data_dir, embedder), "networks")) == 5


@pytest.mark.usefixtures("bad_readers")
def test_what_had_to_be_stopped_is_not_tried_again_before_it_changes(folder: Path, reader: Reader) -> None:
    write(folder, a_md="hang", b_md=NETWORKS)
    before = set(psutil.Process().children())
    first = reasons(folder, reader)
    assert [bool(reason) for reason in first.values()] == [True, False]
    (process,) = set(psutil.Process().children()) - before
    assert reasons(folder, reader) == first
    assert process.is_running()  # it would have been killed for the first file
    write(folder, a_md=FOOTBALL)
    files = [(folder / "a.md", "another hash")]
    assert [isinstance(read, tuple) for _, read in reader.read_all(files, folder)] == [True]


@pytest.mark.usefixtures("bad_readers")
def test_what_a_reader_started_is_killed_with_it(folder: Path, reader: Reader) -> None:
    write(folder, a_md="sleep")
    reasons(folder, reader)
    sleeping = [one for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"] == ["sleep", "60"]]
    assert sleeping == []


def test_one_process_reads_all_files_and_ends_with_the_reader(folder: Path, embedder: Embedder) -> None:
    for number in range(20):
        (folder / f"{number}.md").write_text(NETWORKS)
    before = set(psutil.Process().children())
    with Reader(embedder) as reader:
        assert set(reasons(folder, reader).values()) == {""}
        (process,) = set(psutil.Process().children()) - before
        assert set(reasons(folder, reader).values()) == {""}
        assert set(psutil.Process().children()) - before == {process}
    assert not process.is_running()


def test_a_process_that_somebody_ends_is_started_again(folder: Path, reader: Reader) -> None:
    write(folder, a_md=NETWORKS)
    before = set(psutil.Process().children())
    reasons(folder, reader)
    (process,) = set(psutil.Process().children()) - before
    process.kill()
    process.wait()
    assert reasons(folder, reader) == {"a.md": ""}


def test_a_text_of_more_characters_than_are_read_is_refused(folder: Path, embedder: Embedder) -> None:
    (folder / "long.txt").write_text("word " * 2_100_000)
    write(folder, a_md=NETWORKS)
    with Reader(embedder) as reader:
        found = reasons(folder, reader)
    assert found == {"a.md": "", "long.txt": "it has 10,500,000 characters, and no more than 10,000,000 are read"}


@pytest.mark.usefixtures("bad_readers")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left_behind(folder: Path, data_dir: Path, how: signal.Signals) -> None:
    write(folder, a_md="sleep" if how is signal.SIGINT else "print", b_md=NETWORKS * 2000)
    command = [sys.executable, "-m", "bot.adapters.cli", "ingest", str(folder), "--data-dir", str(data_dir)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        children = _wait_for_child(process.pid)
        process.send_signal(how)
        process.wait(timeout=20)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []


def _wait_for_child(pid: int) -> list[psutil.Process]:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        children = psutil.Process(pid).children()
        if children:
            return children
        time.sleep(0.02)
    raise AssertionError("no process was started")


@pytest.mark.usefixtures("bad_readers")
def test_the_settings_are_the_limits(folder: Path, data_dir: Path) -> None:
    write(folder, hang_md="hang", plan_md=NETWORKS, long_md=NETWORKS * 100)
    done = subprocess.run(
        [sys.executable, "-m", "bot.adapters.cli", "ingest", folder, "--json", "--data-dir", data_dir],
        env={**os.environ, "CITEWELL_READ_SECONDS": "1", "CITEWELL_LARGEST_FILE_MB": "0.001"},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    report = json.loads(done.stdout)
    assert (done.returncode, report["added"]) == (1, ["plan.md"])
    assert {one["document_id"]: one["reason"] for one in report["failed"]} == {
        "hang.md": "reading it was stopped after 1 s of work (CITEWELL_READ_SECONDS is the limit)",
        "long.md": "it has 0.005 MB, more than 0.001 (CITEWELL_LARGEST_FILE_MB is the limit)",
    }
