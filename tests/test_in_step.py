"""What a sync finds out: renamed, copied and resembling documents, what it would do, and folders that are not there."""

import json
import os
import pty
import shutil
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import CITEWELL, ROOT, Run, found_by_meaning, found_by_words, ingested, json_lines, opened, write

from ingest.embed import Embedder, Matrix, MiniLM
from ingest.errors import CorpusError
from ingest.sync import SyncReport, preview

NETWORKS = "There are 42 primary care networks in the county."
FOOTBALL = "An event about the plan was held at the football ground."
SECTIONS = [f"## Section {number}\n\nPart {number} of the plan is about subject {number * 7}.\n" for number in range(9)]


class Counting(MiniLM):
    """The default embedder, which notes the passages that it embeds; a passage has parts, and a word has none."""

    def __init__(self) -> None:
        super().__init__()
        self._counting = threading.Lock()
        self.embedded: list[str] = []

    def embed_parts(self, text: str, parts: Sequence[tuple[int, int]]) -> tuple[list[float], Matrix]:
        if parts:
            with self._counting:
                self.embedded.append(text)
        return super().embed_parts(text, parts)


def previewed(folder: Path, data_dir: Path, embedder: Embedder, **options: Any) -> SyncReport:
    return preview(folder, location=str(data_dir / "index"), data_dir=data_dir, embedder=embedder, **options)


def everything_below(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path): (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns)
        for path in sorted([folder, *folder.rglob("*")])
    }


def test_a_renamed_document_is_reported_as_such_and_not_embedded_again(folder: Path, data_dir: Path) -> None:
    write(folder, old_md=f"# Networks\n\n{NETWORKS}\n", event_md=FOOTBALL)
    embedder = Counting()
    ingested(folder, data_dir, embedder)
    before = opened(data_dir, embedder)
    found = before.nearest(embedder.embed_query("networks"), limit=1)[0][1]
    (folder / "below").mkdir()
    (folder / "old.md").rename(folder / "below" / "new.md")
    embedder.embedded.clear()
    report = ingested(folder, data_dir, embedder)
    assert report.renamed == {"below/new.md": "old.md"}
    assert (report.added, report.changed, report.removed, report.unchanged) == ([], [], [], ["event.md"])
    assert embedder.embedded == []
    index = opened(data_dir, embedder)
    (passage, score), _ = index.nearest(embedder.embed_query("networks"), limit=5)
    assert (passage.document_id, score) == ("below/new.md", pytest.approx(found, abs=1e-6))
    assert [passage.document_id for passage, _ in index.search("networks", limit=5)] == ["below/new.md"]
    assert index.store.count() == 2


def test_a_document_whose_name_is_its_title_is_embedded_again_under_the_new_one(folder: Path, data_dir: Path) -> None:
    text = "This text goes on, and it has no heading that could be its title;\nso its name is one.\n"
    write(folder, old_md=text)
    embedder = Counting()
    ingested(folder, data_dir, embedder)
    (folder / "old.md").rename(folder / "new.md")
    embedder.embedded.clear()
    assert ingested(folder, data_dir, embedder).renamed == {"new.md": "old.md"}
    assert [embedded.splitlines()[0] for embedded in embedder.embedded] == ["new"]


def test_of_two_copies_of_a_document_that_is_gone_one_is_the_renamed(folder: Path, data_dir: Path) -> None:
    write(folder, old_md=f"# Networks\n\n{NETWORKS}\n")
    embedder = Counting()
    ingested(folder, data_dir, embedder)
    shutil.copy(folder / "old.md", folder / "a.md")
    (folder / "old.md").rename(folder / "b.md")
    embedder.embedded.clear()
    report = ingested(folder, data_dir, embedder)
    assert (report.renamed, report.added, report.removed) == ({"a.md": "old.md"}, ["b.md"], [])
    assert embedder.embedded == []


