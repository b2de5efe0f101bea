"""The index in step with a folder, whatever happens on the way."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import CITEWELL, ROOT, Run, found_by_meaning, found_by_words, ingested, opened, write

from ingest.embed import Embedder
from ingest.index import alone

NETWORKS = "There are 42 primary care networks in the county."
FOOTBALL = "An event about the plan was held at the football ground."

SYNC = """
import sys
from pathlib import Path
from ingest.embed import open_embedder
from ingest.sync import sync
folder, data_dir = map(Path, sys.argv[1:])
sync(folder, location=str(data_dir / "index"), data_dir=data_dir, embedder=open_embedder("all-MiniLM-L6-v2"),
     progress=lambda done, total, name: print(done, name, flush=True))
print(*sorted({name.partition(".")[0] for name in sys.modules}), sep=",")
"""
LOOK = """
import json, sys
from pathlib import Path
from ingest.embed import open_embedder
from ingest.index import open_index
data_dir = Path(sys.argv[-1])
index = open_index(str(data_dir / "index"), data_dir, open_embedder("all-MiniLM-L6-v2"))
held = {passage.id for passage in index.catalog.all_passages()}
by_words = {name for name, _ in index.lexical.search("common", limit=10_000)}
print(json.dumps({
    "documents": index.catalog.hashes(),
    "texts": {name: index.catalog.document(name).text for name in index.catalog.hashes()},
    "catalogue": sorted(held),
    "vectors": sorted(row.passage.id for row in index.store.rows()),
    "words": sorted(by_words),
}))
"""


def python(script: str, *arguments: Path) -> list[str]:
    return [sys.executable, "-c", script, *map(str, arguments)]


def look(data_dir: Path, *, first: str = "", folder: Path = ROOT) -> dict[str, Any]:
    """What each part of an index holds, seen by a new process, which may sync first."""
    command = python(first + LOOK, folder, data_dir)
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


def assert_one_sentence(stderr: str) -> None:
    """One line for the person, no traceback."""
    assert "Traceback" not in stderr
    assert len(stderr.strip().splitlines()) == 1, stderr
    assert stderr.strip().endswith((".", "--rebuild"))


def test_the_same_again_changes_nothing(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, networks_md=NETWORKS, event_md=FOOTBALL)
    first = ingested(folder, data_dir, embedder)
    assert (first.added, first.passages) == (["event.md", "networks.md"], 2)
    generation = opened(data_dir, embedder).store.generation
    second = ingested(folder, data_dir, embedder)
    assert (second.added, second.changed, second.removed) == ([], [], [])
    assert (second.unchanged, second.passages) == (["event.md", "networks.md"], 2)
    assert opened(data_dir, embedder).store.generation == generation


def test_a_file_that_is_only_touched_is_unchanged(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, networks_md=NETWORKS)
    ingested(folder, data_dir, embedder)
    write(folder, networks_md=NETWORKS)
    assert ingested(folder, data_dir, embedder).unchanged == ["networks.md"]


def test_with_nothing_changed_no_model_is_loaded(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, networks_md=NETWORKS)
    ingested(folder, data_dir, embedder)
    done = subprocess.run(python(SYNC, folder, data_dir), capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = set(done.stdout.splitlines()[-1].split(","))
    assert "ingest" in loaded
    assert not loaded & {"onnxruntime", "torch", "sentence_transformers", "transformers"}


def test_a_changed_document_replaces_what_it_said(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, plan_md=NETWORKS)
    ingested(folder, data_dir, embedder)
    write(folder, plan_md=FOOTBALL)
    assert ingested(folder, data_dir, embedder).changed == ["plan.md"]
    index = opened(data_dir, embedder)
    assert found_by_words(index, "networks football") == [FOOTBALL]
    assert found_by_meaning(index, "networks", embedder) == [FOOTBALL]


def test_a_changed_date_alone_is_a_change(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, plan_md=f"---\ndate: 2021\n---\n{NETWORKS}")
    ingested(folder, data_dir, embedder)
    write(folder, plan_md=f"---\ndate: 2022\n---\n{NETWORKS}")
    assert ingested(folder, data_dir, embedder).changed == ["plan.md"]
    index = opened(data_dir, embedder)
    assert [document.date for document in index.catalog.documents()] == ["2022"]
    assert found_by_words(index, "networks") == [NETWORKS]


def test_a_deleted_document_is_found_no_more(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, networks_md=NETWORKS, event_md=FOOTBALL)
    ingested(folder, data_dir, embedder)
    (folder / "event.md").unlink()
    assert ingested(folder, data_dir, embedder).removed == ["event.md"]
    index = opened(data_dir, embedder)
    assert found_by_words(index, "football") == []
    assert found_by_meaning(index, "football", embedder) == [NETWORKS]
    assert index.catalog.document("event.md") is None


def test_a_renamed_document_is_found_under_its_new_name_only(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, old_md=NETWORKS)
    ingested(folder, data_dir, embedder)
    (folder / "old.md").rename(folder / "new.md")
    ingested(folder, data_dir, embedder)
    found = opened(data_dir, embedder).search("networks", limit=5)
    assert [passage.document_id for passage, _ in found] == ["new.md"]


def test_two_documents_with_the_same_text_are_two(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, a_md=NETWORKS, b_md=NETWORKS)
    ingested(folder, data_dir, embedder)
    (folder / "a.md").unlink()
    ingested(folder, data_dir, embedder)
    assert found_by_words(opened(data_dir, embedder), "networks") == [NETWORKS]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"---\ntitle: [a\n---\nText.\n", "its front matter is not valid YAML"),
        (b"", "it is empty"),
        (b"\0\1\2", "it is not a text file"),
        (b"# Nothing but a heading\n", "it has nothing but headings or mark-up"),
        (b"<div></div>\n", "it has nothing but headings or mark-up"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported_and_the_others_are_read(
    folder: Path, data_dir: Path, embedder: Embedder, data: bytes, reason: str
) -> None:
    (folder / "bad.md").write_bytes(data)
    write(folder, a_md=FOOTBALL, networks_md=NETWORKS)
    report = ingested(folder, data_dir, embedder)
    assert report.added == ["a.md", "networks.md"]
    assert reason in report.failed["bad.md"]
    assert found_by_words(opened(data_dir, embedder), "networks") == [NETWORKS]


def test_a_file_whose_name_is_no_text_is_reported(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    (folder / os.fsdecode(b"caf\xe9.md")).write_text(NETWORKS)
    write(folder, a_md=FOOTBALL)
    report = ingested(folder, data_dir, embedder)
    assert (report.added, list(report.failed)) == (["a.md"], ["caf?.md"])


def test_a_document_that_cannot_be_read_any_more_keeps_its_last_version(
    folder: Path, data_dir: Path, embedder: Embedder
) -> None:
    write(folder, networks_md=NETWORKS)
    ingested(folder, data_dir, embedder)
    (folder / "networks.md").write_bytes(b"")
    assert list(ingested(folder, data_dir, embedder).failed) == ["networks.md"]
    assert found_by_words(opened(data_dir, embedder), "networks") == [NETWORKS]


def test_a_reader_that_is_open_finds_what_was_ingested_since(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, networks_md=NETWORKS)
    ingested(folder, data_dir, embedder)
    index = opened(data_dir, embedder)
    write(folder, networks_md=FOOTBALL)
    ingested(folder, data_dir, embedder)
    index.lexical.reload()
    assert found_by_words(index, "football") == [FOOTBALL]
    assert found_by_meaning(index, "football", embedder) == [FOOTBALL]


def test_a_second_ingest_at_the_same_time_says_so(folder: Path, data_dir: Path, citewell: Run) -> None:
    write(folder, networks_md=NETWORKS)
    with alone(data_dir):
        done = citewell("ingest", folder, data_dir=data_dir)
    assert done.returncode == 1
    assert_one_sentence(done.stderr)
    assert "Another ingest is writing this index." in done.stderr
    assert citewell("ingest", folder, data_dir=data_dir).returncode == 0


@pytest.mark.slow
def test_an_ingest_killed_at_any_moment_is_mended_by_the_next(folder: Path, data_dir: Path) -> None:
    chance = random.Random(20260)
    before: dict[str, Any] = {}
    for round_number in range(4):
        for number in range(12):
            text = f"# Number {number}\n\n" + "".join(
                f"What is common to version {round_number} of part {part} is the number {number}.\n\n"
                for part in range(8 * (number % 3) + 1)
            )
            (folder / f"{number}.md").write_text(text)
        (folder / f"only-in-{round_number}.md").write_text(f"A common text of round {round_number} only.\n")
        (folder / f"only-in-{round_number - 2}.md").unlink(missing_ok=True)
        if round_number:
            (folder / f"moved-{round_number - 1}.md").rename(folder / f"moved-{round_number}.md")
        else:
            (folder / "moved-0.md").write_text("A common text that is moved.\n")
        killed_after(chance.randrange(12), chance.uniform(0, 0.3), folder, data_dir)
        if before:
            seen = look(data_dir)  # without mending: each document is as it was, or as it is now
            for name, text in seen["texts"].items():
                assert text in (before["texts"].get(name), current(folder, name))
            assert set(seen["catalogue"]) <= set(seen["vectors"])
        seen = look(data_dir, first=SYNC, folder=folder)
        assert seen["texts"] == {path.name: path.read_text() for path in folder.iterdir()}
        assert seen["catalogue"] == seen["vectors"] == seen["words"]
        before = seen
    done = subprocess.run(
        [CITEWELL, "ask", "What is common to version 3?", "--json", "--data-dir", data_dir],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["citations"]


def current(folder: Path, name: str) -> str | None:
    return (folder / name).read_text() if (folder / name).exists() else None


def killed_after(files: int, seconds: float, folder: Path, data_dir: Path) -> None:
    """Start a sync and kill it when so many files are done and so many seconds have gone."""
    with subprocess.Popen(python(SYNC, folder, data_dir), stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.split()[0] == str(files):
                time.sleep(seconds)
                process.kill()
                break


@pytest.mark.parametrize("place", ["a-file/data", "/proc/data"])
def test_a_data_folder_that_cannot_be_made_is_said_in_one_sentence(
    folder: Path, tmp_path: Path, citewell: Run, place: str
) -> None:
    write(folder, networks_md=NETWORKS)
    (tmp_path / "a-file").write_text("no folder")
    done = citewell("ingest", folder, data_dir=tmp_path / place)
    assert done.returncode == 1
    assert_one_sentence(done.stderr)
    assert "--data-dir" in done.stderr


def damage(path: Path, how: str) -> None:
    data = path.read_bytes()
    match how:
        case "overwritten":
            path.write_bytes(b"This is no database. " * 500)
        case "cut":
            path.write_bytes(data[: len(data) // 2])
        case "overwritten but for its head":
            path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


@pytest.mark.parametrize(
    ("part", "how"),
    [
        ("index/chroma.sqlite3", "overwritten"),
        ("index/chroma.sqlite3", "cut"),
        ("catalog.sqlite3", "overwritten"),
        ("catalog.sqlite3", "overwritten but for its head"),
        ("lexical/meta.json", "cut"),
    ],
)
def test_a_damaged_index_is_said_in_one_sentence_and_rebuild_mends_it(
    folder: Path, data_dir: Path, citewell: Run, part: str, how: str
) -> None:
    write(folder, networks_md=NETWORKS)
    subprocess.run(python(SYNC, folder, data_dir), capture_output=True, cwd=ROOT, check=True)
    damage(data_dir / part, how)
    done = citewell("ask", "How many networks are there?", data_dir=data_dir)
    assert done.returncode == 1
    assert_one_sentence(done.stderr)
    assert "Run: citewell ingest --rebuild" in done.stderr
    done = citewell("ingest", folder, "--rebuild", data_dir=data_dir)
    assert (done.returncode, done.stderr) == (0, "")
    assert "42" in citewell("ask", "How many networks are there?", data_dir=data_dir).stdout


def test_a_rebuild_of_a_damaged_index_leaves_other_files_in_its_folder(
    folder: Path, data_dir: Path, citewell: Run
) -> None:
    write(folder, networks_md=NETWORKS)
    subprocess.run(python(SYNC, folder, data_dir), capture_output=True, cwd=ROOT, check=True)
    (data_dir / "index" / "holiday.jpg").write_text("precious")
    damage(data_dir / "index" / "chroma.sqlite3", "cut")
    assert citewell("ingest", folder, "--rebuild", data_dir=data_dir).returncode == 0
    assert (data_dir / "index" / "holiday.jpg").read_text() == "precious"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", place], check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no disk can be mounted here: {error}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("left", [0, 200_000])
def test_a_full_disk_is_said_in_one_sentence_and_nothing_stored_is_lost(
    small_disk: Path, folder: Path, citewell: Run, left: int
) -> None:
    write(folder, networks_md=NETWORKS)
    data_dir = small_disk / "data"
    assert citewell("ingest", folder, data_dir=data_dir).returncode == 0
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    (small_disk / "filler").write_bytes(b"0" * (free - left))
    for number in range(4):
        (folder / f"{number}.md").write_text("".join(f"Part {part} of {number}. {FOOTBALL}\n\n" for part in range(40)))
    done = citewell("ingest", folder, data_dir=data_dir)
    assert done.returncode == 1
    assert_one_sentence(done.stderr)
    assert "disk is full" in done.stderr or "No space left" in done.stderr
    (small_disk / "filler").unlink()
    assert "42" in citewell("ask", "How many primary care networks are there?", data_dir=data_dir).stdout
    assert citewell("ingest", folder, data_dir=data_dir).returncode == 0
    assert "football" in citewell("ask", "Where was the event about the plan held?", data_dir=data_dir).stdout


def test_a_disk_that_cannot_be_written_is_said_in_one_sentence(small_disk: Path, folder: Path, citewell: Run) -> None:
    write(folder, networks_md=NETWORKS)
    data_dir = small_disk / "data"
    assert citewell("ingest", folder, data_dir=data_dir).returncode == 0
    write(folder, event_md=FOOTBALL)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    done = citewell("ingest", folder, data_dir=data_dir)
    assert done.returncode == 1
    assert_one_sentence(done.stderr)
    assert "--data-dir" in done.stderr
