"""Follow a folder: say when something in it changed and has been quiet for a moment."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

from watchfiles import watch

QUIET = 500  # milliseconds without a change before it counts as done; a file that is being written changes all the time
LONGEST = 10_000  # milliseconds; a folder that is never quiet is looked at this often
TICK = 1_000  # milliseconds after which `follow` looks whether it is still the same folder


def follow(folder: Path, *, beside: Path, stop: Event | None = None) -> Iterator[bool]:
    """Yield whether anything below `folder` changed, about once a second, until `stop` is set.

    Changes are seen from the first step on, also those that happen while the caller works. What is hidden, or
    below `beside` (the data folder), does not count. A folder that goes away is waited for, and is a change when
    it comes back.
    """

    def counts(_: object, path: str) -> bool:
        changed = Path(path)
        below = changed.relative_to(root).parts if changed.is_relative_to(root) else ()
        return not (any(part.startswith(".") for part in below) or changed.is_relative_to(aside))

    aside = beside.resolve()
    returned = False
    while not (stop and stop.is_set()):
        identity = _identity(folder)
        if identity is None:
            returned = True
            time.sleep(TICK / 1000)
            yield False
            continue
        root = folder.resolve()
        if returned:
            yield True
        for changes in watch(
            root,
            watch_filter=counts,
            debounce=LONGEST,
            step=QUIET,
            rust_timeout=TICK,
            yield_on_timeout=True,
            stop_event=stop,
            ignore_permission_denied=True,
        ):
            if _identity(folder) != identity:
                returned = True
                break
            yield bool(changes)


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another that was put in its place; nothing where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