def test_names_that_change_places_are_two_changes(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, a_md=NETWORKS, b_md=FOOTBALL)
    ingested(folder, data_dir, embedder)
    write(folder, a_md=FOOTBALL, b_md=NETWORKS)
    assert ingested(folder, data_dir, embedder).changed == ["a.md", "b.md"]
    found = opened(data_dir, embedder).search("networks", limit=5)
    assert [(passage.document_id, passage.text) for passage, _ in found] == [("b.md", NETWORKS)]


def test_of_a_changed_document_only_what_changed_is_embedded(folder: Path, data_dir: Path) -> None:
    (folder / "plan.md").write_text("# Plan\n\n" + "\n".join(SECTIONS))
    embedder = Counting()
    ingested(folder, data_dir, embedder)
    assert len(embedder.embedded) == len(SECTIONS)
    (folder / "plan.md").write_text("# Plan\n\n" + "\n".join([*SECTIONS[:4], "## New\n\nA new part.\n", *SECTIONS[4:]]))
    embedder.embedded.clear()
    assert ingested(folder, data_dir, embedder).changed == ["plan.md"]
    assert len(embedder.embedded) == 1
    index = opened(data_dir, embedder)
    assert len(found_by_words(index, "subject 56")) == 5
    assert "Part 8 of the plan is about subject 56." in found_by_meaning(index, "section 8, subject 56", embedder)
    assert index.store.count() == index.catalog.count_passages() == len(SECTIONS) + 1


@pytest.mark.parametrize("is_new", [True, False])
def test_a_dry_run_says_what_would_be_done_and_writes_nothing(
    folder: Path, data_dir: Path, embedder: Embedder, is_new: bool
) -> None:
    write(folder, same_md=NETWORKS, changed_md=FOOTBALL, old_md="One text.", gone_md="Another text.")
    if not is_new:
        ingested(folder, data_dir, embedder)
    write(folder, changed_md=f"{FOOTBALL} It rained.", new_md="Something new.", bad_md="")
    (folder / "old.md").rename(folder / "renamed.md")
    (folder / "gone.md").unlink()
    before = everything_below(folder.parent)
    foreseen = previewed(folder, data_dir, embedder)
    assert everything_below(folder.parent) == before
    done = ingested(folder, data_dir, embedder)
    assert {**vars_of(foreseen), "similar": [], "seconds": 0} == {**vars_of(done), "similar": [], "seconds": 0}
    if not is_new:
        assert (done.changed, done.renamed, done.removed) == (["changed.md"], {"renamed.md": "old.md"}, ["gone.md"])


def test_a_dry_run_without_a_catalogue_asks_the_index(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, same_md=NETWORKS, changed_md=FOOTBALL)
    ingested(folder, data_dir, embedder)
    (data_dir / "catalog.sqlite3").unlink()
    write(folder, changed_md=f"{FOOTBALL} It rained.")
    foreseen = previewed(folder, data_dir, embedder)
    assert (foreseen.changed, foreseen.unchanged, foreseen.passages) == (["changed.md"], ["same.md"], 2)


def vars_of(report: SyncReport) -> dict[str, Any]:
    return {name: getattr(report, name) for name in SyncReport.__slots__}


def test_a_dry_run_of_the_command_says_so(folder: Path, data_dir: Path, citewell: Run) -> None:
    write(folder, plan_md=NETWORKS, bad_md="")
    done = citewell("ingest", folder, "--dry-run", data_dir=data_dir)
    assert done.returncode == 1
    assert "would be added  plan.md" in done.stdout
    assert "1 documents would be in the index" in done.stdout
    assert not data_dir.exists()
    assert citewell("ingest", folder, "--dry-run", "--rebuild", data_dir=data_dir).returncode == 2


