"""Read files in a process that can be killed, since parsers of other people's formats hang, swell and crash."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from ingest.embed import Embedder
from ingest.errors import ReaderError
from ingest.settings import IngestSettings
from ingest.types import Document, Passage

if TYPE_CHECKING:
    from ingest.reading_process import Reply

START = 60  # seconds that the process may take to start; it takes half of one
LEAVE = 2  # seconds that it may take to end
PATIENCE = 5  # a busy machine gives a process a part of its time only: so much more may pass by the clock
Read = tuple[Document, list[Passage]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take."""

    seconds: float = 60
    memory_mb: float = 1024  # over what the process holds before
    file_mb: float = 100

    @classmethod
    def of(cls, settings: IngestSettings) -> "Limits":
        """The limits that the settings name."""
        return cls(settings.read_seconds, settings.read_memory_mb, settings.largest_file_mb)


class Reader:
    """Reads and cuts files, one after the other, in a process that is started for the first and used for the next.

    While the caller works on one file, the next is being read. A file that takes more than its limits costs the
    process its life; the next one gets a new process. To be closed, or used in a `with` statement.
    """

    def __init__(self, embedder: Embedder, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._embedder = embedder
        self._process: _Process | None = None
        self._given_up: dict[tuple[str, str], str] = {}

    def read_all(self, files: Iterable[tuple[Path, str]], folder: Path) -> Iterator[tuple[Path, Read | str]]:
        """Read files, given with the hash of what is in them; yield what stands in each, or why it can't be read.

        A file that had to be stopped is not tried again while its content is the same.
        """
        waiting: tuple[Path, str] | None = None
        for path, content_hash in files:
            if self._reason(path, content_hash):
                if waiting:
                    yield self._answer(*waiting, folder)
                    waiting = None
                yield path, self._reason(path, content_hash)
                continue
            if waiting:
                answer = self._answer(*waiting, folder)
                self._ask(path, folder)
                yield answer
            else:
                self._ask(path, folder)
            waiting = path, content_hash
        if waiting:
            yield self._answer(*waiting, folder)

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.end()
            self._process = None

    def __enter__(self) -> "Reader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if error:
            self._stop()  # rather than wait for a file that nobody wants any more
        self.close()

    def _reason(self, path: Path, content_hash: str) -> str:
        return self._given_up.get((str(path), content_hash), "")

    def _ask(self, path: Path, folder: Path) -> None:
        try:
            self._started().ask(path, folder)
        except OSError:  # somebody ended the process while it waited
            self._stop()
            try:
                self._started().ask(path, folder)
            except OSError as error:
                raise _not_started(error) from error

    def _started(self) -> "_Process":
        if self._process is None:
            self._process = _Process(self._embedder, self.limits)
        return self._process

    def _answer(self, path: Path, content_hash: str, folder: Path) -> tuple[Path, Read | str]:
        reply = self._started().reply()
        if isinstance(reply, MemoryError) and self._started().asked > 1:
            # What other files left behind may have taken the room: try it alone.
            self.close()
            self._ask(path, folder)
            reply = self._started().reply()
        if isinstance(reply, tuple | str):
            return path, reply
        self._stop()
        reason = self._given_up[str(path), content_hash] = _plainly(reply, self.limits)
        return path, reason

    def _stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process = None


class _Process:
    """One process, with the line to it."""

    def __init__(self, embedder: Embedder, limits: Limits) -> None:
        self._seconds = limits.seconds
        self._begun = 0.0
        self.asked = 0
        ours, theirs = socket.socketpair()
        arguments = [theirs.fileno(), embedder.name, embedder.max_pieces, limits.seconds, limits.memory_mb]
        try:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-P", "-m", "ingest.reading_process", *map(str, arguments)],
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # so that Ctrl-C does not reach it, and what it starts is killed with it
                env={**os.environ, **_ENVIRONMENT, "PYTHONPATH": _search_path()},
            )
        except OSError as error:
            raise _not_started(error) from error
        theirs.close()
        self._line = Connection(ours.detach())
        self._is_ready = False

    def ask(self, path: Path, folder: Path) -> None:
        """Have a file read."""
        self._wait_until_ready()
        self.asked += 1
        self._begun = time.monotonic()
        self._line.send((str(path), str(folder)))

    def reply(self) -> "Reply | TimeoutError | ChildProcessError":
        """What was read, why it could not be, or what became of the process."""
        try:
            if not self._line.poll(max(0.0, self._begun + PATIENCE * self._seconds - time.monotonic())):
                return TimeoutError(f"{PATIENCE * self._seconds:g} s without an end")
            reply: Reply = self._line.recv()
        except (EOFError, OSError):
            status = self._process.wait()
            if status == -signal.SIGXCPU:
                return TimeoutError(f"{self._seconds:g} s of work")
            return ChildProcessError(status)
        return reply

    def end(self) -> None:
        """Let it end by itself, or else make it."""
        self._line.close()
        try:
            self._process.wait(LEAVE)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill it, and what it started."""
        self._line.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _wait_until_ready(self) -> None:
        if self._is_ready:
            return
        problem: object = "it does not answer"
        try:
            if self._line.poll(START):
                problem = self._line.recv()
        except (EOFError, OSError):
            problem = f"it ended with status {self._process.wait()}"
        if problem:
            self.kill()
            raise _not_started(problem)
        self._is_ready = True


# One thread: others would take the processors from the embedding, and each reserves memory that counts.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "MALLOC_ARENA_MAX": "2",
}


def _not_started(problem: object) -> ReaderError:
    return ReaderError(f"The process that reads files can't be started ({problem}). Run the same again.")


def _search_path() -> str:
    """Where this very package is found too."""
    here = str(Path(__file__).resolve().parent.parent)
    return os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), here])


def _plainly(reply: Exception, limits: Limits) -> str:
    match reply:
        case TimeoutError():
            return f"reading it was stopped after {reply} (CITEWELL_READ_SECONDS is the limit)"
        case ChildProcessError() if reply.args[0] in (-signal.SIGKILL, -signal.SIGABRT):
            # Libraries in C++ and Rust give up like this when they get no more memory; but not only then.
            return "reading it broke off, perhaps for want of memory (CITEWELL_READ_MEMORY_MB is the limit)"
        case ChildProcessError():
            return f"the reader of its format crashed (status {reply.args[0]})"
        case _:
            return f"reading it took more than {limits.memory_mb:g} MB of memory (CITEWELL_READ_MEMORY_MB is the limit)"
