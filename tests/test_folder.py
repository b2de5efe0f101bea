"""What lies in a folder, and what of it is read."""

import os
from pathlib import Path

import pytest
from conftest import write

from ingest.errors import CorpusError
from ingest.folder import look_through


def names_in(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in look_through(folder).files]


def test_files_about_the_corpus_at_its_root_are_no_documents(folder: Path) -> None:
    (folder / "below").mkdir()
    for name in ("README.md", "terms.md", "onboarding.md", "below/README.md", "below/terms.md", "plan.md"):
        (folder / name).write_text("Text.")
    assert names_in(folder) == ["below/README.md", "below/terms.md", "plan.md"]


def test_a_link_out_of_the_folder_is_not_followed_and_reported(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.md").write_text("Secret.")
    (folder / "file.md").symlink_to(tmp_path / "elsewhere" / "secret.md")
    (folder / "shared").symlink_to(tmp_path / "elsewhere")
    (folder / "all").symlink_to("/")
    listing = look_through(folder)
    assert listing.files == []
    assert set(listing.refused.values()) == {"it is a link out of the folder, and links are not followed"}
    assert sorted(listing.refused) == ["all", "file.md", "shared"]


def test_links_in_a_circle_are_reported(folder: Path) -> None:
    (folder / "below").mkdir()
    (folder / "below" / "up").symlink_to("..")
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    write(folder, plan_md="Text.")
    listing = look_through(folder)
    assert names_in(folder) == ["plan.md"]
    assert listing.refused["below/up"] == "it is a link to a folder that it lies in, and links are not followed"
    assert listing.refused["one"] == listing.refused["two"] == "it is a link that leads back to itself"


def test_a_link_to_what_is_read_anyway_is_no_fault(folder: Path) -> None:
    (folder / "below").mkdir()
    write(folder / "below", plan_md="Text.")
    (folder / "latest.md").symlink_to("below/plan.md")
    (folder / "also").symlink_to("below")
    assert (names_in(folder), look_through(folder).refused) == (["below/plan.md"], {})


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("nowhere.md", "it is a link to something that is not there"),
        (".hidden.md", "it is a link to what is not read itself, and links are not followed"),
        ("picture.png", "it is a link to what is not read itself, and links are not followed"),
    ],
)
def test_a_link_to_what_is_not_read_is_reported(folder: Path, target: str, reason: str) -> None:
    write(folder, picture_png="no picture")
    (folder / ".hidden.md").write_text("Text.")
    (folder / "plan.md").symlink_to(target)
    assert look_through(folder).refused == {"plan.md": reason}


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.md")
    assert look_through(folder).refused == {"pipe.md": "it is no ordinary file"}


def test_a_file_over_the_limit_is_refused_without_being_read(folder: Path) -> None:
    write(folder, plan_md="Text.")
    with (folder / "log.txt").open("wb") as file:
        file.truncate(500_000_000)
    listing = look_through(folder, largest_mb=100)
    assert listing.refused == {"log.txt": "it has 500 MB, more than 100 (CITEWELL_LARGEST_FILE_MB is the limit)"}
    assert names_in(folder) == ["log.txt", "plan.md"]  # where there is no limit


def test_what_no_reader_is_for_is_counted(folder: Path) -> None:
    write(folder, a_png="", b_png="", c_zip="", plan_md="Text.")
    (folder / "Makefile").write_text("all:")
    assert look_through(folder).skipped == {".png": 2, ".zip": 1, "": 1}


def test_a_folder_that_cannot_be_looked_into_may_hold_anything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "locked").mkdir()
    write(folder / "locked", plan_md="Text.")
    scan = os.scandir

    def refuse(path: str) -> object:  # root, whom tests may run as, can look into everything
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    listing = look_through(folder)
    assert listing.refused == {"locked": "it can't be looked into: Permission denied"}
    assert listing.may_hold("locked/plan.md")
    assert not listing.may_hold("locked-2/plan.md")


def test_a_folder_that_is_not_there_is_an_error(folder: Path) -> None:
    with pytest.raises(CorpusError, match="There is no folder"):
        look_through(folder / "nowhere")
