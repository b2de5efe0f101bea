"""Read a stream in a thread, so that a server that falls silent can be left at the moment the time is over."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from contextvars import copy_context
from queue import Empty, Queue
from threading import Event, Thread
from typing import TypeVar

from bot.errors import ModelSlow

Part = TypeVar("Part")


def pumped(begin: Callable[[], Generator[Part]], *, deadline: float) -> Iterator[Part]:
    """The parts of a stream as they come, until `deadline` (of `time.monotonic`), when it raises `ModelSlow`.

    When nobody reads on, the thread ends with the next part, or with the time limit of its connection.
    """
    parts: Queue[tuple[Part | None, Exception | None]] = Queue()
    stop = Event()

    def read() -> None:
        try:
            with closing(begin()) as stream:
                for part in stream:
                    if stop.is_set():
                        break
                    parts.put((part, None))
            parts.put((None, None))
        except Exception as error:
            parts.put((None, error))

    Thread(target=copy_context().run, args=(read,), name="chat model", daemon=True).start()
    try:
        while True:
            try:
                part, error = parts.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                raise ModelSlow("took too long") from None
            if error:
                raise error
            if part is None:
                return
            yield part
    finally:
        stop.set()