def test_an_empty_folder_is_not_taken_for_a_wish_to_forget_everything(
    folder: Path, data_dir: Path, embedder: Embedder, citewell: Run
) -> None:
    write(folder, plan_md=NETWORKS)
    ingested(folder, data_dir, embedder)
    (folder / "plan.md").rename(folder.parent / "plan.md")
    (folder / "lost+found").mkdir()
    for arguments in (["ingest", folder], ["ingest", folder, "--rebuild"], ["ingest", folder, "--dry-run"]):
        done = citewell(*arguments, data_dir=data_dir)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
        assert "There is no document in" in done.stderr
        assert "--allow-empty" in done.stderr
        assert found_by_words(opened(data_dir, embedder), "networks") == [NETWORKS]
    done = citewell("ingest", folder, "--allow-empty", "--json", data_dir=data_dir)
    assert (done.returncode, json.loads(done.stdout)["removed"]) == (0, ["plan.md"])
    assert citewell("ingest", folder, data_dir=data_dir).returncode == 0  # nothing is left to forget


def test_a_folder_that_is_gone_removes_nothing(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, plan_md=NETWORKS)
    ingested(folder, data_dir, embedder)
    shutil.rmtree(folder)
    with pytest.raises(CorpusError, match="There is no folder"):
        ingested(folder, data_dir, embedder)
    assert found_by_words(opened(data_dir, embedder), "networks") == [NETWORKS]


def test_a_folder_that_goes_away_while_it_is_read_removes_nothing(
    folder: Path, data_dir: Path, embedder: Embedder
) -> None:
    write(folder, a_md=NETWORKS, b_md=FOOTBALL, gone_md="Another text.")
    ingested(folder, data_dir, embedder)
    (folder / "gone.md").unlink()
    write(folder, a_md=f"{NETWORKS} More.", b_md=f"{FOOTBALL} More.")

    def take_away(done: int, total: int, name: str) -> None:
        if folder.exists() and done == 1:
            folder.rename(folder.parent / "elsewhere")

    with pytest.raises(CorpusError, match="went away while it was read"):
        ingested(folder, data_dir, embedder, progress=take_away)
    assert sorted(opened(data_dir, embedder).catalog.hashes()) == ["a.md", "b.md", "gone.md"]
    (folder.parent / "elsewhere").rename(folder)
    assert ingested(folder, data_dir, embedder).removed == ["gone.md"]


def test_documents_in_a_part_that_cannot_be_looked_into_stay(
    folder: Path, data_dir: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "share").mkdir()
    write(folder / "share", plan_md=NETWORKS)
    write(folder, event_md=FOOTBALL)
    ingested(folder, data_dir, embedder)
    scan = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "share":
            raise OSError(116, "Stale file handle")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = ingested(folder, data_dir, embedder)
    assert (report.removed, report.failed) == ([], {"share": "it can't be looked into: Stale file handle"})
    assert found_by_words(opened(data_dir, embedder), "networks") == [NETWORKS]


NAMES = [
    "two words",
    'it\'s "quoted"',
    "a\nb",
    "tab\tand [bold]x",
    "[/bold]",
    "–ü漢🙂",
    "%s$(id)`;",
    "-rf",
    "right\u202eto left",
]


def test_any_name_is_a_name(folder: Path, data_dir: Path, citewell: Run) -> None:
    (folder / "[").mkdir()
    for number, name in enumerate(NAMES):
        (folder / f"{name}.md").write_text(f"The secret word of this office is sesame{number}.")
        (folder / f"{name} bad.md").write_bytes(b"")
    done = citewell("ingest", folder, data_dir=data_dir)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == len(NAMES)
    assert len(done.stdout.splitlines()) == 1 + 2 * len(NAMES) + 1  # head and sum
    questions = folder.parent / "in.jsonl"
    questions.write_text("".join(f'{{"id": {n}, "question": "sesame{n}"}}\n' for n in range(len(NAMES))))
    citewell("ask", "--batch", questions, "--output", folder.parent / "out.jsonl", data_dir=data_dir)
    answers = json_lines(folder.parent / "out.jsonl")
    assert [answer["citations"][0]["document_id"] for answer in answers] == [f"{name}.md" for name in NAMES]
    for name in NAMES:
        (folder / f"{name}.md").rename(folder / f"{name} bad.md")
    report = json.loads(citewell("ingest", folder, "--json", data_dir=data_dir).stdout)
    assert sorted((one["from"], one["to"]) for one in report["renamed"]) == sorted(
        (f"{name}.md", f"{name} bad.md") for name in NAMES
    )
    assert (report["removed"], report["failed"]) == ([], [])


