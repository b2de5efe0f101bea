"""Processes of their own, so that no measurement inherits another's imports, memory or spinning threads."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def process(start: Callable[..., None] | None = None, *arguments: object) -> Iterator[Callable[..., Any]]:
    """Start a fresh process, prepare it with `start`, and give a function that calls others there."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_prepare, initargs=(start, arguments)) as pool:
        yield lambda function, *given: pool.submit(function, *given).result()


def _prepare(start: Callable[..., None] | None, arguments: tuple[object, ...]) -> None:
    if start:
        start(*arguments)


def citewell(*arguments: str | Path, check: bool = True) -> str:
    """Run the command line in a process of its own and give what it printed."""
    command = [sys.executable, "-m", "bot.adapters.cli", *map(str, arguments)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=check, env=environment).stdout  # noqa: S603
