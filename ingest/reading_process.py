"""Read files for `ingest.reading`, in a process that it can kill: `python -m ingest.reading_process FD EMBEDDER …`."""

import contextlib
import math
import os
import resource
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

from ingest.embed import open_counter
from ingest.errors import UnreadableDocument
from ingest.load import load
from ingest.split import Count, split
from ingest.types import Document, Passage

LONGEST_TEXT = 10_000_000  # characters, some 4,000 pages; what a small file holds when it is unpacked may be more

Read = tuple[Document, list[Passage]]
Reply = Read | str | MemoryError  # a reason is text


def main() -> None:
    """Answer each path that comes with what stands in the file, or why it can't be read, until nobody asks any more."""
    connection = Connection(int(sys.argv[1]))
    embedder, max_pieces, seconds, memory_mb = sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5])
    # Nobody sees what a parser prints, and it would come between the lines of a report.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    try:
        count = open_counter(embedder)
        count("ready")
        _limit_memory(memory_mb)
    except Exception as error:
        connection.send(f"{type(error).__name__}: {error}")
        return
    connection.send(None)
    with contextlib.suppress(EOFError, OSError):  # whoever asked is gone
        while True:
            path, folder = connection.recv()
            _limit_processor_time(seconds)
            connection.send(read(Path(path), Path(folder), count, max_pieces=max_pieces))


def read(path: Path, folder: Path, count: Count, *, max_pieces: int) -> Reply:
    """Read and cut one file; whatever goes wrong with it is a reason not to."""
    try:
        document = load(path, folder)
        if len(document.text) > LONGEST_TEXT:
            return f"it has {len(document.text):,} characters, and no more than {LONGEST_TEXT:,} are read"
        passages = split(document, count, limit=max_pieces)
        return (document, passages) if passages else "it has nothing but headings or mark-up"
    except UnreadableDocument as error:
        return str(error)
    except MemoryError:
        return MemoryError()
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        return f"the reader of its format failed ({type(error).__name__}{': ' + reason if reason else ''})"


def _limit_memory(megabytes: float) -> None:
    """Let the process take so much more than it holds now; beyond it, taking memory fails."""
    try:
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:  # no Linux: macOS does not hold processes to this limit anyway
        return
    _, hardest = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (held + int(megabytes * 1_000_000), hardest))


def _limit_processor_time(seconds: float) -> None:
    """Have the system stop a file that takes for ever, also when the process that would is gone."""
    _, hardest = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds), hardest))


if __name__ == "__main__":
    main()