def plan(year: int, *, but: int = 0, more: str = "") -> str:
    """A plan of 40 sentences, of which some are others."""
    sentences = [
        f"Item {number} is about subject {number * (31 if number < but else 17)}, costs {number * 3} and is due soon."
        for number in range(40)
    ]
    return f"---\ntitle: Plan of {year}\ndate: {year}\n{more}---\n" + "\n\n".join(sentences) + "\n"


def test_versions_of_a_document_are_reported_with_the_newer_one(
    folder: Path, data_dir: Path, embedder: Embedder, citewell: Run
) -> None:
    write(folder, plan_md=plan(2021), revised_md=plan(2022, but=8), event_md=FOOTBALL)
    report = ingested(folder, data_dir, embedder)
    (pair,) = report.similar
    assert ({pair.first, pair.second}, pair.newer) == ({"plan.md", "revised.md"}, "revised.md")
    assert 0.5 < pair.share < 0.9
    assert ingested(folder, data_dir, embedder).similar == [pair]
    done = citewell("doctor", data_dir=data_dir)
    assert "look at  versions: revised.md is probably a newer version of plan.md" in done.stdout
    assert done.returncode == 0
    done = citewell("ingest", folder, data_dir=data_dir)
    assert "is probably a newer version of plan.md" in done.stdout
    write(folder, plan_md=plan(2021, more="status: superseded\n"))
    assert ingested(folder, data_dir, embedder).similar == []  # it says itself that it no longer holds
    write(folder, plan_md=plan(2021))
    assert ingested(folder, data_dir, embedder).similar == [pair]
    (folder / "revised.md").unlink()
    assert ingested(folder, data_dir, embedder).similar == []


def test_near_identical_documents_are_reported(folder: Path, data_dir: Path, embedder: Embedder) -> None:
    write(folder, plan_md=plan(2021), again_md=plan(2021, but=1), copy_txt=plan(2021))
    similar = ingested(folder, data_dir, embedder).similar
    assert {(pair.first, pair.second) for pair in similar} == {
        ("again.md", "copy.txt"),
        ("again.md", "plan.md"),
        ("copy.txt", "plan.md"),
    }
    assert all(pair.near_identical and not pair.newer for pair in similar)


def test_documents_on_the_same_subject_are_not_versions(citewell: Run) -> None:
    assert "no two documents look like versions of one another" in citewell("doctor").stdout


def test_resembling_documents_are_found_again_after_the_catalogue_is_lost(
    folder: Path, data_dir: Path, embedder: Embedder
) -> None:
    write(folder, plan_md=plan(2021), revised_md=plan(2022, but=4))
    first = ingested(folder, data_dir, embedder).similar
    (data_dir / "catalog.sqlite3").unlink()
    assert ingested(folder, data_dir, embedder).similar == first != []


def test_a_terminal_shows_progress_with_the_time_left_and_a_table(folder: Path, data_dir: Path) -> None:
    for number in range(30):
        (folder / f"{number} [a].md").write_text("\n\n".join([f"{NETWORKS} {number} {part}" for part in range(20)]))
    (folder / "bad.md").write_bytes(b"")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [CITEWELL, "ingest", folder, "--data-dir", data_dir],
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", "TERM": "xterm"},
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                shown += os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
    text = shown.decode()
    assert process.returncode == 1
    assert "Reading" in text
    assert "/31" in text
    assert "0:00:0" in text
    assert text.count("it is empty") == 1
    assert "and 10 more" in text
