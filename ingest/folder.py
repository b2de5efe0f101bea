"""Find the files of a folder that are documents, and say of the others why they are not."""

import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingest.errors import CorpusError
from ingest.load import ABOUT_THE_CORPUS, document_id_of
from ingest.readers import READERS

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies below a folder. Nothing is followed out of it, and nothing in it is silently left out.

    `files` are those to read, in the order of their names; `refused` gives the reason by name; `unseen` are folders
    that could not be looked into, so that nobody knows what is in them; `skipped` counts, by suffix, what no reader
    is for.
    """

    files: list[Path] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def may_hold(self, document_id: str) -> bool:
        """Whether a document that was not found may be there all the same."""
        return document_id in self.refused or any(document_id.startswith(folder) for folder in self.unseen)


def document_paths(folder: Path) -> Iterator[Path]:
    """Yield the files below `folder` that can be read as documents, in the order of their names.

    Hidden files, links, and the files about the corpus at its root are left out.
    Raises `CorpusError` where the folder can't be read.
    """
    yield from look_through(folder).files


def look_through(folder: Path, *, largest_mb: float = float("inf")) -> Listing:
    """List what is below a folder; raise `CorpusError` where it is not there or can't be read."""
    if not folder.is_dir():
        raise CorpusError(f"There is no folder '{folder}'. Name the folder that holds the documents.")
    listing = Listing()
    try:
        root = folder.resolve()
        below = list(_entries(folder))
    except OSError as error:
        raise CorpusError(f"The folder '{folder}' can't be read: {error.strerror}.") from error
    while below:
        entry = below.pop()
        path = Path(entry.path)
        name = document_id_of(path, folder)
        try:
            if entry.is_symlink():
                reason = _why_not_followed(path, root)
            elif entry.is_dir(follow_symlinks=False):
                below += _entries(path)
                continue
            elif path.suffix.lower() not in READERS:
                listing.skipped[path.suffix.lower()] += 1
                continue
            elif name in ABOUT_THE_CORPUS:
                continue
            else:
                reason = _why_not_read(entry.stat(follow_symlinks=False), largest_mb)
        except OSError as error:
            listing.unseen.append(f"{name}/")
            reason = f"it can't be looked into: {error.strerror}"
        if reason:
            listing.refused[name] = reason
        elif not entry.is_symlink():
            listing.files.append(path)
    listing.files.sort()
    return listing


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:  # ~$ begins the name of the lock of an open Office file
        return [entry for entry in entries if not entry.name.startswith((".", "~$"))]


def _why_not_read(status: os.stat_result, largest_mb: float) -> str:
    if not stat.S_ISREG(status.st_mode):
        return "it is no ordinary file"  # opening a pipe would wait for ever
    if status.st_size > largest_mb * MEGABYTE:
        megabytes = f"{status.st_size / MEGABYTE:,.{0 if status.st_size > MEGABYTE else 3}f}"
        return f"it has {megabytes} MB, more than {largest_mb:g} (CITEWELL_LARGEST_FILE_MB is the limit)"
    return ""


def _why_not_followed(path: Path, root: Path) -> str:
    """The reason to report a link; none for a link to what is read under its own name, or is no document anyway."""
    looks_like_a_document = path.suffix.lower() in READERS
    try:
        target = path.resolve(strict=True)
    except FileNotFoundError:
        return "it is a link to something that is not there" if looks_like_a_document else ""
    except (OSError, RuntimeError):  # how a loop is told depends on the version of Python
        return "it is a link that leads back to itself"
    if not (looks_like_a_document or target.is_dir()):
        return ""
    if not target.is_relative_to(root):
        return "it is a link out of the folder, and links are not followed"
    if path.parent.resolve().is_relative_to(target):
        return "it is a link to a folder that it lies in, and links are not followed"
    parts = target.relative_to(root).parts
    read_there = not any(part.startswith(".") for part in parts) and (
        target.is_dir() or target.suffix.lower() in READERS
    )
    return "" if read_there else "it is a link to what is not read itself, and links are not followed"
